// The results of one cycle → the view of its Markdown and its page: the decision and its reasons, changes since the last cycle,
// targets, findings grouped by cause, figures and references.

import { byCause, distinctKpis } from '../../analysis/findings/by-cause.ts';
import { errorShareOf, figureTexts, p95Of, rateOf, targetsMet } from '../../analysis/result/run-figures.ts';
import { type Decision, decisionOf } from '../../analysis/verdict/decision.ts';
import { worstStatus } from '../../analysis/verdict/status.ts';
import { isMissedKpi, type Result } from '../../model/result.ts';
import { lineText } from '../../monitor/panels.ts';
import { oneLine, sentence } from '../../text/display-text.ts';
import {
  count,
  duration,
  isFigure,
  missedTargets,
  percent,
  perSecond,
  plural,
  utc,
  withUnit,
} from '../../text/format.ts';
import { profileName } from '../../text/profile-name.ts';
import { THROUGHPUT_METRICS } from '../charts/throughput.ts';
import { type ListedRun, listedRun } from '../listed-run.ts';
import { slowerTexts } from './baseline.ts';
import { mark } from './cells.ts';
import { GENERATOR_MARKS } from './environment.ts';
import { hasInterval } from './kpi-text.ts';
import { kpiRows } from './kpis.ts';
import type { Mark } from './model.ts';
import { passedText } from './passed.ts';
import { statusMark } from './verdict.ts';

export interface CycleFacts {
  readonly beganAtMs: number;
  readonly endedAtMs: number;
  /** One sentence for each scenario that could not run. */
  readonly failures: readonly string[];
  /** Folder that the report is written to. It contains the runs' folders, unless `hrefs` gives other paths. */
  readonly outDir: string;
  /** Percent-encoded path of each run's folder relative to outDir, by run name. */
  readonly hrefs?: ReadonlyMap<string, string>;
  /** The previous run of the same scenario, profile and environment, by the name of the current run. */
  readonly previous?: ReadonlyMap<string, ListedRun>;
}

/** How many of the slowest and of the most failing endpoints the report lists. */
const MOST_BOTTLENECKS = 5;

/** The mark of each decision. */
export const DECISIONS: Readonly<Record<Decision, Mark>> = {
  go: mark('good', 'pass', 'Go'),
  'no-go': mark('bad', 'fail', 'No go'),
  undecided: mark('warn', 'unknown', 'Undecided'),
};

function distinct(values: readonly string[]): string {
  return [...new Set(values.map((value) => oneLine(value)).filter((value) => value !== ''))].join(', ') || 'not known';
}

/** Pictures that renderRun() writes for a run with this data: title, and file name in the run's folder. */
export function picturesOf({ metrics, vus_max }: Result): { title: string; file: string }[] {
  const has = (name: string) => (metrics[name]?.count ?? 0) > 0;
  const hasLatency = Object.values(metrics).some(
    ({ type, unit, count: samples }) => type === 'trend' && unit === 'ms' && samples > 0,
  );
  const hasRate = THROUGHPUT_METRICS.some(has);
  return [
    ...(hasLatency ? [{ title: 'latency percentiles over time', file: 'latency.svg' }] : []),
    ...(hasRate ? [{ title: 'throughput and errors over time', file: 'throughput.svg' }] : []),
    ...(isFigure(vus_max) ? [{ title: 'virtual users over time', file: 'vus.svg' }] : []),
  ];
}

function bottlenecksOf(results: readonly Result[]): { slow: object[]; failing: object[] } {
  const all = results.flatMap(({ scenario, endpoints }) => endpoints.map((endpoint) => ({ scenario, endpoint })));
  const slow = all
    .filter(({ endpoint }) => isFigure(endpoint.p95))
    .sort((a, b) => (b.endpoint.p95 ?? 0) - (a.endpoint.p95 ?? 0));
  const failing = all
    .filter(({ endpoint }) => endpoint.failed > 0)
    .sort((a, b) => b.endpoint.failed - a.endpoint.failed);
  const row = ({ scenario, endpoint }: (typeof all)[number]) => ({
    scenario: oneLine(scenario),
    endpoint: oneLine(endpoint.name),
    requests: count(endpoint.requests),
    p95: duration(endpoint.p95),
    p99: duration(endpoint.p99),
    failed: count(endpoint.failed),
    errors: percent(endpoint.error_rate),
  });
  return { slow: slow.slice(0, MOST_BOTTLENECKS).map(row), failing: failing.slice(0, MOST_BOTTLENECKS).map(row) };
}

