import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect } from 'chai';
import type { Result } from '../../runner/model/result.ts';
import { CycleRecords } from '../../runner/records/cycle/cycle-records.ts';
import type { ConportStore } from '../../runner/records/store/store.ts';
import { errorOf } from './error-of.ts';
import { aKpi, anError, aPlan, aResult, inStore } from './samples.ts';
import { writeCycle } from './written-cycle.ts';

const PLANS = [
  aPlan(),
  aPlan({ name: 'checkout', component: 'Checkout', scriptPath: '/project/scenarios/checkout.ts' }),
];

function begin(store: ConportStore, plans = PLANS) {
  return CycleRecords.begin(store, {
    component: 'Catalog, Checkout',
    scenarios: plans,
    environment: 'demo',
    targetUrl: 'http://user:secret@127.0.0.1:8080',
    buildVersion: '1.4.2',
    trigger: 'health-check',
    requestedBy: 'lead',
    beganAtMs: Date.parse('2026-11-23T14:36:00.000Z'),
  });
}

async function record(store: ConportStore, results: readonly Result[], plans = PLANS) {
  const records = await begin(store, plans);
  const recorded: Result[] = [];
  for (const [index, result] of results.entries()) {
    const child = await records.scenarioStarted(plans[index] ?? aPlan(), `/out/${result.run}`);
    recorded.push({ ...result, conport: await records.scenarioEnded(child, result, `/out/${result.run}/report.html`) });
  }
  const closed = await records.close({
    results: recorded,
    overallReportPath: '/out/Overall.md',
    interrupted: false,
    failures: [],
  });
  return { records, closed, recorded };
}

const TARGETS = 'PerformanceTargets:Catalog_Targets_v2';
const MISSED = aKpi({ verdict: 'fail', actual: 412.7, margin_percent: -37.6 });

