// The KPIs of a Result as rows: what was asked, what came out, by how much, and how sure that is.

import { CAUSES } from '../../analysis/cause-kinds.ts';
import { SEVERITIES } from '../../model/kpi.ts';
import { isMissedKpi, type Result, type ResultKpi } from '../../model/result.ts';
import { filterName, statisticName } from '../../targets/kpi-name.ts';
import { oneLine, sentence, visible } from '../../text/display-text.ts';
import {
  besideTarget,
  compact,
  count,
  isFigure,
  NO_DATA,
  percent,
  targetWithUnit,
  withUnit,
} from '../../text/format.ts';
import type { TrackBook } from '../tracks/book.ts';
import { mark } from './cells.ts';
import { kpiInRange } from './kpi-range.ts';
import type { FindingRow, KpiRow, Mark, ReportView } from './model.ts';

export const VERDICTS: Readonly<Record<ResultKpi['verdict'], Mark>> = {
  pass: mark('good', 'pass', 'met'),
  fail: mark('bad', 'fail', 'missed'),
  no_data: mark('bad', 'unknown', 'no data'),
  inconclusive: mark('warn', 'unknown', 'inconclusive'),
};
const NO_DATA_PASSES = mark('warn', 'unknown', 'no data');

/** How the verdict on a KPI looks; no data that does not count as missed is a warning. */
export function verdictMark(kpi: Pick<ResultKpi, 'verdict' | 'no_data_passes'>): Mark {
  return kpi.verdict === 'no_data' && !isMissedKpi(kpi) ? NO_DATA_PASSES : VERDICTS[kpi.verdict];
}

const ORDER: readonly ResultKpi['verdict'][] = ['fail', 'no_data', 'inconclusive', 'pass'];

const SOURCES: Readonly<Record<ResultKpi['source'], string>> = {
  threshold: 'script threshold',
  target: 'PerformanceTargets',
  acceptance: 'AcceptanceCriteria',
  builtin: 'set by novaperf',
};

export const COMPARISON_SIGNS: Readonly<Record<ResultKpi['comparison'], string>> = {
  '<': '<',
  '<=': '≤',
  '>': '>',
  '>=': '≥',
  '==': '=',
  '!=': '≠',
};

const CONFIDENCE: Readonly<Record<ResultKpi['confidence'], string>> = {
  firm: '',
  provisional: 'short run',
  open: 'within the margin of error',
  unknown: '',
};

/** What the verdict rests on, in words; for one that goes by the value, what its interval says. */
export function basisText(kpi: Pick<ResultKpi, 'confidence' | 'method' | 'reason' | 'pooled'>): string {
  const basis = reasonText(kpi);
  const runs = kpi.pooled === undefined ? '' : `over ${count(kpi.pooled.runs)} runs of this build`;
  return [basis, runs].filter((text) => text !== '').join('; ');
}

function reasonText(kpi: Pick<ResultKpi, 'confidence' | 'method' | 'reason'>): string {
  switch (kpi.reason) {
    case 'clear':
      return kpi.method === 'indicative' ? 'provisional, short run' : CONFIDENCE[kpi.confidence];
    case 'far_off':
      return 'provisional, far from the target';
    case 'too_close':
      return 'the target is inside the interval';
    case 'too_short':
      return 'too short for an interval';
    case 'exact':
      return '';
    case 'generator':
      return 'load generator too busy';
    case 'load_short':
      return 'below the requested load';
    case 'tags_lost':
      return 'series lost their tags';
    case 'wrong_unit':
      return 'unit does not fit the metric';
    case 'not_proven':
      return 'rise too small, or within noise';
    case 'warming_up':
      return 'warm-up not ended';
    case 'smoke':
    case 'no_samples':
      return '';
    case 'k6_rule':
    case undefined:
      return CONFIDENCE[kpi.confidence];
  }
}

/** `met`, `missed`, `too close to call`, … */
export function verdictWord({ verdict, reason }: Pick<ResultKpi, 'verdict' | 'reason'>): string {
  const isUndecided = verdict === 'inconclusive' && (reason === 'too_close' || reason === 'too_short');
  return isUndecided ? 'too close to call' : VERDICTS[verdict].word;
}

/** The unit to write values in: k6's rates carry none, and are shares. */
export function unitOf(kpi: ResultKpi, result: Result): string {
  const isShare =
    result.metrics[kpi.metric]?.type === 'rate' || (kpi.statistic === 'rate' && kpi.unit === '' && kpi.target <= 1);
  return isShare && kpi.unit === '' ? 'share' : oneLine(kpi.unit, 20);
}