function serverRows({ server: { summary = [] } }: Result) {
  return summary.map(({ panel, label, source, unit, before, during, after, recovered }) => ({
    what: lineText({ panel, label }),
    source: oneLine(source, 60),
    before: withUnit(before?.avg, unit),
    average: withUnit(during?.avg, unit),
    p95: withUnit(during?.p95, unit),
    most: withUnit(during?.max, unit),
    after: withUnit(after?.last, unit),
    back: recovered === null ? '–' : recovered ? 'yes' : 'no',
  }));
}

function runView(result: Result, { hrefs }: CycleFacts) {
  const folder = hrefs?.get(result.run) ?? encodeURIComponent(result.run);
  const errors = result.errors.reduce((sum, { kind, count: times }) => (kind === 'check' ? sum : sum + times), 0);
  const missed = kpiRows(withDistinctKpis(result)).filter(({ tone }) => tone !== 'good');
  return {
    ...statusMark(result.status),
    scenario: oneLine(result.scenario),
    description: oneLine(result.description, 400),
    profile: profileName(result.profile),
    reason: sentence(oneLine(result.status_reason, 600)),
    ...figureTexts(result),
    requests: count((result.metrics.http_reqs ?? result.metrics.iterations)?.count),
    load: duration(result.duration_ms),
    vus: count(result.vus_max),
    targets: targetsMet(withDistinctKpis(result)),
    generator: GENERATOR_MARKS[result.generator.state].word,
    started: utc(result.started_at),
    functionalErrors: plural(errors, 'error'),
    progress: result.conport.progress_id === null ? '' : String(result.conport.progress_id),
    notes: result.conport.performance_notes.map((key) => oneLine(key)).join(', '),
    errorLogs: result.conport.error_logs.map((key) => oneLine(key)).join(', '),
    partial: result.partial,
    folder,
    missed,
    hasMissed: missed.length > 0,
    pictures: picturesOf(result),
    server: serverRows(result),
    hasServer: (result.server.summary ?? []).length > 0,
  };
}

function withDistinctKpis(result: Result): Result {
  return { ...result, kpis: distinctKpis(result.kpis) };
}

/** `1.2 % → 3.4 %`. */
function fromToText(before: number | null, now: number | null, text: (value: number) => string): string {
  return isFigure(before) && isFigure(now) ? `${text(before)} → ${text(now)}` : '–';
}

/** `41.2 ms → 43.0 ms (+4.4 %)`. */
function changeText(before: number | null, now: number | null, text: (value: number) => string): string {
  const fromTo = fromToText(before, now, text);
  if (!isFigure(before) || !isFigure(now) || before === 0) return fromTo;
  return `${fromTo} (${now >= before ? '+' : '−'}${percent(Math.abs(now / before - 1), { digits: 2 })})`;
}

/** A scenario compared with its run in the last cycle. */
function changeView(result: Result, before: ListedRun) {
  const now = listedRun(result, result.run);
  const missedIn = (run: ListedRun) => new Map(run.kpis.filter(isMissedKpi).map((kpi) => [kpi.key, kpi]));
  const [then, today] = [missedIn(before), missedIn(now)];
  const nameOf = ({ name, filter }: ListedRun['kpis'][number]) => (filter === '' ? name : `${name}, ${filter}`);
  const known = new Set(before.kpis.map(({ key }) => key));
  const newly = [...today].filter(([key]) => known.has(key) && !then.has(key)).map(([, kpi]) => nameOf(kpi));
  const again = now.kpis.filter(({ key, verdict }) => verdict === 'pass' && then.has(key)).map(nameOf);
  const [was, is] = [statusMark(before.status).word.toLowerCase(), statusMark(result.status).word.toLowerCase()];
  const targets = [
    ...(newly.length > 0 ? [`newly missed: ${newly.join('; ')}`] : []),
    ...(again.length > 0 ? [`met again: ${again.join('; ')}`] : []),
  ];
  return {
    scenario: now.scenario,
    since: `${utc(before.started_at)}, build ${before.build || 'unknown'}`,
    verdict: was === is ? `${is} as before` : `${was} → ${is}`,
    p95: changeText(before.p95_ms, p95Of(result), duration),
    rate: changeText(before.rate_per_s, rateOf(result), perSecond),
    errors: fromToText(before.error_share, errorShareOf(result), percent),
    targets: targets.join('. ') || 'no target changed its verdict',
  };
}

