import { Ajv2020 } from 'ajv/dist/2020.js';
import { expect } from 'chai';
import { z } from 'zod';
import { type StatusInput, statusOf } from '../../runner/analysis/verdict/status.ts';
import { completionSchema } from '../../runner/model/completion.ts';
import type { JudgedKpi } from '../../runner/model/kpi.ts';
import type { Result, ResultKpi } from '../../runner/model/result.ts';
import { emptySyncMap } from '../../runner/records/store/sync-map.ts';
import { type CompletionInput, completionOf } from '../../runner/run/results/completion.ts';
import { completionMarkdown } from '../../runner/run/results/completion-markdown.ts';
import { exitCodeOfCycle } from '../../runner/run/results/end-of-cycle.ts';
import { UserError } from '../../runner/system/errors.ts';
import { EXIT } from '../../runner/system/exit-codes.ts';
import { hasFacts } from '../facts.ts';
import { aKpi, aResult } from '../records/samples.ts';

const AT = Date.parse('2026-11-23T14:00:00Z');

const run = (changes: Partial<Result>) => ({ result: aResult(changes), folder: 'out/x', report: 'out/x/report.html' });

const input = (changes: Partial<CompletionInput> = {}): CompletionInput => ({
  status: 'pass',
  exitCode: 0,
  interrupted: false,
  component: 'Catalog',
  environment: 'demo',
  buildVersion: '1.4.2',
  trigger: 'requested',
  beganAtMs: AT,
  endedAtMs: AT + 1000,
  runs: [run({})],
  notRun: [],
  overallReport: 'out/overall.md',
  index: 'out/index.html',
  records: { directory: 'conport', progressId: 1, decisionId: 1, testExecutionReport: 'R_1' },
  push: { state: 'off' },
  error: undefined,
  ...changes,
});

const judged = ({ verdict }: { verdict: JudgedKpi['verdict'] }): JudgedKpi => ({
  ...{ id: 'k', metric: 'http_req_duration', filter: {}, statistic: 'p(95)', comparison: '<', target: 250, unit: 'ms' },
  ...{ severity: 'high', source: 'target', confidence: 'unknown', method: 'point', reason: 'exact', samples: 1 },
  ...{ verdict, actual: 1, ciLow: undefined, ciHigh: undefined, decidesAfterMs: undefined, note: undefined },
});

/** A run that met its targets and is slower than its baseline, with --fail-on regression. */
function slower(): Partial<CompletionInput> {
  const slow = run({ status: 'fail', exit_code: EXIT.regression });
  return { status: 'fail', runs: [slow], exitCode: exitCodeOfCycle([slow.result], []) };
}

/** How k6 and the run ended → outcome. */
const ended = (changes: Partial<StatusInput>): Partial<CompletionInput> => {
  const plain = {
    kpis: [],
    iterations: 9,
    exceptions: [],
    stoppedBy: null,
    abortedByKpi: null,
    profile: 'own',
  } as const;
  const faults = { complete: true, lostLines: 0 };
  const { status, reason, exitCode } = statusOf({ ...plain, faults, k6ExitCode: 0, inconclusive: '98', ...changes });
  const runs = [run({ status, status_reason: reason, exit_code: exitCode })];
  return {
    status,
    runs,
    exitCode: exitCodeOfCycle(
      runs.map(({ result }) => result),
      [],
    ),
  };
};
const met = judged({ verdict: 'pass' });
const close: JudgedKpi = { ...judged({ verdict: 'inconclusive' }), reason: 'too_close' };
const refused = new UserError('No scenario is called x.', { where: 'scenarios', next: 'novaperf list' });
const unverified = new UserError('The system does not answer.', { exitCode: EXIT.environment });
const fault = new UserError('novaperf failed.', { exitCode: EXIT.crashed });
const noRun = { status: 'error', runs: [] } as const;
const ajv = new Ajv2020({ strict: false, formats: { 'date-time': true } });
// The build writes it to schemas/completion.json, see build/exported-modules.mjs.
const isValid = ajv.compile(z.toJSONSchema(completionSchema, { io: 'output' }));

