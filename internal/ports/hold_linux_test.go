package ports

import (
	"errors"
	"net"
	"strconv"
	"syscall"
	"testing"
)

// ipLocalPortRange is IP_LOCAL_PORT_RANGE of linux/in.h: where the kernel looks for the
// port of one socket's outgoing connection.
const ipLocalPortRange = 51

// dialFrom connects to address from the port, if the kernel gives it.
func dialFrom(t *testing.T, port int, address string) error {
	t.Helper()
	dialer := net.Dialer{Control: func(_, _ string, c syscall.RawConn) (err error) {
		return errors.Join(c.Control(func(fd uintptr) {
			err = syscall.SetsockoptInt(int(fd), syscall.IPPROTO_IP, ipLocalPortRange, port|port<<16)
			if errors.Is(err, syscall.ENOPROTOOPT) {
				t.Skip("this kernel has no range of ports of a socket's own (Linux 6.3 has)")
			}
		}), err)
	}}
	c, err := dialer.Dial("tcp4", address)
	if err != nil {
		return err
	}
	if from := c.LocalAddr().(*net.TCPAddr).Port; from != port {
		t.Fatalf("connected from port %d instead of %d", from, port)
	}
	return c.Close()
}

// No connection is given a port that is held, and its node listens on it, again and
// again.
func TestHold(t *testing.T) {
	server, err := net.Listen("tcp4", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer server.Close()
	port := outgoing(t)
	release := Hold(port)
	for range 2 {
		if err := dialFrom(t, port, server.Addr().String()); !errors.Is(err, syscall.EADDRNOTAVAIL) {
			t.Fatalf("a connection from a port that is held: %v", err)
		}
		l, err := net.Listen("tcp", "127.0.0.1:"+strconv.Itoa(port))
		if err != nil {
			t.Fatalf("whose port it is cannot listen on it: %v", err)
		}
		l.Close()
	}
	release()
	if err := dialFrom(t, port, server.Addr().String()); err != nil {
		t.Fatalf("a connection from a port that nobody holds: %v", err)
	}
}

// outgoing is a free port in the range where the kernel looks for those of connections.
func outgoing(t *testing.T) int {
	t.Helper()
	l, err := net.Listen("tcp4", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	return l.Addr().(*net.TCPAddr).Port
}
