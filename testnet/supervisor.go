package testnet

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/waymark-ledger/waymark/internal/ports"
)

// Supervisor owns a running network's processes and proxies.
type Supervisor struct {
	options Options
	layout  *layout
	links   *links
	control *control
	lock    *os.File // held on the directory while the supervisor lives
	release func()   // of the network's ports

	mu        sync.Mutex // guards processes, and testnet.json with them
	processes []*process // beside layout.Nodes; nil while never started
	downOnce  sync.Once
	downErr   error
	down      chan struct{} // closed when the network is down
}

// How long nodes may take.
const (
	readyPatience = 2 * time.Minute
	stopPatience  = time.Minute
)

// Up founds the network in a new directory, or resumes the one in a used
// directory, and returns when every node serves. The caller brings it Down.
func Up(ctx context.Context, o Options) (*Supervisor, error) {
	if err := o.complete(); err != nil {
		return nil, err
	}
	if err := os.MkdirAll(o.Dir, 0o700); err != nil {
		return nil, err
	}
	lock, err := lockDirectory(o.Dir)
	if err != nil {
		return nil, err
	}
	l, err := readLayout(o.Dir)
	if errors.Is(err, os.ErrNotExist) {
		l, err = found(&o)
	} else if err == nil && o.Nodes != 0 && o.Nodes != len(l.Nodes) {
		err = fmt.Errorf("%s holds a network of %d nodes, not %d", o.Dir, len(l.Nodes), o.Nodes)
	}
	if err == nil && o.BasePort != 0 && o.BasePort != l.Nodes[0].API {
		err = fmt.Errorf("the ports of %s begin at %d and stay where they are, so that they cannot begin at %d: leave the base port out, or use another directory", o.Dir, l.Nodes[0].API, o.BasePort)
	}
	if err != nil {
		return nil, errors.Join(err, lock.Close())
	}
	s := &Supervisor{options: o, layout: l, lock: lock, release: ports.Hold(l.ports()...),
		processes: make([]*process, len(l.Nodes)), down: make(chan struct{})}
	if err := s.open(ctx); err != nil {
		return nil, errors.Join(err, s.Down())
	}
	return s, nil
}

func (s *Supervisor) open(ctx context.Context) (err error) {
	// What a supervisor before this one left says where it was: it may have been killed.
	if _, err := os.Stat(filepath.Join(s.options.Dir, StateFile)); err == nil {
		if err := s.save(); err != nil {
			return err
		}
	}
	if s.links, err = openLinks(s.layout.Links); err != nil {
		return err
	}
	if s.control, err = openControl(s); err != nil {
		return err
	}
	names := make([]string, len(s.layout.Nodes))
	for i, n := range s.layout.Nodes {
		names[i] = n.Name
		if err := s.start(i); err != nil {
			return err
		}
	}
	if err := s.AwaitReady(ctx, names...); err != nil {
		return err
	}
	return s.save() // who waits for the file finds nodes that serve
}

// State says how the network stands now.
func (s *Supervisor) State() *State {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.state()
}

// state needs mu.
func (s *Supervisor) state() *State {
	st := &State{Network: s.layout.Network, Genesis: genesisPath(s.options.Dir), Members: s.layout.Members, Cut: []string{}}
	if s.links != nil {
		st.Cut = s.links.severed()
	}
	if s.control != nil {
		st.Supervisor = SupervisorInfo{Pid: os.Getpid(), Control: s.control.url(), Token: s.control.token}
	}
	for i, n := range s.layout.Nodes {
		node := NodeState{Name: n.Name, Member: n.Member, Organisation: n.Organisation, API: "http://" + loopback(n.API),
			APIKey: n.APIKey, Dir: s.layout.home(s.options.Dir, i), Address: n.Address}
		if p := s.processes[i]; p != nil && p.running() {
			node.Pid, node.Paused = p.pid(), p.paused.Load()
		}
		st.Nodes = append(st.Nodes, node)
	}
	return st
}

func (s *Supervisor) save() error {
	s.mu.Lock()
	defer s.mu.Unlock()
	return writeJSON(filepath.Join(s.options.Dir, StateFile), s.state())
}

// start launches node i unless it runs.
func (s *Supervisor) start(i int) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if p := s.processes[i]; p != nil && p.running() {
		return nil
	}
	p, err := launch(s.options.Command, s.layout.home(s.options.Dir, i))
	if err != nil {
		return err
	}
	s.processes[i] = p
	s.options.Progress(fmt.Sprintf("%s started, process %d", s.layout.Nodes[i].Name, p.pid()))
	return nil
}

