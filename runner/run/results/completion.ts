// The results of a cycle, its records and the outcome of the push become the completion document.

import { byCause, distinctKpis } from '../../analysis/findings/by-cause.ts';
import { decisionOf } from '../../analysis/verdict/decision.ts';
import { COMPLETION_SCHEMA_VERSION, type Completion } from '../../model/completion.ts';
import { findingKinds } from '../../model/finding-kinds.ts';
import { bySeverity, byVerdict, type Severity } from '../../model/kpi.ts';
import type { Result, ResultKpi, RunStatus } from '../../model/result.ts';
import type { PushOutcome } from '../../records/server/push.ts';
import { serverItem } from '../../records/store/server-names.ts';
import type { SyncMap } from '../../records/store/sync-map.ts';
import { slowerTexts } from '../../report/view/baseline.ts';
import { passedText } from '../../report/view/passed.ts';
import type { UserError } from '../../system/errors.ts';
import { EXIT } from '../../system/exit-codes.ts';
import { oneLine, sentence } from '../../text/display-text.ts';
import { missedTargets, plural } from '../../text/format.ts';
import { shortened } from './completion-size.ts';

/** A scenario that ran, and the place of its files. */
export interface CompletedRun {
  readonly result: Result;
  /** Relative to the working directory. */
  readonly folder: string;
  readonly report: string | null;
}

/** The outcome of sending the records. */
export type PushState =
  | { readonly state: 'off' }
  | { readonly state: 'done'; readonly outcome: PushOutcome }
  | { readonly state: 'failed'; readonly problem: string };

/** What the completion document is made of. */
export interface CompletionInput {
  readonly status: RunStatus;
  readonly exitCode: number;
  readonly interrupted: boolean;
  readonly component: string;
  readonly environment: string;
  readonly buildVersion: string;
  readonly trigger: string;
  readonly beganAtMs: number;
  readonly endedAtMs: number;
  readonly runs: readonly CompletedRun[];
  readonly notRun: ReadonlyArray<{ readonly scenario: string; readonly reason: string }>;
  readonly overallReport: string | null;
  readonly index: string | null;
  readonly records: {
    readonly directory: string;
    readonly progressId: number | null;
    readonly decisionId: number | null;
    readonly testExecutionReport: string | null;
  } | null;
  readonly push: PushState;
  readonly error: UserError | undefined;
  /** Id of the cycle over several calls that this call is part of and that stays open. */
  readonly openCycle?: number | null;
  /** Id of the cycle over several calls that this call closed. */
  readonly closedCycle?: number;
}

const MOST_FINDINGS = 12;

/** Findings that the verdicts of targets do not include: each cause once, by descending severity. */
function causesOf(result: Result): ReadonlyArray<{ readonly severity: Severity; readonly title: string }> {
  const groups = byCause(result).filter(({ findings }) => findings.length > 0);
  const grouped = new Set(groups.flatMap(({ findings }) => findings));
  return [
    ...groups,
    ...result.findings.filter(
      (finding) => finding.severity === 'low' && !grouped.has(finding) && !SAID_BY_KPIS.has(finding.kind),
    ),
  ];
}

/** Kinds of findings that repeat the verdicts of targets. */
const SAID_BY_KPIS = findingKinds('kpi_missed', 'no_data', 'inconclusive');

/** The document; under 10 kB for three scenarios of any content. */
export function completionOf(input: CompletionInput): Completion {
  return shortened(everything(input));
}

