package novaperf

import (
	"encoding/json"
	"fmt"
	"math"
	"math/rand"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"go.k6.io/k6/v2/metrics"
)

// TestWithoutDroppedFindsTheSetOfTheOtherTags compares pointers: the set must be the one that k6 has for the other tags.
func TestWithoutDroppedFindsTheSetOfTheOtherTags(t *testing.T) {
	keys := []string{"a", "method", "name", "proto", "status", "url", "z"}
	random := rand.New(rand.NewSource(1))
	registry := metrics.NewRegistry()
	for range 2000 {
		opts := testOptions()
		all, others := make(map[string]string), make(map[string]string)
		for _, key := range keys {
			isDropped := random.Intn(3) == 0
			if isDropped {
				opts.drop = append(opts.drop, key)
			}
			if random.Intn(3) > 0 {
				all[key] = fmt.Sprint(random.Intn(3))
				if !isDropped {
					others[key] = all[key]
				}
			}
		}
		a := newAggregator(opts, origin)
		got := a.withoutDropped(registry.RootTagSet().WithTagsFromMap(all))
		if want := registry.RootTagSet().WithTagsFromMap(others); got != want {
			t.Fatalf("%v without %v: got %v", all, opts.drop, got.Map())
		}
	}
}

// TestAMillionNamesStayBounded checks that series beyond the cap are counted and forgotten.
func TestAMillionNamesStayBounded(t *testing.T) {
	registry := metrics.NewRegistry()
	requests := registry.MustNewMetric("http_reqs", metrics.Counter)
	checks := registry.MustNewMetric("checks", metrics.Rate)
	for _, row := range []struct {
		names int
		drop  []string
	}{{1_000_000, nil}, {100_000, []string{"name", "url"}}} {
		names, drop := row.names, row.drop
		if testing.Short() { // for the race detector, under which k6's graph of tags takes ten times as long
			names /= 10
		}
		t.Run(fmt.Sprint("dropping ", drop), func(t *testing.T) {
			opts := testOptions()
			opts.seriesCap, opts.drop = 1000, drop
			a := newAggregator(opts, origin)
			var get *metrics.TagSet
			for i := range names {
				// A new root from time to time; otherwise k6's own graph of tags grows during this test.
				if i%(names/100) == 0 {
					registry = metrics.NewRegistry()
					get = registry.RootTagSet().With("method", "GET")
				}
				tags := get.With("name", "http://host/"+strconv.Itoa(i))
				if drop != nil {
					tags = tags.With("status", fmt.Sprint(200+i%3))
				}
				a.addContainer(metrics.Sample{
					TimeSeries: metrics.TimeSeries{Metric: requests, Tags: tags},
					Time:       origin.Add(time.Duration(i) * 10 * time.Microsecond), Value: 1,
				})
				if i%100_000 == 0 {
					a.closeBefore(int64(i / 100_000))
				}
			}
			a.addContainer(metrics.Sample{
				TimeSeries: metrics.TimeSeries{Metric: checks, Tags: registry.RootTagSet()}, Time: origin, Value: 1,
			})
			a.end()
			if len(a.known) > 2*(opts.seriesCap+64) || len(a.freeCells) > opts.seriesCap+256 {
				t.Errorf("remembers %d series and %d cells, with a cap of %d", len(a.known), len(a.freeCells), opts.seriesCap)
			}
			if drop != nil {
				return // each root of tags is a series of its own, so the totals say nothing more here
			}
			text := string(a.buf)
			if !strings.Contains(text, fmt.Sprintf(`"totals":{"http_reqs":[%d,%d],"checks":[1,1]}`, names, names)) {
				t.Errorf("totals: %s", text[strings.LastIndex(text, `"end"`):])
			}
			if strings.Contains(text, `"checks",{"overflow"`) {
				t.Error("a metric with one series must not overflow because another one did")
			}
			var values float64
			for line := range strings.Lines(text) {
				var elements []any
				if _ = json.Unmarshal([]byte(line), &elements); elements[1] == "overflow" {
					said := elements[2].(map[string]any)
					if said["tag"] != "name" {
						t.Errorf("blames %v", said["tag"])
					}
					values = said["values"].(float64)
				}
			}
			if math.Abs(values/float64(names)-1) > 0.05 {
				t.Errorf("says %v distinct names, want about %d", values, names)
			}
		})
	}
}

func TestFewDistinctValuesAreCountedExactly(t *testing.T) {
	for _, n := range []int{1, 2, 10, 50, 100} {
		var s sketch
		for i := range n {
			for range 3 {
				s.add(fmt.Sprint("value ", i))
			}
		}
		if got := s.estimate(); math.Abs(float64(got)-float64(n)) > 0.02*float64(n) {
			t.Errorf("got %d, want %d", got, n)
		}
	}
}

// TestBeyondTheCapTagsOfFewValuesStay: a filter on status or expected_response must still find every sample.
func TestBeyondTheCapTagsOfFewValuesStay(t *testing.T) {
	registry := metrics.NewRegistry()
	requests := registry.MustNewMetric("http_reqs", metrics.Counter)
	opts := testOptions()
	opts.seriesCap = 50
	a := newAggregator(opts, origin)
	send := func(tags map[string]string) {
		a.addContainer(metrics.Sample{
			TimeSeries: metrics.TimeSeries{Metric: requests, Tags: registry.RootTagSet().WithTagsFromMap(tags)},
			Time:       origin, Value: 1,
		})
	}
	for i := range 1000 {
		url := "/u/" + strconv.Itoa(i)
		send(map[string]string{"url": url, "name": url, "status": fmt.Sprint(200 + i%2), "method": "GET"})
	}
	// The first values of a tag that exploded are distinguished even beyond the cap.
	send(map[string]string{"url": "/u/0", "name": "/u/0", "status": "503", "method": "GET"})
	a.end()

	var lost []string
	counts := map[string]float64{}
	tagsOfID := map[float64]map[string]any{}
	for line := range strings.Lines(string(a.buf)) {
		var elements []any
		if err := json.Unmarshal([]byte(line), &elements); err != nil {
			t.Fatal(err)
		}
		switch kind := elements[1].(type) {
		case string:
			if kind == "series" {
				tagsOfID[elements[2].(float64)] = elements[4].(map[string]any)
			}
			if kind == "overflow" {
				said := elements[2].(map[string]any)
				lost = append(lost, said["tag"].(string))
				if len(said["known"].([]any)) != fewestKnownValues || said["known"].([]any)[0] != "/u/0" {
					t.Errorf("knows %v", said["known"])
				}
			}
		case float64:
			tags := tagsOfID[kind]
			for key, value := range tags {
				counts[key+"="+value.(string)] += elements[3].(float64)
			}
		}
	}
	slices.Sort(lost)
	if got := strings.Join(slices.Compact(lost), " "); got != "name url" {
		t.Errorf("lost the tags %q", got)
	}
	for tag, want := range map[string]float64{
		"status=200": 500, "status=201": 500, "status=503": 1, "method=GET": 1001, "name=/u/0": 2, "overflow=true": 951,
	} {
		if counts[tag] != want {
			t.Errorf("%s: counts %v, want %v", tag, counts[tag], want)
		}
	}
}