describe('the completion document', () => {
  const rows: ReadonlyArray<
    readonly [what: string, exitCode: number, changes: Partial<CompletionInput>, decision: string, outcome: string]
  > = [
    ['a pass', EXIT.passed, ended({ kpis: [met] }), 'go', 'pass'],
    ['a run without targets', EXIT.passed, ended({}), 'undecided', 'unjudged'],
    ['a scenario that did not run', 2, { exitCode: 2, notRun: [{ scenario: 'y', reason: 'no k6' }] }, 'no-go', 'pass'],
    ['a fault of novaperf', EXIT.crashed, { ...noRun, exitCode: 1, error: fault }, 'no-go', 'error'],
    ['a rejected call', EXIT.usage, { ...noRun, records: null, exitCode: 2, error: refused }, 'no-go', 'error'],
    ['a system that is not ready', EXIT.environment, { ...noRun, exitCode: 3, error: unverified }, 'no-go', 'error'],
    ['a regression', EXIT.regression, slower(), 'no-go', 'fail'],
    [
      'a cut stream',
      EXIT.inconclusive,
      ended({ faults: { complete: false, lostLines: 0 } }),
      'undecided',
      'inconclusive',
    ],
    ['a run within the margin of error', EXIT.inconclusive, ended({ kpis: [close] }), 'undecided', 'inconclusive'],
    [
      'a run within the margin of error, set to fail',
      EXIT.failed,
      ended({ kpis: [close], inconclusive: 'fail' }),
      'undecided',
      'inconclusive',
    ],
    [
      'a run within the margin of error, set to pass',
      EXIT.passed,
      ended({ kpis: [close], inconclusive: 'pass' }),
      'go',
      'pass',
    ],
    ['a miss', EXIT.failed, ended({ kpis: [judged({ verdict: 'fail' })] }), 'no-go', 'fail'],
    [
      'an abortOnFail',
      EXIT.failed,
      ended({ stoppedBy: 'threshold', abortedByKpi: 'x', k6ExitCode: 99 }),
      'no-go',
      'fail',
    ],
    ['a setup that took too long', 100, ended({ k6ExitCode: 100 }), 'no-go', 'error'],
    ['a stop through the REST API', 103, ended({ k6ExitCode: 103 }), 'no-go', 'error'],
    [
      'an interrupt',
      EXIT.interrupted,
      { ...ended({ stoppedBy: 'user' }), interrupted: true },
      'undecided',
      'interrupted',
    ],
    ['a killed k6', EXIT.interrupted, ended({ k6ExitCode: null, k6Signal: 'SIGKILL' }), 'undecided', 'aborted'],
    ['a script that throws', EXIT.scriptException, ended({ k6ExitCode: 107 }), 'no-go', 'error'],
    ['a test.abort()', 108, ended({ k6ExitCode: 108 }), 'undecided', 'aborted'],
    ['a crash of k6', EXIT.k6Crashed, ended({ k6ExitCode: 2 }), 'no-go', 'error'],
  ];
  for (const [what, exitCode, changes, decision, outcome] of rows) {
    it(`of ${what} has exit code ${exitCode}, is ${decision}, and valid by its schema and its JSON Schema`, () => {
      const document = completionOf(input(changes));
      expect(completionSchema.parse(document)).to.include({ decision, outcome, exit_code: exitCode });
      expect(isValid(JSON.parse(JSON.stringify(document))), JSON.stringify(isValid.errors)).to.equal(true);
      expect(completionMarkdown(document)).to.match(/^# (Go|No go|Undecided): Catalog\n/);
    });
  }

  it('counts an inconclusive run that is set to pass as passed, and its inconclusive targets', () => {
    const kpis = [aKpi({ verdict: 'pass' }), aKpi({ id: 'close', statistic: 'p(99)', verdict: 'inconclusive' })];
    const { runs = [] } = ended({ kpis: [met, close], inconclusive: 'pass' });
    const { summary } = completionOf(input({ runs: runs.map(({ result }) => run({ ...result, kpis })) }));
    hasFacts(summary, 'passed', '0 of 2 targets', '1');
  });

  it('has the highest code of equally bad runs, in any order', () => {
    const codes = [EXIT.inconclusive, EXIT.failed].map((code) => aResult({ status: 'inconclusive', exit_code: code }));
    for (const results of [codes, codes.toReversed()]) expect(exitCodeOfCycle(results, [])).to.equal(EXIT.failed);
  });

  it('is tested for every exit code of novaperf', () => {
    expect(rows.map(([, exitCode]) => exitCode)).to.include.members(Object.values(EXIT));
  });

  it('is invalid if a part is missing', () => {
    expect(isValid({ ...completionOf(input()), blockers: undefined })).to.equal(false);
    expect(isValid({ ...completionOf(input()), outcome: 'fine' })).to.equal(false);
  });

  it('is under 10 kB for three scenarios with multi-byte names and 50 error logs each', () => {
    const long = '商品一覧の応答時間'.repeat(30);
    const findings = [...Array(40).keys()].map((index): Result['findings'][number] => ({
      ...{ kind: `kind_${index}`, severity: 'critical', title: long, detail: long, kpis: [] },
    }));
    const kpis = [...Array(60).keys()].map((index) => aKpi({ id: `${long}${index}`, target: index, expression: long }));
    const runs = ['a', 'b', 'c'].map((scenario) => {
      const keys = (prefix: string) => [...Array(50).keys()].map((index) => `${prefix}_${scenario}_${long}_${index}`);
      const conport = {
        ...{ progress_id: 1, decision_id: 1, test_execution_report: 'R' },
        ...{ performance_notes: keys('Note'), error_logs: keys('EL') },
      };
      return run({ scenario, kpis, findings, conport, status: 'fail', status_reason: long });
    });
    const conflicts = [...Array(200).keys()].map((index) => ({ item: `progress/${index}`, ours: 'a', theirs: 'b' }));
    const counts = { created: 3, updated: 1, unchanged: 0, kept: 0, warnings: [], names: emptySyncMap() };
    const push = { state: 'done', outcome: { ...counts, conflicts } } as const;
    const document = completionOf(input({ status: 'fail', exitCode: 99, runs, push }));
    expect(Buffer.byteLength(JSON.stringify(document, null, 2))).to.be.below(10_000);
    expect(isValid(document), JSON.stringify(isValid.errors)).to.equal(true);
    expect(document.scenarios).to.have.length(3);
    expect(document.blockers).to.not.have.length(0);
    const records = document.records;
    const keys = (records?.performance_notes.length ?? 0) + (records?.error_logs.length ?? 0);
    expect(keys + (records?.keys_left_out ?? 0)).to.equal(300);
    expect(document.push.conflicts.length + document.push.conflicts_left_out).to.equal(200);
    expect(document.findings.length + document.findings_left_out).to.equal(120);
  });

  it('is under 10 kB for three scenarios with many targets, and keeps missed ones and critical findings', () => {
    const kpi = (index: number, verdict: ResultKpi['verdict']): ResultKpi =>
      aKpi({
        id: `k${index}`,
        filter: { name: `GET /a/long/path/${index}` },
        verdict,
        expression: `http_req_duration{name:GET /a/long/path/${index}} p(95) < 300 ms`,
      });
    const kpis = [...Array(40).keys()].map((index) => kpi(index, index % 13 === 0 ? 'fail' : 'pass'));
    const findings = [...Array(30).keys()].map((index): Result['findings'][number] => ({
      ...{ kind: 'http_errors', title: `${index} of 9 requests failed`.padEnd(150, '.'), detail: '', kpis: [] },
      severity: index === 7 ? 'critical' : 'low',
    }));
    const runs = ['a', 'b', 'c'].map((scenario) => run({ scenario, kpis, findings, status: 'fail' }));
    const document = completionOf(input({ status: 'fail', exitCode: 99, runs }));
    expect(JSON.stringify(document, null, 2).length).to.be.below(10_000);
    expect(document.kpis.filter(({ verdict }) => verdict === 'fail')).to.have.length(12);
    expect(document.kpis.length + document.kpis_left_out).to.equal(120);
    expect(document.blockers.map(({ scenario }) => scenario)).to.deep.equal(['a', 'b', 'c']);
  });

  it("has the server's ids and keys after a push, and the command for conflicts", () => {
    const names = emptySyncMap();
    const sent = { timestamp: '', server_timestamp: '', sent: '', there: '' };
    names.progress = { 1: { ...sent, server_id: 41 }, 2: { ...sent, server_id: 42 } };
    names.decisions = { 1: { ...sent, server_id: 9 } };
    names.custom_data = {
      'TestExecutionReports:R_1': { server_key: 'R_7', sent: '', there: '' },
      'PerformanceNotes:N': { server_key: 'N_2', sent: '', there: '' },
    };
    const conport = {
      progress_id: 2,
      decision_id: 1,
      performance_notes: ['N'],
      test_execution_report: 'R_1',
      error_logs: ['E'],
    };
    const outcome = {
      ...{ created: 3, updated: 1, unchanged: 0, kept: 0, warnings: [], names },
      conflicts: [{ item: 'progress/1', ours: 'a', theirs: 'b' }],
    };
    const document = completionOf(input({ runs: [run({ conport })], push: { state: 'done', outcome } }));
    expect(document.records).to.deep.equal({
      directory: 'conport',
      progress: { local: 1, server: 41 },
      decision: { local: 1, server: 9 },
      test_execution_report: { local: 'R_1', server: 'R_7' },
      performance_notes: [{ local: 'N', server: 'N_2' }],
      error_logs: [{ local: 'E', server: null }],
      keys_left_out: 0,
    });
    expect(document.scenarios[0]?.progress).to.deep.equal({ local: 2, server: 42 });
    expect(document.push.conflicts).to.deep.equal(['progress/1']);
    expect(document.next.join()).to.include('--theirs progress/1');
  });

  it('is readable as plain text: no entities, escapes or tags', () => {
    const kpis = [aKpi({ expression: 'http_req_duration p(95) < 300 ms', verdict: 'fail' })];
    const text = completionMarkdown(
      completionOf(input({ status: 'fail', component: '<script>|x', runs: [run({ kpis })] })),
    );
    expect(text)
      .to.include('`http_req_duration p(95) < 300 ms`')
      .and.not.match(/&\w+;|\\_|<script>/);
  });
});
