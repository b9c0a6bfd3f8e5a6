package novaperf

import (
	"bufio"
	"bytes"
	"encoding/json"
	"flag"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"go.k6.io/k6/v2/metrics"
)

var update = flag.Bool("update", false, "write the golden lines anew")

const goldenFolder = "../../../test/fixtures/histograms"

// goldenStep is one line of a .samples.ndjson file: the options (first line), a sample, or "close windows before".
type goldenStep struct {
	OriginMs    int64    `json:"origin_ms"`
	WindowMs    int64    `json:"window_ms"`
	Cap         int      `json:"cap"`
	Drop        []string `json:"drop"`
	CloseBefore *int64   `json:"close_before"`

	Metric   string            `json:"metric"`
	Type     string            `json:"type"`
	Contains string            `json:"contains"`
	Tags     map[string]string `json:"tags"`
	// AtUs is microseconds after the origin.
	AtUs int64 `json:"at_us"`
	// Value is text, so that NaN and infinities can be given.
	Value string `json:"value"`
	// Times is how often the sample comes; 0 means once.
	Times int `json:"times"`

	HealthOf *int64          `json:"health_of"`
	Figures  [][2]json.Token `json:"figures"`
}

// TestGoldenLines pins the format: these samples give exactly these lines, which test/metrics/histograms-golden.test.ts reads
// too. After a change of the format: go test -run Golden -update, and read the difference.
func TestGoldenLines(t *testing.T) {
	inputs, err := filepath.Glob(filepath.Join(goldenFolder, "*.samples.ndjson"))
	if err != nil || len(inputs) == 0 {
		t.Fatalf("expected samples in %s, got %v, %v", goldenFolder, inputs, err)
	}
	for _, input := range inputs {
		t.Run(filepath.Base(input), func(t *testing.T) {
			got := encodeGolden(t, input)
			golden := strings.TrimSuffix(input, ".samples.ndjson") + ".ndjson"
			if *update {
				if err := os.WriteFile(golden, got, 0o644); err != nil {
					t.Fatal(err)
				}
			}
			want, err := os.ReadFile(golden)
			if err != nil {
				t.Fatal(err)
			}
			gotLines, wantLines := strings.Split(string(got), "\n"), strings.Split(string(want), "\n")
			for i := range max(len(gotLines), len(wantLines)) {
				if i >= len(gotLines) || i >= len(wantLines) || gotLines[i] != wantLines[i] {
					t.Fatalf("line %d\n got %q\nwant %q", i+1, at(gotLines, i), at(wantLines, i))
				}
			}
		})
	}
}

func at(lines []string, i int) string {
	if i < len(lines) {
		return lines[i]
	}
	return "(no line)"
}

func encodeGolden(t *testing.T, input string) []byte {
	t.Helper()
	content, err := os.ReadFile(input)
	if err != nil {
		t.Fatal(err)
	}
	registry := metrics.NewRegistry()
	var a *aggregator
	lines := bufio.NewScanner(bytes.NewReader(content))
	lines.Buffer(nil, 1<<20)
	for lines.Scan() {
		var step goldenStep
		if err := json.Unmarshal(lines.Bytes(), &step); err != nil {
			t.Fatalf("%s: %v", lines.Text(), err)
		}
		switch {
		case a == nil:
			opts := options{window: time.Duration(step.WindowMs) * time.Millisecond, seriesCap: step.Cap, drop: step.Drop}
			a = newAggregator(opts, time.UnixMilli(step.OriginMs))
			a.encoder.header(header{
				id: "0123456789abcdef", k6: "v2.2.0", goVersion: "go1.26.8", originMs: step.OriginMs,
				windowMs: step.WindowMs, seriesCap: step.Cap, dropTags: step.Drop,
			})
		case step.CloseBefore != nil:
			a.closeBefore(*step.CloseBefore)
		case step.HealthOf != nil:
			var figures []figure
			for _, f := range step.Figures {
				figures = append(figures, figure{f[0].(string), f[1].(float64)})
			}
			a.encoder.health(*step.HealthOf, figures)
		default:
			value, err := strconv.ParseFloat(step.Value, 64)
			if err != nil {
				t.Fatal(err)
			}
			sample := metrics.Sample{
				TimeSeries: metrics.TimeSeries{
					Metric: declare(t, registry, step),
					Tags:   registry.RootTagSet().WithTagsFromMap(step.Tags),
				},
				Time:  time.Unix(0, a.originNs+step.AtUs*1000),
				Value: value,
			}
			for range max(step.Times, 1) {
				a.addContainer(sample)
			}
		}
	}
	a.end()
	return a.buf
}

func declare(t *testing.T, registry *metrics.Registry, step goldenStep) *metrics.Metric {
	t.Helper()
	var kind metrics.MetricType
	if err := kind.UnmarshalText([]byte(step.Type)); err != nil {
		t.Fatal(err)
	}
	var contains metrics.ValueType
	if err := contains.UnmarshalText([]byte(step.Contains)); err != nil {
		t.Fatal(err)
	}
	metric, err := registry.NewMetric(step.Metric, kind, contains)
	if err != nil {
		t.Fatal(err)
	}
	return metric
}