/** `name = GET /products, status = 200`. */
export function filterText(filter: Readonly<Record<string, string>>): string {
  return filterName(filter);
}

/** `< 500 ms`. */
export function targetText(kpi: ResultKpi, result: Result): string {
  return `${COMPARISON_SIGNS[kpi.comparison]} ${targetWithUnit(kpi.target, unitOf(kpi, result))}`;
}

/** The measured value with as many digits as tell it from the target. */
export function actualText(kpi: ResultKpi, result: Result): string {
  return besideTarget(kpi.actual, kpi.target, unitOf(kpi, result));
}

/** From ten times the target on, a percentage is hard to grasp. */
const MOST_MARGIN = 900;

/** By how much the value is off its target, or the room it leaves; `missed`: the words for a target that is not met. */
export function marginText(
  { margin_percent: margin, verdict, actual, target }: ResultKpi,
  missed = 'missed by',
): string {
  if (!isFigure(margin)) return '–';
  if (margin === 0) return 'on the target';
  if (Math.abs(margin) >= MOST_MARGIN && isFigure(actual))
    return `${compact(actual / target, { digits: 2 })} times the target`;
  const size = percent(Math.abs(margin) / 100, { digits: 2 });
  // A miss that is small or within noise is no miss.
  const words = margin < 0 && verdict === 'pass' ? 'off by' : missed;
  return margin < 0 || verdict === 'fail' ? `${words} ${size}` : `${size} headroom`;
}

const ABSENCES: Readonly<Record<NonNullable<ResultKpi['interval_absence']>, string>> = {
  smoke: '',
  exact: '',
  short: 'run too short',
  few_samples: 'too few samples',
  dependent: 'too few independent samples',
  stretch: 'worst stretch only',
};

/** Why a run longer than a smoke run gives no interval for a value that could have one; '' where there is nothing to explain. */
function absenceText({ interval_absence: absence }: ResultKpi): string {
  return absence === undefined ? '' : ABSENCES[absence];
}

/** `38 ms to 52 ms`; a dash where the run gives no interval. */
export function intervalText(kpi: ResultKpi, result: Result): string {
  const unit = unitOf(kpi, result);
  if (!isFigure(kpi.actual)) return NO_DATA;
  // Results from before 0.2 have intervals of smoke runs.
  if (result.profile === 'smoke') return '–';
  if (isFigure(kpi.ci_low) && isFigure(kpi.ci_high))
    return `${withUnit(kpi.ci_low, unit)} to ${withUnit(kpi.ci_high, unit)}`;
  if (isFigure(kpi.ci_low)) return `at least ${withUnit(kpi.ci_low, unit)}`;
  return '–';
}

/** `between 480 ms and 530 ms`; '' where the run gives no interval. */
export function betweenText(kpi: ResultKpi, result: Result): string {
  if (!isFigure(kpi.ci_low) || !isFigure(kpi.ci_high)) return '';
  const unit = unitOf(kpi, result);
  return `between ${besideTarget(kpi.ci_low, kpi.target, unit)} and ${besideTarget(kpi.ci_high, kpi.target, unit)}`;
}

/** The metric and statistic as people say it: `p95 of http_req_duration`. */
export function nameText(kpi: ResultKpi): string {
  return statisticName(kpi);
}

function row(kpi: ResultKpi, index: number, result: Result, tracks: TrackBook | undefined): KpiRow {
  return {
    ...verdictMark(kpi),
    ...(kpi.verdict === 'inconclusive' ? { word: verdictWord(kpi) } : {}),
    anchor: `kpi-${index + 1}`,
    id: oneLine(kpi.id),
    name: nameText(kpi),
    filter: filterText(kpi.filter),
    expression: oneLine(kpi.expression, 240),
    severity: kpi.severity,
    source: kpi.origin?.item ?? SOURCES[kpi.source],
    target: targetText(kpi, result),
    actual: actualText(kpi, result),
    rangeFollows: tracks === undefined ? '' : kpiInRange(kpi, unitOf(kpi, result), tracks),
    margin: marginText(kpi),
    marginSort: isFigure(kpi.margin_percent) ? String(kpi.margin_percent) : '',
    interval: intervalText(kpi, result),
    confidence: isFigure(kpi.actual) ? absenceText(kpi) || basisText(kpi) : '',
    samples: count(kpi.samples),
    samplesSort: String(kpi.samples),
    note: kpi.note === null || kpi.note === '' ? null : oneLine(kpi.note, 600),
    isMeasured: isFigure(kpi.actual),
    svg: bar(kpi),
  };
}

