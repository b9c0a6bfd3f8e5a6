// The texts about the targets in the reason of a run's status.

import { isMissed, type JudgedKpi } from '../../model/kpi.ts';
import { kpiName } from '../../targets/kpi-name.ts';
import { duration } from '../../text/format.ts';

/** The part of a target that the tally of a run needs. */
type TalliedKpi = Pick<JudgedKpi, 'metric' | 'statistic' | 'filter' | 'verdict' | 'noDataPasses'>;

/** Why a run with missed targets failed: `2 of 5 targets were missed: p95 of x; p95 of y`. */
export function missedReason(kpis: readonly TalliedKpi[]): string {
  return `${tally(kpis)}: ${names(kpis.filter(isMissed))}`;
}

/** `2 of 5 targets were missed, 1 of them without data`. */
export function tally(kpis: readonly TalliedKpi[]): string {
  if (kpis.length === 0) return 'it had no targets';
  const bad = kpis.filter(isMissed);
  if (bad.length === 0)
    return kpis.length === 1 ? 'its target was not missed' : `none of its ${kpis.length} targets was missed`;
  const without = bad.filter(({ verdict }) => verdict === 'no_data').length;
  if (without === bad.length) {
    return `${bad.length} of ${kpis.length} targets ${bad.length === 1 ? 'has' : 'have'} no data`;
  }
  const some = without === 0 ? '' : `, ${without} of them without data`;
  return `${bad.length} of ${kpis.length} targets ${bad.length === 1 ? 'was' : 'were'} missed${some}`;
}

/** `targets so far: 3 met, 1 missed, 1 without data`. */
export function soFar(kpis: readonly JudgedKpi[]): string {
  if (kpis.length === 0) return 'it had no targets';
  const count = (verdict: JudgedKpi['verdict']) => kpis.filter((kpi) => kpi.verdict === verdict).length;
  const parts = [
    [count('pass'), 'met'],
    [count('fail'), 'missed'],
    [count('inconclusive'), 'inconclusive'],
    [count('no_data'), 'without data'],
  ] as const;
  const texts = parts.filter(([size]) => size > 0).map(([size, word]) => `${size} ${word}`);
  return `targets so far: ${texts.join(', ')}`;
}

/** The first three targets by name: `p95 of x; p95 of y; rate of z and 2 more`. */
export function names(kpis: readonly TalliedKpi[]): string {
  // Two limits on one figure have the same name.
  const all = [...new Set(kpis.map(kpiName))];
  const shown = all.slice(0, 3).join('; ');
  return all.length > 3 ? `${shown} and ${all.length - 3} more` : shown;
}

/** Why a run passed: `all 3 targets were met`, `2 of 3 targets were met, 1 has no data`. */
export function metReason(kpis: readonly JudgedKpi[]): string {
  const met = kpis.filter(({ verdict }) => verdict === 'pass').length;
  const without = kpis.length - met;
  if (met === 0) {
    const none = kpis.length === 1 ? 'the target has no data' : `none of the ${kpis.length} targets has data`;
    return `${none}, so nothing was judged`;
  }
  if (without > 0)
    return `${met} of ${kpis.length} targets ${met === 1 ? 'was' : 'were'} met, ${without} ${without === 1 ? 'has' : 'have'} no data`;
  if (met <= 2) return met === 1 ? 'the target was met' : 'both targets were met';
  return `all ${met} targets were met`;
}

/** `7 min`, `2.5 h`: rounded up to a minute, from 2 h on to half an hour. */
export function wholeMinutes(ms: number): string {
  const minutes = Math.ceil(ms / 60_000);
  return duration((minutes < 120 ? minutes : Math.ceil(minutes / 30) * 30) * 60_000);
}
