// The results of a cycle → its TestExecutionReports item: scope, environment, verdict per KPI, references and totals.

import { type Result, RUN_STATUSES } from '../../model/result.ts';
import type { NotRun } from '../../model/run.ts';
import { lineText } from '../../monitor/panels.ts';
import { baselineTitle } from '../../report/view/baseline.ts';
import { capacityTitle } from '../../report/view/capacity.ts';
import { recordLine, recordText } from '../../text/record-text.ts';
import { redactUrl } from '../../text/secrets.ts';
import type { ReportedScenario, TestExecutionReport } from '../store/report-value.ts';
import { distinctErrors } from './error-logs.ts';
import { originOf } from './performance-notes.ts';

export const REPORTS_CATEGORY = 'TestExecutionReports';

export interface ExecutionReportInput {
  readonly component: string;
  readonly environment: string;
  readonly targetUrl: string;
  readonly buildVersion: string;
  readonly trigger: string;
  readonly beganAtMs: number;
  readonly endedAtMs: number;
  /** Status of the main progress item. */
  readonly status: string;
  readonly results: readonly Result[];
  readonly failures: readonly NotRun[];
  readonly interrupted: boolean;
  readonly overallReportPath: string | null;
  readonly progressId: number;
  readonly decisionId: number | null;
}

/** The value of the TestExecutionReports item. */
export function executionReport(input: ExecutionReportInput): TestExecutionReport {
  const { results } = input;
  const kpis = results.flatMap(({ kpis }) => kpis);
  const count = (verdict: string) => kpis.filter((kpi) => kpi.verdict === verdict).length;
  return {
    schema_version: '1.0',
    test_type: 'performance',
    component: recordLine(input.component),
    scope: scopeOf(input),
    status: input.status,
    outcome: outcomeOf(input),
    environment: recordLine(input.environment),
    // From the result if possible, because the port of the demo shop is known only when it runs.
    target_url: redactUrl(recordLine(input.targetUrl || (results[0]?.target_url ?? ''), 2000)),
    build_version: recordLine(results[0]?.build_version ?? input.buildVersion),
    trigger: recordLine(input.trigger),
    began_at: new Date(input.beganAtMs).toISOString(),
    ended_at: new Date(input.endedAtMs).toISOString(),
    interrupted: input.interrupted,
    report_path: input.overallReportPath,
    scenarios: results.map(scenarioOf),
    not_run: input.failures.map(({ scenario, reason }) => recordText(`${scenario}: ${reason}`, 2000)),
    totals: {
      scenarios: results.length + input.failures.length,
      scenarios_passed: results.filter(({ status }) => status === 'pass').length,
      kpis: kpis.length,
      kpis_met: count('pass'),
      kpis_missed: count('fail'),
      kpis_without_data: count('no_data'),
      kpis_inconclusive: count('inconclusive'),
      requests: results.reduce(
        (sum, { endpoints, left_out }) =>
          sum + [...endpoints, ...(left_out?.endpoints ?? [])].reduce((all, { requests }) => all + requests, 0),
        0,
      ),
      iterations: results.reduce((sum, { iterations }) => sum + iterations.completed, 0),
      performance_notes: results.reduce((sum, { conport }) => sum + conport.performance_notes.length, 0),
      error_logs: new Set(results.flatMap(({ conport }) => conport.error_logs)).size,
    },
    performance_notes: results.flatMap(({ conport }) => conport.performance_notes),
    error_logs: [...new Set(results.flatMap(({ conport }) => conport.error_logs))],
    progress_id: input.progressId,
    decision_id: input.decisionId,
  };
}

function scopeOf({ results, failures, component }: ExecutionReportInput): string {
  const names = [...results.map(({ scenario, profile }) => `${scenario} (${profile})`)];
  const rest = failures.length === 0 ? '' : `; not run: ${failures.length}`;
  return recordLine(`Performance of ${component}: ${names.join(', ') || 'no scenario'}${rest}`, 1000);
}

/** The worst status of the scenarios. A cycle in which one could not run has not passed. */
function outcomeOf({ results, failures, interrupted }: ExecutionReportInput): TestExecutionReport['outcome'] {
  if (interrupted) return 'interrupted';
  const worst = RUN_STATUSES.find((status) => results.some((result) => result.status === status)) ?? 'error';
  return (worst === 'pass' || worst === 'unjudged') && failures.length > 0 ? 'error' : worst;
}

