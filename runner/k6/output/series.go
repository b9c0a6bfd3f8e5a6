package novaperf

import (
	"cmp"
	"math"
	"slices"

	"github.com/mstoykov/atlas"

	"go.k6.io/k6/v2/metrics"
)

// overflowTag marks a series that adds up series of a metric beyond the cap.
const overflowTag = "overflow"

// series is one metric with one set of tags.
type series struct {
	id       int
	kind     metrics.MetricType
	metric   *metricState
	cells    *cell // open windows, most recently used first
	binsLog2 int   // table size of the last window
	isLoad   bool  // its samples come from scenarios
	// newest is the latest gauge value so far, so that a late line does not set `last` back.
	newest       float64
	newestAtNs   int64
	newestWindow int64
}

// metricState is the state of one metric.
type metricState struct {
	name   string
	series int // number of series, without overflow series
	// isDuration: a value is a duration in milliseconds that ends at the sample's time.
	isDuration bool
	count      uint64
	sum        float64
	// beyond is set once the metric has more series than the cap allows.
	beyond *beyondCap
}

// tag is one tag of a set.
type tag struct{ key, value string }

// ownSeries is a series with the key under which samples find it.
type ownSeries struct {
	key    metrics.TimeSeries
	series *series
}

// seriesOf returns the series of a time series that is not in known: a new one, an alias of one, or an overflow series.
// Sets beyond the cap are not stored, so known has at most twice as many entries as the cap allows series.
func (a *aggregator) seriesOf(key metrics.TimeSeries) *series {
	state, ok := a.metrics[key.Metric]
	if !ok {
		state = &metricState{name: key.Metric.Name, isDuration: isDuration(key.Metric.Name)}
		a.metrics[key.Metric] = state
		a.names = append(a.names, state)
		a.encoder.metric(key.Metric.Name, key.Metric.Type, key.Metric.Contains)
	}

	kept := metrics.TimeSeries{Metric: key.Metric, Tags: a.withoutDropped(key.Tags)}
	s, ok := a.known[kept]
	if !ok {
		reserve := min(max(a.opts.seriesCap/64, 1), 64)
		if len(a.own) >= a.opts.seriesCap && state.series >= reserve {
			return a.overflowSeriesOf(state, kept)
		}
		s = a.newSeries(state, key.Metric.Type, tagsOf(kept.Tags))
		state.series++
		a.own = append(a.own, ownSeries{kept, s})
		a.known[kept] = s
	}
	if kept != key {
		if len(a.known) >= 2*max(a.opts.seriesCap, len(a.own)) {
			clear(a.known)
			for _, o := range a.own {
				a.known[o.key] = o.series
			}
		}
		a.known[key] = s
	}
	return s
}

// withoutDropped returns the set without the tags that the options drop.
func (a *aggregator) withoutDropped(set *metrics.TagSet) *metrics.TagSet {
	if len(a.opts.drop) == 0 {
		return set
	}
	if set != a.lastFull { // samples of one request follow each other
		a.lastFull, a.lastKept = set, a.filterTags(set, a.isNotDropped)
	}
	return a.lastKept
}

func (a *aggregator) isNotDropped(key, _ string) bool {
	_, isDropped := slices.BinarySearch(a.opts.drop, key)
	return !isDropped
}

func (a *aggregator) newSeries(state *metricState, kind metrics.MetricType, tags []tag) *series {
	s := &series{id: a.nextID, kind: kind, metric: state, newestAtNs: math.MinInt64, isLoad: isLoad(state.name, tags)}
	a.nextID++
	a.encoder.series(s.id, state.name, tags)
	return s
}

// isLoad reports whether the samples of a series come from a scenario: k6 tags those with its name, but not those of
// setup() and teardown(). If a script turns that tag off, only iterations are recognised.
func isLoad(metric string, tags []tag) bool {
	if metric == "iteration_duration" {
		return true
	}
	hasScenario := false
	for _, t := range tags {
		if t.key == "group" && (t.value == "::setup" || t.value == "::teardown") {
			return false
		}
		hasScenario = hasScenario || t.key == "scenario"
	}
	return hasScenario
}

// tagsOf returns the tags of a set, keys ascending.
func tagsOf(set *metrics.TagSet) []tag {
	var tags []tag
	for node := (*atlas.Node)(set); !node.IsRoot(); {
		previous, key, value := node.Data()
		tags = append(tags, tag{key, value})
		node = previous
	}
	slices.SortFunc(tags, func(a, b tag) int { return cmp.Compare(a.key, b.key) })
	return tags
}

// isDuration reports whether the values of a metric are durations that end at the sample's time. k6 gives all samples
// of a request the time of its end; only these metrics span the whole of it and show its start.
func isDuration(metric string) bool {
	return metric == "http_req_duration" || metric == "iteration_duration"
}
