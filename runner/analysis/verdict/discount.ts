// Adjusts a verdict to the load generator's state: inconclusive if k6 may be the cause.

import type { JudgedKpi } from '../../model/kpi.ts';
import type { Metric } from '../../model/metrics.ts';
import { duration } from '../../text/format.ts';
import { GENERATOR_LIMITS, type GeneratorVerdict } from '../generator/generator.ts';
import { boundOf, quantileOf } from '../statistics/statistic.ts';

// A busy generator can only increase a time: it wakes up late and timestamps the response late. And a load that was not
// reached can only make the target easier. So for upper bounds on times (p(95)<250):
//
//                          load as requested                    load not reached
//   k6 not busy            as judged                            pass → inconclusive; fail stands
//   k6 busy                pass stands;                         pass → inconclusive;
//                          fail → inconclusive, unless          fail → inconclusive, unless too far off
//                          too far off for k6's part
//
// A closed model has no configured rate, so a k6 at its CPU limit falls short unnoticed: its VUs iterate more slowly
// and cause less load. There a pass stands only if an iteration lasts 100 times the scheduler's p99, so that only a few
// percent were lost. A scheduler that waits for noisy neighbours while k6 has CPU to spare delays few wake-ups and
// reduces the load hardly at all.
//
// "Too far off": k6's p95 was measured to be too high by 1.2 to 4.4 times the scheduler's p99, its p99 by 3.2 to 10.9
// times; a miss by more than 5 times (up to p95) or 12 times (up to p99) is the target's. Beyond p99 nothing was
// measured. Lower bounds on times and == are treated in reverse: a busy k6 makes a pass doubtful. For counters per
// second with a lower bound, a pass stands, but a miss with a busy k6 may be caused by k6. Everything else is
// unchanged.

const FACTOR_TO_P95 = 5;
const FACTOR_TO_P99 = 12;
const ITERATION_PER_SCHED = 100;
/** Why a verdict cannot be relied on: what causes it, and the words for the note. */
interface Doubt {
  readonly cause: 'generator' | 'load_short';
  readonly note: string;
}

const SHORT_LOAD: Doubt = { cause: 'load_short', note: 'met, but below the requested load' };

function ofGenerator(note: string): Doubt {
  return { cause: 'generator', note };
}

/** How much k6 may have added to this statistic, ms; undefined if unknown. */
function inflationMs(statistic: string, generator: GeneratorVerdict): number | undefined {
  if (generator.schedP99Ms === undefined) return undefined;
  const q = statistic === 'avg' || statistic === 'min' ? 0.5 : quantileOf(statistic);
  if (q === undefined || q > 0.99) return undefined;
  return generator.schedP99Ms * (q <= 0.95 ? FACTOR_TO_P95 : FACTOR_TO_P99);
}

/**
 * The KPI unchanged, or inconclusive with the reason in its note. `no_data` is unchanged. `iterationMs`: mean duration
 * of an iteration, undefined without iterations.
 */
export function discount(
  kpi: JudgedKpi,
  metric: Pick<Metric, 'type' | 'contains'> | undefined,
  generator: GeneratorVerdict | undefined,
  iterationMs: number | undefined,
): JudgedKpi {
  if (generator === undefined || metric === undefined || kpi.actual === undefined) return kpi;
  if (kpi.verdict !== 'pass' && kpi.verdict !== 'fail') return kpi;
  const doubt =
    metric.type === 'trend' && metric.contains === 'time'
      ? doubtOfTime(kpi, kpi.actual, generator, iterationMs)
      : metric.type === 'counter'
        ? doubtOfRate(kpi, generator)
        : undefined;
  if (doubt === undefined) return kpi;
  return {
    ...kpi,
    verdict: 'inconclusive',
    reason: doubt.cause,
    note: kpi.note === undefined ? doubt.note : `${doubt.note}; ${kpi.note}`,
  };
}

/** A load that was not reached is the fault of the system under test or the plan, unless k6 was too busy. */
export function discountLoad(kpi: JudgedKpi, generator: GeneratorVerdict | undefined): JudgedKpi {
  const isBusy = generator?.inflates === 'yes' || generator?.inflates === 'somewhat';
  if (kpi.verdict !== 'fail' || !isBusy) return kpi;
  const reason = 'k6 was too busy to reach the requested load';
  return { ...kpi, verdict: 'inconclusive', reason: 'generator', note: [reason, kpi.note].filter(Boolean).join('; ') };
}

/** Times that rise because k6 gets busier are caused by k6. */
export function discountDrift(kpi: JudgedKpi, generator: GeneratorVerdict | undefined): JudgedKpi {
  if (kpi.verdict !== 'fail' || generator?.inflates !== 'yes') return kpi;
  const reason = 'k6 was too busy, so its times are not reliable';
  return { ...kpi, verdict: 'inconclusive', reason: 'generator', note: [reason, kpi.note].filter(Boolean).join('; ') };
}

function doubtOfTime(
  kpi: JudgedKpi,
  actual: number,
  generator: GeneratorVerdict,
  iterationMs: number | undefined,
): Doubt | undefined {
  const busy = generator.inflates === 'yes' || generator.inflates === 'somewhat';
  const bound = boundOf(kpi.comparison);
  const passed = kpi.verdict === 'pass';
  if (bound === 'upper' && passed) {
    if (generator.fellShort) return SHORT_LOAD;
    return pressedLess(generator, iterationMs)
      ? ofGenerator('met, but k6 was busy and may have sent less load than intended')
      : undefined;
  }
  const lengthens = bound === 'upper' ? !passed : bound === 'lower' ? passed : true;
  if (!busy || !lengthens) return undefined;
  const partMs = inflationMs(kpi.statistic, generator);
  if (partMs === undefined) {
    return generator.inflates === 'yes' ? ofGenerator('k6 was too busy, so its times are not reliable') : undefined;
  }
  if (Math.abs(actual - kpi.target) > partMs) return undefined;
  return ofGenerator(`k6 was busy: it may have added up to ${duration(partMs, { digits: 2, trim: true })}`);
}

function doubtOfRate(kpi: JudgedKpi, generator: GeneratorVerdict): Doubt | undefined {
  if (generator.inflates !== 'yes' || kpi.verdict !== 'fail' || boundOf(kpi.comparison) !== 'lower') return undefined;
  return ofGenerator('k6 was too busy to send more load');
}

/** True if a k6 at its CPU limit may have run a closed model noticeably slower than planned. */
function pressedLess(generator: GeneratorVerdict, iterationMs: number | undefined): boolean {
  if (generator.inflates !== 'yes' || generator.achievedRate !== undefined) return false;
  const { schedP99Ms, cpuShare } = generator;
  if (cpuShare !== undefined && cpuShare < GENERATOR_LIMITS.saturated.cpuShare) return false;
  return schedP99Ms === undefined || iterationMs === undefined || iterationMs < ITERATION_PER_SCHED * schedP99Ms;
}
