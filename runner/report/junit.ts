// Result → JUnit XML: one test case per KPI and per check, as CI systems show them.

import builder from 'junit-report-builder';
import type { BaselineResult } from '../model/baseline.ts';
import { isMissedKpi, type Result, type ResultCheck, type ResultKpi } from '../model/result.ts';
import { visible } from '../text/display-text.ts';
import { isFigure, percent, plural } from '../text/format.ts';
import { baselineRows, baselineTitle, baseText } from './view/baseline.ts';
import { actualText, intervalText, targetText } from './view/kpi-text.ts';
import { basisText } from './view/verdict-words.ts';

type Builder = ReturnType<typeof builder.newBuilder>;

/** Text without characters that XML 1.0 forbids, which would make the file unreadable; visible() spells out most of them. */
function text(value: string, limit = 2000): string {
  return visible(value)
    .replace(/[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\u{10000}-\u{10ffff}]/gu, '\ufffd')
    .slice(0, limit);
}

function kpiMessage(kpi: ResultKpi, result: Result): string {
  const interval = intervalText(kpi, result);
  const basis = basisText(kpi);
  const figures =
    `target ${targetText(kpi, result)}, actual ${actualText(kpi, result)}` +
    `${isFigure(kpi.ci_low) ? `, 95 % interval ${interval}` : ''}${isFigure(kpi.actual) && basis !== '' ? ` (${basis})` : ''}`;
  return kpi.note === null || kpi.note === '' ? figures : `${figures}; ${kpi.note}`;
}

/**
 * Whether targets on the metric `checks` cover this check and all of them were met. A target covers it if every tag of its filter is
 * the check's own name, group or scenario; any other tag selects only a part of the check's samples.
 */
function isTolerated({ name, group, scenario }: ResultCheck, kpis: readonly ResultKpi[]): boolean {
  const own: Readonly<Record<string, string>> = { check: name, group, scenario };
  const covering = kpis.filter(
    ({ metric, filter }) => metric === 'checks' && Object.entries(filter).every(([tag, value]) => own[tag] === value),
  );
  return covering.length > 0 && covering.every(({ verdict }) => verdict === 'pass');
}

/** Enough for the figures of a hundred endpoints; the report has all. */
const MOST_FIGURES = 400;

/** One case per figure. A slower one fails if a regression fails the run; undecided ones are skipped. */
function addBaseline(report: Builder, result: Result, baseline: BaselineResult, className: string): void {
  const { scenario, profile, started_at: startedAt } = result;
  const suite = report
    .testSuite()
    .name(text(`${scenario} ${profile}: changes since ${baseText(baseline)}`))
    .timestamp(startedAt);
  const whole = suite.testCase().className(className).name('what changed');
  const title = text(baselineTitle(baseline));
  if (baseline.verdict === 'slower' && baseline.fails) whole.failure(title, 'regression');
  else if (baseline.verdict === 'undecided' || baseline.verdict === 'not_comparable')
    whole.skipped().standardOutput(title);
  else whole.standardOutput(title);
  for (const { what, from, to, change, verdict, verdictText } of baselineRows(baseline).slice(0, MOST_FIGURES)) {
    const test = suite.testCase().className(className).name(text(what, 500));
    const message = text(`${verdictText}: ${from} to ${to}, ${change}`);
    if (verdict === 'slower' && baseline.fails) test.failure(message, 'regression');
    else if (verdict === 'undecided') test.skipped().standardOutput(message);
    else test.standardOutput(message);
  }
}

/**
 * The text of junit.xml. Missed KPIs are failures, also those without data if that counts as missed; inconclusive ones and other KPIs
 * without data are skipped, with the reason as output. A check that failed at least once is a failure, but skipped if a met target on
 * `checks` tolerates it. A run that ended in an error or was aborted adds a case with an error; one without a verdict adds a skipped case.
 */
export function renderJunit(result: Result): string {
  const report = builder.newBuilder();
  const seconds = result.duration_ms / 1000;
  const className = text(`${result.component}.${result.scenario}.${result.profile}`, 300);
  const kpis = report
    .testSuite()
    .name(text(`${result.scenario} ${result.profile}: targets`))
    .timestamp(result.started_at)
    .time(seconds);
  for (const kpi of result.kpis) {
    const test = kpis.testCase().className(className).name(text(kpi.expression, 500));
    const message = text(kpiMessage(kpi, result));
    if (kpi.verdict === 'fail') test.failure(message, 'missed');
    else if (kpi.verdict === 'no_data' && isMissedKpi(kpi)) test.failure(message, 'no data');
    else if (kpi.verdict === 'inconclusive' || kpi.verdict === 'no_data') test.skipped().standardOutput(message);
    else test.standardOutput(message);
  }
  const checks = report
    .testSuite()
    .name(text(`${result.scenario} ${result.profile}: checks`))
    .timestamp(result.started_at);
  for (const check of result.checks) {
    const name = text([check.group.replace(/^::/, ''), check.name].filter((part) => part !== '').join('::'), 500);
    const test = checks.testCase().className(className).name(name);
    const message = `${plural(check.fails, 'failure')} of ${plural(check.passes + check.fails, 'evaluation')}, ${percent(check.rate)} passed`;
    if (check.fails === 0) test.standardOutput(message);
    else if (isTolerated(check, result.kpis))
      test.skipped().standardOutput(`${message}; within the threshold on checks`);
    else test.failure(message, 'check');
  }
  if (result.baseline !== undefined) addBaseline(report, result, result.baseline, className);
  if (result.status === 'error' || result.status === 'aborted' || result.status === 'unjudged') {
    // In its own suite: no JUnit schema allows a case outside a suite, and Jenkins ignores it.
    const run = report
      .testSuite()
      .name(text(`${result.scenario} ${result.profile}: run`))
      .timestamp(result.started_at);
    const whole = run.testCase().className(className).name('the run');
    if (result.status === 'unjudged') whole.skipped().standardOutput(text(result.status_reason));
    else whole.error(text(result.status_reason), result.status);
  }
  // The builder writes `skipped` on <testsuites> too, but the schemas allow it only on <testsuite>.
  return report.build().replace(/(<testsuites [^>]*?) skipped="\d+"/, '$1');
}
