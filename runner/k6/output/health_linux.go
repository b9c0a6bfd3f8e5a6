package novaperf

import (
	"bytes"
	"math"
	"os"
	"path"
	"strconv"
	"strings"
)

// residentBytes returns the memory of this process that is in RAM.
func residentBytes() (uint64, bool) {
	text, err := os.ReadFile("/proc/self/statm")
	if err != nil {
		return 0, false
	}
	fields := bytes.Fields(text)
	if len(fields) < 2 {
		return 0, false
	}
	pages, err := strconv.ParseUint(string(fields[1]), 10, 64)
	if err != nil {
		return 0, false
	}
	return pages * uint64(os.Getpagesize()), true
}

// cgroupCores returns how many cores the control group of this process may use: the smallest limit of the group and its
// parents, +Inf without a limit. Not GOMAXPROCS: Go rounds that up to a whole number, and to at least 2.
func cgroupCores() float64 {
	text, err := os.ReadFile("/proc/self/cgroup")
	if err != nil {
		return math.Inf(1)
	}
	return leastLimit(string(text), func(name string) (string, bool) {
		content, err := os.ReadFile(path.Join("/sys/fs/cgroup", name))
		return string(content), err == nil
	})
}

// leastLimit reads the groups in /proc/self/cgroup, version 2 ("0::/a/b") and version 1 ("4:cpu,cpuacct:/a/b").
func leastLimit(groups string, read func(name string) (string, bool)) float64 {
	cores := math.Inf(1)
	for line := range strings.Lines(groups) {
		fields := strings.SplitN(strings.TrimSpace(line), ":", 3)
		if len(fields) != 3 {
			continue
		}
		controllers, group := fields[1], path.Clean("/"+fields[2])
		isV1 := strings.Contains(","+controllers+",", ",cpu,")
		if controllers != "" && !isV1 {
			continue
		}
		for ; ; group = path.Dir(group) {
			if isV1 {
				cores = math.Min(cores, limitV1(path.Join(controllers, group), read))
				cores = math.Min(cores, limitV1(path.Join("cpu", group), read))
			} else if text, ok := read(path.Join(group, "cpu.max")); ok {
				cores = math.Min(cores, ratio(strings.Fields(text)))
			}
			if group == "/" {
				break
			}
		}
	}
	return cores
}

func limitV1(group string, read func(name string) (string, bool)) float64 {
	quota, hasQuota := read(path.Join(group, "cpu.cfs_quota_us"))
	period, hasPeriod := read(path.Join(group, "cpu.cfs_period_us"))
	if !hasQuota || !hasPeriod {
		return math.Inf(1)
	}
	return ratio([]string{strings.TrimSpace(quota), strings.TrimSpace(period)})
}

// ratio returns quota / period; +Inf for "max", -1 and anything else that sets no limit.
func ratio(fields []string) float64 {
	if len(fields) != 2 {
		return math.Inf(1)
	}
	quota, quotaErr := strconv.ParseFloat(fields[0], 64)
	period, periodErr := strconv.ParseFloat(fields[1], 64)
	if quotaErr != nil || periodErr != nil || quota <= 0 || period <= 0 {
		return math.Inf(1)
	}
	return quota / period
}
