// Findings about the load model: requests that a closed model did not send, and throughput that no longer grows with
// VUs.

import type { Finding, JudgedKpi } from '../../model/kpi.ts';
import { count, duration, percent, percentileName, perSecond, plural, significant } from '../../text/format.ts';
import type { Omission } from '../load/coordinated-omission.ts';
import { hasStoppedGrowing, type Scalability } from '../load/scalability.ts';
import { meets, quantileOf } from '../statistics/statistic.ts';
import type { FindingsInput } from './findings-input.ts';

/** Findings about requests that a closed model did not send, and about VUs that no longer add throughput. */
export function modelFindings({ omission, scalability, kpis }: FindingsInput): Finding[] {
  return [...omissionFindings(omission, kpis), ...scalabilityFindings(scalability, kpis)];
}

/** Smaller corrections are not reported. */
const LEAST_RISE = 1.05;

function riseOf({ measuredMs, correctedMs }: Omission['figures'][number]): number {
  return measuredMs > 0 ? correctedMs / measuredMs : 1;
}

function omissionFindings(omission: Omission | undefined, kpis: readonly JudgedKpi[]): Finding[] {
  if (omission === undefined) return [];
  const { figures, missing, intervalMs } = omission;
  const [shown] = figures.toSorted((a, b) => riseOf(b) - riseOf(a));
  if (shown === undefined || riseOf(shown) < LEAST_RISE) return [];
  const wouldFail = kpis.filter((kpi) => {
    const figure = figures.find(({ q }) => q === quantileOf(kpi.statistic));
    const isOfAll =
      kpi.metric === 'http_req_duration' && kpi.filter.name === undefined && kpi.filter.scenario === undefined;
    return (
      figure !== undefined &&
      isOfAll &&
      kpi.verdict === 'pass' &&
      !meets(figure.correctedMs, kpi.comparison, kpi.target)
    );
  });
  const lines = figures.map(
    ({ q, measuredMs, correctedMs }) =>
      `${percentileName(q)}: ${duration(measuredMs)} measured, ${duration(correctedMs)} corrected.`,
  );
  return [
    {
      kind: 'coordinated_omission',
      severity: wouldFail.length > 0 ? 'medium' : 'low',
      title: `Virtual users that waited sent no requests: at a constant rate ${percentileName(shown.q)} would be about ${duration(shown.correctedMs)} instead of ${duration(shown.measuredMs)}`,
      detail: [
        'In a closed model each slow request delays the next ones, so slow periods of the system have too few samples (coordinated omission).',
        `A virtual user sends a request every ${duration(intervalMs)}; about ${plural(Math.round(missing), 'request')} were not sent in time.`,
        ...lines,
        ...(wouldFail.length > 0
          ? [`With the corrected value, ${plural(wouldFail.length, 'target')} that passed would be missed.`]
          : []),
        'An arrival-rate load (load: { rate }) measures this instead of estimating it.',
      ].join('\n'),
      kpis: wouldFail.map(({ id }) => id),
    },
  ];
}

function scalabilityFindings(found: Scalability | undefined, kpis: readonly JudgedKpi[]): Finding[] {
  if (found === undefined || !hasStoppedGrowing(found)) return [];
  const { levels, stopsAtVus = 0, sigma, kappa, explained } = found;
  const most = levels.at(-1);
  const knee = levels.reduce((best, level) =>
    Math.abs(level.vus - stopsAtVus) < Math.abs(best.vus - stopsAtVus) ? level : best,
  );
  if (most === undefined) return [];
  const missed = kpis.filter(({ verdict, metric }) => verdict === 'fail' && metric === 'http_req_duration');
  const falls = most.perSecond < 0.95 * Math.max(...levels.map(({ perSecond }) => perSecond));
  return [
    {
      kind: 'throughput_saturated',
      severity: missed.length > 0 ? 'medium' : 'low',
      title: `Throughput stopped growing at about ${count(stopsAtVus)} VUs (${perSecond(knee.perSecond)}): ${count(Math.round(most.vus))} VUs reached ${perSecond(most.perSecond)}${falls ? ', less than before' : ''}`,
      detail: [
        `Beyond that, more virtual users only wait longer. By the universal scalability law (fit explains ${percent(explained, { digits: 2 })} of the variance), ${percent(sigma, { digits: 2 })} of the work is serial, and each pair of users adds ${significant(kappa * 100, 2)} %.`,
        levels.map(({ vus, perSecond: rate }) => `${count(Math.round(vus))} VUs: ${perSecond(rate)}`).join(', '),
        'Look for a resource that is used up at that load: CPU, a pool, a lock. If the system under test was monitored, resources that reached their limit are in the findings.',
      ].join('\n'),
      kpis: missed.map(({ id }) => id),
      probableCause: 'a shared resource that is used up at that load: CPU, a pool, a lock',
    },
  ];
}
