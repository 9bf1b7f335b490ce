package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"os/user"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/pbnjay/memory"
)

// errNoPostgres is the error where the server's programs cannot be found.
var errNoPostgres = errors.New("no PostgreSQL server on this machine: apt-get install postgresql, or put initdb and postgres into the PATH")

const pgUser = "waymark"

// pgServer is a PostgreSQL of our own, that answers on a socket in its directory
// and nowhere else.
type pgServer struct {
	dir     string
	version string
	command *exec.Cmd
	output  bytes.Buffer
}

// pgPrograms is the directory of the server's programs: that of the PATH, else the
// newest where Debian has them.
func pgPrograms() (string, error) {
	candidates, err := filepath.Glob("/usr/lib/postgresql/*/bin")
	if err != nil {
		return "", err
	}
	version := func(dir string) int {
		n, _ := strconv.Atoi(filepath.Base(filepath.Dir(dir))) // 0, the oldest, for what is no number
		return n
	}
	slices.SortFunc(candidates, func(a, b string) int { return version(b) - version(a) })
	if path, err := exec.LookPath("initdb"); err == nil {
		candidates = slices.Insert(candidates, 0, filepath.Dir(path))
	}
	for _, dir := range candidates {
		if _, err := exec.LookPath(filepath.Join(dir, "postgres")); err != nil {
			continue
		}
		if _, err := exec.LookPath(filepath.Join(dir, "initdb")); err == nil {
			return dir, nil
		}
	}
	return "", errNoPostgres
}

// startPostgres makes a cluster in an empty directory and runs it. Everything that
// makes a commit safe is as it comes; memory is what its manual recommends for a
// machine of its own, and the log has room for a run without a checkpoint by size.
func startPostgres(ctx context.Context, dir string) (_ *pgServer, err error) {
	programs, err := pgPrograms()
	if err != nil {
		return nil, err
	}
	if dir, err = filepath.Abs(dir); err != nil {
		return nil, err
	}
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return nil, err
	}
	attributes, err := pgOwner(dir)
	if err != nil {
		return nil, err
	}
	data := filepath.Join(dir, "data")
	initdb := exec.CommandContext(ctx, filepath.Join(programs, "initdb"), "--pgdata", data, "--username", pgUser,
		"--auth", "trust", "--encoding", "UTF8", "--locale", "C")
	initdb.Dir, initdb.SysProcAttr = dir, attributes
	if out, err := initdb.CombinedOutput(); err != nil {
		return nil, fmt.Errorf("initdb: %w: %s", err, out)
	}
	s := &pgServer{dir: dir}
	s.command = exec.Command(filepath.Join(programs, "postgres"), "-D", data, "-k", dir, "-c", "listen_addresses=",
		"-c", fmt.Sprintf("shared_buffers=%dMB", memory.TotalMemory()/4>>20), "-c", "max_wal_size=16GB")
	s.command.Dir, s.command.SysProcAttr = dir, attributes
	s.command.Stdout, s.command.Stderr = &s.output, &s.output
	if err := s.command.Start(); err != nil {
		return nil, err
	}
	defer func() {
		if err != nil {
			err = errors.Join(err, s.stop())
		}
	}()
	deadline := time.Now().Add(30 * time.Second)
	for {
		if s.version, err = s.ask(ctx, "postgres", "SHOW server_version"); err == nil {
			return s, nil
		}
		if ctx.Err() != nil || time.Now().After(deadline) {
			return nil, fmt.Errorf("PostgreSQL does not come up: %w", err)
		}
		time.Sleep(50 * time.Millisecond)
	}
}

// pgOwner is whom the server runs as. It refuses to be root, and is then the user
// that its package has made, or nobody, who is given the directory.
func pgOwner(dir string) (*syscall.SysProcAttr, error) {
	if os.Getuid() != 0 {
		return &syscall.SysProcAttr{}, nil
	}
	owner, err := user.Lookup("postgres")
	if err != nil {
		owner, err = user.Lookup("nobody")
	}
	if err != nil {
		return nil, err
	}
	uid, err := strconv.ParseUint(owner.Uid, 10, 32)
	if err != nil {
		return nil, err
	}
	gid, err := strconv.ParseUint(owner.Gid, 10, 32)
	if err != nil {
		return nil, err
	}
	if err := os.Chown(dir, int(uid), int(gid)); err != nil {
		return nil, err
	}
	return &syscall.SysProcAttr{Credential: &syscall.Credential{Uid: uint32(uid), Gid: uint32(gid)}}, nil
}

// address is the connection string of a database.
func (s *pgServer) address(database string) string {
	return fmt.Sprintf("host=%s user=%s dbname=%s", s.dir, pgUser, database)
}

// ask runs one statement on a connection of its own, and returns the one text it
// answers, if any.
func (s *pgServer) ask(ctx context.Context, database, statement string) (answer string, err error) {
	conn, err := pgx.Connect(ctx, s.address(database))
	if err != nil {
		return "", err
	}
	defer func() { err = errors.Join(err, conn.Close(ctx)) }()
	rows, err := conn.Query(ctx, statement)
	if err != nil {
		return "", err
	}
	answers, err := pgx.CollectRows(rows, pgx.RowTo[string])
	return strings.Join(answers, "\n"), err
}

// stop ends the server as its manual's fast shutdown does.
func (s *pgServer) stop() error {
	if err := s.command.Process.Signal(syscall.SIGINT); err != nil {
		return err
	}
	if err := s.command.Wait(); err != nil {
		return fmt.Errorf("PostgreSQL: %w: %s", err, s.output.String())
	}
	return nil
}
