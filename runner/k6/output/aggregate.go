package novaperf

import (
	"math"
	"slices"
	"time"

	"go.k6.io/k6/v2/metrics"
)

// longestMs is one day: a longer request or iteration is not believable.
const longestMs = 24 * 60 * 60 * 1000

// sums holds the figures of one series in one window. For rates, sum is the number of non-zero values.
type sums struct {
	count    uint64
	sum      float64
	min, max float64
	last     float64
	lastAtNs int64
}

// cell is one series in one open window.
type cell struct {
	sums
	window int64
	bins   table
	series *series
	next   *cell // another open window of the series
}

// aggregator adds up samples per series and window and encodes windows as they close. Not safe for concurrent use.
// Adding a sample to a known series allocates nothing once tables and cells exist from earlier windows.
type aggregator struct {
	encoder
	opts     options
	originNs int64
	windowNs int64

	known   map[metrics.TimeSeries]*series // own series, and aliases: sets that include dropped tags
	own     []ownSeries                    // by id; without overflow series
	nextID  int
	metrics map[*metrics.Metric]*metricState
	names   []*metricState // in order of first sample

	open      map[int64][]*cell // by window
	badValues uint64

	// Start and end of the run by its samples; a sample that measures a duration started that much earlier.
	firstNs, lastNs int64
	// The same for samples of scenarios only, without setup() and teardown().
	loadFirstNs, loadLastNs int64
	writtenLoadFirstNs      int64

	// The window of the previous sample and its bounds, which saves a division per sample.
	window                     int64
	windowStartNs, windowEndNs int64

	lastFull, lastKept *metrics.TagSet // of withoutDropped
	tags               []tag

	freeCells []*cell
	freeLists [][]*cell
	tables    tablePool
	sorted    []bin
	layout    []uint32
	closing   []int64
}

// newAggregator starts a stream; its window 0 contains now.
func newAggregator(opts options, now time.Time) *aggregator {
	windowNs := int64(opts.window)
	return &aggregator{
		opts:     opts,
		originNs: floorDivide(now.UnixNano(), windowNs) * windowNs,
		windowNs: windowNs,
		known:    make(map[metrics.TimeSeries]*series),
		metrics:  make(map[*metrics.Metric]*metricState),
		open:     make(map[int64][]*cell),
		firstNs:  math.MaxInt64,
		lastNs:   math.MinInt64,

		loadFirstNs:        math.MaxInt64,
		loadLastNs:         math.MinInt64,
		writtenLoadFirstNs: math.MaxInt64,
	}
}

func floorDivide(a, b int64) int64 {
	quotient := a / b
	if a%b < 0 {
		quotient--
	}
	return quotient
}

// windowOf returns the number of the window that contains a time.
func (a *aggregator) windowOf(atNs int64) int64 {
	if atNs < a.windowStartNs || atNs >= a.windowEndNs {
		a.window = floorDivide(atNs-a.originNs, a.windowNs)
		a.windowStartNs = a.originNs + a.window*a.windowNs
		a.windowEndNs = a.windowStartNs + a.windowNs
	}
	return a.window
}

// addContainer adds all samples of a container.
func (a *aggregator) addContainer(container metrics.SampleContainer) {
	// Not GetSamples() for a single sample, because that allocates a slice.
	if sample, ok := container.(metrics.Sample); ok {
		a.add(&sample)
		return
	}
	samples := container.GetSamples()
	for i := range samples {
		a.add(&samples[i])
	}
}

func (a *aggregator) add(sample *metrics.Sample) {
	value := sample.Value
	if value-value != 0 { // NaN and infinities
		a.badValues++
		return
	}
	s, ok := a.known[sample.TimeSeries]
	if !ok {
		s = a.seriesOf(sample.TimeSeries)
	}
	atNs := sample.Time.UnixNano()
	if atNs > a.lastNs {
		a.lastNs = atNs
	}
	beganNs := atNs
	if s.metric.isDuration && value > 0 && value < longestMs {
		beganNs -= int64(value * float64(time.Millisecond))
	}
	if beganNs < a.firstNs {
		a.firstNs = beganNs
	}
	if s.isLoad {
		a.loadFirstNs = min(a.loadFirstNs, beganNs)
		a.loadLastNs = max(a.loadLastNs, atNs)
	}
	window := a.windowOf(atNs)
	c := s.cells
	if c == nil || c.window != window {
		c = a.openCell(s, window)
	}

	c.count++
	switch s.kind {
	case metrics.Rate:
		if value != 0 {
			c.sum++
		}
		return
	case metrics.Trend:
		c.bins.add(keyOf(value), &a.tables)
	case metrics.Gauge:
		if c.count == 1 || atNs >= c.lastAtNs {
			c.last, c.lastAtNs = value, atNs
		}
	}
	c.sum += value
	if value < c.min {
		c.min = value
	}
	if value > c.max {
		c.max = value
	}
}

