package novaperf

import (
	"math"
	"strconv"
	"unicode/utf8"

	"go.k6.io/k6/v2/metrics"
)

// The histograms stream, version 1
//
// One JSON array a line, ended by \n. Element 0 of every line is its sequence number: from 0, without gaps, per instance
// of k6. Element 1 is a string for control lines and an integer, the series id, for data lines.
//
//	[0,"novaperf",{"v":1,"id":"9f3c…","k6":"v2.2.0","go":"go1.26.8","origin_ms":1732372384000,"window_ms":1000,
//	   "series_cap":20000,"drop_tags":[]}]                     the first line, on one line
//	[1,"metric",{"name":"http_req_duration","type":"trend","contains":"time"}]   before the first series of the metric
//	[2,"series",0,"http_req_duration",{"method":"GET","name":"GET /products","status":"200"}]   ids consecutive from 0
//	[3,0,17,12,812.3,0.1,9.2,"<bins>"]      trend:   n, series, window, count, sum, min, max, bins
//	[4,1,17,12,12]                          counter: n, series, window, count, sum
//	[5,2,17,12,1]                           rate:    n, series, window, count, number of non-zero values
//	[6,3,17,1,5,5,5,5]                      gauge:   n, series, window, count, sum, min, max, last
//	[7,"health",17,{"cpu_cores":0.4,"cores_allowed":2,"resident_bytes":1,"goroutines":31,"gc_pause_ms":0.1,
//	   "sched_p50_ms":0.01,"sched_p95_ms":0.1,"sched_p99_ms":0.5,"sched_max_ms":1.2,"backlog":0}]   absent: not measured
//	[8,"overflow",{"metric":"http_reqs","tag":"url","values":20001,"known":["/a","/b"]}]   series beyond the cap lose this tag
//	   from here on, unless its value is a known one; again at the end, with the number of distinct values within about 2 %
//	[9,"span",{"first_ms":1732372384000.5,"last_ms":1732372394001.25}]   start of the first measurement and end of the
//	   last, epoch milliseconds; absent without samples
//	[10,"load",{"first_ms":1732372388000.5,"last_ms":1732372394000}]   the same for scenarios, without setup() and teardown();
//	   also written during the stream, whenever an earlier start is known
//	[11,"end",{"totals":{"http_reqs":[count,sum]}}]   the last line, with every metric; without it the stream was cut
//
// Archives also hold [n,"window_ms",2000], which changes the length of the windows that follow, and control lines of
// other kinds with any JSON. Readers skip control lines of unknown kinds.
//
// Window w covers [origin_ms + w*window_ms, + window_ms) by the samples' own time. origin_ms is a multiple of
// window_ms, so the windows of all instances are aligned; w may be negative. A late sample makes another line of the
// same window. Lines of the same series and window add up, also those of several instances.
//
// Numbers are the shortest decimals that parse to the same double, formatted as in JavaScript. NaN and infinities never
// occur: such samples are left out and counted in "bad_values" of the end line, which is absent if 0.
//
// Beyond series_cap series in total, further series of a metric are added up by their tags with few values and get the
// tag "overflow":"true"; see beyond_cap.go. Even then a metric keeps its first series (cap/64 of them, from 1 to 64),
// so that a metric with too many names does not displace the others.
//
// <bins> is a trend's histogram as text: see wire_bins.go.

// encoder appends numbered lines to buf.
type encoder struct {
	buf []byte
	seq uint64
}

// header holds the fields of the first line of a stream.
type header struct {
	id        string
	k6        string
	goVersion string
	originMs  int64
	windowMs  int64
	seriesCap int
	dropTags  []string
}

