// The results of a cycle become the completion summary: text for people; completion.ts has the document.

import Table from 'cli-table3';
import { byCause } from '../../analysis/findings/by-cause.ts';
import type { Completion } from '../../model/completion.ts';
import { isOfBaseline } from '../../model/finding-kinds.ts';
import { isMissedKpi, type Result, type ResultKpi, type RunStatus } from '../../model/result.ts';
import { baselineTitle, leftOutText } from '../../report/view/baseline.ts';
import { actualText, hasInterval, intervalText, targetText } from '../../report/view/kpi-text.ts';
import { orderedKpis } from '../../report/view/kpis.ts';
import { passedText } from '../../report/view/passed.ts';
import { failedByRegression } from '../../report/view/verdict.ts';
import { verdictWord } from '../../report/view/verdict-words.ts';
import { nearPath } from '../../system/near-path.ts';
import type { Terminal } from '../../system/terminal.ts';
import { filterName, statisticName } from '../../targets/kpi-name.ts';
import { visible } from '../../text/display-text.ts';
import { count, plural } from '../../text/format.ts';
import { folded, hanging, widest } from '../../text/text-columns.ts';

/** The outcome of a cycle without the results of its scenarios. */
export interface CycleOutcome {
  readonly status: RunStatus;
  readonly results: readonly Result[];
  /** Scenarios that could not run, with the reason. */
  readonly failures: readonly string[];
  /** Files about the whole cycle that could not be written, with the reason. */
  readonly unwritten: readonly string[];
  /** Whether the page of every run is on disk. */
  readonly hasReports: boolean;
  /** Paths relative to the working directory, as shown; null if it could not be written. */
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
  unjudged: 'FINISHED, nothing judged',
  fail: 'FAILED',
  inconclusive: 'INCONCLUSIVE',
  aborted: 'ABORTED',
  error: 'ERROR',
};

const VERDICT_SIGNS: Readonly<Record<ResultKpi['verdict'], string>> = {
  pass: '✓',
  fail: '✗',
  no_data: '○',
  inconclusive: '?',
};

function verdictText(kpi: ResultKpi): string {
  const isAnswer = kpi.verdict !== 'inconclusive';
  const basis =
    kpi.reason === 'not_proven'
      ? ' (small or within noise)'
      : kpi.method === 'indicative' && isAnswer
        ? ' (provisional)'
        : kpi.confidence === 'open' && isAnswer
          ? ' (within the margin of error)'
          : '';
  return `${VERDICT_SIGNS[kpi.verdict]} ${verdictWord(kpi)}${basis}`;
}

const COLOURS: Partial<Record<RunStatus, 'green' | 'yellow'>> = {
  pass: 'green',
  unjudged: 'yellow',
  inconclusive: 'yellow',
};

function coloured(terminal: Terminal, status: RunStatus, text: string): string {
  return terminal.style(COLOURS[status] ?? 'red', text);
}

/** In a narrow window the interval is below the value. */
function withInterval(kpi: ResultKpi, result: Result): string {
  const actual = actualText(kpi, result);
  return hasInterval(kpi, result) ? `${actual}\n${intervalText(kpi, result)}` : actual;
}

/** Minimum width of the column of targets; narrower windows leave out other columns. */
const LEAST_NAME = 24;
const SHORTEST_NAME = 14;

const LEAST_VERDICT = 17;

/** The targets of one run with their verdicts, the missed ones first, as a table that fits the window. */
export function kpiTable(result: Result, terminal: Terminal): string {
  const rows = orderedKpis(result).map((kpi) => {
    const tags = filterName(kpi.filter);
    const colour = kpi.verdict === 'pass' ? 'green' : isMissedKpi(kpi) ? 'red' : 'yellow';
    return {
      name: `${statisticName(kpi)}${tags === '' ? '' : `, ${tags}`}`,
      cells: {
        limit: targetText(kpi, result),
        actual: actualText(kpi, result),
        'actual, 95 %': withInterval(kpi, result),
        '95 % interval': intervalText(kpi, result),
        samples: count(kpi.samples),
        verdict: terminal.style(colour, verdictText(kpi)),
      },
    };
  });
  type Head = keyof (typeof rows)[number]['cells'];
  const widthOf = (head: Head) => widest([head, ...rows.flatMap(({ cells }) => cells[head].split('\n'))]) + 2;
  // The words of a verdict may wrap.
  const leastOf = (head: Head) => (head === 'verdict' ? Math.min(widthOf(head), LEAST_VERDICT) : widthOf(head));
  const fits = (heads: readonly Head[], name = LEAST_NAME) =>
    terminal.columns - 3 - heads.reduce((sum, head) => sum + leastOf(head) + 1, 0) >= name;
  const choices: ReadonlyArray<readonly Head[]> = [
    ['limit', 'actual', '95 % interval', 'samples', 'verdict'],
    ['limit', 'actual', '95 % interval', 'verdict'],
    ['limit', 'actual, 95 %', 'verdict'],
    ['limit', 'actual', 'verdict'],
  ];
  const hasIntervals = result.kpis.some((kpi) => hasInterval(kpi, result));
  const shown = choices
    .map((choice) => choice.filter((head) => head !== '95 % interval' || hasIntervals))
    .filter((choice) => hasIntervals || !choice.includes('actual, 95 %'));
  // Names wrap earlier before the column of limits is left out.
  const heads = shown.find((choice) => fits(choice)) ??
    shown.find((choice) => fits(choice, SHORTEST_NAME)) ?? ['actual', 'verdict'];
  const least = fits(heads) ? LEAST_NAME : SHORTEST_NAME;
  // If names wrap early already, they get the remaining width.
  const free = terminal.columns - 3 - least - heads.reduce((sum, head) => sum + leastOf(head) + 1, 0);
  const spare = least === LEAST_NAME ? free : 0;
  const widths = heads.map((head) => Math.min(widthOf(head), leastOf(head) + Math.max(spare, 0)));
  const room = terminal.columns - 3 - widths.reduce((sum, width) => sum + width + 1, 0);
  const nameWidth = Math.max(least, Math.min(room, widest(rows.map(({ name }) => name)) + 2));
  const table = new Table({
    head: ['target', ...heads],
    style: { head: [], border: [], compact: true },
    colWidths: [nameWidth, ...widths],
    colAligns: ['left', ...heads.map((head) => (head === 'verdict' ? 'left' : 'right'))],
    wordWrap: true,
  });
  for (const { name, cells } of rows)
    table.push([folded(name, nameWidth - 2).join('\n'), ...heads.map((head) => cells[head])]);
  return table.toString();
}

