// The Results of one cycle → OverallPerformanceReport_<Component>_<date>.md: what was tested, what came out, what to do.

import { figureTexts, targetsMet } from '../analysis/run-figures.ts';
import type { Result } from '../model/result.ts';
import { lineText } from '../monitor/panels.ts';
import { oneLine } from '../text/display-text.ts';
import { count, duration, isFigure, percent, plural, utc, withUnit } from '../text/format.ts';
import { renderMarkdownTemplate } from './markdown.ts';
import { loadTemplates } from './template-engine.ts';
import { findingRows, kpiRows } from './view/kpis.ts';
import { statusMark } from './view/verdict.ts';

export interface CycleFacts {
  readonly beganAtMs: number;
  readonly endedAtMs: number;
  /** One sentence for each scenario that could not run. */
  readonly failures: readonly string[];
  /** Folder that the report is written to; the runs' folders lie in it. */
  readonly outDir: string;
}

/** Slowest and most failing endpoints that the report names. */
const BOTTLENECKS = 5;

function distinct(values: readonly string[]): string {
  return [...new Set(values.map((value) => oneLine(value)).filter((value) => value !== ''))].join(', ') || 'not known';
}

/** Pictures that renderRun() made for this run, as far as its Result knows. */
function picturesOf({ metrics, vus_max }: Result): { title: string; file: string }[] {
  const has = (name: string) => (metrics[name]?.count ?? 0) > 0;
  const hasLatency = Object.values(metrics).some(
    ({ type, unit, count: samples }) => type === 'trend' && unit === 'ms' && samples > 0,
  );
  const hasRate = ['http_reqs', 'grpc_req_duration', 'ws_msgs_sent', 'ws_sessions', 'iterations'].some(has);
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
  return { slow: slow.slice(0, BOTTLENECKS).map(row), failing: failing.slice(0, BOTTLENECKS).map(row) };
}

function runView(result: Result) {
  const kpis = kpiRows(result);
  const folder = encodeURIComponent(result.run);
  const { word } = statusMark(result.status);
  const errors = result.errors.reduce((sum, { kind, count: times }) => (kind === 'check' ? sum : sum + times), 0);
  return {
    scenario: oneLine(result.scenario),
    description: oneLine(result.description, 400),
    profile: oneLine(result.profile),
    reason: oneLine(result.status_reason, 600),
    word,
    ...figureTexts(result),
    requests: count((result.metrics.http_reqs ?? result.metrics.iterations)?.count),
    load: duration(result.duration_ms),
    vus: count(result.vus_max),
    targets: targetsMet(result),
    generator: result.generator.state,
    started: utc(result.started_at),
    functionalErrors: plural(errors, 'error'),
    progress: result.conport.progress_id === null ? '' : String(result.conport.progress_id),
    notes: result.conport.performance_notes.map((key) => oneLine(key)).join(', '),
    errorLogs: result.conport.error_logs.map((key) => oneLine(key)).join(', '),
    partial: result.partial,
    folder,
    kpis,
    hasKpis: kpis.length > 0,
    findings: findingRows(result, kpis).map((finding) => ({ ...finding, detail: finding.detail.join(' ') })),
    pictures: picturesOf(result),
    server: serverRows(result),
    hasServer: (result.server.summary ?? []).length > 0,
  };
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

/** The report as Markdown; pictures and reports are linked by paths relative to `facts.outDir`. */
export function renderCycleReport(results: readonly Result[], facts: CycleFacts): string {
  const runs = results.map(runView);
  const having = (status: Result['status']) => results.filter((result) => result.status === status).length;
  const counted = (['pass', 'unjudged', 'fail', 'inconclusive', 'aborted', 'error'] as const)
    .filter((status) => having(status) > 0)
    .map((status) => `${having(status)} ${statusMark(status).word.toLowerCase()}`);
  const findings = runs.flatMap(({ scenario, findings: rows }) => rows.map((row) => ({ ...row, scenario })));
  const missed = runs.flatMap(({ scenario, kpis }) =>
    kpis.filter(({ tone }) => tone === 'bad').map((kpi) => ({ ...kpi, scenario })),
  );
  const { slow, failing } = bottlenecksOf(results);
  const view = {
    component: distinct(results.map(({ component }) => component)),
    date: new Date(facts.beganAtMs).toISOString().slice(0, 10),
    began: utc(new Date(facts.beganAtMs).toISOString()),
    ended: utc(new Date(facts.endedAtMs).toISOString()),
    outcome: counted.length === 0 ? 'no scenario ran' : counted.join(', '),
    scenarios: distinct(results.map(({ scenario }) => scenario)),
    profiles: distinct(results.map(({ profile }) => profile)),
    environments: distinct(results.map(({ environment, target_url }) => `${environment} (${target_url})`)),
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
    missed,
    hasMissed: missed.length > 0,
    findings,
    hasFindings: findings.length > 0,
    slow,
    hasSlow: slow.length > 0,
    failing,
    hasFailing: failing.length > 0,
  };
  return renderMarkdownTemplate('cycle', view, loadTemplates());
}