func (e *encoder) header(h header) {
	e.control("novaperf")
	e.buf = append(e.buf, `,{"v":1,"id":`...)
	e.buf = appendString(e.buf, h.id)
	e.buf = append(e.buf, `,"k6":`...)
	e.buf = appendString(e.buf, h.k6)
	e.buf = append(e.buf, `,"go":`...)
	e.buf = appendString(e.buf, h.goVersion)
	e.buf = append(e.buf, `,"origin_ms":`...)
	e.buf = strconv.AppendInt(e.buf, h.originMs, 10)
	e.buf = append(e.buf, `,"window_ms":`...)
	e.buf = strconv.AppendInt(e.buf, h.windowMs, 10)
	e.buf = append(e.buf, `,"series_cap":`...)
	e.buf = strconv.AppendInt(e.buf, int64(h.seriesCap), 10)
	e.buf = append(e.buf, `,"drop_tags":[`...)
	for i, tag := range h.dropTags {
		if i > 0 {
			e.buf = append(e.buf, ',')
		}
		e.buf = appendString(e.buf, tag)
	}
	e.buf = append(e.buf, "]}]\n"...)
}

func (e *encoder) metric(name string, kind metrics.MetricType, contains metrics.ValueType) {
	e.control("metric")
	e.buf = append(e.buf, `,{"name":`...)
	e.buf = appendString(e.buf, name)
	e.buf = append(e.buf, `,"type":`...)
	e.buf = appendString(e.buf, kind.String())
	e.buf = append(e.buf, `,"contains":`...)
	e.buf = appendString(e.buf, contains.String())
	e.buf = append(e.buf, "}]\n"...)
}

func (e *encoder) series(id int, metric string, tags []tag) {
	e.control("series")
	e.buf = append(e.buf, ',')
	e.buf = strconv.AppendInt(e.buf, int64(id), 10)
	e.buf = append(e.buf, ',')
	e.buf = appendString(e.buf, metric)
	e.buf = append(e.buf, ",{"...)
	for i, t := range tags {
		if i > 0 {
			e.buf = append(e.buf, ',')
		}
		e.buf = appendString(e.buf, t.key)
		e.buf = append(e.buf, ':')
		e.buf = appendString(e.buf, t.value)
	}
	e.buf = append(e.buf, "}]\n"...)
}

// data writes the figures of one series in one window; sorted holds a trend's bins, keys ascending.
func (e *encoder) data(id int, kind metrics.MetricType, window int64, s *sums, sorted []bin) {
	e.open()
	e.buf = strconv.AppendInt(e.buf, int64(id), 10)
	e.buf = append(e.buf, ',')
	e.buf = strconv.AppendInt(e.buf, window, 10)
	e.buf = append(e.buf, ',')
	e.buf = strconv.AppendUint(e.buf, s.count, 10)
	e.number(s.sum)
	switch kind {
	case metrics.Trend:
		e.number(s.min)
		e.number(s.max)
		e.buf = append(e.buf, ',', '"')
		e.buf = appendBins(e.buf, sorted)
		e.buf = append(e.buf, '"')
	case metrics.Gauge:
		e.number(s.min)
		e.number(s.max)
		e.number(s.last)
	}
	e.close()
}

func (e *encoder) health(window int64, figures []figure) {
	e.control("health")
	e.buf = append(e.buf, ',')
	e.buf = strconv.AppendInt(e.buf, window, 10)
	e.buf = append(e.buf, ",{"...)
	for i, f := range figures {
		if i > 0 {
			e.buf = append(e.buf, ',')
		}
		e.buf = append(e.buf, '"')
		e.buf = append(e.buf, f.name...)
		e.buf = append(e.buf, `":`...)
		e.buf = appendNumber(e.buf, f.value)
	}
	e.buf = append(e.buf, "}]\n"...)
}

// overflow writes that series beyond the cap lose a tag unless its value is in known. nil: they may have lost any tag.
func (e *encoder) overflow(metric, tag string, values uint64, known []string) {
	e.control("overflow")
	e.buf = append(e.buf, `,{"metric":`...)
	e.buf = appendString(e.buf, metric)
	e.buf = append(e.buf, `,"tag":`...)
	e.buf = appendString(e.buf, tag)
	e.buf = append(e.buf, `,"values":`...)
	e.buf = strconv.AppendUint(e.buf, values, 10)
	if known != nil {
		e.buf = append(e.buf, `,"known":[`...)
		for i, value := range known {
			if i > 0 {
				e.buf = append(e.buf, ',')
			}
			e.buf = appendString(e.buf, value)
		}
		e.buf = append(e.buf, ']')
	}
	e.buf = append(e.buf, "}]\n"...)
}

