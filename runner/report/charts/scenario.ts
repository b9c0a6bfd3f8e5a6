// The charts of one k6 scenario: the same as those of a run, made from its samples only.

import type { PrimaryLatency } from '../../analysis/requests/primary.ts';
import { count, elapsed, significant } from '../../text/format.ts';
import { chartFigures } from './all.ts';
import { bandsPlot } from './area.ts';
import type { ChartInput } from './chart.ts';
import type { EndpointSource } from './endpoint.ts';
import type { ChartFigure } from './figure.ts';
import { ofScenario } from './of-scenario.ts';
import { highest, ratesOf, tableOverTime } from './timeline.ts';

/** The source of a scenario's requests in the primary latency. */
export function scenarioSource(name: string, { metric, filter }: PrimaryLatency): EndpointSource {
  return { metric, filter: { ...filter, scenario: name }, all: { scenario: name } };
}

/** The VUs that were running an iteration. k6 does not count VUs by scenario, but time in iterations per second gives their number. */
function busyVus(input: ChartInput): ChartFigure | undefined {
  if (input.metrics.total('iteration_duration') === undefined) return undefined;
  const busy = ratesOf(input, 'iteration_duration', ({ sum }) => sum / 1000);
  const peak = highest(busy);
  const bands = [{ name: 'busy VUs', ink: 'vus', style: 'area', points: busy }] as const;
  return {
    name: 'vus',
    title: 'Busy virtual users',
    takeaway: `Time spent in iterations, per second of the run${peak === undefined ? '' : `: at most ${significant(peak.value, 2)} at ${elapsed(peak.atMs)}`}. k6 does not count VUs by scenario.`,
    ...bandsPlot(input, 170, bands, 'number'),
    table: tableOverTime(input, ['Iterations'], (range) => [count(input.metrics.total('iterations', {}, range)?.sum)]),
  };
}

/** The charts of a scenario; they have the names of the run's charts that they replace. `scenarios`: how many the run has. */
export function scenarioFigures(name: string, input: ChartInput, scenarios: number): ChartFigure[] {
  const own = ofScenario(input, name, scenarios);
  const busy = busyVus(own);
  return [...chartFigures(own).filter((figure) => figure.name !== 'vus'), ...(busy === undefined ? [] : [busy])];
}
