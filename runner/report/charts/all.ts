// All charts of a run, in the order in which a reader asks: how slow, how much, under which load, and then the details.

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

/** Between the start of a run and its first sample lie the init of the script and its setup(), minutes at most. */
const FAR_MS = 600_000;

/**
 * The time axis: 0 is the start of load, after setup(), which is what the verdicts count phases from; it ends with the last sample, and is a
 * second long at least. A start that does not fit the samples (another clock) gives way to the first sample.
 */
export function chartInput(result: Result, metrics: RunMetrics): ChartInput {
  const startedMs = Date.parse(result.load_started_at ?? result.started_at);
  const firstMs = metrics.firstSampleMs ?? startedMs;
  const lastMs = metrics.lastSampleMs ?? firstMs;
  const fits = Math.abs(startedMs - firstMs) <= FAR_MS && startedMs < lastMs;
  const loadStartMs = fits ? startedMs : firstMs;
  const axisMs = Math.max(lastMs - loadStartMs, 1000);
  return { result, metrics, loadStartMs, axisMs, mostPoints: MAX_POINTS, tracks: new TrackBook(metrics) };
}

/** The charts that the run has data for, as plain data, none of them drawn yet (draw.ts does); empty for a run without samples. */
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
