// Charts that k6's dashboard also has: iteration time, percentiles of request phases, messages of gRPC streams.

import { expect } from 'chai';
import type { Metric } from '../../runner/model/metrics.ts';
import { chartFigures, chartInput } from '../../runner/report/charts/all.ts';
import { isBands } from '../../runner/report/charts/figure.ts';
import { METRICS, resultOf, Samples } from './sample-run.ts';

const STREAMS = ['grpc_streams', 'grpc_streams_msgs_sent', 'grpc_streams_msgs_received'].map(
  (name): Metric => ({ name, type: 'counter', contains: 'default' }),
);

/** A minute of ten requests a second; each waits 20 ms and is blocked for `blockedMs`. */
function figuresOf(blockedMs: number, streams = false) {
  const samples = new Samples();
  for (let index = 0; index < 600; index++) {
    const atMs = index * 100;
    const tags = { scenario: 'default', name: 'GET /', method: 'GET', status: '200', expected_response: 'true' };
    samples.add(METRICS.http_reqs, tags, atMs, 1);
    samples.add(METRICS.http_req_duration, tags, atMs, 20);
    samples.add(METRICS.http_req_waiting, tags, atMs, 20);
    samples.add(METRICS.http_req_blocked, tags, atMs, blockedMs);
    samples.add(METRICS.iteration_duration, { scenario: 'default' }, atMs, 100 + (index % 10));
    for (const [place, metric] of streams ? STREAMS.entries() : []) samples.add(metric, {}, atMs, place + 1);
  }
  const metrics = samples.done();
  return chartFigures(chartInput(resultOf(metrics, { kpis: [] }), metrics));
}

describe("charts that k6's dashboard also has", () => {
  const named = (figures: ReturnType<typeof figuresOf>, name: string) => figures.find((figure) => figure.name === name);

  it('include the time of iterations, p50 and p95', () => {
    const plot = named(figuresOf(0), 'iteration-time')?.plot;
    if (plot === undefined || !isBands(plot)) throw new Error('no chart');
    const values = plot.series.map(({ name, points }) => [name, ...new Set(points.map(([, value]) => value !== null))]);
    expect(values).to.deep.equal([
      ['p50', true],
      ['p95', true],
    ]);
    for (const { points } of plot.series) for (const [, value] of points) expect(value).to.be.within(100, 110);
  });

  it('include percentiles of the phases of a request if more than one takes time', () => {
    const plot = named(figuresOf(5), 'request-phases-p95')?.plot;
    if (plot === undefined || !isBands(plot)) throw new Error('no chart');
    expect(plot.series.map(({ name }) => name)).to.deep.equal(['blocked', 'waiting']);
    expect(named(figuresOf(0.01), 'request-phases-p95')).to.equal(undefined);
  });

  it('include the messages of gRPC streams if there are any', () => {
    expect(named(figuresOf(0), 'grpc-messages')).to.equal(undefined);
    expect(named(figuresOf(0, true), 'grpc-messages')?.takeaway).to.equal('1,200 sent, 1,800 received in 600 streams.');
  });
});
