package testnet

import (
	"bytes"
	"context"
	"crypto/rand"
	"crypto/subtle"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"syscall"
	"time"
)

// Command is one thing to do to a running network.
type Command struct {
	Action string   `json:"action"` // status, down, kill, stop, start, pause, resume, cut, heal
	Node   string   `json:"node,omitempty"`
	From   []string `json:"from,omitempty"` // of a cut
	To     []string `json:"to,omitempty"`
}

// do carries a command out. Down is carried out by the control server, after
// the answer.
func (s *Supervisor) do(ctx context.Context, c Command) error {
	switch c.Action {
	case "status", "down":
		return nil
	case "kill":
		return s.Kill(c.Node)
	case "stop":
		return s.Stop(c.Node)
	case "start":
		if err := s.Start(c.Node); err != nil {
			return err
		}
		return s.AwaitReady(ctx, c.Node)
	case "pause":
		return s.Pause(c.Node)
	case "resume":
		return s.Resume(c.Node)
	case "cut":
		return s.Cut(c.From, c.To)
	case "heal":
		return s.Heal()
	}
	return fmt.Errorf("no such action: %q", c.Action)
}

// control is the supervisor's port on loopback. It takes commands from whoever
// can read testnet.json, which holds its token.
type control struct {
	listener net.Listener
	server   *http.Server
	token    string
}

type controlAnswer struct {
	State *State `json:"state,omitempty"`
	Error string `json:"error,omitempty"`
}

func openControl(s *Supervisor) (*control, error) {
	secret := make([]byte, 16)
	if _, err := rand.Read(secret); err != nil {
		return nil, err
	}
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return nil, fmt.Errorf("control port: %w", err)
	}
	c := &control{listener: l, token: hex.EncodeToString(secret)}
	c.server = &http.Server{ReadHeaderTimeout: 5 * time.Second, Handler: http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		given := r.Header.Get("Authorization")
		if r.Method != http.MethodPost || subtle.ConstantTimeCompare([]byte(given), []byte("Bearer "+c.token)) != 1 {
			http.Error(w, "POST a command with the token of testnet.json", http.StatusForbidden)
			return
		}
		var command Command
		if err := json.NewDecoder(io.LimitReader(r.Body, 1<<16)).Decode(&command); err != nil {
			http.Error(w, err.Error(), http.StatusBadRequest)
			return
		}
		answer := controlAnswer{}
		if err := s.do(r.Context(), command); err != nil {
			answer.Error = err.Error()
		}
		answer.State = s.State()
		w.Header().Set("Content-Type", "application/json")
		_ = json.NewEncoder(w).Encode(answer) // the caller has gone if this fails
		if command.Action == "down" {
			go s.Down()
		}
	})}
	go func() { _ = c.server.Serve(l) }() // ends with close
	return c, nil
}

func (c *control) url() string { return "http://" + c.listener.Addr().String() }

func (c *control) close() {
	ctx, cancel := context.WithTimeout(context.Background(), 2*time.Second)
	defer cancel()
	_ = c.server.Shutdown(ctx)
}

// Send gives a command to the supervisor of the network in dir and returns how
// the network stands then. ErrNotUp when there is no supervisor.
func Send(ctx context.Context, dir string, c Command) (*State, error) {
	state, err := ReadState(dir)
	if err != nil {
		return nil, err
	}
	if state.Supervisor.Pid == 0 {
		return state, fmt.Errorf("%w: %s", ErrNotUp, dir)
	}
	body, err := json.Marshal(c)
	if err != nil {
		return nil, err
	}
	request, err := http.NewRequestWithContext(ctx, http.MethodPost, state.Supervisor.Control, bytes.NewReader(body))
	if err != nil {
		return nil, err
	}
	request.Header.Set("Authorization", "Bearer "+state.Supervisor.Token)
	response, err := http.DefaultClient.Do(request)
	if errors.Is(err, syscall.ECONNREFUSED) {
		return state, fmt.Errorf("%w: its supervisor, process %d, is gone", ErrNotUp, state.Supervisor.Pid)
	}
	if err != nil {
		return nil, err
	}
	defer response.Body.Close()
	var answer controlAnswer
	if err := json.NewDecoder(response.Body).Decode(&answer); err != nil {
		return nil, fmt.Errorf("the supervisor's answer (%s): %w", response.Status, err)
	}
	if answer.Error != "" {
		return answer.State, errors.New(answer.Error)
	}
	return answer.State, nil
}

// lockDirectory makes sure that a network has one supervisor. The lock goes
// with the process.
func lockDirectory(dir string) (*os.File, error) {
	f, err := os.OpenFile(filepath.Join(dir, "supervisor.lock"), os.O_CREATE|os.O_RDWR, 0o600)
	if err != nil {
		return nil, err
	}
	if err := syscall.Flock(int(f.Fd()), syscall.LOCK_EX|syscall.LOCK_NB); err != nil {
		f.Close()
		return nil, fmt.Errorf("%w: another supervisor holds %s", ErrRunning, dir)
	}
	return f, nil
}
