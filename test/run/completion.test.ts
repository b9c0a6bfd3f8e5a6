import { Ajv2020 } from 'ajv/dist/2020.js';
import { expect } from 'chai';
import { z } from 'zod';
import { completionSchema } from '../../runner/model/completion.ts';
import type { Result, ResultKpi } from '../../runner/model/result.ts';
import { emptySyncMap } from '../../runner/records/sync-map.ts';
import { type CompletionInput, completionOf } from '../../runner/run/completion.ts';
import { completionMarkdown } from '../../runner/run/completion-markdown.ts';
import { UserError } from '../../runner/system/errors.ts';
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

const refused = new UserError('No scenario is called x.', { where: 'scenarios', next: 'novaperf list' });

describe('the completion document', () => {
  const rows: ReadonlyArray<[what: string, changes: Partial<CompletionInput>, decision: string, outcome: string]> = [
    ['a pass', {}, 'go', 'pass'],
    ['a miss', { status: 'fail', exitCode: 99 }, 'no-go', 'fail'],
    ['an inconclusive run', { status: 'inconclusive', exitCode: 98 }, 'undecided', 'inconclusive'],
    [
      'a run without targets',
      { status: 'unjudged', runs: [run({ status: 'unjudged', kpis: [] })] },
      'undecided',
      'unjudged',
    ],
    ['an interrupt', { status: 'aborted', exitCode: 105, interrupted: true }, 'undecided', 'interrupted'],
    ['a scenario that did not run', { notRun: [{ scenario: 'y', reason: 'no k6' }] }, 'no-go', 'pass'],
    ['a refused call', { status: 'error', exitCode: 2, runs: [], records: null, error: refused }, 'no-go', 'error'],
  ];
  for (const [what, changes, decision, outcome] of rows) {
    it(`of ${what} is ${decision}, and valid by its schema and its JSON Schema`, () => {
      const document = completionOf(input(changes));
      expect(completionSchema.parse(document)).to.include({ decision, outcome });
      const ajv = new Ajv2020({ strict: false, formats: { 'date-time': true } });
      // What the build writes to schemas/completion.json.
      const schema = z.toJSONSchema(completionSchema, { io: 'output' });
      expect(ajv.validate(schema, JSON.parse(JSON.stringify(document))), JSON.stringify(ajv.errors)).to.equal(true);
      expect(completionMarkdown(document)).to.match(/^# (Go|No go|Undecided): Catalog\n/);
    });
  }

  it('is under 10 kB for three scenarios with many targets, the missed ones and the critical findings kept', () => {
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

  it('names the ids and keys of the server once the records were pushed, and how to decide conflicts', () => {
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
    });
    expect(document.scenarios[0]?.progress).to.deep.equal({ local: 2, server: 42 });
    expect(document.push.conflicts).to.deep.equal(['progress/1']);
    expect(document.next.join()).to.include('--theirs progress/1');
  });

  it('is readable without a renderer: no entities, no escapes, nothing that a renderer would take for a tag', () => {
    const kpis = [aKpi({ expression: 'http_req_duration p(95) < 300 ms', verdict: 'fail' })];
    const text = completionMarkdown(
      completionOf(input({ status: 'fail', component: '<script>|x', runs: [run({ kpis })] })),
    );
    expect(text)
      .to.include('`http_req_duration p(95) < 300 ms`')
      .and.not.match(/&\w+;|\\_|<script>/);
  });
});
