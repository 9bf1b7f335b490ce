package testnet

import (
	"context"
	"errors"
	"net"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/waymark-ledger/waymark/internal/ports"
)

// A node that is stopped before it listens for the signal has stopped; one that
// says that it could not stop well has not.
func TestStopBeforeTheNodeListensForTheSignal(t *testing.T) {
	for _, c := range []struct {
		script string
		fails  bool
	}{
		{"echo up; exec sleep 60", false},
		{"trap 'exit 3' TERM; echo up; while :; do sleep 0.1; done", true},
	} {
		home := t.TempDir()
		p, err := launch([]string{"sh", "-c", c.script}, home)
		if err != nil {
			t.Fatal(err)
		}
		awaitLog(t, home, "up")
		if err := p.stop(stopPatience); (err != nil) != c.fails {
			t.Errorf("%s: %v", c.script, err)
		}
	}
}

// awaitLog waits until a node's log says something.
func awaitLog(t *testing.T, home, says string) {
	t.Helper()
	for deadline := time.Now().Add(stopPatience); ; time.Sleep(10 * time.Millisecond) {
		var log strings.Builder
		if tail(&log, home+"/node.log", 2000); strings.Contains(log.String(), says) {
			return
		}
		if time.Now().After(deadline) {
			t.Fatalf("the log never said %q", says)
		}
	}
}

// That a node has ended is noticed, though something else has its port, takes
// connections and says nothing.
func TestANodeThatEndsIsNotWaitedFor(t *testing.T) {
	free, err := ports.Reserve(1)
	if err != nil {
		t.Fatal(err)
	}
	mute, err := net.Listen("tcp", loopback(free[0]))
	if err != nil {
		t.Fatal(err)
	}
	defer mute.Close()
	dir := t.TempDir()
	l := &layout{Nodes: []nodeLayout{{Name: "node0", API: free[0]}}}
	if err := os.MkdirAll(l.home(dir, 0), 0o700); err != nil {
		t.Fatal(err)
	}
	p, err := launch([]string{"sh", "-c", "sleep 0.5; echo the port is taken; exit 2"}, l.home(dir, 0))
	if err != nil {
		t.Fatal(err)
	}
	s := &Supervisor{options: Options{Dir: dir, Progress: func(string) {}}, layout: l, processes: []*process{p}}
	began := time.Now()
	err = s.AwaitReady(t.Context(), "node0")
	if err == nil || !strings.Contains(err.Error(), "ended before it served") || !strings.Contains(err.Error(), "the port is taken") {
		t.Errorf("%v", err)
	}
	if took := time.Since(began); took > readyPatience/2 {
		t.Errorf("it took %s", took)
	}
}

// Who waits for testnet.json finds nodes that serve in it, also where a supervisor that
// was killed left one.
func TestTheStateIsWrittenOnceTheNodesServe(t *testing.T) {
	dir := t.TempDir()
	up := func() (state *State, err error) {
		ctx, cancel := context.WithCancel(t.Context())
		defer cancel()
		looked := make(chan struct{})
		s, up := Up(ctx, Options{Dir: dir, Nodes: 1, Command: []string{"sh", "-c", "exec sleep 60"}, Progress: func(line string) {
			if strings.HasPrefix(line, "node0 started") {
				time.AfterFunc(300*time.Millisecond, func() {
					state, err = ReadState(dir)
					close(looked)
					cancel()
				})
			}
		}})
		if up == nil {
			t.Fatal("a node that only sleeps serves", s.Down())
		}
		<-looked
		return state, err
	}
	if state, err := up(); !errors.Is(err, ErrNotUp) {
		t.Errorf("before the node serves: %v, %v", state != nil, err)
	}
	left := &State{Supervisor: SupervisorInfo{Pid: 1 << 30}, Nodes: []NodeState{{Name: "node0", Pid: 1 << 30}}}
	if err := writeJSON(filepath.Join(dir, StateFile), left); err != nil {
		t.Fatal(err)
	}
	if state, err := up(); err != nil || state.Supervisor.Pid != 0 || state.Nodes[0].Pid != 0 {
		t.Errorf("before the node serves again: %+v, %v", state.Supervisor, err)
	}
}
