// A cycle over several calls: one main item, one plan with steps, one report; a scenario that could not run counts until a later call runs it.

import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect } from 'chai';
import type { ScenarioPlan } from '../../runner/model/plan.ts';
import type { Result } from '../../runner/model/result.ts';
import { beginCycle, type CycleBeginning } from '../../runner/records/cycle/cycle-begin.ts';
import { CycleRecords } from '../../runner/records/cycle/cycle-records.ts';
import {
  closeDelegatedCycle,
  gatherCycle,
  readDelegatedCycle,
  recordRefusedCall,
} from '../../runner/records/cycle/delegated-cycle.ts';
import { checkStore } from '../../runner/records/repair/check.ts';
import type { ConportStore } from '../../runner/records/store/store.ts';
import { errorOf } from './error-of.ts';
import { aKpi, aPlan, aResult, inStore } from './samples.ts';

const BEGINNING: CycleBeginning = {
  ...{ component: 'Catalog', scenarios: [], environment: 'demo', targetUrl: '', buildVersion: '1.4.2' },
  ...{ trigger: 'requested', beganAtMs: Date.parse('2026-11-23T14:36:00.000Z') },
};
const CATALOG = aPlan();
const CHECKOUT = aPlan({ name: 'checkout', component: 'Checkout' });
const CATALOG_TARGETS = 'PerformanceTargets:Catalog_Targets_v2';
const CHECKOUT_TARGETS = 'PerformanceTargets:Checkout_Targets_v1';
const MISSED = aKpi({ verdict: 'fail', actual: 412.7 });

const begin = async (store: ConportStore, scenarios: readonly ScenarioPlan[] = []) =>
  (await beginCycle(store, { ...BEGINNING, scenarios, isDelegated: true })).progressId;

/** One `run --cycle` that runs one scenario. */
async function call(store: ConportStore, cycle: number, plan: ScenarioPlan, changes: Partial<Result>) {
  const records = await CycleRecords.join(store, cycle, { ...BEGINNING, scenarios: [plan] });
  const folder = join(store.projectDir, `run_${plan.name}_${Math.random()}`);
  const child = await records.scenarioStarted(plan, folder);
  const result = aResult({ scenario: plan.name, component: plan.component, ...changes });
  const conport = await records.scenarioEnded(child, result, join(folder, 'report.html'));
  await mkdir(folder);
  await writeFile(join(folder, 'result.json'), JSON.stringify({ ...result, conport }));
  const end = { results: [result], overallReportPath: '/o.md', interrupted: false, failures: [] };
  expect(await records.close(end)).to.deep.equal({ testExecutionReport: null, status: 'IN_PROGRESS' });
}

async function close(store: ConportStore, cycle: number) {
  const open = await readDelegatedCycle(store, cycle);
  const gathered = await gatherCycle(store, open);
  return { gathered, ...(await closeDelegatedCycle(store, open, gathered, null)) };
}

const stepsOf = async (store: ConportStore, cycle: number) =>
  Object(await store.customData.read('LeadPhaseExecutionPlan', `${cycle}_QAPlan`)).value.steps;

