// A run's missed KPIs and significant findings become PerformanceNotes: one each, with metric, target, actual value and evidence.

import { isMissedKpi, type Result, type ResultFinding, type ResultKpi } from '../model/result.ts';
import { sentence } from '../text/display-text.ts';
import { recordLine, recordText } from '../text/record-text.ts';
import { redactText, redactUrl } from '../text/secrets.ts';

export const NOTES_CATEGORY = 'PerformanceNotes';

/** A note before it has a key: `[Component]_[findingType]_[day]`. */
export interface Note {
  readonly findingType: string;
  readonly severity: ResultKpi['severity'];
  /** One sentence, with the numbers. */
  readonly title: string;
  readonly value: Readonly<Record<string, unknown>>;
}

/** Findings that only say again what a missed KPI says, or that say that nothing can be said. */
const NOT_NOTED = new Set([
  'kpi_missed',
  'no_data',
  'inconclusive',
  'within_noise',
  'few_samples',
  'nothing_judged',
  'targets_unread',
]);

/** One note for each KPI that was missed or had no data, then one for each other finding above low. */
export function notesOf(result: Result, reportPath: string): Note[] {
  const missed = result.kpis.filter(isMissedKpi);
  const others = result.findings.filter(({ kind, severity }) => severity !== 'low' && !NOT_NOTED.has(kind));
  return [
    ...missed.map((kpi) => noteOfKpi(result, kpi, reportPath)),
    ...others.map((finding) => noteOfFinding(result, finding, reportPath)),
  ];
}

function noteOfKpi(result: Result, kpi: ResultKpi, reportPath: string): Note {
  const said = result.findings.filter(({ kpis }) => kpis.includes(kpi.id));
  const own = said.find(({ kind }) => kind === 'kpi_missed' || kind === 'no_data');
  const actual = kpi.actual === null ? 'no data' : withUnit(kpi.actual, kpi.unit);
  const title = own?.title ?? `${kpi.expression} was not met: ${actual}`;
  return {
    findingType: findingTypeOf(kpi),
    severity: own?.severity ?? kpi.severity,
    title: recordLine(redactText(title)),
    value: {
      ...common(result),
      metric_observed: recordLine(metricOf(kpi)),
      target_kpi_value: recordLine(`${kpi.comparison} ${withUnit(kpi.target, kpi.unit)}`),
      actual_value_observed: recordLine(actual),
      finding_summary: recordLine(redactText(title)),
      finding_description: sentences([title, own?.detail, kpi.note]),
      potential_cause_hypothesis: hypothesis(result, own),
      raw_data_report_reference: reportPath,
      severity: own?.severity ?? kpi.severity,
      kpi: {
        id: recordText(kpi.id, 500),
        expression: recordText(kpi.expression, 500),
        verdict: kpi.verdict,
        source: kpi.source,
        actual: kpi.actual,
        target: kpi.target,
        unit: kpi.unit,
        ci_low: kpi.ci_low,
        ci_high: kpi.ci_high,
        confidence: kpi.confidence,
        samples: kpi.samples,
        margin_percent: kpi.margin_percent,
      },
    },
  };
}

function noteOfFinding(result: Result, finding: ResultFinding, reportPath: string): Note {
  const kpi = result.kpis.find(({ id }) => finding.kpis.includes(id));
  return {
    findingType: pascal(finding.kind),
    severity: finding.severity,
    title: recordLine(redactText(finding.title)),
    value: {
      ...common(result),
      metric_observed: kpi === undefined ? finding.kind : recordLine(metricOf(kpi)),
      target_kpi_value: kpi === undefined ? null : recordLine(`${kpi.comparison} ${withUnit(kpi.target, kpi.unit)}`),
      actual_value_observed: recordLine(redactText(finding.title)),
      finding_summary: recordLine(redactText(finding.title)),
      finding_description: sentences([finding.title, finding.detail]),
      potential_cause_hypothesis: hypothesis(result, finding),
      raw_data_report_reference: reportPath,
      severity: finding.severity,
      finding_kind: finding.kind,
    },
  };
}

function common(result: Result): Record<string, unknown> {
  return {
    schema_version: '1.0',
    component_scenario: recordLine(`${result.component} / ${result.scenario}`),
    component: recordLine(result.component),
    scenario: recordLine(result.scenario),
    profile: result.profile,
    environment: recordLine(result.environment),
    target_url: redactUrl(recordLine(result.target_url, 2000)),
    build_version: recordLine(result.build_version),
    run: result.run,
    observed_at: result.ended_at,
  };
}

/** Findings that may cause others, the likeliest first. */
const CAUSES = ['generator_saturated', 'load_not_reached', 'script_exceptions', 'transport_errors', 'http_errors'];

/**
 * What the finding itself gives as its probable cause, else what else was found that may be one: the client's side has no
 * better guess. null: nothing points anywhere.
 */
function hypothesis(result: Result, finding: ResultFinding | undefined): string | null {
  const own = finding?.probable_cause ?? undefined;
  if (own !== undefined) return sentences([sentence(own)]);
  const cause = CAUSES.flatMap(
    (kind) => result.findings.find((other) => other.kind === kind && other !== finding) ?? [],
  )[0];
  return cause === undefined ? null : sentences([cause.title]);
}

function metricOf(kpi: ResultKpi): string {
  const tags = Object.entries(kpi.filter).map(([tag, value]) => `${tag}:${value}`);
  return `${kpi.metric}${tags.length === 0 ? '' : `{${tags.join(',')}}`} ${kpi.statistic}`;
}

/** Three digits are more than a load test can tell; thousands keep all theirs. */
function withUnit(value: number, unit: string): string {
  const digits = Math.abs(value) >= 1000 ? String(Math.round(value)) : String(Number(value.toPrecision(3)));
  return unit === '' ? digits : unit === '%' ? `${digits} %` : `${digits} ${unit}`;
}

function sentences(texts: ReadonlyArray<string | null | undefined>): string {
  const given = texts.flatMap((text) => (text ? [recordText(redactText(text))] : []));
  return given.map((text) => (/[.!?]$/.test(text) ? text : `${text}.`)).join(' ');
}

/** What a KPI is about, for its key: `LatencyP95TargetMissed`, `ErrorRateNoData`. */
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