const BAR_WIDTH = 120;

/** Actual value as a bar, its interval as a whisker, the target as a tick; in the classes of styles/tables.css. */
function bar(kpi: ResultKpi): string | null {
  if (!isFigure(kpi.actual) || kpi.actual < 0 || kpi.target < 0) return null;
  const reach = Math.max(kpi.actual, kpi.target, Math.min(kpi.ci_high ?? 0, kpi.actual * 2));
  if (reach <= 0) return null;
  const x = (value: number) => Math.round(Math.min(value / (reach * 1.12), 1) * BAR_WIDTH * 10) / 10;
  const whisker =
    isFigure(kpi.ci_low) && isFigure(kpi.ci_high)
      ? `<path class="bar-ci" d="M${x(kpi.ci_low)} 8H${x(kpi.ci_high)}M${x(kpi.ci_low)} 5v6M${x(kpi.ci_high)} 5v6"/>`
      : '';
  return (
    `<svg class="bar bar-${verdictMark(kpi).tone}" viewBox="0 0 ${BAR_WIDTH} 16" width="${BAR_WIDTH}" height="16" aria-hidden="true">` +
    `<rect class="bar-track" x="0" y="4" width="${BAR_WIDTH}" height="8" rx="2"/>` +
    `<rect class="bar-value" x="0" y="4" width="${Math.max(x(kpi.actual), 1.5)}" height="8" rx="2"/>${whisker}` +
    `<path class="bar-target" d="M${x(kpi.target)} 0v16"/></svg>`
  );
}

/** Rows with the missed ones first, gravest first; the anchors count in this order. With `tracks` they also follow a range. */
export function kpiRows(result: Result, tracks?: TrackBook): KpiRow[] {
  return orderedKpis(result).map((kpi, index) => row(kpi, index, result, tracks));
}

export function orderedKpis(result: Result): ResultKpi[] {
  return [...result.kpis].sort(
    (a, b) =>
      ORDER.indexOf(a.verdict) - ORDER.indexOf(b.verdict) ||
      SEVERITIES.indexOf(a.severity) - SEVERITIES.indexOf(b.severity) ||
      (a.margin_percent ?? 0) - (b.margin_percent ?? 0),
  );
}

/** `2 missed, 1 without data of 7 targets.` */
export function kpiSentence({ kpis }: Result): string {
  if (kpis.length === 0) return 'No targets are set, so this run has measurements but no verdict.';
  const having = (verdict: ResultKpi['verdict']) => kpis.filter((kpi) => kpi.verdict === verdict).length;
  const [missed, empty, open] = [having('fail'), having('no_data'), having('inconclusive')];
  const all = `${kpis.length} ${kpis.length === 1 ? 'target' : 'targets'}`;
  if (missed + empty + open === 0) {
    return kpis.length === 1
      ? 'The target was met.'
      : kpis.length === 2
        ? 'Both targets were met.'
        : `All ${all} were met.`;
  }
  const parts = [
    ...(missed > 0 ? [`${missed} missed`] : []),
    ...(empty > 0 ? [`${empty} without data`] : []),
    ...(open > 0 ? [`${open} inconclusive`] : []),
  ];
  return `${parts.join(', ')} of ${all}.`;
}

const SEVERITY_MARKS: Readonly<Record<Result['findings'][number]['severity'], Mark>> = {
  critical: mark('bad', 'fail', 'critical'),
  high: mark('bad', 'warn', 'high'),
  medium: mark('warn', 'warn', 'medium'),
  low: mark('neutral', 'unknown', 'low'),
};

/** Findings, gravest first, each with links to the KPIs it speaks of. */
export function findingRows(result: Result, kpis: readonly KpiRow[]): FindingRow[] {
  const rowOf = new Map(orderedKpis(result).map((kpi, index) => [kpi.id, kpis[index]]));
  return [...result.findings]
    .sort((a, b) => SEVERITIES.indexOf(a.severity) - SEVERITIES.indexOf(b.severity))
    .map((finding, index) => ({
      ...SEVERITY_MARKS[finding.severity],
      anchor: `finding-${index + 1}`,
      kind: oneLine(finding.kind, 60),
      title: oneLine(finding.title, 300),
      detail: visible(finding.detail)
        .slice(0, 6000)
        .split(/\n+/)
        // A title that is the whole of it is said once.
        .filter((paragraph) => !['', sentence(finding.title)].includes(paragraph.trim())),
      kpis: finding.kpis.map((id) => {
        const kpi = rowOf.get(id);
        return { anchor: kpi?.anchor ?? null, name: kpi?.expression ?? oneLine(id) };
      }),
    }));
}

