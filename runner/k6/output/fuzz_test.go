package novaperf

import (
	"encoding/binary"
	"encoding/json"
	"math"
	"strings"
	"testing"
	"time"

	"go.k6.io/k6/v2/metrics"
)

// FuzzWire: whatever samples come, every line is a JSON array with the next sequence number, names an announced series, and
// the closing line's counts are those of the lines. go test -fuzz=FuzzWire looks for more.
func FuzzWire(f *testing.F) {
	f.Add([]byte("0123456789abcdef"), "name", "value", uint8(0))
	f.Add(binary.LittleEndian.AppendUint64(nil, math.Float64bits(math.Inf(1))), "__proto__", "\xff\u2028</script>", uint8(1))
	f.Add(binary.LittleEndian.AppendUint64(nil, math.Float64bits(1.7e308)), "overflow", "true", uint8(2))
	f.Add([]byte(strings.Repeat("\xff\xef\x7f\x00\x00\x00\x00\x00", 40)), "x", "", uint8(3))
	f.Fuzz(func(t *testing.T, data []byte, key, value string, kinds uint8) {
		if key == "" {
			t.Skip("k6's own TagSet.With overflows the stack on a tag without a name")
		}
		registry := metrics.NewRegistry()
		names := []string{"http_req_duration", "iteration_duration", "my_metric", "__proto__"}
		all := make([]*metrics.Metric, len(names))
		for i, name := range names {
			all[i] = registry.MustNewMetric(name, metrics.MetricType((int(kinds)+i)%4))
		}
		opts := testOptions()
		opts.seriesCap = 5
		a := newAggregator(opts, origin)
		a.encoder.header(header{id: key, k6: value, originMs: a.originNs / 1e6, windowMs: 1000, seriesCap: 5})
		counts := map[string]uint64{}
		bad := uint64(0)
		for i := 0; i+8 <= len(data); i++ {
			bits := binary.LittleEndian.Uint64(data[i:])
			number := math.Float64frombits(bits)
			metric := all[i%len(all)]
			tags := registry.RootTagSet().With(key, value).With("name", string(data[i:i+1+int(bits%8)]))
			if bits%3 == 0 {
				tags = tags.With("scenario", value)
			}
			a.addContainer(metrics.Sample{
				TimeSeries: metrics.TimeSeries{Metric: metric, Tags: tags},
				Time:       origin.Add(time.Duration(int64(bits >> 20))),
				Value:      number,
			})
			if math.IsNaN(number) || math.IsInf(number, 0) {
				bad++
			} else {
				counts[metric.Name]++
			}
			if bits%5 == 0 {
				a.closeBefore(int64(i))
			}
		}
		a.end()

		seq, announced, summed := 0.0, 0.0, map[string]uint64{}
		metricOf := map[float64]string{}
		var last []any
		for line := range strings.Lines(string(a.buf)) {
			var elements []any
			if err := json.Unmarshal([]byte(line), &elements); err != nil {
				t.Fatalf("%q: %v", line, err)
			}
			if elements[0].(float64) != seq {
				t.Fatalf("%q: want number %v", line, seq)
			}
			seq++
			switch kind := elements[1].(type) {
			case float64:
				if kind >= announced || elements[3].(float64) < 1 {
					t.Fatalf("%q: of %v series", line, announced)
				}
				summed[metricOf[kind]] += uint64(elements[3].(float64))
			case string:
				if kind == "series" {
					metricOf[elements[2].(float64)] = elements[3].(string)
					announced++
				}
			}
			last = elements
		}
		end := last[2].(map[string]any)
		totals := end["totals"].(map[string]any)
		if len(totals) != len(counts) || (bad > 0) != (end["bad_values"] != nil) {
			t.Fatalf("closed with %v, want the metrics %v and %d bad values", end, counts, bad)
		}
		for name, count := range counts {
			if got := uint64(totals[name].([]any)[0].(float64)); got != count || summed[name] != count {
				t.Fatalf("%s: closed with %d, lines hold %d, want %d", name, got, summed[name], count)
			}
		}
	})
}
