// The requested load of a k6 scenario as a picture of the size of a word.

import type { Result } from '../../model/result.ts';
import { durationMs } from '../../system/duration.ts';

type Scenario = Result['scenarios'][string];

/** A corner of the load's line: VUs or iterations per time unit, at a time since the start of the run. */
interface Corner {
  readonly atMs: number;
  readonly value: number;
}

function cornersOf(scenario: Scenario): Corner[] {
  const startMs = msOf(scenario.startTime) ?? 0;
  const flat = (value: unknown, length: unknown) => {
    const lengthMs = msOf(length);
    return typeof value !== 'number' || lengthMs === undefined
      ? []
      : [startMs, startMs + lengthMs].map((atMs) => ({ atMs, value }));
  };
  switch (scenario.executor) {
    case 'constant-vus':
      return flat(scenario.vus, scenario.duration);
    case 'constant-arrival-rate':
      return flat(scenario.rate, scenario.duration);
    case 'ramping-vus':
      return stagesOf(scenario.stages, startMs, scenario.startVUs);
    case 'ramping-arrival-rate':
      return stagesOf(scenario.stages, startMs, scenario.startRate);
    default:
      return [];
  }
}

function stagesOf(stages: unknown, startMs: number, start: unknown): Corner[] {
  if (!Array.isArray(stages)) return [];
  const corners: Corner[] = [{ atMs: startMs, value: typeof start === 'number' ? start : 0 }];
  for (const stage of stages) {
    const fields = new Map<string, unknown>(typeof stage === 'object' && stage !== null ? Object.entries(stage) : []);
    const lengthMs = msOf(fields.get('duration'));
    const value = fields.get('target');
    if (lengthMs === undefined || typeof value !== 'number') return [];
    corners.push({ atMs: (corners.at(-1)?.atMs ?? startMs) + lengthMs, value });
  }
  return corners;
}

function msOf(value: unknown): number | undefined {
  return typeof value === 'string' ? durationMs(value) : undefined;
}

const WIDTH = 96;
const HEIGHT = 22;

/** The requested load as a small SVG over the run's time axis; '' for executors without a fixed load over time. */
export function loadShape(scenario: Scenario, axisMs: number): string {
  const corners = cornersOf(scenario);
  const top = Math.max(...corners.map(({ value }) => value));
  const [first] = corners;
  const last = corners.at(-1);
  if (first === undefined || last === undefined || !(top > 0)) return '';
  const end = Math.max(axisMs, last.atMs);
  const x = (atMs: number) => Math.round((2 + (atMs / end) * (WIDTH - 4)) * 10) / 10;
  const y = (value: number) => Math.round((HEIGHT - 2 - (value / top) * (HEIGHT - 4)) * 10) / 10;
  const line = corners.map(({ atMs, value }) => `L${x(atMs)} ${y(value)}`).join('');
  const floor = HEIGHT - 2;
  return (
    `<svg class="shape" viewBox="0 0 ${WIDTH} ${HEIGHT}" width="${WIDTH}" height="${HEIGHT}" aria-hidden="true">` +
    `<path d="M${x(first.atMs)} ${floor}${line}L${x(last.atMs)} ${floor}z"/></svg>`
  );
}
