// The result of a capacity search → its sentence, its table, and the lines for its steps.

import type { CapacityResult, CapacityStep } from '../../model/capacity.ts';
import type { Result } from '../../model/result.ts';
import { filterName, shortStatistic, statisticName } from '../../targets/kpi-name.ts';
import { oneLine } from '../../text/display-text.ts';
import {
  compact,
  duration,
  isFigure,
  percent,
  perSecond,
  plural,
  significant,
  targetWithUnit,
} from '../../text/format.ts';
import { numberColumn, table, textCell, textColumn } from './cells.ts';
import { COMPARISON_SIGNS } from './kpi-text.ts';
import type { Section } from './model.ts';

function loadText(load: number, { unit }: Pick<CapacityResult, 'unit'>): string {
  return unit === 'VUs' ? plural(load, 'VU') : `${significant(load, 3)} iterations/s`;
}

/** Requests/s at `load`, in proportion to those at the sustained load; null for a search in VUs or without requests. */
function requestsAt(load: number, { load: sustained, requests_per_s: requests, unit }: CapacityResult): number | null {
  if (unit === 'VUs' || !isFigure(sustained) || !isFigure(requests) || sustained === 0) return null;
  return (load * requests) / sustained;
}

function rangeText(capacity: CapacityResult): string {
  const { load, missed_at: missedAt } = capacity;
  if (load === null || missedAt === null) return '';
  const [low, high] = [requestsAt(load, capacity), requestsAt(missedAt, capacity)];
  return low !== null && high !== null
    ? ` (${significant(low, 3)} to ${significant(high, 3)})`
    : ` (${loadText(load, capacity)} to ${loadText(missedAt, capacity)})`;
}

/** The target that limits the load: `p95 of GET /search < 500 ms`, or with the metric's name if it is not http_req_duration. '' if none does. */
function limitText({ limit_target: target, limited_by: expression }: CapacityResult): string {
  if (target === undefined) return oneLine(expression, 160);
  if (target === null) return '';
  const { metric, filter, statistic, comparison, unit } = target;
  const isShare = statistic === 'rate' && unit === '' && target.target <= 1;
  const limit = `${COMPARISON_SIGNS[comparison]} ${targetWithUnit(target.target, isShare ? 'share' : unit)}`;
  const { name, ...others } = filter;
  const hasOnlyName = name !== undefined && Object.keys(others).length === 0;
  const where = hasOnlyName ? oneLine(name, 90) : filterName(filter);
  if (metric !== 'http_req_duration') {
    return `${statisticName({ metric, statistic })}${where === '' ? '' : `, ${where}`} ${limit}`;
  }
  return `${shortStatistic(statistic)}${where === '' ? '' : ` of ${where}`} ${limit}`;
}

/** The result in one sentence: `Sustains 410 requests/s at p95 < 500 ms (395 to 425); first to break: …; headroom 2.7 times the base load` */
export function capacityTitle(capacity: CapacityResult): string {
  const { load, missed_at: missedAt, requests_per_s: requests, headroom, limit } = capacity;
  const missed = limitText(capacity);
  if (load === null) {
    const [lowest] = capacity.steps.map((step) => step.load).sort((x, y) => x - y);
    const at = lowest === undefined ? '' : `: missed even at ${loadText(lowest, capacity)}`;
    const why = missed === '' ? oneLine(capacity.limited_by, 160) : missed;
    return `No load sustained${at}${why === '' ? '' : ` (${why})`}`;
  }
  const rate = isFigure(requests) ? `${significant(requests, 3)} requests/s` : loadText(load, capacity);
  const least = missedAt === null ? 'at least ' : '';
  const allowed = limit === null ? '' : `, the most that --max-rate ${limit} allows`;
  const at = missedAt === null ? `${allowed}: every target was met` : missed === '' ? '' : ` at ${missed}`;
  const above = missedAt === null || missed !== '' ? '' : `; above that, ${oneLine(capacity.limited_by, 160)}`;
  const broke = capacity.first_to_break.slice(0, 3).map((text) => oneLine(text, 160));
  const first = broke.length === 0 ? '' : `; first to break: ${broke.join('; ')}`;
  const room = isFigure(headroom) ? `; headroom ${compact(headroom, { digits: 2 })} times the base load` : '';
  const doubt = capacity.is_confirmed ? '' : '; not confirmed';
  return `Sustains ${least}${rate}${at}${rangeText(capacity)}${above}${first}${room}${doubt}`;
}

