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
// A metric that has no series left adds further ones up by the tags that have few values, such as method, status and
// expected_response, so that a filter on these still finds every sample. Only the tags with too many values are left out,
// and of those tags the first values stay too: a sample that lost a tag surely had none of them.
const (
	// mostKnownValues is how many values of a tag are distinguished beyond the cap; less with a small cap.
	mostKnownValues   = 64
	fewestKnownValues = 8
	// overflowPerValue bounds the overflow series of a metric: so many times mostKnownValues.
	overflowPerValue = 8
)

// beyondCap is one metric's series beyond the cap.
type beyondCap struct {
	mostValues int
	known      map[string]map[string]struct{} // per tag, the values that are distinguished
	left       map[string]bool                // tags that are left out where their value is not known
	untracked  bool                           // there were too many tags to count the values of all
	series     map[*metrics.TagSet]*series    // by the tags that are kept
	distinct   *distinctTags

	lastFull   *metrics.TagSet // the samples of one request come one after the other
	lastSeries *series
}

func newBeyondCap(seriesCap int) *beyondCap {
	return &beyondCap{
		mostValues: min(max(seriesCap/64, fewestKnownValues), mostKnownValues),
		known:      make(map[string]map[string]struct{}),
		left:       make(map[string]bool),
		series:     make(map[*metrics.TagSet]*series),
		distinct:   newDistinctTags(),
	}
}

// count takes note of the values of a set and gives the tags that are left out from now on.
func (b *beyondCap) count(set *metrics.TagSet) (newlyLeft []string) {
	b.distinct.add(set)
	for node := (*atlas.Node)(set); !node.IsRoot(); {
		previous, key, value := node.Data()
		node = previous
		values := b.known[key]
		if _, isKnown := values[value]; isKnown || b.left[key] {
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
			b.left[key] = true
			newlyLeft = append(newlyLeft, key)
			continue
		}
		values[value] = struct{}{}
	}
	return newlyLeft
}

// keeps is whether an overflow series has this tag.
func (b *beyondCap) keeps(key, value string) bool {
	if key == overflowTag {
		return false
	}
	values, isTracked := b.known[key]
	if !b.left[key] {
		return isTracked
	}
	_, isKnown := values[value]
	return isKnown
}

// widest is the tag of the set with the most known values, the first by name where several have as many.
func (b *beyondCap) widest(tags []tag) string {
	key := ""
	for _, t := range tags {
		if key == "" || len(b.known[t.key]) > len(b.known[key]) {
			key = t.key
		}
	}
	return key
}

// forget leaves a tag out whatever its value is.
func (b *beyondCap) forget(key string) {
	b.known[key] = map[string]struct{}{}
	b.left[key] = true
}

// meetBeyondCap finds or makes the overflow series of a set.
func (a *aggregator) meetBeyondCap(state *metricState, key metrics.TimeSeries) *series {
	b := state.beyond
	if b == nil {
		b = newBeyondCap(a.opts.seriesCap)
		state.beyond = b
		for _, o := range a.own {
			if o.series.metric == state {
				a.sayLeft(state, b.count(o.key.Tags))
			}
		}
	}
	if key.Tags == b.lastFull {
		return b.lastSeries
	}
	a.sayLeft(state, b.count(key.Tags))
	kept := a.keptOf(key.Tags, b.keeps)
	s, ok := b.series[kept]
	for !ok && len(b.series) >= b.mostValues*overflowPerValue && !(*atlas.Node)(kept).IsRoot() {
		widest := b.widest(tagsOf(kept))
		b.forget(widest)
		a.sayLeft(state, []string{widest})
		kept = a.keptOf(kept, b.keeps)
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

// sayLeft writes at once which tags samples lose from here on: a stream that is cut must still say so.
func (a *aggregator) sayLeft(state *metricState, tags []string) {
	for _, key := range tags {
		a.encoder.overflow(state.name, key, state.beyond.distinct.estimateOf(key), state.beyond.knownValues(key))
	}
}

// sayOverflow writes at the end what the metric lost, the tag with the most values first.
func (a *aggregator) sayOverflow(state *metricState) {
	b := state.beyond
	tags := slices.Collect(maps.Keys(b.left))
	slices.SortFunc(tags, func(x, y string) int {
		return cmp.Or(cmp.Compare(b.distinct.estimateOf(y), b.distinct.estimateOf(x)), cmp.Compare(x, y))
	})
	a.sayLeft(state, tags)
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

// keptOf is the set of the tags that are kept.
//
// Not TagSet.Without: k6 remembers every set that ever was, and removing one tag after the other leaves a set for every
// value of those that are still to be removed (60,000 names took 270 MB). A set is a list that descends from its smallest
// key to the root, so what stands behind the last dropped tag is shared, and what stands before it is put on that again.
func (a *aggregator) keptOf(set *metrics.TagSet, keeps func(key, value string) bool) *metrics.TagSet {
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
