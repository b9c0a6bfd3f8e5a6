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

/** Characters that XML 1.0 allows; the others would make the file unreadable, and visible() has written out most of them. */
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
 * Whether targets on the metric `checks` cover this check and all of them were met. A filter covers it where each of its tags is the
 * check's own name, group or scenario; any other tag selects samples that say nothing of the check as a whole.
 */
function isTolerated({ name, group, scenario }: ResultCheck, kpis: readonly ResultKpi[]): boolean {
  const own: Readonly<Record<string, string>> = { check: name, group, scenario };
  const covering = kpis.filter(
    ({ metric, filter }) => metric === 'checks' && Object.entries(filter).every(([tag, value]) => own[tag] === value),
  );
  return covering.length > 0 && covering.every(({ verdict }) => verdict === 'pass');
}

/** Figures of a hundred endpoints and more; the report has them all. */
const MOST_FIGURES = 400;

/** One case per figure: a slower one fails where a regression fails the run; undecided ones are skipped. */
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
  for (const { what, from, to, change, word, said } of baselineRows(baseline).slice(0, MOST_FIGURES)) {
    const test = suite.testCase().className(className).name(text(what, 500));
    const message = text(`${said}: ${from} to ${to}, ${change}`);
    if (word === 'slower' && baseline.fails) test.failure(message, 'regression');
    else if (word === 'undecided') test.skipped().standardOutput(message);
    else test.standardOutput(message);
  }
}

/**
 * Missed KPIs, and those without data where that counts as missed, are failures; inconclusive ones and other KPIs without data are
 * skipped with the reason as output. A check that failed at least once is a failure with its share; it is skipped where a target on
 * `checks` covers it and was met, for then the script says how many failures it tolerates. A run that ended in an error is one more, failing, case; one in
 * which nothing was judged is one more that was skipped.
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
    // In a suite of its own: a case that stands next to the suites is in no schema, and Jenkins passes over it.
    const run = report
      .testSuite()
      .name(text(`${result.scenario} ${result.profile}: run`))
      .timestamp(result.started_at);
    const whole = run.testCase().className(className).name('the run');
    if (result.status === 'unjudged') whole.skipped().standardOutput(text(result.status_reason));
    else whole.error(text(result.status_reason), result.status);
  }
  // The builder counts the skipped ones for the whole too, in an attribute that only <testsuite> has in the schemas.
  return report.build().replace(/(<testsuites [^>]*?) skipped="\d+"/, '$1');
}
