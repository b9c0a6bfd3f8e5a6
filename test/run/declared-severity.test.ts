// A severity declared in PerformanceTargets, from the YAML to every text about the miss.

import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'chai';
import { stringify } from 'yaml';
import { byCause } from '../../runner/analysis/findings/by-cause.ts';
import { weighedByTeam } from '../../runner/analysis/findings/team-severity.ts';
import type { Result } from '../../runner/model/result.ts';
import { recordErrors } from '../../runner/records/cycle/error-logs.ts';
import { summaryOf } from '../../runner/records/cycle/open-issues.ts';
import { notesOf } from '../../runner/records/cycle/performance-notes.ts';
import { openStore } from '../../runner/records/store/store.ts';
import { renderCyclePage, renderCycleReport } from '../../runner/report/cycle-report.ts';
import { completionOf } from '../../runner/run/results/completion.ts';
import { completionMarkdown } from '../../runner/run/results/completion-markdown.ts';
import { writeRunReports } from '../../runner/run/results/report-files.ts';
import { cycleSummary, runSummary } from '../../runner/run/results/terminal-summary.ts';
import { judgeMerged } from '../../runner/run/streams/merge.ts';
import type { Terminal } from '../../runner/system/terminal.ts';
import { aKpi, aResult } from '../records/samples.ts';
import { machine } from './machines.ts';

const TERMINAL: Terminal = {
  interactive: false,
  columns: 160,
  rows: 40,
  ...{ line: () => undefined, warn: () => undefined, live: () => undefined, endLive: () => undefined },
  ...{ json: () => undefined, command: () => undefined, style: (_style, text) => text },
};

const visibleText = (html: string) =>
  html.replace(/<(style|script)\b[\s\S]*?<\/\1>/g, ' ').replace(/ (class|id|href|data-[\w-]+)="[^"]*"/g, ' ');

/** The highest severity in a text. */
const worstIn = (text: string) =>
  ['critical', 'high', 'medium', 'low'].find((word) => new RegExp(`\\b${word}\\b`, 'i').test(text));

/** All texts about a run that missed its targets on errors and response times, both with this severity. */
async function placesOf(dir: string, severity: string): Promise<Record<string, string>> {
  const targets = [
    {
      id: 'latency',
      metric: 'http_req_duration',
      statistic: 'p(95)',
      comparison: '<',
      target: 5,
      unit: 'ms',
      severity,
    },
    { id: 'errors', metric: 'http_req_failed', statistic: 'rate', comparison: '<', target: 0.01, unit: '%', severity },
  ];
  const items = join(dir, 'conport/custom_data/PerformanceTargets');
  await mkdir(items, { recursive: true });
  const key = 'Catalog_Targets_v1';
  const value = { schema_version: '1.0', component: 'Catalog', targets };
  await writeFile(join(items, `${key}.yaml`), stringify({ category: 'PerformanceTargets', key, value }));
  const stream = join(dir, 'k6.ndjson');
  await writeFile(stream, `${machine(1, 40, 20, { tagsExpected: true }).lines.join('\n')}\n`);
  const out = join(dir, 'out');
  const given = { scriptPath: undefined, profile: undefined, buildVersion: undefined, k6Flag: undefined };
  const judged = await judgeMerged(
    {
      ...given,
      ...{ streams: [stream], name: 'browse', component: 'Catalog', scriptEnv: {}, presentation: {} },
      ...{ out, conportDir: join(dir, 'conport') },
    },
    () => undefined,
  );
  const result = await writeRunReports(judged.folder, judged.result, judged.metrics);
  const kept = (file: string) => readFile(join(judged.folder, file), 'utf8');
  const facts = { beganAtMs: 0, endedAtMs: 1000, failures: [], outDir: out };
  const completion = completionOf({
    ...{ status: result.status, exitCode: result.exit_code, interrupted: false, component: 'Catalog', trigger: '' },
    ...{ environment: 'demo', buildVersion: '', beganAtMs: 0, endedAtMs: 1000, notRun: [], overallReport: null },
    ...{ index: null, records: null, push: { state: 'off' }, error: undefined },
    runs: [{ result, folder: judged.folder, report: null }],
  });
  const store = await openStore(join(dir, 'store'));
  const [log] = await recordErrors(store, { result, progressId: 1, reportPath: 'x' });
  const errorLog = await store.customData.read('ErrorLogs', log?.key ?? '');
  const cycle = {
    ...{ status: result.status, results: [result], failures: [], unwritten: [], hasReports: true },
    ...{ overallReport: null, index: null },
    conport: { directory: 'conport', progress_id: null, decision_id: null, test_execution_report: null },
  };
  return {
    'report.html': visibleText(await kept('report.html')),
    'report.md': await kept('report.md'),
    'comment.md': await kept('comment.md'),
    'result.json': JSON.stringify([result.kpis, result.findings]),
    'the terminal at the end of a run': runSummary(result, null, TERMINAL),
    'the terminal at the end of a cycle': `low ${cycleSummary(cycle, completion, TERMINAL)}`,
    'completion.json': JSON.stringify([completion.kpis, completion.findings]),
    'completion.md': completionMarkdown(completion),
    'OverallPerformanceReport.md': renderCycleReport([result], facts),
    'OverallPerformanceReport.html': visibleText(renderCyclePage([result], facts)),
    PerformanceNotes: JSON.stringify(notesOf(result, 'x').map(({ value: note }) => note)),
    ErrorLogs: JSON.stringify(errorLog?.value),
    state_of_the_union: `low ${summaryOf({ results: [result], failures: [], interrupted: false })}`,
  };
}

