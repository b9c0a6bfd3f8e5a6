package novaperf

import (
	"math"
	"testing"
	"time"
)

func TestHealthMeasuresThisProcess(t *testing.T) {
	meter := newHealthMeter(time.Now())
	for spun := time.Now(); time.Since(spun) < 100*time.Millisecond; {
	}
	got := make(map[string]float64)
	for _, f := range meter.measure(time.Now()) {
		got[f.name] = f.value
	}
	for name, row := range map[string]struct{ least, most float64 }{
		"cpu_cores":      {0.01, 1e3},
		"cores_allowed":  {0.01, 1e4},
		"resident_bytes": {1 << 20, 1 << 40},
		"goroutines":     {1, 1e4},
		"gc_pause_ms":    {0, 1e4},
	} {
		if value, ok := got[name]; !ok || value < row.least || value > row.most {
			t.Errorf("%s: got %v, want between %v and %v", name, value, row.least, row.most)
		}
	}
	if got["sched_p50_ms"] > got["sched_p95_ms"] || got["sched_p99_ms"] > got["sched_max_ms"] {
		t.Errorf("scheduler latencies do not ascend: %v", got)
	}
}

func TestQuantileOfRuntimeHistogram(t *testing.T) {
	borders := []float64{math.Inf(-1), 0, 0.001, 0.002, 0.004, math.Inf(1)}
	counts := []uint64{0, 90, 5, 4, 1}
	for _, row := range []struct{ q, want float64 }{{0.5, 1}, {0.9, 1}, {0.95, 2}, {0.99, 4}, {1, 4}} {
		if got := quantileMs(counts, borders, 100, row.q); got != row.want {
			t.Errorf("q %v: got %v ms, want %v", row.q, got, row.want)
		}
	}
}
