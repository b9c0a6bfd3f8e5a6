//go:build !linux

package novaperf

import "math"

// residentBytes is not known without cgo on this system.
func residentBytes() (uint64, bool) {
	return 0, false
}

// cgroupCores sets no limit: control groups are Linux's.
func cgroupCores() float64 {
	return math.Inf(1)
}