/** How long the loads were held and why each ended, in one sentence. */
export function heldText({ steps }: Pick<CapacityResult, 'steps'>): string {
  const lengths = steps.map(({ duration_ms: ms }) => Math.round(ms / 1000) * 1000).sort((x, y) => x - y);
  const [least, most] = [lengths[0] ?? 0, lengths.at(-1) ?? 0];
  const times = least === most ? seconds(least) : `${seconds(least)} to ${seconds(most)}`;
  const having = (how: CapacityStep['held_until']) => steps.filter(({ held_until: until }) => until === how).length;
  const [stable, missed, longest] = [having('stable'), having('missed'), having('longest')];
  const ends = [
    ...(stable > 0 ? [`${stable} until response time and throughput were stable`] : []),
    ...(missed > 0 ? [`${missed} until a target had clearly been missed for seconds`] : []),
    ...(longest > 0 ? [`${longest} for the maximum time without becoming stable`] : []),
  ];
  return `${plural(steps.length, 'load was', 'loads were')} held for ${times}: ${ends.join(', ')}.`;
}

const WHY: Readonly<Record<string, string>> = {
  up: 'twice as much',
  down: 'half as much',
  between: 'between met and missed',
  again: 'repeated after a miss',
  confirm: 'confirmation',
};

function whyText({ why }: Pick<CapacityStep, 'why'>, isFirst: boolean): string {
  return isFirst ? 'the base load' : (WHY[why] ?? why);
}

/** The line for a step that begins, counted from 1: `step 5: 80 iterations/s, twice as much`. */
export function nextStepText(
  number: number,
  step: Pick<CapacityStep, 'load' | 'why'>,
  unit: CapacityResult['unit'],
): string {
  return `step ${number}: ${loadText(step.load, { unit })}, ${whyText(step, number === 1)}`;
}

const UNTIL: Readonly<Record<CapacityStep['held_until'], string>> = {
  stable: 'stable',
  missed: 'ended early',
  longest: 'not stable',
};

const seconds = (ms: number): string => duration(Math.round(ms / 1000) * 1000, { trim: true });

/** The line for a step that ended: `met: 80 requests/s, p95 74.3 ms; stable after 20 s, without 6 s of warm-up`. */
export function heldStepText(step: CapacityStep): string {
  const word = step.is_met ? 'met' : `missed, ${oneLine(step.missed, 160)}`;
  const figures = `${perSecond(step.requests_per_s)}, p95 ${duration(step.p95_ms)}`;
  const warmUp = step.warm_up_ms === 0 ? '' : `, without ${seconds(step.warm_up_ms)} of warm-up`;
  return `  ${word}: ${figures}; ${UNTIL[step.held_until]} after ${seconds(step.duration_ms)}${warmUp}`;
}

function stepRow(step: CapacityStep, capacity: CapacityResult) {
  const isHighest = step.load === capacity.load;
  const warmUp = step.warm_up_ms === 0 ? '' : `; ${seconds(step.warm_up_ms)} of warm-up left out`;
  return [
    textCell(loadText(step.load, capacity), { note: isHighest ? 'the highest sustained load' : '' }),
    textCell(whyText(step, step === capacity.steps[0])),
    textCell(perSecond(step.requests_per_s), { isNumeric: true }),
    textCell(duration(step.p50_ms), { isNumeric: true }),
    textCell(duration(step.p95_ms), { isNumeric: true }),
    textCell(isFigure(step.error_share) ? percent(step.error_share) : '–', { isNumeric: true }),
    textCell(seconds(step.duration_ms), { note: `${UNTIL[step.held_until]}${warmUp}` }),
    textCell(step.is_met ? 'met' : 'missed', {
      tone: step.is_met ? 'good' : 'bad',
      icon: step.is_met ? 'pass' : 'fail',
      note: oneLine(step.missed, 200),
    }),
  ];
}

/** The section with every load that was held and its figures; undefined for a run that is no capacity search. */
export function capacitySection({ capacity }: Pick<Result, 'capacity'>): Section | undefined {
  if (capacity === undefined) return undefined;
  const columns = [
    textColumn('Load held'),
    textColumn('Why'),
    ...['Throughput', 'p50', 'p95', 'Errors'].map(numberColumn),
    textColumn('Held for'),
    textColumn('Targets'),
  ];
  const rows = capacity.steps.toSorted((x, y) => x.load - y.load).map((step) => stepRow(step, capacity));
  return {
    id: 'capacity',
    title: 'Capacity',
    note: `${heldText(capacity)} All other figures on this page are from the last of these runs.`,
    table: table('capacity-steps', 'Loads held', columns, rows, 'No load was tested.'),
  };
}