// total holds the totals of a metric over the whole run.
type total struct {
	metric string
	count  uint64
	sum    float64
}

func (e *encoder) span(firstNs, lastNs int64) { e.timeRange("span", firstNs, lastNs) }

func (e *encoder) load(firstNs, lastNs int64) { e.timeRange("load", firstNs, lastNs) }

func (e *encoder) timeRange(kind string, firstNs, lastNs int64) {
	e.control(kind)
	e.buf = append(e.buf, `,{"first_ms":`...)
	e.buf = appendNumber(e.buf, float64(firstNs)/1e6)
	e.buf = append(e.buf, `,"last_ms":`...)
	e.buf = appendNumber(e.buf, float64(lastNs)/1e6)
	e.buf = append(e.buf, "}]\n"...)
}

func (e *encoder) end(totals []total, badValues uint64) {
	e.control("end")
	e.buf = append(e.buf, `,{"totals":{`...)
	for i, t := range totals {
		if i > 0 {
			e.buf = append(e.buf, ',')
		}
		e.buf = appendString(e.buf, t.metric)
		e.buf = append(e.buf, ":["...)
		e.buf = strconv.AppendUint(e.buf, t.count, 10)
		e.number(t.sum)
		e.buf = append(e.buf, ']')
	}
	e.buf = append(e.buf, '}')
	if badValues > 0 {
		e.buf = append(e.buf, `,"bad_values":`...)
		e.buf = strconv.AppendUint(e.buf, badValues, 10)
	}
	e.buf = append(e.buf, "}]\n"...)
}

func (e *encoder) open() {
	e.buf = append(e.buf, '[')
	e.buf = strconv.AppendUint(e.buf, e.seq, 10)
	e.buf = append(e.buf, ',')
	e.seq++
}

func (e *encoder) control(kind string) {
	e.open()
	e.buf = append(e.buf, '"')
	e.buf = append(e.buf, kind...)
	e.buf = append(e.buf, '"')
}

func (e *encoder) number(value float64) {
	e.buf = append(e.buf, ',')
	e.buf = appendNumber(e.buf, value)
}

func (e *encoder) close() {
	e.buf = append(e.buf, "]\n"...)
}

// clamped returns the nearest finite number: the largest double for an infinite sum, 0 for NaN.
func clamped(value float64) float64 {
	if math.IsNaN(value) {
		return 0
	}
	return math.Max(-math.MaxFloat64, math.Min(math.MaxFloat64, value))
}

// appendNumber formats a finite value as ECMAScript's Number::toString does, which is valid JSON. -0 becomes 0, an
// infinite sum the largest double.
func appendNumber(buf []byte, value float64) []byte {
	value = clamped(value)
	magnitude := math.Abs(value)
	if magnitude == 0 {
		return append(buf, '0')
	}
	if magnitude >= 1e-6 && magnitude < 1e21 {
		return strconv.AppendFloat(buf, value, 'f', -1, 64)
	}
	buf = strconv.AppendFloat(buf, value, 'e', -1, 64)
	// Go pads exponents to two digits; JavaScript does not.
	if n := len(buf); buf[n-4] == 'e' && buf[n-2] == '0' {
		buf[n-2] = buf[n-1]
		buf = buf[:n-1]
	}
	return buf
}

// appendString formats a JSON string as JSON.stringify does. Invalid UTF-8 becomes U+FFFD.
func appendString(buf []byte, text string) []byte {
	const hexadecimal = "0123456789abcdef"
	buf = append(buf, '"')
	for _, r := range text { // range returns utf8.RuneError for an invalid byte
		switch {
		case r == '"' || r == '\\':
			buf = append(buf, '\\', byte(r))
		case r >= ' ':
			buf = utf8.AppendRune(buf, r)
		case r == '\b':
			buf = append(buf, `\b`...)
		case r == '\f':
			buf = append(buf, `\f`...)
		case r == '\n':
			buf = append(buf, `\n`...)
		case r == '\r':
			buf = append(buf, `\r`...)
		case r == '\t':
			buf = append(buf, `\t`...)
		default:
			buf = append(buf, '\\', 'u', '0', '0', hexadecimal[r>>4], hexadecimal[r&15])
		}
	}
	return append(buf, '"')
}