/** The pre-flight checks: how many passed, and the others in words. */
function verificationOf({ verification = [] }: Result): ReportedScenario['verification'] {
  const passed = verification.filter(({ state }) => state === 'passed');
  const noted = verification.filter(({ state }) => state === 'warning' || state === 'failed');
  return {
    passed: passed.length,
    not_made: verification.length - passed.length - noted.length,
    warnings: noted.map(({ title, detail }) => recordText(`${title}: ${detail}`, 500)),
  };
}

function scenarioOf(result: Result): ReportedScenario {
  return {
    scenario: recordLine(result.scenario),
    component: recordLine(result.component),
    profile: result.profile,
    run: result.run,
    status: result.status,
    status_reason: recordLine(result.status_reason, 1000),
    partial: result.partial,
    started_at: result.started_at,
    ended_at: result.ended_at,
    k6_version: result.k6.version,
    verification: verificationOf(result),
    progress_id: result.conport.progress_id,
    performance_notes: result.conport.performance_notes,
    error_logs: result.conport.error_logs,
    error_logs_left_out: distinctErrors(result).leftOut,
    ...changedOf(result),
    ...capacityOf(result),
    ...serverOf(result),
    kpis: result.kpis.map((kpi) => ({
      id: recordText(kpi.id, 500),
      expression: recordText(kpi.expression, 500),
      target: kpi.target,
      actual: kpi.actual,
      unit: kpi.unit,
      verdict: kpi.verdict,
      severity: kpi.severity,
      source: kpi.source,
      ...originOf(kpi),
    })),
  };
}

/** The highest sustained load with its steps; empty for a run that is no capacity search. */
function capacityOf({ capacity }: Result): Pick<ReportedScenario, 'capacity'> {
  if (capacity === undefined) return {};
  const { steps, first_to_break: first, limited_by: limit, limit_target: _, ...figures } = capacity;
  return {
    capacity: {
      sentence: recordLine(capacityTitle(capacity), 1000),
      ...figures,
      limited_by: recordLine(limit),
      first_to_break: first.map((text) => recordLine(text)),
      steps: steps.map(
        ({
          load,
          why,
          is_met,
          missed,
          held_until,
          duration_ms,
          warm_up_ms,
          requests_per_s,
          p50_ms,
          p95_ms,
          error_share,
        }) => ({
          ...{ load, why, is_met, held_until, duration_ms, warm_up_ms, requests_per_s, p50_ms, p95_ms, error_share },
          missed: recordText(missed, 500),
        }),
      ),
    },
  };
}

/** What changed since the baseline; empty if the run was compared with none. */
function changedOf({ baseline }: Result): Pick<ReportedScenario, 'what_changed'> {
  if (baseline === undefined) return {};
  const figures = (changes: typeof baseline.worse) =>
    changes.slice(0, 20).map(({ endpoint, statistic, unit, a, b, change, ci_low, ci_high }) => ({
      endpoint: endpoint === null ? null : recordLine(endpoint),
      ...{ statistic, unit, before: a, after: b, change, ci_low, ci_high },
    }));
  return {
    what_changed: {
      sentence: recordLine(baselineTitle(baseline), 1000),
      verdict: baseline.verdict,
      baseline: recordLine(baseline.choice === '' ? baseline.run : baseline.choice),
      baseline_run: recordLine(baseline.run),
      baseline_build: recordLine(baseline.build_version),
      runs: { baseline: baseline.runs_a, this_build: baseline.runs_b, needed: baseline.runs_needed },
      smallest_change_found: baseline.smallest_change,
      slower: figures(baseline.worse),
      faster: figures(baseline.better),
      mismatches: baseline.mismatches.map(({ topic, text }) => recordText(`${topic}: ${text}`, 500)),
    },
  };
}

/** The system under test before, during and after the load; empty if it was not monitored. */
function serverOf({
  server: { summary = [], sources = [] },
}: Result): Pick<ReportedScenario, 'server_metrics' | 'server_sources'> {
  if (sources.length === 0) return {};
  return {
    server_metrics: summary.map(({ label, panel, source, unit, before, during, after, recovered }) => ({
      what: lineText({ panel, label }),
      source: recordLine(source),
      unit,
      before_avg: before?.avg ?? null,
      during_avg: during?.avg ?? null,
      during_p95: during?.p95 ?? null,
      during_max: during?.max ?? null,
      after_last: after?.last ?? null,
      recovered,
    })),
    server_sources: sources.map(({ name, kind, state, gaps }) => ({
      name: recordLine(name),
      kind,
      state,
      gaps: gaps.slice(0, 10).map(({ from, to, reason }) => ({ from, to, reason: recordText(reason, 300) })),
    })),
  };
}
