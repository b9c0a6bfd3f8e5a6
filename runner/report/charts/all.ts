// All charts of a run, in page order: latency, throughput, load, then the details.

import { type PrimaryLatency, primaryLatency } from '../../analysis/requests/primary.ts';
import type { RunMetrics } from '../../model/metrics.ts';
import type { Result } from '../../model/result.ts';
import { TrackBook } from '../tracks/book.ts';
import { capacityChart } from './capacity.ts';
import type { ChartInput } from './chart.ts';
import { MAX_POINTS } from './chart-limits.ts';
import { distributionChart } from './distribution.ts';
import type { ChartFigure } from './figure.ts';
import { generatorChart } from './generator.ts';
import { groupsChart } from './groups.ts';
import { heatmapChart } from './heatmap.ts';
import { iterationTimeChart } from './iteration-time.ts';
import { latencyChart } from './latency.ts';
import { arrivalsChart, vusChart } from './load.ts';
import { ownMetricFigures } from './own-metrics.ts';
import { phasePercentilesChart, requestPhasesChart } from './request-phases.ts';
import { serverCharts } from './server.ts';
import { statusChart } from './statuses.ts';
import { failedShareChart, throughputChart } from './throughput.ts';
import { transferChart } from './transfer.ts';
import { webVitalsChart } from './web-vitals.ts';
import { grpcMessagesChart, webSocketCharts } from './websocket.ts';
import { loadChart, percentileCurveChart } from './xy.ts';

/** Init and setup() before the first sample take minutes at most. A larger distance means that the clocks differ. */
const MOST_START_DISTANCE_MS = 600_000;

/**
 * The input of all charts, with their time axis: 0 is the start of the load, after setup(), from which verdicts count phases too. The
 * axis ends with the last sample and is at least one second long. If the start does not fit the samples, because it comes from another
 * clock, the first sample is 0.
 */
export function chartInput(result: Result, metrics: RunMetrics): ChartInput {
  const startedMs = Date.parse(result.load_started_at ?? result.started_at);
  const firstMs = metrics.firstSampleMs ?? startedMs;
  const lastMs = metrics.lastSampleMs ?? firstMs;
  const fits = Math.abs(startedMs - firstMs) <= MOST_START_DISTANCE_MS && startedMs < lastMs;
  const loadStartMs = fits ? startedMs : firstMs;
  const axisMs = Math.max(lastMs - loadStartMs, 1000);
  return { result, metrics, loadStartMs, axisMs, mostPoints: MAX_POINTS, tracks: new TrackBook(metrics) };
}

/** The charts that the run has data for, as plain data that draw.ts draws; empty for a run without samples. */
export function chartFigures(input: ChartInput): ChartFigure[] {
  const primary = primaryLatency(input.metrics);
  const ofLatency = (figure: (input: ChartInput, primary: PrimaryLatency) => ChartFigure | undefined) =>
    primary === undefined ? undefined : figure(input, primary);
  return [
    ofLatency(latencyChart),
    throughputChart(input),
    vusChart(input),
    arrivalsChart(input),
    capacityChart(input),
    ofLatency(heatmapChart),
    ofLatency(distributionChart),
    ofLatency(percentileCurveChart),
    statusChart(input),
    failedShareChart(input),
    ofLatency(loadChart),
    requestPhasesChart(input),
    phasePercentilesChart(input),
    groupsChart(input),
    iterationTimeChart(input, primary),
    ...webSocketCharts(input),
    grpcMessagesChart(input),
    webVitalsChart(input),
    transferChart(input),
    ...ownMetricFigures(input, primary),
    ...serverCharts(input),
    generatorChart(input),
  ].filter((chart) => chart !== undefined);
}
