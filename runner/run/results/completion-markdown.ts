// The completion document becomes completion.md, which is readable as plain text.

import type { Completion } from '../../model/completion.ts';

const VERDICTS = { pass: 'met', fail: 'MISSED', no_data: 'NO DATA', inconclusive: 'inconclusive' } as const;
const DECISIONS = { go: 'Go', 'no-go': 'No go', undecided: 'Undecided' } as const;

/** Text within a table or a list: on one line, without the characters that end a cell or begin a tag. */
function plain(text: string): string {
  return text.replace(/\s+/g, ' ').replaceAll('|', '/').replaceAll('<', '‹').replaceAll('>', '›').trim();
}

/** `p(95) < 300`, written so that a renderer does not read `<` as a tag. */
function expression(text: string): string {
  return text.replace(/\s+/g, ' ').replaceAll('|', '/').replaceAll('`', "'").trim();
}

/** The Markdown text. */
export function completionMarkdown(completion: Completion): string {
  const { decision, summary, blockers, scenarios, not_run: notRun, kpis, findings, records, push, next } = completion;
  const lines = [
    `# ${DECISIONS[decision]}: ${plain(completion.component) || 'performance test cycle'}`,
    '',
    `${plain(summary)} Exit code ${completion.exit_code}.`,
    `Environment ${plain(completion.environment)}, build ${plain(completion.build_version) || 'unknown'}, ${completion.began_at} to ${completion.ended_at}.`,
  ];
  const section = (title: string, rows: readonly string[]) => {
    if (rows.length > 0) lines.push('', `## ${title}`, '', ...rows);
  };
  section(
    'Blockers',
    blockers.map(({ scenario, title }) => `- ${scenario === null ? '' : `${plain(scenario)}: `}${plain(title)}`),
  );
  section(
    'Targets',
    kpis.map(({ scenario, target, actual, unit, verdict, source }) => {
      const value = actual === null ? 'no data' : `${actual}${unit === '' ? '' : ` ${unit}`}`;
      return `- ${VERDICTS[verdict]}: ${plain(scenario)}, \`${expression(target)}\`: ${value} (${plain(source)})`;
    }),
  );
  if (completion.kpis_left_out > 0) lines.push(`- and ${completion.kpis_left_out} more in the reports`);
  section(
    'Findings',
    findings.map(({ scenario, severity, title }) => `- ${severity}, ${plain(scenario)}: ${plain(title)}`),
  );
  if (completion.findings_left_out > 0) lines.push(`- and ${completion.findings_left_out} more in the reports`);
  section('Runs', [
    ...scenarios.map(
      ({ scenario, profile, status, folder }) => `- ${plain(scenario)} (${profile}): ${status}, ${folder}`,
    ),
    ...notRun.map(({ scenario, reason }) => `- ${plain(scenario)}: did not run, ${plain(reason)}`),
    ...(completion.reports.overall === null ? [] : [`- overall report: ${completion.reports.overall}`]),
  ]);
  if (records !== null) section('Records', recordLines(records));
  if (push.state === 'failed') lines.push(`- not pushed: ${plain(push.problem ?? 'no reason given')}`);
  for (const item of push.conflicts) lines.push(`- changed here and on the server: ${plain(item)}`);
  section(
    'Next',
    next.map((step) => `- ${plain(step)}`),
  );
  return `${lines.join('\n')}\n`;
}

function recordLines(records: NonNullable<Completion['records']>): string[] {
  const both = (local: number | string | null, server: number | string | null) =>
    server === null ? `${local ?? 'none'}` : `${local ?? 'none'} (server: ${server})`;
  const keys = (category: string, list: ReadonlyArray<{ readonly local: string; readonly server: string | null }>) =>
    list.map(({ local, server }) => `- ${category}:${both(local, server)}`);
  return [
    `- Progress ${both(records.progress.local, records.progress.server)}, Decision ${both(records.decision.local, records.decision.server)}`,
    ...keys('TestExecutionReports', records.test_execution_report === null ? [] : [records.test_execution_report]),
    ...keys('PerformanceNotes', records.performance_notes),
    ...keys('ErrorLogs', records.error_logs),
    ...(records.keys_left_out > 0 ? [`- and ${records.keys_left_out} more notes and logs`] : []),
  ];
}
