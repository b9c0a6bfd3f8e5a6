// Explains the verdict on a target step by step: what was judged, the value, its certainty, and what decided.

import type { Result, ResultKpi } from '../../model/result.ts';
import { isServerMetric } from '../../model/server-metrics.ts';
import { isOverTime } from '../../targets/drift-target.ts';
import { GROWTH } from '../../targets/server-unit.ts';
import { oneLine, sentence } from '../../text/display-text.ts';
import {
  count,
  duration,
  isFigure,
  nextToTarget,
  plural,
  significant,
  targetWithUnit,
  withUnit,
} from '../../text/format.ts';
import { farFactorOf } from '../statistics/decide.ts';
import { decidingRun, doubtText } from './doubt-words.ts';

/** One step: a name of two or three words, and one or two sentences. */
export interface ExplainedStep {
  readonly label: string;
  readonly text: string;
}

export interface Explanation {
  readonly id: string;
  readonly expression: string;
  readonly verdict: ResultKpi['verdict'];
  readonly steps: readonly ExplainedStep[];
}

const VERDICT_WORDS: Readonly<Record<ResultKpi['verdict'], string>> = {
  pass: 'met',
  fail: 'missed',
  no_data: 'no data, which counts as not met',
  inconclusive: 'inconclusive',
};

const SOURCE_WORDS: Readonly<Record<ResultKpi['source'], string>> = {
  threshold: "a threshold of the script's options",
  target: 'a target of PerformanceTargets',
  acceptance: 'a criterion of AcceptanceCriteria',
  builtin: 'a built-in target',
};

/** `met`, `missed`, `no data, …`, `inconclusive`. */
export function verdictText(verdict: ResultKpi['verdict']): string {
  return VERDICT_WORDS[verdict];
}

/** The steps that led to the verdict on one target, from the result alone, so that it works for kept runs. */
export function explainKpi(kpi: ResultKpi, result: Result): Explanation {
  const steps: ExplainedStep[] = [
    { label: 'What was judged', text: judgedText(kpi) },
    { label: 'Samples', text: samplesText(kpi, result) },
    { label: 'Value', text: valueText(kpi) },
    { label: 'Interval', text: intervalText(kpi) },
    ...neverSeen(kpi, result),
    ...(kpi.pooled === undefined ? [] : [{ label: 'Earlier runs', text: pooledText(kpi, kpi.pooled) }]),
    ...(kpi.note === null ? [] : [{ label: 'Note', text: sentence(oneLine(kpi.note, 2000)) }]),
    { label: 'Verdict', text: decisionText(kpi) },
    ...causeSteps(kpi, result),
  ];
  return { id: kpi.id, expression: kpi.expression, verdict: kpi.verdict, steps };
}

function unitOf(kpi: ResultKpi): string {
  return kpi.unit === '' && kpi.statistic === 'rate' ? 'share' : kpi.unit;
}

/** For a built-in target a rise within noise is no miss, so its interval may contain the target. */
function holdsTarget({ source, ci_low: low, ci_high: high, target }: ResultKpi): boolean {
  return source === 'builtin' && (low ?? -Infinity) < target && target < (high ?? Infinity);
}

function judgedText(kpi: ResultKpi): string {
  const filter = Object.entries(kpi.filter).map(([tag, value]) => `${tag} = ${oneLine(value, 80)}`);
  const isGrowth = isOverTime(kpi.statistic) || kpi.statistic === GROWTH;
  const all = isServerMetric(kpi.metric) ? 'readings' : 'samples';
  const which = filter.length === 0 ? `all ${all}` : `${all} with ${filter.join(' and ')}`;
  const of = isGrowth && kpi.during === undefined ? `${which} of the steady load` : which;
  const over = kpi.over_ms === undefined ? '' : `, over the worst period of ${duration(kpi.over_ms)}`;
  const origin = kpi.origin ?? null;
  const from = origin === null ? '' : ` (${oneLine(origin.item, 120)}, ${oneLine(origin.field, 120)})`;
  return `${kpi.statistic} of ${oneLine(kpi.metric, 120)} over ${of}${over}: ${SOURCE_WORDS[kpi.source]}${from}.`;
}

function samplesText(kpi: ResultKpi, result: Result): string {
  if (kpi.samples === 0) return 'No sample matched.';
  if (isServerMetric(kpi.metric)) return `${plural(kpi.samples, 'reading')} under load.`;
  if (isOverTime(kpi.statistic)) return `${plural(kpi.samples, 'period')} of the steady load.`;
  return `${plural(kpi.samples, 'sample')} matched in ${duration(result.duration_ms)} of load.`;
}