describe('a cycle over several calls', () => {
  it('has one main item, one decision, a step per scenario with its result, and one report at its end', () =>
    inStore(async (store) => {
      const cycle = await begin(store, [CATALOG]);
      await call(store, cycle, CATALOG, {});
      await call(store, cycle, CHECKOUT, { status: 'fail', exit_code: 99, kpis: [MISSED] });
      expect((await store.progress.all()).map(({ parent_id }) => parent_id)).to.deep.equal([null, cycle, cycle]);
      expect(await store.decisions.ids()).to.have.length(1);
      const { problems } = await checkStore(store);
      expect(problems.map(({ text }) => text).join()).to.contain(`novaperf cycle close ${cycle}`);
      const { gathered, status, testExecutionReport } = await close(store, cycle);
      expect(status).to.equal('DONE_WITH_ISSUES_NOTED');
      expect(gathered.results.map(({ scenario }) => scenario)).to.deep.equal(['browse-catalog', 'checkout']);
      expect(gathered.failures).to.deep.equal([]);
      const steps = await stepsOf(store, cycle);
      expect(steps.map((step: { status: string }) => step.status)).to.deep.equal([
        'DONE',
        'DONE_WITH_ISSUES_NOTED',
        'DONE_WITH_ISSUES_NOTED',
      ]);
      expect(steps[0].result_ref).to.match(/^run_browse-catalog.*\/result\.json$/);
      expect(steps[2].result_ref).to.equal(`TestExecutionReports:${testExecutionReport}`);
      const { open_issues: issues } = await store.readActiveContext();
      expect(issues?.[0]).to.match(/^PerformanceNotes:Checkout_\S+: Checkout\/checkout \w+: /);
      expect((await checkStore(store)).problems).to.deep.equal([]);
    }));

  it('links its decision to the items of the targets of every call, once each', () =>
    inStore(async (store) => {
      const cycle = await begin(store);
      for (const targetItems of [[CATALOG_TARGETS], [CATALOG_TARGETS, CHECKOUT_TARGETS]]) {
        await CycleRecords.join(store, cycle, { ...BEGINNING, scenarios: [CATALOG], targetItems });
      }
      const links = (await store.links.all()).filter(({ relationship_type: type }) => type === 'judges_by');
      expect(
        links.map((link) => [link.source_item_type, link.source_item_id, link.target_item_type, link.target_item_id]),
      ).to.deep.equal([
        ['decision', '1', 'custom_data', CATALOG_TARGETS],
        ['decision', '1', 'custom_data', CHECKOUT_TARGETS],
      ]);
    }));

  it('is closed once, and accepts no call after that', () =>
    inStore(async (store) => {
      const cycle = await begin(store);
      await call(store, cycle, CATALOG, {});
      await close(store, cycle);
      for (const late of [() => close(store, cycle), () => CycleRecords.join(store, cycle, BEGINNING)]) {
        expect((await errorOf(late)).message).to.contain('DONE');
      }
      expect((await errorOf(() => close(store, 99))).message).to.contain('no such progress item');
    }));

  it('reports what was planned and never ran', () =>
    inStore(async (store) => {
      const cycle = await begin(store, [CATALOG, CHECKOUT]);
      await call(store, cycle, CATALOG, {});
      const { gathered } = await close(store, cycle);
      expect(gathered.failures).to.deep.equal([{ scenario: 'checkout', reason: 'no call ran it' }]);
      expect(gathered.codesWithoutResult).to.deep.equal([2]);
    }));

  it('counts a scenario that could not run until a later call runs it', () =>
    inStore(async (store) => {
      const cycle = await begin(store);
      const failed = await CycleRecords.join(store, cycle, { ...BEGINNING, scenarios: [CATALOG] });
      await failed.abandon('the system does not answer', 3);
      await recordRefusedCall(store, cycle, { scenarios: 'brwse', reason: 'no such scenario', exitCode: 2 });
      const before = await gatherCycle(store, await readDelegatedCycle(store, cycle));
      expect(before.codesWithoutResult).to.deep.equal([3, 2]);
      expect(before.failures).to.deep.equal([
        { scenario: 'browse-catalog', reason: 'not started: the system does not answer' },
        { scenario: 'brwse', reason: 'refused: no such scenario' },
      ]);
      // Records of an earlier version have the reason in their description only.
      const open = await readDelegatedCycle(store, cycle);
      const children = open.children.map(({ outcome: _, ...child }) => child);
      expect((await gatherCycle(store, { ...open, children })).failures).to.deep.equal(before.failures);
      await call(store, cycle, CATALOG, {});
      expect((await close(store, cycle)).gathered.failures).to.deep.equal([]);
    }));

  it('cannot be closed while a call runs', () =>
    inStore(async (store) => {
      const cycle = await begin(store);
      const running = await CycleRecords.join(store, cycle, { ...BEGINNING, scenarios: [CATALOG] });
      await running.scenarioStarted(CATALOG, '/out/x');
      expect((await errorOf(() => close(store, cycle))).message).to.contain('running');
    }));
});
