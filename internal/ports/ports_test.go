package ports

import (
	"encoding/json"
	"os"
	"os/exec"
	"sync"
	"testing"
)

// asked is set in the processes that TestReserveAmongProcesses starts.
const asked = "WAYMARK_TEST_RESERVE"

func TestMain(m *testing.M) {
	if os.Getenv(asked) == "" {
		os.Exit(m.Run())
	}
	ports, err := Reserve(200)
	if err != nil {
		panic(err)
	}
	if err := json.NewEncoder(os.Stdout).Encode(ports); err != nil {
		panic(err)
	}
	_, _ = os.Stdin.Read(make([]byte, 1)) // keep them until the parent has heard from all
}

// Several processes that choose at the same moment are given different ports.
func TestReserveAmongProcesses(t *testing.T) {
	var mu sync.Mutex
	given := map[int]int{}
	var all sync.WaitGroup
	defer all.Wait()
	answers := make(chan error)
	for i := range 4 {
		c := exec.Command(os.Args[0])
		c.Env = append(os.Environ(), asked+"=1")
		hold, err := c.StdinPipe()
		if err != nil {
			t.Fatal(err)
		}
		out, err := c.StdoutPipe()
		if err != nil {
			t.Fatal(err)
		}
		if err := c.Start(); err != nil {
			t.Fatal(err)
		}
		defer hold.Close()
		all.Go(func() {
			var ports []int
			err := json.NewDecoder(out).Decode(&ports)
			mu.Lock()
			for _, p := range ports {
				if other, twice := given[p]; twice {
					t.Errorf("port %d was given to processes %d and %d", p, other, i)
				}
				given[p] = i
			}
			mu.Unlock()
			answers <- err
			_ = c.Wait()
		})
	}
	for range 4 {
		if err := <-answers; err != nil {
			t.Error(err)
		}
	}
	if len(given) != 4*200 {
		t.Errorf("%d ports were given, want %d", len(given), 4*200)
	}
}

func TestReserveNeverTwice(t *testing.T) {
	seen := map[int]bool{}
	for range 20 {
		ports, err := Reserve(7)
		if err != nil {
			t.Fatal(err)
		}
		for _, p := range ports {
			if seen[p] {
				t.Errorf("port %d twice", p)
			}
			seen[p] = true
		}
	}
}
