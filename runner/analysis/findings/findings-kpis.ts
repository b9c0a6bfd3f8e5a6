// Findings about judged KPIs: missed and by how much, without data and why, and those that cannot be judged.

import { type Finding, isMissed, type JudgedKpi, SEVERITIES, type Severity } from '../../model/kpi.ts';
import { traitsOf } from '../../model/profile-traits.ts';
import { isOverTime, RISE } from '../../targets/drift-target.ts';
import { expressionOf } from '../../targets/expression.ts';
import { oneLine, sentence } from '../../text/display-text.ts';
import { count, duration, nextToTarget, plural, significant, withUnit } from '../../text/format.ts';
import { boundOf, marginPercent, quantileOf } from '../statistics/statistic.ts';
import { decidingRun, doubtText } from '../verdict/doubt-words.ts';
import { missHint } from './bottlenecks.ts';
import type { FindingsInput } from './findings-input.ts';

/** With fewer samples beyond it, a percentile depends on a few requests. */
const MIN_BEYOND = 10;

/** The distance from which a miss is at least this severe, percent of the target. */
const OFF: ReadonlyArray<readonly [percent: number, severity: Severity]> = [
  [100, 'critical'],
  [50, 'high'],
  [0, 'low'],
];

/**
 * The severity of a KPI's verdict in tables, findings, notes and summaries. A severity declared by the team always
 * holds. Otherwise a miss is at least as severe as its distance, and missing data at least high.
 */
export function severityOf(kpi: JudgedKpi): Severity {
  if (kpi.severityIsDeclared === true) return kpi.severity;
  if (kpi.verdict === 'no_data') return isMissed(kpi) ? worse(kpi.severity, 'high') : kpi.severity;
  return kpi.verdict === 'fail' ? worse(kpi.severity, byDistance(kpi)) : kpi.severity;
}

function worse(a: Severity, b: Severity): Severity {
  return SEVERITIES.indexOf(a) < SEVERITIES.indexOf(b) ? a : b;
}

function byDistance(kpi: JudgedKpi): Severity {
  const byPercent = missPercent(kpi);
  return byPercent === undefined ? 'low' : (OFF.find(([percent]) => byPercent >= percent)?.[1] ?? 'low');
}

/**
 * How far the target is missed, percent of it. For a share that should be near 1 (checks >= 0.99) the rest to 1 is
 * compared: 0.9 leaves ten times the allowed 0.01, so it is 900 % off.
 */
function missPercent(kpi: JudgedKpi): number | undefined {
  const { actual, target } = kpi;
  if (actual === undefined) return undefined;
  const isShare = kpi.unit === '' && kpi.statistic === 'rate' && target > 0.5 && target < 1 && actual <= 1;
  if (isShare && boundOf(kpi.comparison) === 'lower') return ((target - actual) / (1 - target)) * 100;
  const margin = marginPercent(kpi, actual);
  return margin === undefined ? undefined : -margin;
}

/**
 * Findings about KPIs that were missed, had no data, are undecided or within the noise, and about a run without any
 * verdict.
 */
export function kpiFindings(input: FindingsInput): Finding[] {
  const { kpis } = input;
  return [
    ...kpis.filter(({ verdict }) => verdict === 'fail').map((kpi) => missed(kpi, input)),
    ...kpis.filter(({ verdict }) => verdict === 'no_data').map(noData),
    ...inconclusive(kpis),
    ...aborted(input),
    ...withinNoise(kpis),
    ...(traitsOf(input.profile).isStatistical ? fewSamples(kpis) : []),
    ...nothingJudged(kpis),
  ];
}

function unitOf(kpi: JudgedKpi): string {
  return kpi.unit === '' && kpi.statistic === 'rate' ? 'share' : kpi.unit;
}

function missed(kpi: JudgedKpi, input: FindingsInput): Finding {
  const unit = unitOf(kpi);
  const margin = marginPercent(kpi, kpi.actual);
  const by = margin === undefined || margin === 0 ? '' : `, missed by ${significant(Math.abs(margin))} %`;
  const sentences = [`${plural(kpi.samples, 'sample')} matched.`];
  if (kpi.note !== undefined) sentences.push(sentence(kpi.note));
  if (kpi.ciLow !== undefined && kpi.ciHigh !== undefined) {
    const span = `The 95 % interval is ${withUnit(kpi.ciLow, unit)} to ${withUnit(kpi.ciHigh, unit)}`;
    sentences.push(
      kpi.confidence === 'open'
        ? `${span}. The target is inside it, so this run alone does not prove the miss.`
        : `${span}. The target is outside it${kpi.confidence === 'provisional' ? '; the run is short, so the verdict is provisional' : ''}.`,
    );
  }
  const hint = missHint(kpi, input.metrics);
  if (hint !== undefined) sentences.push(hint.text);
  // For a built-in target, the observation of the endpoint has more details and comes first.
  const isOurs = kpi.source === 'builtin' && isOverTime(kpi.statistic);
  return {
    kind: isOurs ? 'degraded' : 'kpi_missed',
    severity: isOurs ? kpi.severity : severityOf(kpi),
    title: isOurs
      ? `${degradationText(kpi)}; ${withUnit(kpi.target, unit, { trim: true })} are allowed`
      : `${oneLine(expressionOf(kpi), 240)} was not met: it is ${nextToTarget(kpi.actual, kpi.target, unit)}${by}`,
    detail: sentences.join(' '),
    kpis: [kpi.id],
    ...(hint?.cause === undefined ? {} : { probableCause: hint.cause }),
  };
}

