// The results of a cycle become the completion summary: text for people, one document for programs.

import Table from 'cli-table3';
import { baselineTitle } from '../compare/words.ts';
import { RESULT_SCHEMA_VERSION, type Result, type ResultKpi, type RunStatus } from '../model/result.ts';
import { actualText, filterText, intervalText, nameText, orderedKpis, targetText } from '../report/view/kpis.ts';
import { nearPath } from '../system/near-path.ts';
import type { Terminal } from '../system/terminal.ts';
import { visible } from '../text/display-text.ts';
import { count, plural } from '../text/format.ts';

/** What the whole cycle came to, beside the results of its scenarios. */
export interface CycleOutcome {
  readonly status: RunStatus;
  readonly results: readonly Result[];
  /** Scenarios that could not run, with the reason. */
  readonly failures: readonly string[];
  /** Files about the whole cycle that could not be written, with the reason. */
  readonly unwritten: readonly string[];
  /** Every run has its page somewhere on disk. */
  readonly hasReports: boolean;
  /** Paths as they are shown: relative to the working directory. null: it could not be written. */
  readonly overallReport: string | null;
  readonly index: string | null;
  readonly conport: {
    readonly directory: string;
    readonly progress_id: number | null;
    readonly decision_id: number | null;
    readonly test_execution_report: string | null;
  };
}

const WORDS: Readonly<Record<RunStatus, string>> = {
  pass: 'PASSED',
  fail: 'FAILED',
  inconclusive: 'INCONCLUSIVE',
  aborted: 'ABORTED',
  error: 'ERROR',
};

const VERDICT_WORDS: Readonly<Record<ResultKpi['verdict'], string>> = {
  pass: '✓ met',
  fail: '✗ missed',
  no_data: '✗ no data',
  inconclusive: '? inconclusive',
};

function coloured(terminal: Terminal, status: RunStatus, text: string): string {
  return terminal.style(status === 'pass' ? 'green' : status === 'inconclusive' ? 'yellow' : 'red', text);
}

/** The targets of one run with their verdicts, the missed ones first, as a table. */
export function kpiTable(result: Result, terminal: Terminal): string {
  const table = new Table({
    head: ['target', 'limit', 'actual', '95 % interval', 'samples', 'verdict'],
    style: { head: [], border: [], compact: true },
    colAligns: ['left', 'right', 'right', 'right', 'right', 'left'],
  });
  for (const kpi of orderedKpis(result)) {
    const tags = filterText(kpi.filter);
    table.push([
      `${nameText(kpi)}${tags === '' ? '' : `, ${tags}`}`,
      targetText(kpi, result),
      actualText(kpi, result),
      intervalText(kpi, result),
      count(kpi.samples),
      terminal.style(
        kpi.verdict === 'pass' ? 'green' : kpi.verdict === 'inconclusive' ? 'yellow' : 'red',
        VERDICT_WORDS[kpi.verdict],
      ),
    ]);
  }
  return table.toString();
}

/** The end of one run as text: verdict and reason, targets, the worst findings, where the report is. */
export function runSummary(result: Result, reportPath: string | null, terminal: Terminal): string {
  const lines = [
    `${coloured(terminal, result.status, WORDS[result.status])}  ${result.scenario}: ${visible(result.status_reason)}`,
  ];
  if (result.kpis.length > 0) lines.push(kpiTable(result, terminal));
  let thrownAt = placesOf(result);
  for (const finding of result.findings.slice(0, 5)) {
    lines.push(`  ${finding.severity.padEnd(8)} ${visible(finding.title)}`);
    if (finding.kind !== 'script_exceptions') continue;
    for (const place of thrownAt) lines.push(`           at ${visible(place)}`);
    thrownAt = [];
  }
  const further = result.findings.length - 5;
  if (further > 0) lines.push(`  … and ${plural(further, 'more finding', 'more findings')} in the report`);
  if (result.baseline !== undefined) lines.push(`  baseline ${visible(baselineTitle(result.baseline))}`);
  if (reportPath !== null) lines.push(`  report   ${reportPath}`);
  return lines.join('\n');
}

/** Where the script threw, the most frequent first, three at most: `scenarios/x.ts:9:7`. */
function placesOf({ errors }: Result): string[] {
  const thrown = errors.filter(({ kind }) => kind === 'exception').sort((a, b) => b.count - a.count);
  return [...new Set(thrown.flatMap(({ where }) => (where === null ? [] : nearPath(where))))].slice(0, 3);
}

/** The completion summary of a cycle as text, what blocks first. */
export function cycleSummary(cycle: CycleOutcome, terminal: Terminal): string {
  const blockers = cycle.results.flatMap((result) =>
    result.findings
      .filter((finding) => finding.severity === 'critical')
      .map((finding) => `  critical ${result.scenario}: ${visible(finding.title)}`),
  );
  const passed = cycle.results.filter((result) => result.status === 'pass').length;
  const ran = cycle.results.length + cycle.failures.length;
  const notes = cycle.results.flatMap((result) => result.conport.performance_notes);
  const errorLogs = cycle.results.flatMap((result) => result.conport.error_logs);
  const lines = [
    '',
    `${coloured(terminal, cycle.status, WORDS[cycle.status])}  ${passed} of ${ran} ${ran === 1 ? 'scenario' : 'scenarios'} passed`,
    ...blockers,
    ...cycle.failures.map((failure) => `  did not run     ${visible(failure)}`),
    ...(cycle.overallReport === null ? [] : [`  overall report  ${cycle.overallReport}`]),
    ...(cycle.index === null ? [] : [`  all runs        ${cycle.index}`]),
  ];
  const { conport } = cycle;
  if (conport.progress_id !== null) {
    lines.push(
      `  records         ${conport.directory}: progress ${conport.progress_id}, decision ${conport.decision_id ?? 'none'}${conport.test_execution_report === null ? '' : `, TestExecutionReports:${conport.test_execution_report}`}`,
    );
  }
  if (notes.length > 0) lines.push(`  notes           ${notes.map((key) => `PerformanceNotes:${key}`).join(', ')}`);
  if (errorLogs.length > 0) lines.push(`  error logs      ${errorLogs.map((key) => `ErrorLogs:${key}`).join(', ')}`);
  return lines.join('\n');
}

/** The document of --json: the result itself for one scenario, else the cycle with all of them. */
export function cycleDocument(cycle: CycleOutcome): unknown {
  const [only] = cycle.results;
  if (only !== undefined && cycle.results.length === 1 && cycle.failures.length === 0) return only;
  return {
    schema_version: RESULT_SCHEMA_VERSION,
    status: cycle.status,
    scenarios: cycle.results,
    failures: cycle.failures,
    report: cycle.overallReport,
    index: cycle.index,
    conport: cycle.conport,
  };
}
