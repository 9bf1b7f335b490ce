//go:build !linux

package main

import "time"

// threadCPU is the process's processor time, where a thread's own cannot be asked
// for: it counts the collector as well.
func threadCPU() time.Duration { return cpuTime() }