/** `GET /search: p50 rose by 220 % over the steady load` */
function degradationText({ metric, statistic, filter, actual }: JudgedKpi): string {
  const figure = statistic.startsWith('med') ? 'p50' : 'p95';
  const what =
    statistic === RISE
      ? `Memory of ${oneLine(filter.source ?? metric, 60)}`
      : `${oneLine(filter.name ?? metric, 120)}: ${figure}`;
  return `${what} rose by ${withUnit(actual, '%')} over the steady load`;
}

function noData(kpi: JudgedKpi): Finding {
  const reason = sentence(kpi.note ?? 'no sample matched');
  const what = oneLine(expressionOf(kpi), 240);
  const kpis = [kpi.id];
  if (!isMissed(kpi) && kpi.source === 'builtin') {
    return {
      kind: 'no_data',
      severity: 'low',
      title: `${what} has no data, and does not count`,
      detail: `${reason} novaperf adds this target to every run of this profile. A longer run has data for it.`,
      kpis,
    };
  }
  if (!isMissed(kpi)) {
    return {
      kind: 'no_data',
      severity: 'medium',
      title: `${what} has no data; k6 passes it`,
      detail: `${reason} Correct the metric or the tags if this run should cover it. With no_data: fail in ProjectConfig (testing.performance) it counts as missed.`,
      kpis,
    };
  }
  return {
    kind: 'no_data',
    severity: severityOf(kpi),
    title: `${what} has no data, so it counts as missed`,
    detail: `${reason} Correct the metric or the tags, or remove the target if this run should not cover it.`,
    kpis,
  };
}

function inconclusive(kpis: readonly JudgedKpi[]): Finding[] {
  const open = kpis.filter(({ verdict }) => verdict === 'inconclusive');
  if (open.length === 0) return [];
  const lines = open.map((kpi) => {
    const reasons = [kpi.note, doubtText(kpi), oddsText(kpi)].filter((text) => text !== undefined && text !== '');
    return `${oneLine(expressionOf(kpi), 240)}: ${reasons.join('; ')}.`;
  });
  return [
    {
      kind: 'inconclusive',
      severity: 'medium',
      title: `${count(open.length)} of ${plural(kpis.length, 'target')} cannot be judged from this run`,
      detail: lines.join(' '),
      kpis: open.map(({ id }) => id),
    },
  ];
}

function oddsText({ decidesAfterMs }: JudgedKpi): string {
  return decidesAfterMs === undefined ? '' : decidingRun(duration(decidesAfterMs, { trim: true }));
}

function aborted({ kpis, abortedByKpi }: FindingsInput): Finding[] {
  if (abortedByKpi === null || abortedByKpi === undefined) return [];
  const text = oneLine(abortedByKpi, 240);
  return [
    {
      kind: 'aborted_by_threshold',
      severity: 'critical',
      title: `The run was aborted: ${text} was crossed and has abortOnFail`,
      detail: 'The figures cover the run up to that moment; later phases of the profile did not run.',
      kpis: kpis.filter(({ id }) => id === abortedByKpi).map(({ id }) => id),
    },
  ];
}

/** One finding for all of them: a short run leaves most of its percentiles open, and a list would hide the rest. */
function withinNoise(kpis: readonly JudgedKpi[]): Finding[] {
  const close = kpis.filter(({ verdict, confidence }) => verdict === 'pass' && confidence === 'open');
  const [first] = close;
  if (first === undefined) return [];
  const title =
    close.length === 1
      ? `${oneLine(expressionOf(first), 240)} passed, but within the margin of error`
      : `${close.length} targets passed, but within the margin of error`;
  const evidence = close.map(
    (kpi) =>
      `${oneLine(expressionOf(kpi), 240)}: it is ${nextToTarget(kpi.actual, kpi.target, unitOf(kpi))}, and the 95 % interval is ${withUnit(kpi.ciLow, unitOf(kpi))} to ${withUnit(kpi.ciHigh, unitOf(kpi))}.`,
  );
  return [
    {
      kind: 'within_noise',
      severity: 'low',
      title,
      detail: [...evidence, 'A longer run, or several runs, would narrow the interval.'].join('\n'),
      kpis: close.map(({ id }) => id),
    },
  ];
}

function fewSamples(kpis: readonly JudgedKpi[]): Finding[] {
  const thin = kpis.flatMap((kpi) => {
    const q = quantileOf(kpi.statistic);
    const judged = kpi.verdict === 'pass' || kpi.verdict === 'fail';
    if (!judged || q === undefined || q <= 0 || q >= 1) return [];
    const beyond = kpi.samples * Math.min(q, 1 - q);
    return beyond < MIN_BEYOND ? [{ kpi, needed: Math.ceil(MIN_BEYOND / Math.min(q, 1 - q)) }] : [];
  });
  if (thin.length === 0) return [];
  return [
    {
      kind: 'few_samples',
      severity: 'low',
      title: `${plural(thin.length, 'percentile is', 'percentiles are')} based on too few requests`,
      detail: thin
        .map(
          ({ kpi, needed }) =>
            `${oneLine(expressionOf(kpi), 240)}: ${plural(kpi.samples, 'sample')}, at least ${count(needed)} needed.`,
        )
        .join(' '),
      kpis: thin.map(({ kpi }) => kpi.id),
    },
  ];
}

function nothingJudged(kpis: readonly JudgedKpi[]): Finding[] {
  if (kpis.length > 0) return [];
  return [
    {
      kind: 'nothing_judged',
      severity: 'low',
      title: 'The run had no targets, so nothing was judged',
      detail:
        'Give the scenario thresholds, or the component a PerformanceTargets item, such as http_req_duration p(95)<300.',
      kpis: [],
    },
  ];
}
