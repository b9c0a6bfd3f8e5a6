package novaperf

import (
	"math"
	"math/rand"
	"testing"
	"time"

	"go.k6.io/k6/v2/metrics"
)

// BenchmarkAdd adds what one HTTP request with a check makes, to known series; -benchmem shows that it allocates nothing.
func BenchmarkAdd(b *testing.B) {
	registry := metrics.NewRegistry()
	builtin := metrics.RegisterBuiltinMetrics(registry)
	tags := registry.RootTagSet().With("method", "GET").With("name", "GET /products").With("status", "200")
	const requests = 4000 // in a window
	random := rand.New(rand.NewSource(1))
	containers := make([]metrics.SampleContainer, requests)
	for i := range containers {
		var samples []metrics.Sample
		for _, metric := range []*metrics.Metric{
			builtin.HTTPReqs, builtin.HTTPReqDuration, builtin.HTTPReqBlocked, builtin.HTTPReqConnecting,
			builtin.HTTPReqTLSHandshaking, builtin.HTTPReqSending, builtin.HTTPReqWaiting, builtin.HTTPReqReceiving,
			builtin.HTTPReqFailed, builtin.Checks, builtin.Iterations, builtin.IterationDuration,
			builtin.DataSent, builtin.DataReceived,
		} {
			samples = append(samples, metrics.Sample{
				TimeSeries: metrics.TimeSeries{Metric: metric, Tags: tags},
				Value:      math.Exp(random.NormFloat64()),
			})
		}
		containers[i] = metrics.ConnectedSamples{Samples: samples, Tags: tags}
	}
	a := newAggregator(testOptions(), origin)
	window := func(w int) {
		at := origin.Add(time.Duration(w) * time.Second)
		for _, container := range containers {
			samples := container.GetSamples()
			for i := range samples {
				samples[i].Time = at
			}
			a.addContainer(container)
		}
		a.closeBefore(int64(w) + 1)
		a.buf = a.buf[:0]
	}
	window(0)
	window(1)
	b.ReportAllocs()
	b.ResetTimer()
	for i := range b.N {
		window(i + 2)
	}
	b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/requests, "ns/request")
}