function everything(input: CompletionInput): Completion {
  const { runs, push, error } = input;
  const names = push.state === 'done' ? push.outcome.names : undefined;
  const kpis = runs
    .flatMap(({ result }) => distinctKpis(result.kpis).map((kpi) => ({ kpi, scenario: result.scenario })))
    .sort((a, b) => byVerdict(a.kpi, b.kpi));
  const findings = runs
    .flatMap(({ result }) => causesOf(result).map((finding) => ({ finding, scenario: result.scenario })))
    .sort((a, b) => bySeverity(a.finding, b.finding));
  return {
    schema_version: COMPLETION_SCHEMA_VERSION,
    kind: 'novaperf.completion',
    outcome: input.interrupted ? 'interrupted' : input.status,
    exit_code: input.exitCode,
    decision:
      error !== undefined
        ? 'no-go'
        : decisionOf({ status: input.status, isInterrupted: input.interrupted, notRun: input.notRun.length }),
    summary: summaryOf(input),
    component: oneLine(input.component, 120),
    environment: oneLine(input.environment, 80),
    build_version: oneLine(input.buildVersion, 80),
    trigger: oneLine(input.trigger, 120),
    began_at: new Date(input.beganAtMs).toISOString(),
    ended_at: new Date(input.endedAtMs).toISOString(),
    cycle: cycleOf(input),
    blockers: blockersOf(input),
    scenarios: runs.map((run) => scenarioOf(run, names)),
    not_run: input.notRun.map(({ scenario, reason }) => ({
      scenario: oneLine(scenario),
      reason: oneLine(reason, 300),
    })),
    kpis: kpis.map(({ kpi, scenario }) => kpiOf(kpi, scenario)),
    kpis_left_out: 0,
    findings: findings.slice(0, MOST_FINDINGS).map(({ finding, scenario }) => ({
      scenario,
      severity: finding.severity,
      title: oneLine(finding.title, 200),
    })),
    findings_left_out: Math.max(0, findings.length - MOST_FINDINGS),
    reports: { overall: input.overallReport, index: input.index },
    records: recordsOf(input, names),
    push: pushOf(push),
    next: nextSteps(input),
    error:
      error === undefined
        ? null
        : { message: oneLine(error.message, 600), where: error.where ?? null, next: error.next ?? null },
  };
}

function cycleOf({ openCycle, closedCycle }: CompletionInput): Completion['cycle'] {
  if (closedCycle !== undefined) return { id: closedCycle, state: 'closed' };
  return typeof openCycle === 'number' ? { id: openCycle, state: 'open' } : null;
}

function summaryOf({ runs, notRun, error, interrupted, status, exitCode }: CompletionInput): string {
  // A failure of novaperf may come after load.
  if (error !== undefined && exitCode === EXIT.crashed) return oneLine(error.message, 330);
  if (error !== undefined) return `No load was sent: ${oneLine(error.message, 300)}`;
  const kpis = runs.flatMap(({ result }) => distinctKpis(result.kpis));
  const missed = kpis.filter(({ verdict }) => verdict === 'fail' || verdict === 'no_data').length;
  const open = kpis.filter(({ verdict }) => verdict === 'inconclusive').length;
  const parts = [
    status === 'unjudged'
      ? `${plural(runs.length, 'scenario')} finished`
      : passedText(
          runs.map(({ result }) => result),
          notRun.length,
        ),
    ...slowerTexts(runs.map(({ result }) => result)),
    kpis.length === 0 || status === 'unjudged' ? 'nothing was judged' : missedTargets(missed, kpis.length),
    ...(open === 0 ? [] : [`${open} inconclusive`]),
    ...(notRun.length === 0 ? [] : [`${notRun.length} did not run`]),
  ];
  return interrupted ? `Interrupted: ${parts.join(', ')}.` : sentence(parts.join(', '));
}

function blockersOf({ runs, notRun, error }: CompletionInput): Completion['blockers'] {
  return [
    ...(error === undefined ? [] : [{ scenario: null, title: oneLine(error.message, 300) }]),
    ...notRun.map(({ scenario, reason }) => ({ scenario, title: `did not run: ${oneLine(reason, 200)}` })),
    ...runs.flatMap(({ result }) =>
      byCause(result)
        .filter(({ severity }) => severity === 'critical')
        .map(({ title }) => ({ scenario: result.scenario, title: oneLine(title, 240) })),
    ),
  ].slice(0, 10);
}

function scenarioOf(
  { result, folder, report }: CompletedRun,
  names: SyncMap | undefined,
): Completion['scenarios'][number] {
  const count = (...verdicts: ReadonlyArray<ResultKpi['verdict']>) =>
    distinctKpis(result.kpis).filter(({ verdict }) => verdicts.includes(verdict)).length;
  const id = result.conport.progress_id;
  return {
    scenario: result.scenario,
    component: oneLine(result.component, 80),
    profile: result.profile,
    status: result.status,
    reason: oneLine(result.status_reason, 240),
    folder,
    report,
    targets: { met: count('pass'), missed: count('fail', 'no_data'), inconclusive: count('inconclusive') },
    progress: { local: id, server: id === null ? null : (names?.progress[id]?.server_id ?? null) },
  };
}

