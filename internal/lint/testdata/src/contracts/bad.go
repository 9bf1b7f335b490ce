package contracts

import (
	crand "crypto/rand"
	"maps"
	"math/rand/v2"
	"os"
	"slices"
	"sync"
	"time"
)

var counter int
var table = map[string]int{"a": 1}
var once sync.Once // want `package variable once is shared mutable state`

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