describe('a severity that the team declared', () => {
  // Both targets are missed by far, which is critical by default; one failed request of forty is less severe.
  for (const severity of ['low', 'critical'] as const) {
    it(`is in every text about the miss: ${severity}`, async () => {
      const dir = await mkdtemp(join(tmpdir(), 'novaperf-severity-'));
      try {
        const places = await placesOf(dir, severity);
        const said = Object.fromEntries(Object.entries(places).map(([place, text]) => [place, worstIn(text)]));
        expect(said).to.deep.equal(Object.fromEntries(Object.keys(places).map((place) => [place, severity])));
      } finally {
        await rm(dir, { recursive: true, force: true });
      }
    });
  }

  const declared = { severity: 'low', severity_is_declared: true } as const;
  const missed = { id: 'declared', verdict: 'fail', ...declared } as const;
  const found = (kind: string, kpis: string[] = []): Result['findings'][number] => ({
    ...{ kind, severity: 'critical', title: kind, detail: '', kpis },
  });
  const errors = { metric: 'http_req_failed', filter: {} };
  const rows: ReadonlyArray<[what: string, changes: Partial<Result>, kpis: string[], findings: string[]]> = [
    [
      'applies to a threshold with the same expression',
      {
        kpis: [aKpi(missed), aKpi({ id: 'threshold', verdict: 'fail', severity: 'critical' })],
        findings: [found('kpi_missed', ['threshold'])],
      },
      ['low', 'low'],
      ['kpi_missed low'],
    ],
    [
      'does not change other targets',
      {
        kpis: [aKpi(missed), aKpi({ id: 'other', target: 9, verdict: 'fail', severity: 'critical' })],
        findings: [found('kpi_missed', ['other'])],
      },
      ['low', 'critical'],
      ['kpi_missed critical'],
    ],
    [
      'does not lower a script that throws',
      { kpis: [aKpi({ ...missed, ...errors })], findings: [found('http_errors'), found('script_exceptions')] },
      ['low'],
      ['script_exceptions critical', 'http_errors low'],
    ],
    [
      'applies to inconclusive targets',
      { kpis: [aKpi({ ...missed, verdict: 'inconclusive' })], findings: [found('inconclusive', ['declared'])] },
      ['low'],
      ['inconclusive low'],
    ],
    [
      'does not apply to findings about other metrics',
      { kpis: [aKpi(missed)], findings: [found('http_errors')] },
      ['low'],
      ['http_errors critical'],
    ],
  ];
  for (const [what, changes, kpis, findings] of rows) {
    it(what, () => {
      const result = weighedByTeam(aResult(changes));
      expect(result.kpis.map((kpi) => kpi.severity)).to.deep.equal(kpis);
      expect(result.findings.map((finding) => `${finding.kind} ${finding.severity}`)).to.deep.equal(findings);
      expect(weighedByTeam(result)).to.deep.equal(result);
      expect(byCause(weighedByTeam(result))).to.deep.equal(byCause(result));
    });
  }
});
