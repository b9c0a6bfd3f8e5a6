// The charts of one k6 scenario: those of a run, made of its samples alone.

import type { PrimaryLatency } from '../../analysis/requests/primary.ts';
import { count, elapsed, significant } from '../../text/format.ts';
import { chartFigures } from './all.ts';
import { drawBands } from './area.ts';
import type { ChartInput } from './chart.ts';
import type { EndpointSource } from './endpoint.ts';
import type { ChartFigure } from './figure.ts';
import { ofScenario } from './of-scenario.ts';
import { highest, ratesOf, tableOverTime } from './timeline.ts';

/** Where a scenario's requests are, in the metric of the primary latency. */
export function scenarioSource(name: string, { metric, filter }: PrimaryLatency): EndpointSource {
  return { metric, filter: { ...filter, scenario: name }, all: { scenario: name } };
}

/** VUs that were in an iteration: k6 does not count VUs by scenario, but iteration time per second is their number. */
function busyVus(input: ChartInput): ChartFigure | undefined {
  if (input.metrics.total('iteration_duration') === undefined) return undefined;
  const busy = ratesOf(input, 'iteration_duration', ({ sum }) => sum / 1000);
  const peak = highest(busy);
  const bands = [{ name: 'busy VUs', ink: 'vus', style: 'area', points: busy }] as const;
  return {
    name: 'vus',
    title: 'Busy virtual users',
    takeaway: `Time spent in iterations, per second of the run${peak === undefined ? '' : `: at most ${significant(peak.value, 2)} at ${elapsed(peak.atMs)}`}. k6 does not count VUs by scenario.`,
    ...drawBands(input, { name: 'vus', height: 170 }, bands, 'number'),
    table: tableOverTime(input, ['Iterations'], (range) => [count(input.metrics.total('iterations', {}, range)?.sum)]),
  };
}

/** Its charts, by the names of the run's charts that they replace. */
export function scenarioFigures(name: string, input: ChartInput, scenarios: number): ChartFigure[] {
  const own = ofScenario(input, name, scenarios);
  const busy = busyVus(own);
  return [...chartFigures(own).filter((figure) => figure.name !== 'vus'), ...(busy === undefined ? [] : [busy])];
}
