package novaperf

import (
	"fmt"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"
)

const (
	shortestWindow = 100 * time.Millisecond
	longestWindow  = time.Hour
	largestCap     = 1_000_000
)

// options are the settings from the argument of --out and the environment.
type options struct {
	// file is the destination of the stream; "-" is stdout.
	file string
	// window is the length of a window, whole milliseconds. Default 1s.
	window time.Duration
	// drop lists the tags that are removed from every series, ascending. Default none.
	drop []string
	// seriesCap is the number of series from which further ones go to overflow series. Default 20000.
	seriesCap int
}

// parseOptions parses "FILE?window=1s&drop=url,foo&cap=20000"; an empty FILE or "-" is stdout. Options that the
// argument does not set come from K6_NOVAPERF_WINDOW, K6_NOVAPERF_DROP_TAGS and K6_NOVAPERF_SERIES_CAP.
func parseOptions(argument string, environment map[string]string) (options, error) {
	result := options{file: "-", window: time.Second, seriesCap: 20_000}

	fromEnvironment := []struct{ variable, option string }{
		{"K6_NOVAPERF_WINDOW", "window"},
		{"K6_NOVAPERF_DROP_TAGS", "drop"},
		{"K6_NOVAPERF_SERIES_CAP", "cap"},
	}
	for _, entry := range fromEnvironment {
		value, ok := environment[entry.variable]
		if !ok || value == "" {
			continue
		}
		if err := result.set(entry.option, value); err != nil {
			return options{}, fmt.Errorf("%s: %w", entry.variable, err)
		}
	}

	file, query := argument, ""
	// The last question mark, so that a file name may contain one if a query follows.
	if at := strings.LastIndexByte(argument, '?'); at >= 0 {
		file, query = argument[:at], argument[at+1:]
	}
	if file != "" {
		result.file = file
	}
	if strings.HasSuffix(file, ".gz") {
		return options{}, fmt.Errorf("--out novaperf=%s: expected a file for plain JSON lines, got a name that ends in .gz; "+
			"name it .ndjson and compress it after the run", argument)
	}
	values, err := url.ParseQuery(query)
	if err != nil {
		return options{}, fmt.Errorf("--out novaperf=%s: expected options such as ?window=1s&cap=20000: %w", argument, err)
	}
	for option, given := range values {
		for _, value := range given {
			if err := result.set(option, value); err != nil {
				return options{}, fmt.Errorf("--out novaperf=%s: %w", argument, err)
			}
		}
	}
	return result, nil
}

// set parses one option.
func (o *options) set(option, value string) error {
	switch option {
	case "window":
		window, err := time.ParseDuration(value)
		if err != nil || window < shortestWindow || window > longestWindow || window%time.Millisecond != 0 {
			return fmt.Errorf("expected window to be a duration of whole milliseconds from %s to %s, such as 1s, got %q",
				shortestWindow, longestWindow, value)
		}
		o.window = window
	case "drop":
		o.drop = nil
		for tag := range strings.SplitSeq(value, ",") {
			if tag = strings.TrimSpace(tag); tag != "" {
				o.drop = append(o.drop, tag)
			}
		}
		slices.Sort(o.drop)
		o.drop = slices.Compact(o.drop)
	case "cap":
		seriesCap, err := strconv.Atoi(value)
		if err != nil || seriesCap < 1 || seriesCap > largestCap {
			return fmt.Errorf("expected cap to be a whole number of series from 1 to %d, got %q", largestCap, value)
		}
		o.seriesCap = seriesCap
	default:
		return fmt.Errorf("expected the options window, drop and cap, got %q", option)
	}
	return nil
}