function kpiOf(kpi: ResultKpi, scenario: string): Completion['kpis'][number] {
  return {
    scenario,
    target: oneLine(kpi.expression, 160),
    actual: rounded(kpi.actual),
    interval:
      kpi.ci_low === null || kpi.ci_high === null ? null : [rounded(kpi.ci_low) ?? 0, rounded(kpi.ci_high) ?? 0],
    unit: kpi.unit,
    verdict: kpi.verdict,
    severity: kpi.severity,
    source: kpi.origin?.item ?? kpi.source,
  };
}

/** Rounds to four digits, the precision of a load test. */
function rounded(value: number | null): number | null {
  return value === null ? null : Number(value.toPrecision(4));
}

function recordsOf({ records, runs }: CompletionInput, names: SyncMap | undefined): Completion['records'] {
  if (records === null) return null;
  const keys = (category: string, locals: readonly string[]) =>
    [...new Set(locals)].map((local) => ({ local, server: serverKey(names, category, local) }));
  const { progressId, decisionId, testExecutionReport } = records;
  const [report = null] = testExecutionReport === null ? [] : keys('TestExecutionReports', [testExecutionReport]);
  return {
    directory: records.directory,
    progress: { local: progressId, server: idOf(names?.progress, progressId) },
    decision: { local: decisionId, server: idOf(names?.decisions, decisionId) },
    test_execution_report: report,
    performance_notes: keys(
      'PerformanceNotes',
      runs.flatMap(({ result }) => result.conport.performance_notes),
    ),
    error_logs: keys(
      'ErrorLogs',
      runs.flatMap(({ result }) => result.conport.error_logs),
    ),
    keys_left_out: 0,
  };
}

function idOf(sent: SyncMap['progress'] | undefined, id: number | null): number | null {
  return id === null ? null : (sent?.[id]?.server_id ?? null);
}

function serverKey(names: SyncMap | undefined, category: string, key: string): string | null {
  const item = `${category}:${key}`;
  return names?.custom_data[item] === undefined ? null : serverItem(names, item).slice(category.length + 1);
}

function pushOf(push: PushState): Completion['push'] {
  const none = { created: 0, updated: 0, conflicts: [], conflicts_left_out: 0, problem: null };
  if (push.state === 'off') return { state: 'off', ...none };
  if (push.state === 'failed') return { state: 'failed', ...none, problem: oneLine(push.problem, 300) };
  const { created, updated, conflicts } = push.outcome;
  return { ...none, state: 'done', created, updated, conflicts: conflicts.map(({ item }) => item) };
}

function nextSteps({ runs, error, push, status, openCycle }: CompletionInput): string[] {
  const steps: string[] = [];
  if (error?.next !== undefined) steps.push(oneLine(error.next, 300));
  const failed = runs.find(({ result }) => result.status === 'fail');
  if (failed !== undefined)
    steps.push(`See ${failed.report ?? failed.folder} for the missed targets and possible causes.`);
  if (status === 'unjudged')
    steps.push('Set targets: add thresholds to the script, or use novaperf targets from <run>.');
  if (status === 'inconclusive')
    steps.push('Run longer: the report shows for each target how long it takes to decide.');
  if (push.state === 'failed') steps.push('Run novaperf conport push when the server is available again.');
  if (push.state === 'done') {
    for (const { item } of push.outcome.conflicts)
      steps.push(`Decide: novaperf conport push --ours ${item}, or --theirs ${item}`);
  }
  if (runs.some(({ result }) => result.findings.some(({ kind }) => kind === 'targets_unread'))) {
    steps.push('Run novaperf targets propose: some sentences about performance are not judged.');
  }
  if (typeof openCycle === 'number') {
    steps.push(`Run novaperf cycle close ${openCycle} when every scenario of the cycle has run.`);
  }
  return steps.slice(0, 8);
}