// openCell returns the series' cell for a window and moves it to the front of the list; creates it if needed.
func (a *aggregator) openCell(s *series, window int64) *cell {
	for link := &s.cells; *link != nil; link = &(*link).next {
		if c := *link; c.window == window {
			*link = c.next
			c.next = s.cells
			s.cells = c
			return c
		}
	}
	var c *cell
	if n := len(a.freeCells); n > 0 {
		c = a.freeCells[n-1]
		a.freeCells = a.freeCells[:n-1]
	} else {
		c = new(cell)
	}
	*c = cell{sums: sums{min: math.Inf(1), max: math.Inf(-1)}, window: window, series: s, next: s.cells}
	if s.kind == metrics.Trend {
		c.bins = a.tables.take(s.binsLog2)
	}
	s.cells = c

	list, ok := a.open[window]
	if n := len(a.freeLists); !ok && n > 0 {
		list = a.freeLists[n-1]
		a.freeLists = a.freeLists[:n-1]
	}
	a.open[window] = append(list, c)
	return c
}

// closeBefore encodes and closes all open windows before limit.
func (a *aggregator) closeBefore(limit int64) {
	a.closing = a.closing[:0]
	for window := range a.open {
		if window < limit {
			a.closing = append(a.closing, window)
		}
	}
	slices.Sort(a.closing)
	if a.loadFirstNs < a.writtenLoadFirstNs {
		a.writeLoad()
	}
	for _, window := range a.closing {
		cells := a.open[window]
		for _, c := range cells {
			a.closeCell(c)
		}
		delete(a.open, window)
		a.freeLists = append(a.freeLists, cells[:0])
	}
}

func (a *aggregator) closeCell(c *cell) {
	s := c.series
	link := &s.cells
	for *link != c {
		link = &(*link).next
	}
	*link = c.next

	a.sorted = a.sorted[:0]
	switch s.kind {
	case metrics.Trend:
		a.sorted = c.bins.sorted(a.sorted, keyOf(c.min), keyOf(c.max), &a.layout)
		s.binsLog2 = c.bins.fittingLog2()
		a.tables.give(c.bins)
	case metrics.Gauge:
		if c.lastAtNs >= s.newestAtNs {
			s.newest, s.newestAtNs, s.newestWindow = c.last, c.lastAtNs, c.window
		} else if c.window == s.newestWindow {
			c.last = s.newest
		}
	}
	a.encoder.data(s.id, s.kind, c.window, &c.sums, a.sorted)
	s.metric.count += c.count
	// Clamped: sums of +Inf and -Inf from two windows would add up to NaN.
	s.metric.sum = clamped(s.metric.sum + clamped(c.sum))
	c.series, c.next = nil, nil
	a.freeCells = append(a.freeCells, c)
}

func (a *aggregator) writeLoad() {
	a.writtenLoadFirstNs = a.loadFirstNs
	a.encoder.load(a.loadFirstNs, a.loadLastNs)
}

// end closes all windows and the stream.
func (a *aggregator) end() {
	a.closeBefore(math.MaxInt64)
	totals := make([]total, 0, len(a.names))
	for _, state := range a.names {
		if state.beyond != nil {
			a.writeOverflows(state)
		}
		totals = append(totals, total{state.name, state.count, state.sum})
	}
	if a.lastNs >= a.firstNs {
		a.encoder.span(a.firstNs, a.lastNs)
	}
	if a.loadLastNs >= a.loadFirstNs {
		a.writeLoad()
	}
	a.encoder.end(totals, a.badValues)
}
