//go:build !linux

package novaperf

import "math"

// residentBytes is not available without cgo on this system.
func residentBytes() (uint64, bool) {
	return 0, false
}

// cgroupCores returns no limit: control groups exist only on Linux.
func cgroupCores() float64 {
	return math.Inf(1)
}
