package novaperf

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/sirupsen/logrus"

	"go.k6.io/k6/v2/lib/fsext"
	"go.k6.io/k6/v2/metrics"
	"go.k6.io/k6/v2/output"
)

func newTestOutput(t *testing.T, argument string, stdout io.Writer) *Output {
	t.Helper()
	logger := logrus.New()
	logger.SetOutput(io.Discard)
	created, err := New(output.Params{
		ConfigArgument: argument, Logger: logger, StdOut: stdout, FS: fsext.NewOsFs(),
	})
	if err != nil {
		t.Fatal(err)
	}
	return created.(*Output)
}

// TestAllSamplesArriveWhileManyAreAdded adds and flushes at the same time; the race detector watches.
func TestAllSamplesArriveWhileManyAreAdded(t *testing.T) {
	var stdout bytes.Buffer
	o := newTestOutput(t, "-?window=100ms", &stdout)
	if err := o.Start(); err != nil {
		t.Fatal(err)
	}
	registry := metrics.NewRegistry()
	builtin := metrics.RegisterBuiltinMetrics(registry)
	const senders, rounds = 4, 200
	var wait sync.WaitGroup
	for sender := range senders {
		wait.Go(func() {
			tags := registry.RootTagSet().With("sender", fmt.Sprint(sender))
			for i := range rounds {
				o.AddMetricSamples([]metrics.SampleContainer{
					metrics.Sample{
						TimeSeries: metrics.TimeSeries{Metric: builtin.HTTPReqs, Tags: tags}, Time: time.Now(), Value: 1,
					},
					metrics.Samples{{
						TimeSeries: metrics.TimeSeries{Metric: builtin.HTTPReqDuration, Tags: tags},
						Time:       time.Now(), Value: float64(i),
					}},
				})
				time.Sleep(2 * time.Millisecond)
			}
		})
	}
	wait.Wait()
	if err := o.Stop(); err != nil {
		t.Fatal(err)
	}
	checkStream(t, stdout.String(), senders*rounds)
	if !strings.Contains(stdout.String(), `"health"`) {
		t.Error("no health line")
	}
}

// checkStream checks the sequence numbers, the header, and that windows and totals both say count.
func checkStream(t *testing.T, text string, count int) {
	t.Helper()
	lines := strings.Split(strings.TrimSuffix(text, "\n"), "\n")
	requests, ids := 0, map[int]string{}
	for i, line := range lines {
		var elements []any
		if err := json.Unmarshal([]byte(line), &elements); err != nil || int(elements[0].(float64)) != i {
			t.Fatalf("line %d: %s: %v", i, line, err)
		}
		if elements[1] == "series" {
			ids[int(elements[2].(float64))] = elements[3].(string)
		}
		if d, isData := decodeLine(t, line); isData && ids[d.series] == "http_reqs" {
			requests += d.count
		}
	}
	if !strings.HasPrefix(lines[0], `[0,"novaperf",{"v":1,`) {
		t.Errorf("begins with %s", lines[0])
	}
	last := lines[len(lines)-1]
	if requests != count || !strings.Contains(last, fmt.Sprintf(`"http_reqs":[%d,%d]`, count, count)) {
		t.Errorf("got %d requests and %s, want %d", requests, last, count)
	}
}

func TestWritesToAFile(t *testing.T) {
	file := filepath.Join(t.TempDir(), "archive.ndjson")
	o := newTestOutput(t, file, nil)
	if err := o.Start(); err != nil {
		t.Fatal(err)
	}
	if err := o.Stop(); err != nil {
		t.Fatal(err)
	}
	written, err := fsext.ReadFile(fsext.NewOsFs(), file)
	if err != nil {
		t.Fatal(err)
	}
	if text := string(written); !strings.HasSuffix(text, `"end",{"totals":{}}]`+"\n") {
		t.Errorf("got %s", text)
	}
	if err := newTestOutput(t, filepath.Join(file, "below a file"), nil).Start(); err == nil {
		t.Error("expected an error for a file that cannot be made")
	}
}

type brokenPipe struct{ writes atomic.Int32 }

func (b *brokenPipe) Write([]byte) (int, error) {
	b.writes.Add(1)
	return 0, errors.New("broken pipe")
}

// TestABrokenPipeEndsTheTestOnce checks that the test is stopped by one call, and that nothing is written or kept after it.
func TestABrokenPipeEndsTheTestOnce(t *testing.T) {
	pipe := &brokenPipe{}
	o := newTestOutput(t, "-?window=100ms", pipe)
	stopped := make(chan error, 10)
	o.SetTestRunStopCallback(func(err error) { stopped <- err })
	if err := o.Start(); err != nil {
		t.Fatal(err)
	}
	if err := <-stopped; !strings.Contains(err.Error(), "broken pipe") {
		t.Errorf("got %v", err)
	}
	for range 3 {
		o.flush()
		o.stream.write([]byte("more"))
	}
	if err := o.Stop(); err != nil {
		t.Fatal(err)
	}
	if n := pipe.writes.Load(); n != 1 || len(stopped) != 0 || len(o.stream.waiting) != 0 {
		t.Errorf("%d writes, %d more stops, %d bytes kept", n, len(stopped), len(o.stream.waiting))
	}
}

type stalledReader struct {
	release chan struct{}
	bytes.Buffer
}

func (s *stalledReader) Write(text []byte) (int, error) {
	<-s.release
	return s.Buffer.Write(text)
}

// TestAStalledReaderDoesNotStopTheAggregation lets stdout block while samples come.
func TestAStalledReaderDoesNotStopTheAggregation(t *testing.T) {
	reader := &stalledReader{release: make(chan struct{})}
	o := newTestOutput(t, "-", reader)
	if err := o.Start(); err != nil {
		t.Fatal(err)
	}
	registry := metrics.NewRegistry()
	builtin := metrics.RegisterBuiltinMetrics(registry)
	const samples = 1000
	for range samples {
		o.AddMetricSamples([]metrics.SampleContainer{metrics.Sample{
			TimeSeries: metrics.TimeSeries{Metric: builtin.HTTPReqs, Tags: registry.RootTagSet()}, Time: time.Now(), Value: 1,
		}})
	}
	for o.waiting.Load() > 0 {
		time.Sleep(time.Millisecond) // the flusher takes them although nothing can be written
	}
	close(reader.release)
	if err := o.Stop(); err != nil {
		t.Fatal(err)
	}
	checkStream(t, reader.String(), samples)
}