/** The reasons for the decision: one sentence for each scenario that did not pass, or one that all targets were met. */
function reasonsOf(results: readonly Result[], failures: readonly string[], decision: Decision): string[] {
  const against = results
    .filter(({ status }) => status !== 'pass')
    .map(({ scenario, status_reason }) => `${oneLine(scenario)}: ${sentence(oneLine(status_reason, 400))}`);
  const notRun = failures.map((failure) => sentence(`Did not run: ${oneLine(failure, 600)}`));
  if (decision !== 'go') return [...against, ...notRun];
  const undecided = results.filter(({ kpis }) => kpis.some(({ verdict }) => verdict === 'inconclusive'));
  if (undecided.length === 0) return ['Every target of every scenario was met.'];
  return undecided.map(
    ({ scenario, status_reason }) => `${oneLine(scenario)}: ${sentence(oneLine(status_reason, 400))}`,
  );
}

/** One sentence that counts: `2 of 3 scenarios passed, 1 of 9 targets missed.` */
export function countsText(results: readonly Result[], failures: readonly string[]): string {
  const kpis = results.flatMap((result) => withDistinctKpis(result).kpis);
  const missed = kpis.filter(isMissedKpi);
  const critical = missed.filter(({ severity }) => severity === 'critical').length;
  const open = kpis.filter(({ verdict }) => verdict === 'inconclusive').length;
  const parts = [
    passedText(results, failures.length),
    ...slowerTexts(results),
    kpis.length === 0 ? 'nothing was judged' : missedTargets(missed.length, kpis.length),
    ...(critical > 0 ? [`${critical} of them critical`] : []),
    ...(open > 0 ? [`${open} too close to call`] : []),
  ];
  return sentence(parts.join(', '));
}

/** The view of a cycle. Its texts are plain text; templates escape them. */
export function cycleView(results: readonly Result[], facts: CycleFacts) {
  const status = worstStatus(results)?.status ?? 'error';
  const decision = decisionOf({ status, isInterrupted: status === 'aborted', notRun: facts.failures.length });
  const runs = results.map((result) => runView(result, facts));
  const changes = results.flatMap((result) => {
    const before = facts.previous?.get(result.run);
    return before === undefined ? [] : [changeView(result, before)];
  });
  const kpis = results.flatMap((result) =>
    kpiRows(withDistinctKpis(result)).map((kpi) => ({ ...kpi, scenario: oneLine(result.scenario) })),
  );
  const findings = results.flatMap((result) =>
    byCause(result).map(({ severity, title, lead, kpis: broken }) => ({
      severity,
      scenario: oneLine(result.scenario),
      title: sentence(oneLine(title, 300)),
      detail: oneLine(lead?.detail ?? '', 600),
      broken: broken.map(({ expression }) => oneLine(expression, 200)).join('; '),
    })),
  );
  const { slow, failing } = bottlenecksOf(results);
  return {
    decision: DECISIONS[decision],
    counts: countsText(results, facts.failures),
    reasons: reasonsOf(results, facts.failures, decision),
    component: distinct(results.map(({ component }) => component)),
    date: new Date(facts.beganAtMs).toISOString().slice(0, 10),
    began: utc(new Date(facts.beganAtMs).toISOString()),
    ended: utc(new Date(facts.endedAtMs).toISOString()),
    environments: distinct(
      results.map(({ environment, target_url }) =>
        target_url === '' ? environment : `${environment} (${target_url})`,
      ),
    ),
    builds: distinct(results.map(({ build_version }) => build_version)),
    machines: distinct(
      results.map(({ machine }) => `${machine.os}, ${machine.cpu}, ${machine.cores} cores, Node ${machine.node}`),
    ),
    tools: distinct(
      results.map(({ k6, novaperf_version }) => `k6 ${k6.version} (${k6.stream} stream), novaperf ${novaperf_version}`),
    ),
    failures: facts.failures.map((failure) => oneLine(failure, 600)),
    hasFailures: facts.failures.length > 0,
    runs,
    changes,
    hasChanges: changes.length > 0,
    kpis,
    hasKpis: kpis.length > 0,
    hasIntervals: results.some((result) => result.kpis.some((kpi) => hasInterval(kpi, result))),
    findings,
    hasFindings: findings.length > 0,
    slow,
    hasSlow: slow.length > 0,
    failing,
    hasFailing: failing.length > 0,
  };
}
