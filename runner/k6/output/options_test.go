package novaperf

import (
	"reflect"
	"strings"
	"testing"
	"time"
)

func TestParseOptions(t *testing.T) {
	for _, row := range []struct {
		argument    string
		environment map[string]string
		want        options
	}{
		{"", nil, options{"-", time.Second, nil, 20_000}},
		{"-", nil, options{"-", time.Second, nil, 20_000}},
		{"out.ndjson", nil, options{"out.ndjson", time.Second, nil, 20_000}},
		{"-?window=500ms&drop=url,%20foo,,url&cap=5", nil, options{"-", 500 * time.Millisecond, []string{"foo", "url"}, 5}},
		{"a?b.ndjson?cap=7", nil, options{"a?b.ndjson", time.Second, nil, 7}},
		{"?drop=", map[string]string{"K6_NOVAPERF_DROP_TAGS": "url"}, options{"-", time.Second, nil, 20_000}},
		{
			"-?cap=9", map[string]string{
				"K6_NOVAPERF_WINDOW": "10s", "K6_NOVAPERF_DROP_TAGS": "url", "K6_NOVAPERF_SERIES_CAP": "8",
			},
			options{"-", 10 * time.Second, []string{"url"}, 9},
		},
		{"-", map[string]string{"K6_NOVAPERF_WINDOW": ""}, options{"-", time.Second, nil, 20_000}},
	} {
		got, err := parseOptions(row.argument, row.environment)
		if err != nil || !reflect.DeepEqual(got, row.want) {
			t.Errorf("%q: got %+v, %v, want %+v", row.argument, got, err, row.want)
		}
	}
}

func TestParseOptionsSaysWhatIsWrong(t *testing.T) {
	for _, row := range []struct {
		argument    string
		environment map[string]string
		want        string
	}{
		{"-?window=abc", nil, `--out novaperf=-?window=abc: expected window to be a duration of whole milliseconds from 100ms to 1h0m0s, such as 1s, got "abc"`},
		{"-?window=10ms", nil, `got "10ms"`},
		{"-?window=2h", nil, `got "2h"`},
		{"-?window=1000500us", nil, `got "1000500us"`},
		{"-?cap=0", nil, `expected cap to be a whole number of series from 1 to 1000000, got "0"`},
		{"-?cap=1.5", nil, `got "1.5"`},
		{"-?tags=url", nil, `expected the options window, drop and cap, got "tags"`},
		{"-?window=%zz", nil, `invalid URL escape`},
		{"out.ndjson.gz", nil, `compress it after the run`},
		{"-", map[string]string{"K6_NOVAPERF_SERIES_CAP": "many"}, `K6_NOVAPERF_SERIES_CAP: expected cap`},
	} {
		_, err := parseOptions(row.argument, row.environment)
		if err == nil || !strings.Contains(err.Error(), row.want) {
			t.Errorf("%q: got %v, want %q", row.argument, err, row.want)
		}
	}
}
