package testnet

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"sync"
	"sync/atomic"
	"syscall"
	"time"
)

// process is one node's operating system process. It stops by itself when the
// supervisor's end of its standard input closes.
type process struct {
	cmd    *exec.Cmd
	stdin  io.Closer
	paused atomic.Bool
	exited chan struct{} // closed when the process is gone and err is set
	err    error
}

// launch starts a node. Its output is appended to node.log in its home.
func launch(command []string, home string) (*process, error) {
	logFile, err := os.OpenFile(filepath.Join(home, "node.log"), os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o600)
	if err != nil {
		return nil, err
	}
	defer logFile.Close() // the child has its own
	cmd := exec.Command(command[0], append(command[1:len(command):len(command)], home)...)
	cmd.Stdout, cmd.Stderr = logFile, logFile
	cmd.Env = append(os.Environ(), nodeMark+"=1")
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true} // Ctrl-C reaches the supervisor alone
	stdin, err := cmd.StdinPipe()
	if err != nil {
		return nil, err
	}
	if err := cmd.Start(); err != nil {
		return nil, fmt.Errorf("start %s: %w", command[0], err)
	}
	p := &process{cmd: cmd, stdin: stdin, exited: make(chan struct{})}
	go func() {
		p.err = cmd.Wait()
		close(p.exited)
	}()
	return p, nil
}

func (p *process) pid() int { return p.cmd.Process.Pid }

func (p *process) running() bool {
	select {
	case <-p.exited:
		return false
	default:
		return true
	}
}

// kill ends the process at once, as a power cut would, and waits for it.
func (p *process) kill() error {
	if err := p.cmd.Process.Kill(); err != nil && !errors.Is(err, os.ErrProcessDone) {
		return err
	}
	<-p.exited
	return nil
}

// stop asks the process to end and waits; after the patience it is killed and
// that is an error.
func (p *process) stop(patience time.Duration) error {
	if p.paused.Load() {
		if err := p.resume(); err != nil {
			return err
		}
	}
	if err := p.cmd.Process.Signal(syscall.SIGTERM); err != nil && !errors.Is(err, os.ErrProcessDone) {
		return err
	}
	select {
	case <-p.exited:
		if endedBy(p.err, syscall.SIGTERM) {
			return nil // it was still starting, and did not listen for the signal yet
		}
		return p.err
	case <-time.After(patience):
		return errors.Join(fmt.Errorf("process %d did not stop within %s and was killed", p.pid(), patience), p.kill())
	}
}

// endedBy reports whether a process ended of this signal.
func endedBy(err error, signal syscall.Signal) bool {
	exit, ok := errors.AsType[*exec.ExitError](err)
	if !ok {
		return false
	}
	status, ok := exit.Sys().(syscall.WaitStatus)
	return ok && status.Signaled() && status.Signal() == signal
}

// while is a context that ends with the process.
func (p *process) while(ctx context.Context) (context.Context, context.CancelFunc) {
	ctx, cancel := context.WithCancel(ctx)
	go func() {
		select {
		case <-p.exited:
			cancel()
		case <-ctx.Done():
		}
	}()
	return ctx, cancel
}

func (p *process) pause() error {
	p.paused.Store(true)
	return p.cmd.Process.Signal(syscall.SIGSTOP)
}

func (p *process) resume() error {
	p.paused.Store(false)
	return p.cmd.Process.Signal(syscall.SIGCONT)
}

// stopAll stops processes side by side.
func stopAll(all []*process, patience time.Duration) error {
	errs := make([]error, len(all))
	var wg sync.WaitGroup
	for i, p := range all {
		if p == nil || !p.running() {
			continue
		}
		wg.Go(func() { errs[i] = p.stop(patience) })
	}
	wg.Wait()
	return errors.Join(errs...)
}