/** What makes times look longer than they were; the sentence on how far the verdict can be trusted says it already. */
const SAID_BY_TRUST = new Set(['generator_saturated', 'generator_warn', 'generator_machine']);

/** Failures. A few of them make no percentile of the others long. */
const FAILURES = new Set([
  'http_errors',
  'grpc_errors',
  'websocket_errors',
  'browser_errors',
  'transport_errors',
  'script_exceptions',
]);

const TIME_UNITS: ReadonlySet<string> = new Set(['ms', 'milliseconds', 's', 'seconds']);

/**
 * Findings divided: those with evidence of what happened, and notes. Where a target was not met the former are its possible causes,
 * so what is slight enough to be low is none, unless it moved with the response time; nor is what makes times look longer, where
 * no target on a time was missed; nor what an open model would have measured; nor a few failures, where only targets on times were
 * missed.
 */
export function dividedFindings(
  findings: readonly FindingRow[],
  kpis: readonly KpiRow[],
  { kpis: judged }: Pick<Result, 'kpis'>,
): Pick<ReportView, 'findingsTitle' | 'findings' | 'notes'> {
  const isTimeMissed = judged.some((kpi) => isMissedKpi(kpi) && TIME_UNITS.has(kpi.unit));
  const isOtherMissed = judged.some((kpi) => isMissedKpi(kpi) && !TIME_UNITS.has(kpi.unit));
  const explains = ({ kind, tone }: FindingRow) =>
    kind !== 'coordinated_omission' &&
    (isTimeMissed || !SAID_BY_TRUST.has(kind)) &&
    (isOtherMissed || tone === 'bad' || !FAILURES.has(kind));
  const isMet = !kpis.some(({ tone }) => tone === 'bad');
  const isEvidence = (finding: FindingRow) =>
    CAUSES.has(finding.kind) &&
    (isMet || (explains(finding) && (finding.word !== 'low' || finding.kind === 'server_moves_with')));
  return {
    findingsTitle: isMet ? 'Findings' : 'Possible causes',
    findings: findings.filter(isEvidence),
    notes: findings.filter((finding) => !isEvidence(finding)),
  };
}

/** Rows that the first screen has room for: of missed targets, and of both together. */
const BRIEF = 3;
const MOST_ROWS = 4;

/** Of a run without a miss and without a finding above low. Response times that rose and are low are small, unclear or the machine's. */
const HAPPENED = new Set(['server_growth', 'observed']);
const MOST_HAPPENED = 2;

function missedTitle(open: readonly KpiRow[]): string {
  if (open.every(({ tone }) => tone === 'bad')) return 'Targets not met';
  if (open.some(({ tone }) => tone === 'bad')) return 'Targets not met or not decided';
  return open.every(({ isMeasured }) => !isMeasured) ? 'Targets without data' : 'Targets not decided';
}

/** The first of the targets that were not met, how many more there are, and what was found above low. */
export function summaryView(
  kpis: readonly KpiRow[],
  findings: readonly FindingRow[] = [],
  notes: readonly FindingRow[] = [],
): ReportView['summary'] {
  const missed = kpis.filter(({ tone }) => tone !== 'good');
  const above = findings.filter(({ word, kind }) => word !== 'low' && !SAID_BY_TRUST.has(kind));
  // Without a problem there is room for what else happened.
  const causes =
    above.length + missed.length === 0
      ? [...findings, ...notes].filter(({ kind }) => HAPPENED.has(kind)).slice(0, MOST_HAPPENED)
      : above.slice(0, MOST_ROWS - Math.min(missed.length, BRIEF));
  return {
    missed: missed.slice(0, BRIEF),
    hasMissed: missed.length > 0,
    missedTitle: missedTitle(missed),
    causes,
    hasCauses: causes.length > 0,
    hasAny: missed.length + causes.length > 0,
    moreMissed: missed.length > BRIEF ? `${missed.length - BRIEF} more` : '',
  };
}