function valueText(kpi: ResultKpi): string {
  if (kpi.actual === null) return 'There is no value to compare.';
  const unit = unitOf(kpi);
  const margin = kpi.margin_percent;
  const by =
    margin === null || margin === 0 || isOverTime(kpi.statistic)
      ? ''
      : margin > 0
        ? `, ${significant(margin, 2)} % headroom`
        : `, ${kpi.verdict === 'fail' ? 'missed by' : 'off by'} ${significant(-margin, 2)} %`;
  return `${nextToTarget(kpi.actual, kpi.target, unit)} against ${kpi.comparison} ${targetWithUnit(kpi.target, unit)}${by}.`;
}

const ABSENCES: Readonly<Record<NonNullable<ResultKpi['interval_absence']> | 'unknown', string>> = {
  smoke: 'None: smoke runs have no statistics.',
  exact: 'None: the value is exact, not an estimate.',
  short: 'None: the run is too short.',
  few_samples: 'None: too few samples lie beyond this percentile.',
  dependent: 'None: consecutive samples are correlated, so there are too few independent ones.',
  stretch: 'None: the value is that of the worst period of the run.',
  unknown: 'None.',
};

function intervalText(kpi: ResultKpi): string {
  const unit = unitOf(kpi);
  const { ci_low: low, ci_high: high } = kpi;
  if (low === null && high === null) {
    return ABSENCES[kpi.interval_absence ?? 'unknown'];
  }
  const end = (value: number | null) => (value === null ? 'unbounded' : withUnit(value, unit));
  const side =
    kpi.confidence === 'open'
      ? 'The target is inside it'
      : kpi.confidence === 'unknown'
        ? 'It does not decide'
        : 'The target is outside it';
  const by =
    kpi.pooled !== undefined
      ? 'including the variation between runs of this build'
      : kpi.statistic === 'rate' && kpi.actual === 0
        ? 'from the number of samples without one'
        : 'including the correlation between seconds';
  return `95 % from ${end(low)} to ${end(high)}, ${by}. ${side}.`;
}

/**
 * A run shows at least one burst in 95 of 100 cases if the mean time between bursts is a third of its length: exp(-3)
 * is 0.05.
 */
const SHOWN_IN = 3;

/** What a share of 0 leaves open: bursts that did not occur in this run. */
function neverSeen({ actual, statistic, verdict }: ResultKpi, { duration_ms: durationMs }: Result): ExplainedStep[] {
  if (actual !== 0 || statistic !== 'rate' || verdict === 'no_data') return [];
  return [
    {
      label: 'Not seen',
      text: `There was none in this run. Bursts that come less often than every ${duration(durationMs / SHOWN_IN)} may have missed it; a longer run, or several of this build, would show them.`,
    },
  ];
}

function pooledText(kpi: ResultKpi, pooled: NonNullable<ResultKpi['pooled']>): string {
  const unit = unitOf(kpi);
  const { runs, mean, agrees, own_ci_low: low, own_ci_high: high } = pooled;
  const end = (value: number | null) => (value === null ? 'unbounded' : withUnit(value, unit));
  const alone = `This run alone: ${end(low)} to ${end(high)}.`;
  const earlier = plural(runs - 1, 'earlier run');
  return agrees
    ? `Judged together with ${earlier} of the same build and load: ${withUnit(mean, unit)} on average. ${alone}`
    : `${earlier} of the same build and load had ${withUnit(mean, unit)} on average, which is further away than normal variation: something else has changed. So this run is judged alone, with the variation between the earlier ones. ${alone}`;
}