/** The summary of one run as text: verdict and reason, targets, the worst findings, path of the report. */
export function runSummary(result: Result, reportPath: string | null, terminal: Terminal): string {
  const lines = [
    hanging(
      `${coloured(terminal, result.status, WORDS[result.status])}  `,
      `${result.scenario}: ${visible(result.status_reason)}`,
      terminal,
    ),
  ];
  if (result.kpis.length > 0) lines.push(kpiTable(result, terminal));
  let thrownAt = placesOf(result);
  const isByRegression = failedByRegression(result);
  // Already in the line above or in the table.
  const findings = result.findings.filter(
    ({ kind }) => kind !== 'kpi_missed' && !(isByRegression && kind === 'regression'),
  );
  const shown = findings.slice(0, 5);
  for (const finding of shown) {
    lines.push(hanging(`  ${finding.severity.padEnd(8)} `, visible(finding.title), terminal));
    if (finding.kind !== 'script_exceptions') continue;
    for (const place of thrownAt) lines.push(`           at ${visible(place)}`);
    thrownAt = [];
  }
  const further = findings.length - 5;
  if (further > 0) lines.push(`  … and ${plural(further, 'more finding', 'more findings')} in the report`);
  if (result.baseline !== undefined) {
    const isSaid = isByRegression || shown.some(isOfBaseline);
    if (!isSaid) lines.push(`  baseline ${visible(baselineTitle(result.baseline))}`);
    const leftOut = leftOutText(result.baseline);
    if (leftOut !== '') lines.push(`           ${visible(leftOut)}`);
  }
  if (reportPath !== null) lines.push('  report', `    ${reportPath}`);
  return lines.join('\n');
}

/** The places at which the script threw, the most frequent first, at most three: `scenarios/x.ts:9:7`. */
function placesOf({ errors }: Result): string[] {
  const thrown = errors.filter(({ kind }) => kind === 'exception').sort((a, b) => b.count - a.count);
  return [...new Set(thrown.flatMap(({ where }) => (where === null ? [] : nearPath(where))))].slice(0, 3);
}

/** The summary of a cycle as text, blockers first. Pushed records have their ids on the server. */
export function cycleSummary(cycle: CycleOutcome, completion: Completion, terminal: Terminal): string {
  const blockers = cycle.results.flatMap((result) =>
    byCause(result)
      .filter(({ severity }) => severity === 'critical')
      .map(({ title }) => `  critical ${result.scenario}: ${visible(title)}`),
  );
  const ran = cycle.results.length + cycle.failures.length;
  const head = WORDS[cycle.status];
  const tally =
    cycle.status === 'unjudged' ? plural(ran, 'scenario') : passedText(cycle.results, cycle.failures.length);
  const listed = (title: string, items: ReadonlyArray<string | null>) => {
    const present = items.filter((item) => item !== null);
    return present.length === 0 ? [] : [`  ${title}`, ...present.map((item) => `    ${visible(item)}`)];
  };
  return [
    '',
    `${coloured(terminal, cycle.status, head)}  ${tally}`,
    ...blockers,
    ...listed('did not run', cycle.failures),
    ...listed('overall report', [cycle.overallReport]),
    ...listed('all runs', [cycle.index]),
    ...listed(recordsTitle(completion), recordLines(completion)),
    ...(completion.cycle?.state === 'open'
      ? ['  cycle', `    ${completion.cycle.id} is open: novaperf cycle close ${completion.cycle.id}`]
      : []),
  ].join('\n');
}

function recordsTitle({ records, push }: Completion): string {
  const here = `records in ${records?.directory ?? ''}`;
  return push.state === 'done' ? `records on the ConPort server, and ${here}` : here;
}

/** `progress 41 (here 3)`: the server's id first if it differs. */
function recordLines({ records }: Completion): string[] {
  if (records === null) return [];
  const name = (local: number | string | null, server: number | string | null) =>
    server === null || server === local ? `${local}` : `${server} (here ${local})`;
  const keys = (category: string, list: ReadonlyArray<{ readonly local: string; readonly server: string | null }>) =>
    list.map(({ local, server }) => `${category}:${name(local, server)}`);
  const { progress, decision, test_execution_report: report } = records;
  return [
    `progress ${name(progress.local, progress.server)}`,
    ...(decision.local === null ? [] : [`decision ${name(decision.local, decision.server)}`]),
    ...keys('TestExecutionReports', report === null ? [] : [report]),
    ...keys('PerformanceNotes', records.performance_notes),
    ...keys('ErrorLogs', records.error_logs),
  ];
}
