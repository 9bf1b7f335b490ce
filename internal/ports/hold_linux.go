package ports

import "syscall"

// Hold keeps ports of loopback, which a node listens on while it runs, from being
// taken by somebody's outgoing connection while it does not: those that were named,
// not reserved, may lie in the range where the kernel looks for one. A socket that is
// bound, and does not listen, is in nobody's way who binds with SO_REUSEADDR, as every
// node does. A port that is in use already is left out: whoever then listens on it
// says so. Release lets go of them.
func Hold(ports ...int) (release func()) {
	var held []int
	for _, port := range ports {
		fd, err := syscall.Socket(syscall.AF_INET, syscall.SOCK_STREAM|syscall.SOCK_CLOEXEC, 0)
		if err != nil {
			continue
		}
		if syscall.SetsockoptInt(fd, syscall.SOL_SOCKET, syscall.SO_REUSEADDR, 1) != nil ||
			syscall.Bind(fd, &syscall.SockaddrInet4{Port: port, Addr: [4]byte{127, 0, 0, 1}}) != nil {
			_ = syscall.Close(fd) // holds nothing
			continue
		}
		held = append(held, fd)
	}
	return func() {
		for _, fd := range held {
			_ = syscall.Close(fd) // nothing was sent
		}
	}
}
