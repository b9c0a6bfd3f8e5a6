package novaperf

import (
	"encoding/json"
	"fmt"
	"math"
	"math/rand"
	"slices"
	"strings"
	"testing"
	"time"

	"go.k6.io/k6/v2/metrics"
)

var origin = time.UnixMilli(1_732_372_384_000)

func testOptions() options {
	return options{file: "-", window: time.Second, seriesCap: 20_000}
}

// decoded is one data line, read by a decoder written from the format's description alone.
type decoded struct {
	series, window, count int
	rest                  []float64
	bins                  map[int]int
}

func decodeLine(t testing.TB, line string) (decoded, bool) {
	t.Helper()
	var elements []any
	if err := json.Unmarshal([]byte(line), &elements); err != nil {
		t.Fatalf("%q: %v", line, err)
	}
	if _, isControl := elements[1].(string); isControl {
		return decoded{}, false
	}
	d := decoded{
		series: int(elements[1].(float64)), window: int(elements[2].(float64)), count: int(elements[3].(float64)),
	}
	for _, element := range elements[4:] {
		if text, ok := element.(string); ok {
			d.bins = decodeBins(text)
		} else {
			d.rest = append(d.rest, element.(float64))
		}
	}
	return d, true
}

func decodeBins(text string) map[int]int {
	worths := make([]int, len(text))
	for i := range text {
		worths[i] = int(strings.Replace(text[i:i+1], "!", `\`, 1)[0]) - '#'
	}
	number := func() (value int) {
		for factor := 1; ; factor *= 46 {
			digit := worths[0]
			worths = worths[1:]
			value += digit % 46 * factor
			if digit < 46 {
				return value
			}
		}
	}
	bins := make(map[int]int)
	zigzag := number()
	key := zigzag/2 - 1
	if zigzag%2 == 1 {
		key = -(zigzag+1)/2 - 1
	}
	for len(worths) > 0 {
		gap, more := worths[0]/7, worths[0]%7
		worths = worths[1:]
		if gap == 12 {
			gap += number()
		}
		if more == 6 {
			more += number()
		}
		key += gap + 1
		bins[key] = more + 1
	}
	return bins
}

// TestAggregatorAgreesWithNaiveSums sends random samples in random order, closing windows in between, and compares every
// series and window with sums over all samples.
func TestAggregatorAgreesWithNaiveSums(t *testing.T) {
	for seed := range int64(20) {
		t.Run(fmt.Sprintf("seed %d", seed), func(t *testing.T) {
			random := rand.New(rand.NewSource(seed))
			registry := metrics.NewRegistry()
			var declared []*metrics.Metric
			for kind := metrics.Counter; kind <= metrics.Rate; kind++ {
				declared = append(declared, registry.MustNewMetric("my_"+kind.String(), kind))
			}
			a := newAggregator(testOptions(), origin)
			type place struct {
				metric, tag string
				window      int
			}
			want := make(map[place][]metrics.Sample)
			for range 3000 {
				name := fmt.Sprint("name ", random.Intn(4))
				offset := time.Duration(random.Int63n(int64(6*time.Second))) - time.Second
				sample := metrics.Sample{
					TimeSeries: metrics.TimeSeries{
						Metric: declared[random.Intn(len(declared))], Tags: registry.RootTagSet().With("name", name),
					},
					Time:  origin.Add(offset),
					Value: math.Round(math.Exp(3*random.NormFloat64())*1000) / 1000 * float64(random.Intn(4)-1),
				}
				at := place{sample.Metric.Name, name, int(math.Floor(offset.Seconds()))}
				want[at] = append(want[at], sample)
				a.addContainer(sample)
				if random.Intn(300) == 0 {
					a.closeBefore(int64(random.Intn(5)))
				}
			}
			a.end()

			names := make(map[int]place)
			got := make(map[place]decoded)
			for line := range strings.Lines(string(a.buf)) {
				var elements []any
				_ = json.Unmarshal([]byte(line), &elements)
				if elements[1] == "series" {
					tags := elements[4].(map[string]any)
					names[int(elements[2].(float64))] = place{elements[3].(string), tags["name"].(string), 0}
				}
				d, isData := decodeLine(t, line)
				if !isData {
					continue
				}
				at := names[d.series]
				at.window = d.window
				got[at] = merge(at.metric, got[at], d)
			}
			if len(got) != len(want) {
				t.Fatalf("got %d series and windows, want %d", len(got), len(want))
			}
			for at, samples := range want {
				compare(t, at.metric, got[at], samples)
			}
		})
	}
}

func merge(metric string, a, b decoded) decoded {
	if a.count == 0 {
		return b
	}
	a.count += b.count
	a.rest[0] += b.rest[0]
	if len(b.rest) > 1 {
		a.rest[1] = math.Min(a.rest[1], b.rest[1])
		a.rest[2] = math.Max(a.rest[2], b.rest[2])
	}
	for key, count := range b.bins {
		a.bins[key] += count
	}
	if metric == "my_gauge" {
		a.rest[3] = b.rest[3]
	}
	return a
}

func compare(t *testing.T, metric string, got decoded, samples []metrics.Sample) {
	t.Helper()
	slices.SortStableFunc(samples, func(a, b metrics.Sample) int { return a.Time.Compare(b.Time) })
	sum, least, greatest, nonZero := 0.0, math.Inf(1), math.Inf(-1), 0.0
	bins := make(map[int]int)
	for _, sample := range samples {
		sum += sample.Value
		least, greatest = math.Min(least, sample.Value), math.Max(greatest, sample.Value)
		if sample.Value != 0 {
			nonZero++
		}
		bins[int(keyOf(sample.Value))]++
	}
	want := []float64{sum}
	switch metric {
	case "my_rate":
		want = []float64{nonZero}
	case "my_trend":
		want = []float64{sum, least, greatest}
		if fmt.Sprint(got.bins) != fmt.Sprint(bins) {
			t.Errorf("bins: got %v, want %v", got.bins, bins)
		}
	case "my_gauge":
		want = []float64{sum, least, greatest, got.rest[3]} // the last one: TestGaugeKeepsTheLatestValue
	}
	if got.count != len(samples) {
		t.Errorf("%s: got count %d, want %d", metric, got.count, len(samples))
	}
	for i, value := range want {
		if math.Abs(got.rest[i]-value) > 1e-9*math.Max(1, math.Abs(value)) {
			t.Errorf("%s: got %v, want %v", metric, got.rest, want)
		}
	}
}

func TestGaugeKeepsTheLatestValue(t *testing.T) {
	registry := metrics.NewRegistry()
	gauge := registry.MustNewMetric("vus", metrics.Gauge)
	a := newAggregator(testOptions(), origin)
	add := func(at time.Duration, value float64) {
		a.addContainer(metrics.Sample{
			TimeSeries: metrics.TimeSeries{Metric: gauge, Tags: registry.RootTagSet()}, Time: origin.Add(at), Value: value,
		})
	}
	add(800*time.Millisecond, 8)
	add(200*time.Millisecond, 2)
	a.closeBefore(1)
	add(300*time.Millisecond, 3) // late, and older than what was written
	a.closeBefore(2)
	var last []float64
	for line := range strings.Lines(string(a.buf)) {
		if d, isData := decodeLine(t, line); isData {
			last = append(last, d.rest[3])
		}
	}
	if fmt.Sprint(last) != "[8 8]" {
		t.Errorf("got last values %v, want 8 in both lines", last)
	}
}

func TestKeysAscendAndAreNarrow(t *testing.T) {
	values := []float64{math.Inf(-1)}
	for exponent := -300; exponent <= 300; exponent += 3 {
		for mantissa := 1.0; mantissa < 2; mantissa += 1.0 / 1024 {
			v := mantissa * math.Pow(2, float64(exponent))
			values = append(values, v, -v)
		}
	}
	values = append(values[1:], 0, math.SmallestNonzeroFloat64, math.MaxFloat64, -math.MaxFloat64)
	slices.Sort(values)
	lowest := make(map[int32]float64)
	for i, v := range values {
		key := keyOf(v)
		if i > 0 && key < keyOf(values[i-1]) {
			t.Fatalf("key of %g is %d, below that of %g, %d", v, key, values[i-1], keyOf(values[i-1]))
		}
		if low, ok := lowest[key]; !ok {
			lowest[key] = v
		} else if v > 1e-300 && v-low > v/512 {
			t.Errorf("key %d holds %g and %g", key, low, v)
		}
	}
	if keyOf(math.Copysign(0, -1)) != 0 || keyOf(0) != 0 {
		t.Error("zero has another key than 0")
	}
}
