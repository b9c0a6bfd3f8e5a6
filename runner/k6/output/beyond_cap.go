package novaperf

import (
	"cmp"
	"maps"
	"slices"

	"github.com/mstoykov/atlas"

	"go.k6.io/k6/v2/metrics"
)

// Series beyond the cap
//
// When a metric has no series left, further ones are added up by the tags that have few values, such as method, status
// and expected_response, so that a filter on these still finds every sample. Only tags with too many values are
// dropped, and their first values are kept: a sample that lost a tag cannot have had one of those.
const (
	// mostKnownValues is how many values of a tag are kept beyond the cap; fewer with a small cap.
	mostKnownValues   = 64
	fewestKnownValues = 8
	// overflowPerValue limits the overflow series of a metric to this many times mostKnownValues.
	overflowPerValue = 8
)

// beyondCap holds one metric's series beyond the cap.
type beyondCap struct {
	mostValues int
	known      map[string]map[string]struct{} // per tag, the values that are kept
	dropped    map[string]bool                // tags that are dropped unless their value is known
	untracked  bool                           // there are too many tags to count the values of all
	series     map[*metrics.TagSet]*series    // by the kept tags
	distinct   *distinctTags

	lastFull   *metrics.TagSet // samples of one request follow each other
	lastSeries *series
}

func newBeyondCap(seriesCap int) *beyondCap {
	return &beyondCap{
		mostValues: min(max(seriesCap/64, fewestKnownValues), mostKnownValues),
		known:      make(map[string]map[string]struct{}),
		dropped:    make(map[string]bool),
		series:     make(map[*metrics.TagSet]*series),
		distinct:   newDistinctTags(),
	}
}

// count counts the values of a set and returns the tags that are dropped from now on.
func (b *beyondCap) count(set *metrics.TagSet) (newlyDropped []string) {
	b.distinct.add(set)
	for node := (*atlas.Node)(set); !node.IsRoot(); {
		previous, key, value := node.Data()
		node = previous
		values := b.known[key]
		if _, isKnown := values[value]; isKnown || b.dropped[key] {
			continue
		}
		if values == nil {
			if len(b.known) >= mostSketches {
				b.untracked = true
				continue
			}
			values = make(map[string]struct{})
			b.known[key] = values
		}
		if len(values) >= b.mostValues {
			b.dropped[key] = true
			newlyDropped = append(newlyDropped, key)
			continue
		}
		values[value] = struct{}{}
	}
	return newlyDropped
}

// keeps reports whether an overflow series has this tag.
func (b *beyondCap) keeps(key, value string) bool {
	if key == overflowTag {
		return false
	}
	values, isTracked := b.known[key]
	if !b.dropped[key] {
		return isTracked
	}
	_, isKnown := values[value]
	return isKnown
}

// widest returns the tag of the set with the most known values; of several, the first by name.
func (b *beyondCap) widest(tags []tag) string {
	key := ""
	for _, t := range tags {
		if key == "" || len(b.known[t.key]) > len(b.known[key]) {
			key = t.key
		}
	}
	return key
}

// drop removes a tag whatever its value.
func (b *beyondCap) drop(key string) {
	b.known[key] = map[string]struct{}{}
	b.dropped[key] = true
}

// overflowSeriesOf returns the overflow series of a set; creates it if needed.
func (a *aggregator) overflowSeriesOf(state *metricState, key metrics.TimeSeries) *series {
	b := state.beyond
	if b == nil {
		b = newBeyondCap(a.opts.seriesCap)
		state.beyond = b
		for _, o := range a.own {
			if o.series.metric == state {
				a.writeDropped(state, b.count(o.key.Tags))
			}
		}
	}
	if key.Tags == b.lastFull {
		return b.lastSeries
	}
	a.writeDropped(state, b.count(key.Tags))
	kept := a.filterTags(key.Tags, b.keeps)
	s, ok := b.series[kept]
	for !ok && len(b.series) >= b.mostValues*overflowPerValue && !(*atlas.Node)(kept).IsRoot() {
		widest := b.widest(tagsOf(kept))
		b.drop(widest)
		a.writeDropped(state, []string{widest})
		kept = a.filterTags(kept, b.keeps)
		s, ok = b.series[kept]
	}
	if !ok {
		tags := append(tagsOf(kept), tag{overflowTag, "true"})
		slices.SortFunc(tags, func(a, b tag) int { return cmp.Compare(a.key, b.key) })
		s = a.newSeries(state, key.Metric.Type, tags)
		b.series[kept] = s
	}
	b.lastFull, b.lastSeries = key.Tags, s
	return s
}

// writeDropped writes at once which tags samples lose from now on, so that a stream that is cut says so too.
func (a *aggregator) writeDropped(state *metricState, tags []string) {
	for _, key := range tags {
		a.encoder.overflow(state.name, key, state.beyond.distinct.estimateOf(key), state.beyond.knownValues(key))
	}
}

// writeOverflows writes at the end what the metric lost, the tag with the most values first.
func (a *aggregator) writeOverflows(state *metricState) {
	b := state.beyond
	tags := slices.Collect(maps.Keys(b.dropped))
	slices.SortFunc(tags, func(x, y string) int {
		return cmp.Or(cmp.Compare(b.distinct.estimateOf(y), b.distinct.estimateOf(x)), cmp.Compare(x, y))
	})
	a.writeDropped(state, tags)
	if b.untracked {
		key, values := b.distinct.most()
		a.encoder.overflow(state.name, key, values, nil)
	}
}

func (b *beyondCap) knownValues(key string) []string {
	values := slices.Sorted(maps.Keys(b.known[key]))
	if values == nil {
		values = []string{}
	}
	return values
}

// filterTags returns the set of the tags for which keeps is true.
//
// Not TagSet.Without: k6 remembers every set it ever made, and removing one tag after another leaves a set for every
// value of those not yet removed (60,000 names took 270 MB). A set is a linked list from its smallest key to the root.
// The part behind the last dropped tag is shared; the tags before it are added to that again.
func (a *aggregator) filterTags(set *metrics.TagSet, keeps func(key, value string) bool) *metrics.TagSet {
	kept, again := (*atlas.Node)(set), 0
	a.tags = a.tags[:0]
	for node := kept; !node.IsRoot(); {
		next, key, value := node.Data()
		if keeps(key, value) {
			a.tags = append(a.tags, tag{key, value})
		} else {
			kept, again = next, len(a.tags)
		}
		node = next
	}
	for i := again - 1; i >= 0; i-- {
		kept = kept.AddLink(a.tags[i].key, a.tags[i].value)
	}
	return (*metrics.TagSet)(kept)
}
