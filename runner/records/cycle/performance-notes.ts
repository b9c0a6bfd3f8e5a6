// Missed KPIs and significant findings of a run → PerformanceNotes: one per cause, with metric, target, actual value and evidence.

import { byCause, type CauseGroup, exceptionInResponses, findingOf } from '../../analysis/findings/by-cause.ts';
import { FAILED_REQUESTS } from '../../model/finding-kinds.ts';
import type { Result, ResultKpi } from '../../model/result.ts';
import { actualText, targetText } from '../../report/view/kpi-text.ts';
import { sentence } from '../../text/display-text.ts';
import { recordLine, recordText } from '../../text/record-text.ts';
import type { NotedKpi, PerformanceNote } from '../store/item-values.ts';

export const NOTES_CATEGORY = 'PerformanceNotes';

/** A note without its key, which will be `[Component]_[findingType]_[day]`. */
export interface Note {
  readonly findingType: string;
  readonly severity: ResultKpi['severity'];
  /** One sentence with numbers. */
  readonly title: string;
  readonly value: PerformanceNote;
  /** The ConPort items (`Category:Key`) with missed targets. */
  readonly items: readonly string[];
}

/** One note per cause, with the targets that were missed because of it; most severe first. */
export function notesOf(result: Result, reportPath: string): Note[] {
  return byCause(result).map((group) => noteOf(result, group, reportPath));
}

function noteOf(result: Result, group: CauseGroup, reportPath: string): Note {
  const [worst] = group.kpis;
  const { lead, severity } = group;
  const own = worst === undefined ? undefined : findingOf(result, worst);
  const titles = [...new Set([group.title, ...group.findings.map(({ title }) => title), own?.title])];
  return {
    findingType: worst === undefined ? pascal(lead?.kind ?? 'finding') : findingTypeOf(worst),
    severity,
    title: recordLine(group.title),
    items: itemsOf(group.kpis),
    value: {
      ...common(result),
      metric_observed: worst === undefined ? (lead?.kind ?? 'finding') : recordLine(metricOf(worst)),
      target_kpi_value: worst === undefined ? null : recordLine(targetText(worst, result)),
      actual_value_observed: recordLine(worst === undefined ? group.title : actualText(worst, result)),
      finding_summary: recordLine(group.title),
      finding_description: sentences([...titles, lead?.detail, own === lead ? undefined : own?.detail, worst?.note]),
      potential_cause_hypothesis: hypothesis(result, group),
      raw_data_report_reference: reportPath,
      severity,
      finding_kind: lead?.kind ?? 'kpi_missed',
      ...(worst === undefined ? {} : { kpi: kpiOf(worst) }),
      targets_broken: group.kpis.map(kpiOf),
    },
  };
}

/** The distinct ConPort items that targets come from. */
export function itemsOf(
  kpis: ReadonlyArray<{ readonly origin?: { readonly item: string } | null | undefined }>,
): string[] {
  return [...new Set(kpis.flatMap(({ origin }) => origin?.item ?? []))];
}

/** A target in the form of a note, with the ConPort item, version and field that it comes from. */
function kpiOf(kpi: ResultKpi): NotedKpi {
  return {
    id: recordText(kpi.id, 500),
    expression: recordText(kpi.expression, 500),
    verdict: kpi.verdict,
    severity: kpi.severity,
    source: kpi.source,
    ...originOf(kpi),
    actual: kpi.actual,
    target: kpi.target,
    unit: kpi.unit,
    ci_low: kpi.ci_low,
    ci_high: kpi.ci_high,
    confidence: kpi.confidence,
    samples: kpi.samples,
    margin_percent: kpi.margin_percent,
  };
}

/** The ConPort item (`PerformanceTargets:Catalog_Targets_v2`), version and field of a target; empty for a threshold of the script. */
export function originOf({ origin }: Pick<ResultKpi, 'origin'>): Pick<NotedKpi, 'item' | 'version' | 'field'> {
  if (origin === null || origin === undefined) return {};
  return { item: recordText(origin.item, 300), version: origin.version, field: recordText(origin.field, 300) };
}

function common(result: Result) {
  return {
    schema_version: '1.0',
    component_scenario: recordLine(`${result.component} / ${result.scenario}`),
    component: recordLine(result.component),
    scenario: recordLine(result.scenario),
    profile: result.profile,
    environment: recordLine(result.environment),
    target_url: recordLine(result.target_url, 2000),
    build_version: recordLine(result.build_version),
    run: result.run,
    observed_at: result.ended_at,
  };
}

/** Kinds of findings about failures: their responses may name an exception. */
const FAILURES: readonly string[] = [...FAILED_REQUESTS, 'failed_checks', 'errors_rose'];

/**
 * The probable cause: an exception named in failed responses and the probable cause of the findings; without either, a finding that changed
 * together with the targets. null if there is no hint.
 */
function hypothesis(result: Result, { findings, kpis, lead }: CauseGroup): string | null {
  const isFailure =
    findings.some(({ kind }) => FAILURES.includes(kind)) || kpis.some(({ metric }) => metric === 'http_req_failed');
  const exception = isFailure ? exceptionInResponses(result) : undefined;
  const probable = [...findings, ...kpis.flatMap((kpi) => findingOf(result, kpi) ?? [])].flatMap(
    ({ probable_cause: cause }) => cause ?? [],
  );
  const causes = [...(exception === undefined ? [] : [exception]), ...new Set(probable.slice(0, 1))].map(sentence);
  if (causes.length > 0) return sentences(causes);
  const ids = new Set(kpis.map(({ id }) => id));
  const cause = result.findings.find(
    (finding) =>
      finding !== lead && !findings.includes(finding) && (finding.moved_with ?? []).some((id) => ids.has(id)),
  );
  return cause === undefined ? null : sentences([cause.title]);
}

function metricOf(kpi: ResultKpi): string {
  const tags = Object.entries(kpi.filter).map(([tag, value]) => `${tag}:${value}`);
  return `${kpi.metric}${tags.length === 0 ? '' : `{${tags.join(',')}}`} ${kpi.statistic}`;
}

function sentences(texts: ReadonlyArray<string | null | undefined>): string {
  const given = texts.flatMap((text) => (text ? [recordText(text)] : []));
  return given.map(sentence).join(' ');
}

/** The finding type of a missed KPI, for the note's key: `LatencyP95TargetMissed`, `ErrorRateNoData`. */
function findingTypeOf(kpi: ResultKpi): string {
  const subject = subjectOf(kpi);
  return `${subject}${subject === 'Latency' ? pascal(kpi.statistic) : ''}${kpi.verdict === 'no_data' ? 'NoData' : 'TargetMissed'}`;
}

function subjectOf({ metric, statistic }: ResultKpi): string {
  if (/_req_duration$|_duration$|_waiting$|_blocked$|_connecting$|_receiving$|_sending$|_handshaking$/.test(metric)) {
    return 'Latency';
  }
  if (metric === 'http_req_failed') return 'ErrorRate';
  if (metric === 'checks') return 'Checks';
  if (metric === 'dropped_iterations') return 'DroppedIterations';
  if ((metric === 'http_reqs' || metric === 'iterations') && statistic === 'rate') return 'Throughput';
  return pascal(metric);
}

function pascal(name: string): string {
  return name
    .replace(/[()]/g, '')
    .split(/[^A-Za-z0-9]+/)
    .filter((word) => word !== '')
    .map((word) => word.charAt(0).toUpperCase() + word.slice(1))
    .join('');
}
