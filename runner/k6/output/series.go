package novaperf

import (
	"cmp"
	"math"
	"slices"

	"github.com/mstoykov/atlas"

	"go.k6.io/k6/v2/metrics"
)

// overflowTag marks the series that stands for all series of a metric beyond the cap.
const overflowTag = "overflow"

// series is one metric with one set of tags.
type series struct {
	id       int
	kind     metrics.MetricType
	metric   *metricState
	cells    *cell // open windows, the one that was used last at the front
	binsLog2 int   // size of table that the last window needed
	isLoad   bool  // its samples come from scenarios
	// newest is the latest gauge value ever seen, so that a late line does not take `last` back.
	newest       float64
	newestAtNs   int64
	newestWindow int64
}

// metricState is what is known of one metric.
type metricState struct {
	name   string
	series int // its own ones, without overflow
	// tellsBegin: a value is the time that something took up to the sample's time, in milliseconds.
	tellsBegin bool
	count      uint64
	sum        float64
	// beyond is set once the metric has more series than the cap leaves it.
	beyond *beyondCap
}

// tag is one tag of a set.
type tag struct{ key, value string }

// ownSeries is a series with the key that samples find it by.
type ownSeries struct {
	key    metrics.TimeSeries
	series *series
}

// meet finds the series of a time series that is not in known: a new one, an alias of one, or an overflow series. Sets
// beyond the cap are not remembered, so known holds at most twice as many entries as there may be series.
func (a *aggregator) meet(key metrics.TimeSeries) *series {
	state, ok := a.metrics[key.Metric]
	if !ok {
		state = &metricState{name: key.Metric.Name, tellsBegin: tellsBegin(key.Metric.Name)}
		a.metrics[key.Metric] = state
		a.names = append(a.names, state)
		a.encoder.metric(key.Metric.Name, key.Metric.Type, key.Metric.Contains)
	}

	kept := metrics.TimeSeries{Metric: key.Metric, Tags: a.withoutDropped(key.Tags)}
	s, ok := a.known[kept]
	if !ok {
		reserve := min(max(a.opts.seriesCap/64, 1), 64)
		if len(a.own) >= a.opts.seriesCap && state.series >= reserve {
			return a.meetBeyondCap(state, kept)
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

// withoutDropped is the set without the tags that the options drop.
func (a *aggregator) withoutDropped(set *metrics.TagSet) *metrics.TagSet {
	if len(a.opts.drop) == 0 {
		return set
	}
	if set != a.lastFull { // the samples of one request come one after the other
		a.lastFull, a.lastKept = set, a.keptOf(set, a.isNotDropped)
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

// isLoad is whether the samples of a series come from a scenario: k6 gives them its name, and none to those of setup() and
// teardown(). Where scripts leave that tag out, only whole iterations tell.
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

// tagsOf lists the tags of a set, keys ascending.
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

// tellsBegin is whether the values of a metric of k6's are times that end at the time of their sample. k6 gives each
// sample of a request the time at which the request ended; only what spans the whole of it shows when it began.
func tellsBegin(metric string) bool {
	return metric == "http_req_duration" || metric == "iteration_duration"
}
