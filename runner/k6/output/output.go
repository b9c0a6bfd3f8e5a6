// Package novaperf is an output of k6 that adds up samples inside k6, per series and time window, and writes them as
// numbered JSON lines. wire.go describes the format.
//
//	k6 run --out novaperf=-                                  to stdout
//	k6 run --out 'novaperf=FILE?window=1s&drop=url&cap=20000'   to a file, with options
package novaperf

import (
	"crypto/rand"
	"encoding/hex"
	"fmt"
	"io"
	"os"
	"os/signal"
	"runtime"
	"runtime/debug"
	"sync/atomic"
	"syscall"
	"time"

	"github.com/sirupsen/logrus"

	"go.k6.io/k6/v2/errext"
	"go.k6.io/k6/v2/errext/exitcodes"
	"go.k6.io/k6/v2/metrics"
	"go.k6.io/k6/v2/output"
)

const (
	flushPeriod = 100 * time.Millisecond
	// lateness is how long a window stays open after its end. k6 passes samples on every 50 ms and this output takes
	// them every 100 ms; later ones make another line.
	lateness = 250 * time.Millisecond
)

func init() {
	output.RegisterExtension("novaperf", New)
}

// Output writes the histograms stream.
type Output struct {
	output.SampleBuffer

	opts     options
	logger   logrus.FieldLogger
	params   output.Params
	stopTest func(error)

	aggregator *aggregator
	health     *healthMeter
	stream     *stream
	closeFile  func() error
	flusher    *output.PeriodicFlusher
	waiting    atomic.Int64 // sample containers not yet added
	closed     int64        // windows before this one are written
	reported   int64        // windows before this one have their health line
}

var _ interface {
	output.Output
	output.WithTestRunStop
} = &Output{}

// folderVariable names the folder for relative paths of the run's files: screenshots, files of handleSummary, other
// outputs. k6 itself is started in the script's folder, where open() has to look for files.
const folderVariable = "K6_NOVAPERF_FOLDER"

// New parses the options; see parseOptions. k6 has already loaded the script and knows its folder as an absolute path.
func New(params output.Params) (output.Output, error) {
	opts, err := parseOptions(params.ConfigArgument, params.Environment)
	if err != nil {
		return nil, err
	}
	if folder := params.Environment[folderVariable]; folder != "" {
		if err := os.Chdir(folder); err != nil {
			params.Logger.WithError(err).Warnf("%s: relative paths begin in the script's folder", folderVariable)
		}
	}
	return &Output{opts: opts, params: params, logger: params.Logger.WithField("output", "novaperf")}, nil
}

// Description returns what k6 prints about the output at the start of a run.
func (o *Output) Description() string {
	return fmt.Sprintf("novaperf (%s)", o.destination())
}

func (o *Output) destination() string {
	if o.opts.file == "-" {
		return "stdout"
	}
	return o.opts.file
}

// SetTestRunStopCallback sets the function that ends the test.
func (o *Output) SetTestRunStopCallback(stop func(error)) {
	o.stopTest = stop
}

// Start opens the destination, writes the header and starts the flusher.
func (o *Output) Start() error {
	var destination io.Writer
	if o.opts.file == "-" {
		// Otherwise the Go runtime ends the process silently when the reader of stdout has gone.
		signal.Ignore(syscall.SIGPIPE)
		destination = o.params.StdOut
	} else {
		file, err := o.params.FS.Create(o.opts.file)
		if err != nil {
			return fmt.Errorf("novaperf output: %w", err)
		}
		destination, o.closeFile = file, file.Close
	}
	o.stream = newStream(destination, o.writeFailed)

	now := time.Now()
	o.aggregator = newAggregator(o.opts, now)
	o.aggregator.encoder.header(header{
		id:        instanceID(),
		k6:        k6Version(),
		goVersion: runtime.Version(),
		originMs:  o.aggregator.originNs / int64(time.Millisecond),
		windowMs:  o.opts.window.Milliseconds(),
		seriesCap: o.opts.seriesCap,
		dropTags:  o.opts.drop,
	})
	o.health = newHealthMeter(now)
	o.send()

	var err error
	o.flusher, err = output.NewPeriodicFlusher(flushPeriod, o.flush)
	return err
}

// AddMetricSamples queues samples for the next flush.
func (o *Output) AddMetricSamples(samples []metrics.SampleContainer) {
	o.waiting.Add(int64(len(samples)))
	o.SampleBuffer.AddMetricSamples(samples)
}

// flush adds the queued samples and writes the windows that are over.
func (o *Output) flush() {
	containers := o.GetBufferedSamples()
	for _, container := range containers {
		o.aggregator.addContainer(container)
	}
	o.waiting.Add(-int64(len(containers)))

	now := time.Now()
	if window := o.aggregator.windowOf(now.UnixNano()); window != o.reported {
		o.writeHealth(window-1, now)
		o.reported = window
	}
	// Not only if it is later: the clock may be set back.
	if limit := o.aggregator.windowOf(now.Add(-lateness).UnixNano()); limit != o.closed {
		o.aggregator.closeBefore(limit)
		o.closed = limit
	}
	o.send()
}

func (o *Output) writeHealth(window int64, now time.Time) {
	figures := append(o.health.measure(now), figure{"backlog", float64(o.waiting.Load())})
	o.aggregator.encoder.health(window, figures)
}

// send passes the encoded lines to the stream.
func (o *Output) send() {
	if len(o.aggregator.buf) > 0 {
		o.stream.write(o.aggregator.buf)
		o.aggregator.buf = o.aggregator.buf[:0]
	}
}

// Stop writes everything that is left and the closing line.
func (o *Output) Stop() error {
	o.flusher.Stop()
	now := time.Now()
	// Over less than a tenth of a window the figures would be noise.
	if elapsed := now.Sub(o.health.measuredAt); o.reported == 0 || elapsed > o.opts.window/10 {
		o.writeHealth(o.aggregator.windowOf(now.UnixNano()), now)
	}
	o.aggregator.end()
	o.send()
	o.stream.close()
	if o.closeFile != nil {
		return o.closeFile()
	}
	return nil
}

// writeFailed ends the test, because its results can no longer be read.
func (o *Output) writeFailed(err error) {
	err = fmt.Errorf("novaperf output: cannot write to %s, so the test is stopped: %w", o.destination(), err)
	if o.stopTest == nil {
		o.logger.Error(err)
		return
	}
	// k6 logs the error.
	o.stopTest(errext.WithAbortReasonIfNone(
		errext.WithExitCodeIfNone(err, exitcodes.ExternalAbort), errext.AbortedByOutput))
}

// instanceID returns an id that identifies the stream of this k6 process.
func instanceID() string {
	var id [8]byte
	_, _ = rand.Read(id[:]) // never fails, according to its documentation
	return hex.EncodeToString(id[:])
}

// k6Version returns the version of the k6 module in this program.
func k6Version() string {
	if info, ok := debug.ReadBuildInfo(); ok {
		for _, module := range info.Deps {
			if module.Path == "go.k6.io/k6/v2" {
				return module.Version
			}
		}
	}
	return "unknown"
}
