// The requested load of a k6 scenario in words: `1 to 6 VUs in 10 s, 6 VUs for 15 s`.

import type { Result } from '../../model/result.ts';
import { durationMs } from '../../system/duration.ts';
import { oneLine } from '../../text/display-text.ts';
import { count, duration, isFigure, plural } from '../../text/format.ts';

type Scenario = Result['scenarios'][string];

/** Further stages are only counted; the options of the run list all. */
const MOST_STAGES = 6;

/** The requested load of an executor in words; undefined for an unknown executor, or options in a form that k6 does not write. */
export function loadWords(scenario: Scenario): string | undefined {
  const requested = requestedLoad(scenario);
  if (requested === undefined) return undefined;
  const start = timeOf(scenario.startTime);
  const vus = numberOf(scenario.maxVUs) ?? numberOf(scenario.preAllocatedVUs);
  return [
    requested,
    ...(start === undefined || start === '0 ms' ? [] : [`starting at ${start}`]),
    ...(vus === undefined ? [] : [`with up to ${plural(vus, 'VU')}`]),
  ].join(', ');
}

function requestedLoad(scenario: Scenario): string | undefined {
  const time = timeOf(scenario.duration);
  const vus = numberOf(scenario.vus) ?? 1;
  const iterations = numberOf(scenario.iterations) ?? 1;
  switch (scenario.executor) {
    case 'constant-vus':
      return time && `${plural(vus, 'VU')} for ${time}`;
    case 'shared-iterations':
      return `${plural(iterations, 'iteration')}, shared by ${plural(vus, 'VU')}`;
    case 'per-vu-iterations':
      return `${plural(iterations, 'iteration')} by each of ${plural(vus, 'VU')}`;
    case 'constant-arrival-rate': {
      const rate = numberOf(scenario.rate);
      return rate === undefined ? undefined : time && `${rateText(rate, scenario)} for ${time}`;
    }
    case 'ramping-vus':
      return stagesText(scenario.stages, numberOf(scenario.startVUs) ?? 1, (value) => plural(value, 'VU'));
    case 'ramping-arrival-rate':
      return stagesText(scenario.stages, numberOf(scenario.startRate) ?? 0, (value) => rateText(value, scenario));
    default:
      return undefined;
  }
}

/** `30 iterations/s`, `90 iterations per 1 min`. */
function rateText(rate: number, { timeUnit }: Scenario): string {
  const unit = timeOf(timeUnit) ?? '1 s';
  return unit === '1 s' ? `${count(rate)} iterations/s` : `${count(rate)} iterations per ${unit}`;
}

function stagesText(stages: unknown, start: number, text: (value: number) => string): string | undefined {
  if (!Array.isArray(stages) || stages.length === 0) return undefined;
  let value = start;
  const parts: string[] = [];
  for (const stage of stages) {
    const fields = new Map<string, unknown>(typeof stage === 'object' && stage !== null ? Object.entries(stage) : []);
    const target = numberOf(fields.get('target'));
    const length = timeOf(fields.get('duration'));
    if (target === undefined || length === undefined) return undefined;
    if (length === '0 ms') parts.push(`jump to ${text(target)}`);
    else if (target === value) parts.push(`${text(target)} for ${length}`);
    else parts.push(`${count(value)} to ${text(target)} in ${length}`);
    value = target;
  }
  const more = parts.length - MOST_STAGES;
  return [
    ...parts.slice(0, MOST_STAGES),
    ...(more > 0 ? [`and ${count(more)} more ${more === 1 ? 'stage' : 'stages'}`] : []),
  ].join(', ');
}

function numberOf(value: unknown): number | undefined {
  return typeof value === 'number' && isFigure(value) ? value : undefined;
}

/** A duration of k6, such as `1m30s`, in words; undefined if it is none. */
function timeOf(value: unknown): string | undefined {
  const ms = typeof value === 'string' ? durationMs(oneLine(value, 40)) : undefined;
  return ms === undefined ? undefined : duration(ms, { trim: true });
}
