// A kept run → proposed targets: the worse end of each 95 % interval plus some headroom.

import { type JudgeContext, judge } from '../../analysis/verdict/judge.ts';
import type { JudgedKpi, Kpi } from '../../model/kpi.ts';
import type { RunMetrics, TagFilter } from '../../model/metrics.ts';
import type { Result } from '../../model/result.ts';
import { DEFAULT_JUDGING } from '../../model/run.ts';
import type { Proposal } from '../../targets/proposal.ts';
import { percent as percentText } from '../../text/format.ts';

/** With fewer samples a p95 is too uncertain to propose a target. */
const MIN_SAMPLES = 20;
/** The lowest proposed limit for failures, even if the run had none. */
const LEAST_ERROR_PERCENT = 0.1;
/** With fewer samples the interval of a share is too wide for a useful target. */
const MIN_SHARE_SAMPLES = 300;
/** The lowest proposed limit for failures from so few samples. */
const SHORT_RUN_PERCENT = 1;

/**
 * Targets from a run: p95 of all requests and of each endpoint, the share of failed requests, the share of passed checks. Each is the
 * worse end of the run's 95 % interval plus `headroom` (0.2 = 20 %), rounded to two digits. A figure without an interval has a question.
 */
export function targetsFromRun(result: Result, metrics: RunMetrics, headroom: number): Proposal[] {
  const latency = (filter: TagFilter) =>
    read(metrics, 'http_req_duration', { ...filter, expected_response: 'true' }, 'p(95)');
  const names = result.endpoints.filter(({ protocol }) => protocol === 'http').map(({ name }) => name);
  const times = [{}, ...(names.length > 1 ? names.map((name) => ({ name })) : [])];
  const proposals = times.flatMap((filter): Proposal[] => {
    const judged = latency(filter);
    if (judged.actual === undefined || judged.samples < MIN_SAMPLES) return [];
    const limit = roundedUp((judged.ciHigh ?? judged.actual) * (1 + headroom));
    const target = { statistic: 'p(95)', comparison: '<=', target: limit, unit: 'ms' } as const;
    const own = Object.keys(filter).length === 0 ? {} : { filter };
    return [{ target: { metric: 'http_req_duration', ...own, ...target }, questions: doubtsOf(judged) }];
  });
  const failed = read(metrics, 'http_req_failed', {}, 'rate');
  if (failed.actual !== undefined) {
    const percent = allowedPercent(failed, failed.actual, failed.ciHigh, headroom);
    proposals.push({
      target: { metric: 'http_req_failed', statistic: 'rate', comparison: '<=', target: percent, unit: '%' },
      questions: [
        ...fewSamples(failed),
        ...(failed.actual > 0.05
          ? [`The run had ${percentText(failed.actual, { digits: 2 })} errors. Is that normal?`]
          : []),
      ],
    });
  }
  const checks = read(metrics, 'checks', {}, 'rate');
  if (checks.actual !== undefined) {
    const high = checks.ciLow === undefined ? undefined : 1 - checks.ciLow;
    const percent = Number((100 - allowedPercent(checks, 1 - checks.actual, high, headroom)).toPrecision(12));
    const target = { metric: 'checks', statistic: 'rate', comparison: '>=', target: percent, unit: '%' } as const;
    if (percent > 0) proposals.push({ target, questions: fewSamples(checks) });
  }
  return proposals;
}

/** The share of failures to allow, in percent: the upper end of the interval, or the value itself with few samples. */
function allowedPercent({ samples }: JudgedKpi, share: number, high: number | undefined, headroom: number): number {
  const isShort = samples < MIN_SHARE_SAMPLES;
  const worst = isShort ? share : (high ?? share);
  return roundedUp(Math.max(worst * 100 * (1 + headroom), isShort ? SHORT_RUN_PERCENT : LEAST_ERROR_PERCENT));
}

function fewSamples({ samples }: JudgedKpi): string[] {
  return samples < MIN_SHARE_SAMPLES ? [`From only ${samples} samples: run longer for better values.`] : [];
}

/** A statistic of the run with its interval. judge() needs a target, but its value does not matter. */
function read(metrics: RunMetrics, metric: string, filter: TagFilter, statistic: string): JudgedKpi {
  const kpi: Kpi = {
    id: metric,
    metric,
    filter,
    statistic,
    comparison: '<=',
    target: 0,
    unit: '',
    severity: 'medium',
    source: 'target',
  };
  const context: JudgeContext = {
    phases: [],
    loadStartMs: undefined,
    elapsedMs: undefined,
    generator: undefined,
    profile: 'smoke',
    judging: DEFAULT_JUDGING,
  };
  const [judged] = judge([kpi], metrics, context);
  if (judged === undefined) throw new Error('a KPI was not judged');
  return judged;
}

function doubtsOf({ ciHigh, samples }: JudgedKpi): string[] {
  return ciHigh === undefined ? [`From ${samples} samples without a 95 % interval: run longer for better values.`] : [];
}

/** Rounded up to two significant digits: 213 becomes 220. */
function roundedUp(value: number): number {
  if (value <= 0) return 0;
  const step = 10 ** (Math.floor(Math.log10(value)) - 1);
  return Number((Math.ceil(Number((value / step).toPrecision(9))) * step).toPrecision(12));
}
