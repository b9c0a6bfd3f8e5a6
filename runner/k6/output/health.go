package novaperf

import (
	"math"
	"runtime"
	"runtime/debug"
	rtmetrics "runtime/metrics"
	"time"
)

// figure is one named number in a health line.
type figure struct {
	name  string
	value float64
}

// Names of metrics of the Go runtime.
const (
	schedulerLatencies = "/sched/latencies:seconds"
	memoryMapped       = "/memory/classes/total:bytes"
	memoryReturned     = "/memory/classes/heap/released:bytes"
)

// healthMeter measures the load of this process: a k6 short of CPU inflates the latencies it reports.
type healthMeter struct {
	measuredAt time.Time
	cpu        time.Duration
	gc         debug.GCStats
	gcPause    time.Duration
	samples    []rtmetrics.Sample
	waits      []uint64 // bucket counts of schedulerLatencies at the previous call
	delta      []uint64
	cpuLimit   float64 // cores that the control group allows; +Inf without a limit
	figures    []figure
}

func newHealthMeter(now time.Time) *healthMeter {
	meter := &healthMeter{
		samples:  []rtmetrics.Sample{{Name: schedulerLatencies}, {Name: memoryMapped}, {Name: memoryReturned}},
		cpuLimit: cgroupCores(),
	}
	meter.measure(now)
	return meter
}

// measure returns the figures since the previous call; they are valid until the next call.
func (m *healthMeter) measure(now time.Time) []figure {
	m.figures = m.figures[:0]
	elapsed := now.Sub(m.measuredAt)
	m.measuredAt = now

	if cpu, ok := processCPU(); ok {
		if elapsed > 0 {
			m.add("cpu_cores", round((cpu-m.cpu).Seconds()/elapsed.Seconds(), 4))
		}
		m.cpu = cpu
	}
	m.add("cores_allowed", round(math.Min(float64(runtime.GOMAXPROCS(0)), m.cpuLimit), 4))

	rtmetrics.Read(m.samples)
	if resident, ok := residentBytes(); ok {
		m.add("resident_bytes", float64(resident))
	} else if m.samples[1].Value.Kind() == rtmetrics.KindUint64 && m.samples[2].Value.Kind() == rtmetrics.KindUint64 {
		// An approximation: memory that Go has mapped and not returned.
		m.add("resident_bytes", float64(m.samples[1].Value.Uint64()-m.samples[2].Value.Uint64()))
	}
	m.add("goroutines", float64(runtime.NumGoroutine()))

	debug.ReadGCStats(&m.gc)
	m.add("gc_pause_ms", round(milliseconds(m.gc.PauseTotal-m.gcPause), 4))
	m.gcPause = m.gc.PauseTotal

	if m.samples[0].Value.Kind() == rtmetrics.KindFloat64Histogram {
		m.addSchedulerLatencies(m.samples[0].Value.Float64Histogram())
	}
	return m.figures
}

func (m *healthMeter) add(name string, value float64) {
	m.figures = append(m.figures, figure{name, value})
}

// addSchedulerLatencies adds, for the time since the previous call, how long runnable goroutines waited for a thread.
func (m *healthMeter) addSchedulerLatencies(waits *rtmetrics.Float64Histogram) {
	if len(m.waits) != len(waits.Counts) {
		m.waits = make([]uint64, len(waits.Counts))
		m.delta = make([]uint64, len(waits.Counts))
	}
	n := uint64(0)
	for i, count := range waits.Counts {
		m.delta[i] = count - m.waits[i]
		n += m.delta[i]
	}
	copy(m.waits, waits.Counts)
	if n == 0 {
		return
	}
	m.add("sched_p50_ms", quantileMs(m.delta, waits.Buckets, n, 0.5))
	m.add("sched_p95_ms", quantileMs(m.delta, waits.Buckets, n, 0.95))
	m.add("sched_p99_ms", quantileMs(m.delta, waits.Buckets, n, 0.99))
	m.add("sched_max_ms", quantileMs(m.delta, waits.Buckets, n, 1))
}

// quantileMs returns the upper bound of the bucket that holds the value of rank ceil(q*n), in milliseconds: never below
// the true value, and above it by less than a bucket, a quarter of a power of two in Go's histograms. The last bucket
// has no upper bound; its lower bound is returned.
func quantileMs(counts []uint64, borders []float64, n uint64, q float64) float64 {
	rank := uint64(math.Ceil(q * float64(n)))
	seen := uint64(0)
	for i, count := range counts {
		seen += count
		if seen >= rank && count > 0 {
			border := borders[i+1]
			if math.IsInf(border, 1) {
				border = borders[i]
			}
			return round(border*1000, 6)
		}
	}
	return 0
}

func milliseconds(d time.Duration) float64 {
	return float64(d) / float64(time.Millisecond)
}

// round limits the digits, to keep a health line short.
func round(value float64, digits int) float64 {
	scale := math.Pow10(digits)
	return math.Round(value*scale) / scale
}
