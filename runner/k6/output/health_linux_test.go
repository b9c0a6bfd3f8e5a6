package novaperf

import (
	"math"
	"testing"
)

func TestLeastLimitOfControlGroups(t *testing.T) {
	for _, row := range []struct {
		title  string
		groups string
		files  map[string]string
		want   float64
	}{
		{"version 2, own limit", "0::/a/b\n", map[string]string{"/a/b/cpu.max": "150000 100000\n"}, 1.5},
		{"version 2, tighter parent", "0::/a/b\n", map[string]string{
			"/a/b/cpu.max": "max 100000\n", "/a/cpu.max": "50000 100000\n", "/cpu.max": "200000 100000",
		}, 0.5},
		{"version 2, namespace root", "0::/\n", map[string]string{"/cpu.max": "25000 100000\n"}, 0.25},
		{"version 1", "5:memory:/x\n4:cpu,cpuacct:/x\n", map[string]string{
			"cpu,cpuacct/x/cpu.cfs_quota_us": "300000\n", "cpu,cpuacct/x/cpu.cfs_period_us": "100000\n",
		}, 3},
		{"version 1 without a limit", "4:cpu:/x\n", map[string]string{
			"cpu/x/cpu.cfs_quota_us": "-1\n", "cpu/x/cpu.cfs_period_us": "100000\n",
		}, math.Inf(1)},
		{"a path that climbs", "0::/../..\n", map[string]string{"/cpu.max": "100000 100000\n"}, 1},
		{"nothing that can be read", "garbage\n0::\n", nil, math.Inf(1)},
	} {
		got := leastLimit(row.groups, func(name string) (string, bool) {
			content, ok := row.files[name]
			return content, ok
		})
		if got != row.want {
			t.Errorf("%s: got %v, want %v", row.title, got, row.want)
		}
	}
}