/** Why the verdict is what it is, in the terms of decide.ts and of later adjustments. */
function decisionText(kpi: ResultKpi): string {
  const word = VERDICT_WORDS[kpi.verdict];
  const verdictWord = `${word.charAt(0).toUpperCase()}${word.slice(1)}`;
  const longer =
    isFigure(kpi.decides_after_ms) && kpi.verdict === 'inconclusive'
      ? ` ${sentence(decidingRun(duration(kpi.decides_after_ms)))}`
      : '';
  switch (kpi.reason) {
    case 'clear':
      if (kpi.ci_low === null && kpi.ci_high === null) return `${verdictWord}: no continuing rise was found.`;
      if (holdsTarget(kpi)) {
        return `${verdictWord}: the value is within the target, and this built-in target is missed only if the whole interval is beyond it.`;
      }
      return kpi.method === 'decided'
        ? `${verdictWord}: the target is outside the interval.`
        : kpi.pooled === undefined
          ? `${verdictWord}: the target is outside the interval. The run is short, so the interval was widened by half; the verdict is provisional.`
          : `${verdictWord}: the target is outside the interval, but the runs are short; the verdict is provisional.`;
    case 'far_off':
      return `${verdictWord}: the run is too short for an interval, but the value is ${kpi.verdict === 'pass' ? 'within' : 'off'} the target by a factor of ${farFactorOf(kpi.statistic)} or more; the verdict is provisional.`;
    case 'too_close':
      return `${verdictWord}: ${doubtText({ ...kpi, reason: kpi.reason })}, so another run of the same build may have the opposite result.${longer}${furtherText(kpi)}`;
    case 'too_short':
      return `${verdictWord}: ${doubtText({ ...kpi, reason: kpi.reason })}.${longer}`;
    case 'k6_rule':
      return `${verdictWord}: a threshold is judged as k6 does, by the value alone${kpi.confidence === 'open' ? ', here within the margin of error' : ''}. --verdict certain judges it by its interval.`;
    case 'exact':
      return `${verdictWord}: the value is exact and was compared directly.`;
    case 'smoke':
      return `${verdictWord} by the value alone: a smoke run is no performance verdict.`;
    case 'generator':
      return `${verdictWord}: the load generator may be the cause.`;
    case 'load_short':
      return `${verdictWord}: it was met, but below the requested load.`;
    case 'warming_up':
      return `${verdictWord}: the warm-up may not have ended.`;
    case 'tags_lost':
      return `${verdictWord}: samples that lost their tags may belong to it.`;
    case 'wrong_unit':
      return `${verdictWord}: the unit of the target does not fit the metric.`;
    case 'not_proven':
      return `${verdictWord}: the relative rise is above its limit, but the absolute rise is below its limit, or noise may explain it.`;
    case 'no_samples':
      return kpi.source === 'threshold'
        ? `${verdictWord}: k6 itself passes a threshold without samples.`
        : `${verdictWord}.`;
    case undefined:
      return `${verdictWord}.`;
  }
}

function furtherText({ pooled }: ResultKpi): string {
  const more = pooled?.decides_after_runs;
  return isFigure(more)
    ? ` ${plural(more, 'more run')} of this build would decide with a probability of about 50 %.`
    : '';
}

/** Findings that may have caused the miss, with the most likely cause of each. */
function causeSteps(kpi: ResultKpi, result: Result): ExplainedStep[] {
  const found = result.findings.filter(({ moved_with: ids }) => ids?.includes(kpi.id) === true).slice(0, 3);
  return found.map(({ title, probable_cause: cause }, index) => ({
    label: index === 0 ? 'Possible causes' : '',
    text: `${sentence(oneLine(title, 300))}${typeof cause === 'string' && cause !== '' ? ` Probably ${oneLine(cause, 200)}.` : ''}`,
  }));
}

/** The run as a whole: its status and the reason, and what changed under constant load. */
export function explainRun(result: Result): readonly ExplainedStep[] {
  const having = (verdict: ResultKpi['verdict']) => result.kpis.filter((kpi) => kpi.verdict === verdict).length;
  const tally = (['pass', 'fail', 'no_data', 'inconclusive'] as const)
    .filter((verdict) => having(verdict) > 0)
    .map((verdict) => `${count(having(verdict))} ${VERDICT_WORDS[verdict]}`);
  const seen = result.observations;
  return [
    {
      label: 'Status',
      text: `${result.status} (exit code ${result.exit_code}): ${sentence(oneLine(result.status_reason, 600))}`,
    },
    { label: 'Targets', text: tally.length === 0 ? 'The run had none.' : `${tally.join(', ')}.` },
    {
      label: 'Load generator',
      text: `${result.generator.state}${result.generator.reasons.length === 0 ? '' : `: ${oneLine(result.generator.reasons.join('; '), 400)}`}.`,
    },
    ...(seen === undefined
      ? []
      : [
          {
            label: 'Steady part',
            text:
              seen.start_ms === null || seen.end_ms === null
                ? 'No period of constant load lasted 30 s, so changes over time were not judged.'
                : `${duration(seen.end_ms - seen.start_ms)} of constant load: ${count(seen.observed.length)} of ${plural(seen.series, 'series', 'series')} changed.`,
          },
        ]),
    ...result.findings.slice(0, 5).map(({ severity, title }, index) => ({
      label: index === 0 ? 'Findings' : '',
      text: `${severity}: ${oneLine(title, 300)}`,
    })),
  ];
}