// AwaitReady waits until the named nodes serve. The error of a node that ends
// meanwhile shows the end of its log.
func (s *Supervisor) AwaitReady(ctx context.Context, names ...string) error {
	ctx, cancel := context.WithTimeout(ctx, readyPatience)
	defer cancel()
	for _, name := range names {
		i, p, err := s.process(name)
		if err != nil {
			return err
		}
		node := s.State().Nodes[i]
		c := node.Client()
		asked, done := p.while(ctx) // what took the port of a node that ended may answer nothing
		defer done()
		for {
			ready := c.Ready(asked)
			if ready == nil {
				break
			}
			select {
			case <-p.exited:
				var log strings.Builder
				tail(&log, filepath.Join(node.Dir, "node.log"), 2000)
				return fmt.Errorf("%s ended before it served (%v); the end of its log:\n%s", name, p.err, log.String())
			case <-ctx.Done():
				return fmt.Errorf("%s does not serve: %w", name, ready)
			case <-time.After(50 * time.Millisecond):
			}
		}
		c.Close()
		s.options.Progress(fmt.Sprintf("%s (%s) serves at %s", name, node.Organisation, node.API))
	}
	return nil
}

// process finds a node that was started at least once.
func (s *Supervisor) process(name string) (int, *process, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	i := s.layout.index(name)
	if i < 0 {
		return 0, nil, fmt.Errorf("%w: %q; there are %s", ErrNoNode, name, s.names())
	}
	return i, s.processes[i], nil
}

func (s *Supervisor) names() string {
	var names []string
	for _, n := range s.layout.Nodes {
		names = append(names, n.Name)
	}
	return strings.Join(names, ", ")
}

// Kill ends a node with SIGKILL.
func (s *Supervisor) Kill(name string) error { return s.end(name, (*process).kill) }

// Stop ends a node gracefully.
func (s *Supervisor) Stop(name string) error {
	return s.end(name, func(p *process) error { return p.stop(stopPatience) })
}

func (s *Supervisor) end(name string, how func(*process) error) error {
	_, p, err := s.process(name)
	if err != nil {
		return err
	}
	if p == nil || !p.running() {
		return fmt.Errorf("%s does not run", name)
	}
	return errors.Join(how(p), s.save())
}

// Start starts a node that was killed or stopped, and returns when its process
// runs; AwaitReady waits until it serves.
func (s *Supervisor) Start(name string) error {
	i, p, err := s.process(name)
	if err != nil {
		return err
	}
	if p != nil && p.running() && p.paused.Load() {
		return fmt.Errorf("%s is paused: resume it", name)
	}
	return errors.Join(s.start(i), s.save())
}

// Pause freezes a node with SIGSTOP, Resume thaws it.
func (s *Supervisor) Pause(name string) error { return s.freeze(name, (*process).pause) }

// Resume thaws a paused node.
func (s *Supervisor) Resume(name string) error { return s.freeze(name, (*process).resume) }

func (s *Supervisor) freeze(name string, how func(*process) error) error {
	_, p, err := s.process(name)
	if err != nil {
		return err
	}
	if p == nil || !p.running() {
		return fmt.Errorf("%s does not run", name)
	}
	return errors.Join(how(p), s.save())
}

// Cut severs every link between two groups of nodes, libp2p and consensus.
func (s *Supervisor) Cut(a, b []string) error {
	for _, name := range slices.Concat(a, b) {
		if s.layout.index(name) < 0 {
			return fmt.Errorf("%w: %q; there are %s", ErrNoNode, name, s.names())
		}
		if slices.Contains(a, name) && slices.Contains(b, name) {
			return fmt.Errorf("%s cannot be on both sides of a cut", name)
		}
	}
	if len(a) == 0 || len(b) == 0 {
		return errors.New("a cut has two sides")
	}
	return errors.Join(s.links.sever(a, b), s.save())
}

// Heal restores every link.
func (s *Supervisor) Heal() error { return errors.Join(s.links.heal(), s.save()) }

// Done is closed when the network is down.
func (s *Supervisor) Done() <-chan struct{} { return s.down }

// Down stops every node gracefully, then the proxies. The directory can be
// brought up again.
func (s *Supervisor) Down() error {
	s.downOnce.Do(func() {
		defer close(s.down)
		s.mu.Lock()
		all := slices.Clone(s.processes)
		s.mu.Unlock()
		s.downErr = stopAll(all, stopPatience)
		if s.links != nil {
			s.links.close()
		}
		if s.control != nil {
			s.control.close()
			s.mu.Lock()
			s.control = nil
			s.mu.Unlock()
		}
		s.release()
		s.downErr = errors.Join(s.downErr, s.save(), s.lock.Close())
	})
	<-s.down
	return s.downErr
}
