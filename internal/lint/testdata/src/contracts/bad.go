package contracts

import (
	crand "crypto/rand"
	"embed"
	"errors"
	"maps"
	"math"
	"math/rand/v2"
	"os"
	"reflect"
	"runtime"
	"slices"
	"strconv"
	"sync"
	"time"
)

var counter int
var table = map[string]int{"a": 1}      // want `package variable table is shared state`
var once sync.Once                      // want `package variable once is shared state`
var memo = sync.OnceValue(surroundings) // want `package variable memo is shared state`
var kept struct{ n int }                // want `package variable kept is shared state`
var errPlain = errors.New("a sentinel")
var names = [2]string{"a", "b"}
var files embed.FS

func clocks() time.Duration {
	start := time.Now()      // want `time.Now is not a function of its arguments`
	return time.Since(start) // want `time.Since is not a function`
}

func chance() int {
	var b [1]byte
	crand.Read(b[:])            // want `rand.Read is not a function`
	return rand.IntN(int(b[0])) // want `rand.IntN is not a function`
}

func surroundings() string { return os.Getenv("HOME") } // want `os.Getenv is not a function`

func arguments() int { return len(os.Args) } // want `os.Args is not a function`

func system() string { return runtime.GOOS } // want `runtime.GOOS is not a function`

func zone(t time.Time) (time.Time, *time.Location) {
	return t.Local(), time.Local // want `time.Local is not a function` `time.Local is not a function`
}

func reflected(v reflect.Value) int {
	return len(v.MapKeys()) // want `reflect.MapKeys is not a function`
}

func order(m map[string]int) (sum int) {
	for _, v := range m { // want `range over a map has no order`
		sum += v
	}
	for k := range maps.Keys(m) { // want `maps.Keys is not a function`
		sum += len(k)
	}
	for _, k := range slices.Sorted(maps.Keys(m)) {
		sum += m[k]
	}
	return sum
}

func rounding(x float64) bool { // want `float64 rounds differently`
	return x > 0.5 // want `a floating-point literal`
}

func roundingUnnamed(s string, v reflect.Value) bool {
	x, _ := strconv.ParseFloat(s, 64) // want `a call gives a floating-point number`
	y := v.Float()                    // want `a call gives a floating-point number`
	return x+y > math.Pi              // want `Pi is a floating-point number`
}

func scheduler(c chan int) {
	go close(c) // want `a goroutine makes the order of effects`
	select {    // want `select chooses at random`
	case <-c:
	default:
	}
}

func state() int {
	counter++          // want `package variable counter is written`
	table["b"] = 2     // want `package variable table is written`
	delete(table, "a") // want `package variable table is written`
	p := &counter      // want `package variable counter is written`
	return *p + table["a"]
}

func exempt() time.Time {
	//waymark:allow clock: a test of the exemption
	return time.Now()
}

func exemptWithoutReason() time.Time {
	//waymark:allow clock // want `an exemption says why`
	return time.Now() // want `time.Now is not a function`
}
