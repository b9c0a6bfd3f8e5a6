package novaperf

import (
	"syscall"
	"time"
)

// processCPU returns the CPU time of this process, user and kernel.
func processCPU() (time.Duration, bool) {
	process, err := syscall.GetCurrentProcess()
	if err != nil {
		return 0, false
	}
	var created, exited, kernel, user syscall.Filetime
	if err := syscall.GetProcessTimes(process, &created, &exited, &kernel, &user); err != nil {
		return 0, false
	}
	return ticks(kernel) + ticks(user), true
}

// ticks converts a time span: 100-nanosecond units in two halves.
func ticks(span syscall.Filetime) time.Duration {
	return time.Duration(uint64(span.HighDateTime)<<32|uint64(span.LowDateTime)) * 100
}
