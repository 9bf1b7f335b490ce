package main

import (
	"syscall"
	"time"
	"unsafe"
)

// threadCPU is the processor time that this thread has used: what waited for a
// processor, or for the disk, does not count. The goroutine is locked to it.
func threadCPU() time.Duration {
	const clockThreadCPU = 3 // CLOCK_THREAD_CPUTIME_ID of clock_gettime(2)
	var t syscall.Timespec
	if _, _, errno := syscall.RawSyscall(syscall.SYS_CLOCK_GETTIME, clockThreadCPU, uintptr(unsafe.Pointer(&t)), 0); errno != 0 {
		panic(errno) // only for a clock that there is not
	}
	return time.Duration(t.Nano())
}