describe('the records of a cycle', () => {
  it('begin with a main item, a decision that is linked to it, the plan and an item per scenario', () =>
    inStore(async (store) => {
      const records = await begin(store);
      const main = await store.progress.read(records.progressId);
      expect(main).to.include({ status: 'IN_PROGRESS', parent_id: null });
      const children = (await store.progress.all()).filter(({ parent_id }) => parent_id === records.progressId);
      expect(children.map(({ status }) => status)).to.deep.equal(['TODO', 'TODO']);
      const decision = await store.decisions.read(records.decisionId);
      expect(decision?.rationale).to.match(/health check.*lead/);
      expect(decision?.implementation_details).to.contain('http://REDACTED:REDACTED@127.0.0.1:8080');
      const links = await store.links.all();
      expect(links).to.deep.include.members([{ ...links[0], source_item_id: '1', target_item_id: '1' }]);
      const plan = await store.customData.read('LeadPhaseExecutionPlan', `${records.progressId}_QAPlan`);
      expect(plan?.value).to.have.nested.property('scenarios[1].script', '/project/scenarios/checkout.ts');
    }));

  it('end DONE if every target was met and nothing was found', () =>
    inStore(async (store) => {
      const { records, closed } = await record(store, [aResult(), aResult({ scenario: 'checkout' })]);
      expect(closed.status).to.equal('DONE');
      const items = await store.progress.all();
      expect(items.map(({ status }) => status)).to.deep.equal(['DONE', 'DONE', 'DONE']);
      expect(items[0]).not.to.have.property('runner');
      const context = await store.readActiveContext();
      expect(context.state_of_the_union).to.match(
        /^\[Performance of Catalog, Checkout on demo, build 1\.4\.2 .*: 2 of 2 scenarios passed, 0 of 2 targets missed\. Progress 1 is DONE/,
      );
      expect(context.open_issues).to.deep.equal([]);
      expect(records.progressId).to.equal(1);
    }));

  it('include a note with metric, target, actual value and report for each missed target', () =>
    inStore(async (store) => {
      const noData = aKpi({
        id: 'other',
        metric: 'checks',
        statistic: 'rate',
        verdict: 'no_data',
        actual: null,
        samples: 0,
      });
      const result = aResult({ status: 'fail', kpis: [MISSED, noData, aKpi({ id: 'met' })] });
      const { recorded, closed } = await record(store, [result, aResult()]);
      expect(recorded[0]?.conport.performance_notes).to.deep.equal([
        'Catalog_LatencyP95TargetMissed_20261123',
        'Catalog_ChecksNoData_20261123',
      ]);
      const note = await store.customData.read('PerformanceNotes', 'Catalog_LatencyP95TargetMissed_20261123');
      expect(note?.value).to.include({
        component_scenario: 'Catalog / browse-catalog',
        metric_observed: 'http_req_duration{name:GET /products} p(95)',
        target_kpi_value: '< 300 ms',
        actual_value_observed: '413 ms',
        raw_data_report_reference: '/out/browse-catalog_20261123T143604Z/report.html',
        severity: 'high',
        build_version: '1.4.2',
        environment: 'demo',
      });
      const unseen = await store.customData.read('PerformanceNotes', 'Catalog_ChecksNoData_20261123');
      expect(unseen?.value).to.include({ actual_value_observed: 'no data' });
      expect(closed.status).to.equal('DONE_WITH_ISSUES_NOTED');
      const report = await store.customData.read('TestExecutionReports', closed.testExecutionReport ?? '');
      expect(report?.key).to.equal('Catalog-Checkout_Performance_20261123_1');
      expect(report?.value).to.have.nested.property('totals.kpis_missed', 1);
      expect(report?.value).to.have.nested.property('totals.kpis_without_data', 1);
      expect((await store.readActiveContext()).open_issues).to.have.length(2);
    }));

  it('number the notes of one day', () =>
    inStore(async (store) => {
      const result = aResult({ status: 'fail', kpis: [MISSED] });
      const { recorded } = await record(store, [result, { ...result, scenario: 'checkout' }]);
      expect(recorded.map(({ conport }) => conport.performance_notes[0])).to.deep.equal([
        'Catalog_LatencyP95TargetMissed_20261123',
        'Catalog_LatencyP95TargetMissed_20261123_2',
      ]);
    }));

  it('link the decision, each note and the report to the item that the target comes from', () =>
    inStore(async (store) => {
      await writeCycle(store, 'browse-catalog_1', TARGETS);
      const links = (await store.links.all()).filter(({ target_item_id: target }) => target === TARGETS);
      const [note] = await store.customData.keys('PerformanceNotes');
      const [report] = await store.customData.keys('TestExecutionReports');
      expect(links.map((link) => [link.source_item_type, link.source_item_id, link.relationship_type])).to.deep.equal([
        ['decision', '1', 'judges_by'],
        ['custom_data', `PerformanceNotes:${note}`, 'misses_target_of'],
        ['custom_data', `TestExecutionReports:${report}`, 'judged_by'],
      ]);
      const value = Object(await store.customData.read('PerformanceNotes', String(note))).value;
      expect(value.kpi).to.include({ item: TARGETS, version: 2, field: 'targets[0]' });
      expect((await store.decisions.read(1))?.implementation_details).to.contain(`Targets of ${TARGETS}`);
    }));

  it('only link items that exist', () =>
    inStore(async (store) => {
      await record(store, [aResult({ status: 'fail', kpis: [MISSED], errors: [anError()] }), aResult()]);
      const links = await store.links.all();
      expect(links.length).to.be.greaterThan(6);
      for (const link of links) {
        for (const [type, id] of [
          [link.source_item_type, link.source_item_id],
          [link.target_item_type, link.target_item_id],
        ]) {
          expect(await exists(store, type ?? '', String(id)), `${type} ${id}`).to.equal(true);
        }
      }
    }));

  it('replace the open issues of the same scenario by those of its newer run, and keep what people wrote', () =>
    inStore(async (store) => {
      await writeFile(
        store.activeContextPath,
        '# ours\nfocus: checkout\nopen_issues:\n  - ask for a bigger database # soon\n',
      );
      await record(store, [aResult({ status: 'fail', kpis: [MISSED] }), aResult({ scenario: 'checkout' })]);
      expect((await store.readActiveContext()).open_issues).to.have.length(2);
      await record(store, [aResult(), aResult({ scenario: 'checkout' })]);
      const text = await readFile(store.activeContextPath, 'utf8');
      expect(text).to.match(
        /^# ours\nfocus: checkout\nopen_issues:\n {2}- ask for a bigger database # soon\nstate_of_the_union: /,
      );
    }));

  it('keep the open issues of a scenario if its newer run did not finish', () =>
    inStore(async (store) => {
      await record(store, [aResult({ status: 'fail', kpis: [MISSED] })], [aPlan()]);
      await record(store, [aResult({ status: 'aborted', partial: true })], [aPlan()]);
      expect((await store.readActiveContext()).open_issues).to.have.length(1);
    }));

  const outcomes: ReadonlyArray<[status: Result['status'], child: string]> = [
    ['pass', 'DONE'],
    ['fail', 'DONE_WITH_ISSUES_NOTED'],
    ['inconclusive', 'DONE_WITH_ISSUES_NOTED'],
    ['aborted', 'BLOCKED'],
    ['error', 'FAILED'],
  ];
  for (const [status, child] of outcomes) {
    it(`give ${child} to a scenario that ended with ${status}`, () =>
      inStore(async (store) => {
        await record(store, [aResult({ status, status_reason: 'the reason' })], [aPlan()]);
        const item = await store.progress.read(2);
        expect(item?.status).to.equal(child);
        expect(item?.description).to.match(/\n.+: the reason$/);
      }));
  }

  it('have paths relative to the project, so that they are valid on another machine', () =>
    inStore(async (store) => {
      const inProject = (path: string) => join(store.projectDir, path);
      const plan = aPlan({ scriptPath: inProject('scenarios/browse-catalog.ts') });
      const records = await begin(store, [plan]);
      const child = await records.scenarioStarted(plan, inProject('.nova/runs/one'));
      const result = aResult({ status: 'fail', kpis: [MISSED] });
      await records.scenarioEnded(child, result, inProject('.nova/runs/one/report.html'));
      const item = await store.progress.read(child);
      expect(item).to.include({ run_folder: '.nova/runs/one' });
      expect(item?.description).to.contain(' with scenarios/browse-catalog.ts\n');
      const note = await store.customData.read('PerformanceNotes', 'Catalog_LatencyP95TargetMissed_20261123');
      expect(note?.value).to.include({ raw_data_report_reference: '.nova/runs/one/report.html' });
    }));

  it("give as hypothesis the finding's probable cause, else what moved with the target, else nothing", () =>
    inStore(async (store) => {
      const missed = { kind: 'kpi_missed', severity: 'high', title: 't', kpis: ['page_latency'] } as const;
      const errors = { kind: 'http_errors', severity: 'high', title: '3 of 9 failed', detail: '', kpis: [] } as const;
      const hypotheses: Array<[findings: Result['findings'], hypothesis: string | null]> = [
        [[{ ...missed, kpis: [...missed.kpis], detail: '', probable_cause: 'the server v1.2' }], 'The server v1.2.'],
        [
          [
            { ...missed, kpis: [...missed.kpis], detail: '' },
            { ...errors, kpis: [], moved_with: ['page_latency'] },
          ],
          '3 of 9 failed.',
        ],
        [
          [
            { ...missed, kpis: [...missed.kpis], detail: '' },
            { ...errors, kpis: [] },
          ],
          null,
        ],
        [[{ ...missed, kpis: [...missed.kpis], detail: '' }], null],
      ];
      for (const [findings, hypothesis] of hypotheses) {
        const { recorded } = await record(store, [aResult({ status: 'fail', kpis: [MISSED], findings })], [aPlan()]);
        const note = await store.customData.read(
          'PerformanceNotes',
          recorded[0]?.conport.performance_notes.at(-1) ?? '',
        );
        expect(note?.value).to.include({ potential_cause_hypothesis: hypothesis });
      }
    }));

  it('are closed even if the active context became invalid meanwhile, and report it', () =>
    inStore(async (store) => {
      const records = await begin(store, [aPlan()]);
      await writeFile(store.activeContextPath, 'open_issues: [');
      const end = { results: [aResult()], overallReportPath: '/o.md', interrupted: false, failures: [] };
      expect((await records.close(end)).status).to.equal('DONE');
      const main = await store.progress.read(records.progressId);
      expect(main?.description).to.contain('the active context was not updated: Expected the active context in YAML');
      expect(await readFile(store.activeContextPath, 'utf8')).to.equal('open_issues: [');
    }));

  it('are not begun with an invalid active context', () =>
    inStore(async (store) => {
      await writeFile(store.activeContextPath, 'open_issues: 5\n');
      const userError = await errorOf(() => begin(store));
      expect(userError.where).to.equal(`${store.activeContextPath}:1:1: open_issues`);
      expect(await store.progress.ids()).to.deep.equal([]);
    }));

  it('of an interrupted cycle are BLOCKED, including those of scenarios that did not start', () =>
    inStore(async (store) => {
      const records = await begin(store);
      const child = await records.scenarioStarted(PLANS[0] ?? aPlan(), '/out/a');
      const result = aResult({ status: 'aborted', partial: true });
      const conport = await records.scenarioEnded(child, result, '/out/a/report.html');
      const closed = await records.close({
        results: [{ ...result, conport }],
        overallReportPath: '/out/o.md',
        interrupted: true,
        failures: [{ scenario: 'checkout', reason: 'not started, the cycle was interrupted' }],
      });
      expect(closed.status).to.equal('BLOCKED');
      const items = await store.progress.all();
      expect(items.map(({ status }) => status)).to.deep.equal(['BLOCKED', 'BLOCKED', 'BLOCKED']);
      expect(items[2]?.description).to.match(/not started, the cycle was interrupted$/);
      expect((await store.readActiveContext()).state_of_the_union).to.contain('interrupted, 0 of 2 scenarios passed');
    }));

  it('of a scenario that could not run are FAILED with the reason', () =>
    inStore(async (store) => {
      const records = await begin(store);
      const child = await records.scenarioStarted(PLANS[0] ?? aPlan(), '/out/a');
      await records.scenarioFailed(child, 'k6 could not be started');
      expect(await store.progress.read(child)).to.have.property('status', 'FAILED');
      const closed = await records.close({
        results: [],
        overallReportPath: '/out/o.md',
        interrupted: false,
        failures: [
          { scenario: 'browse-catalog', reason: 'k6 could not be started' },
          { scenario: 'checkout', reason: 'no folder' },
        ],
      });
      expect(closed.status).to.equal('DONE_WITH_ISSUES_NOTED');
      const report = await store.customData.read('TestExecutionReports', closed.testExecutionReport ?? '');
      expect(report?.value).to.include({ outcome: 'error' });
      expect((await store.progress.read(3))?.description).to.match(/\nno folder$/);
    }));

  it('of an environment that failed verification are FAILED with the reason', () =>
    inStore(async (store) => {
      const records = await begin(store);
      await records.abandon('Expected http://x to answer 2xx, found 503.');
      const items = await store.progress.all();
      expect(items.map(({ status }) => status)).to.deep.equal(['FAILED', 'FAILED', 'FAILED']);
      expect(items[0]?.description).to.contain('Expected http://x to answer 2xx, found 503.');
      expect((await store.readActiveContext()).state_of_the_union).to.contain('could not be tested');
    }));
});

async function exists(store: ConportStore, type: string, id: string): Promise<boolean> {
  if (type === 'progress_entry') return (await store.progress.read(Number(id))) !== undefined;
  if (type === 'decision') return (await store.decisions.read(Number(id))) !== undefined;
  const colon = id.indexOf(':');
  return (await store.customData.read(id.slice(0, colon), id.slice(colon + 1))) !== undefined;
}
