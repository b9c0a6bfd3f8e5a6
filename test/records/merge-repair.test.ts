// Two branches that each record a cycle are merged by git; after the repair every record exists once with its own references.

import { execFile } from 'node:child_process';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { expect } from 'chai';
import { conflictSides } from '../../runner/config/conflict-sides.ts';
import { CycleRecords } from '../../runner/records/cycle/cycle-records.ts';
import { checkStore } from '../../runner/records/repair/check.ts';
import { repairMerge } from '../../runner/records/repair/merge-repair.ts';
import { markName } from '../../runner/records/server/sync-mark.ts';
import { type ConportStore, openStore } from '../../runner/records/store/store.ts';
import { aKpi, anError, aPlan, aResult, inTemporaryFolder } from './samples.ts';

const run = promisify(execFile);

async function writeCycle(store: ConportStore, name: string, beganAtMs: number) {
  const plan = aPlan();
  const records = await CycleRecords.begin(store, {
    ...{ component: 'Catalog', scenarios: [plan], environment: 'demo', targetUrl: '', buildVersion: name },
    ...{ trigger: 'requested', beganAtMs },
  });
  const child = await records.scenarioStarted(plan, `/out/${name}`);
  const result = aResult({
    ...{ run: name, build_version: name, status: 'fail', kpis: [aKpi({ verdict: 'fail', actual: 412 })] },
    errors: [anError({ endpoint: `POST /${name}` })],
  });
  const conport = await records.scenarioEnded(child, result, `/out/${name}/report.html`);
  const results = [{ ...result, conport }];
  await records.close({ results, overallReportPath: '/out/o.md', interrupted: false, failures: [] });
}

/** Main and a branch that both recorded a cycle, merged by git with conflicts. */
async function merged(
  work: (context: { store: ConportStore; git: (...args: string[]) => Promise<string> }) => Promise<void>,
) {
  await inTemporaryFolder(async (folder) => {
    const identity = ['-c', 'user.name=t', '-c', 'user.email=t@example.com', '-c', 'init.defaultBranch=main'];
    const git = async (...args: string[]) => (await run('git', [...identity, ...args], { cwd: folder })).stdout;
    const store = await openStore(join(folder, 'conport'));
    const at = Date.parse('2026-11-23T14:00:00Z');
    const commit = async (name: string, beganAtMs: number) => {
      await writeCycle(store, name, beganAtMs);
      await git('add', '-A');
      await git('commit', '-qm', name);
    };
    await git('init', '-q');
    await commit('base', at);
    await git('checkout', '-qb', 'side');
    await commit('theirs', at + 60_000);
    await git('checkout', '-q', 'main');
    await commit('ours', at + 30_000);
    await git('merge', 'side').catch(() => undefined);
    await work({ store, git });
  });
}

async function expectWhole(store: ConportStore) {
  expect((await checkStore(store)).problems).to.deep.equal([]);
  const progress = await store.progress.all();
  expect(progress.filter(({ parent_id }) => parent_id === null)).to.have.length(3);
  expect(progress).to.have.length(6);
  expect(await store.decisions.ids()).to.have.length(3);
  const keyOf = new Map(progress.map(({ id, cycle_key }) => [id, cycle_key]));
  for (const child of progress)
    if (child.parent_id !== null) expect(keyOf.get(child.parent_id)).to.equal(child.cycle_key);
  for (const category of ['PerformanceNotes', 'TestExecutionReports', 'LeadPhaseExecutionPlan']) {
    const { items } = await store.customData.readable(category);
    expect(items, category).to.have.length(3);
    for (const { value } of items) expect(keyOf.get(Object(value).progress_id)).to.equal(Object(value).cycle_key);
  }
  for (const link of await store.links.all()) {
    if (link.target_item_type === 'progress_entry')
      expect(keyOf.get(Number(link.target_item_id))).to.equal(link.cycle_key);
  }
}

describe('records of two branches that git merged', () => {
  it('are found by conflict markers; the newer ones and their references get new numbers @slow', () =>
    merged(async ({ store, git }) => {
      const before = await checkStore(store);
      expect(before.problems.some(({ text }) => text.includes("git's conflict markers"))).to.equal(true);
      const done = await repairMerge(store);
      expect(done.join('\n')).to.contain('progress/3 of');
      await expectWhole(store);
      const { open_issues: issues, state_of_the_union: words } = await store.readActiveContext();
      expect(issues?.filter((entry) => String(entry).startsWith('PerformanceNotes:'))).to.have.length(2);
      expect(words).to.contain('build ours').and.to.contain('Progress 3');
      await git('add', '-A');
      await git('commit', '-qm', 'merged');
      expect(await repairMerge(store)).to.deep.equal([]);
    }));

  for (const side of ['--ours', '--theirs']) {
    it(`are restored if the conflict was resolved with ${side} @slow`, () =>
      merged(async ({ store, git }) => {
        const names = (await git('diff', '--name-only', '--diff-filter=U')).trim().split('\n');
        await git('checkout', side, '--', ...names.filter((name) => !name.includes('custom_data')));
        await repairMerge(store);
        const progress = await store.progress.all();
        expect(progress.map(({ id }) => id)).to.deep.equal([1, 2, 3, 4, 5, 6]);
        expect(new Set(progress.map(({ cycle_key }) => cycle_key)).size).to.equal(3);
        expect((await checkStore(store)).problems).to.deep.equal([]);
      }));
  }

  it('keep the mark of their first number, by which a server finds them', () => {
    const record = { id: 12, timestamp: '2026-11-23T14:00:00Z' };
    expect(markName('progress', { ...record, id: 15, renumbered_from: 12 })).to.equal(markName('progress', record));
  });

  it('in files that people write are left to them', () =>
    inTemporaryFolder(async (folder) => {
      const store = await openStore(folder);
      const text = 'focus: a\n<<<<<<< HEAD\nopen_issues: [\n=======\nopen_issues: []\n>>>>>>> side\n';
      await writeFile(store.activeContextPath, text);
      expect(await repairMerge(store)).to.deep.equal([]);
      expect(await readFile(store.activeContextPath, 'utf8')).to.equal(text);
    }));

  const texts: ReadonlyArray<[text: string, sides: ReturnType<typeof conflictSides>]> = [
    ['a\n', undefined],
    ['a\n<<<<<<< HEAD\nb\n=======\nc\n>>>>>>> x\nd\n', { ours: 'a\nb\nd\n', theirs: 'a\nc\nd\n' }],
    ['<<<<<<< HEAD\nb\n||||||| 123\no\n=======\nc\n>>>>>>> x\n', { ours: 'b\n', theirs: 'c\n' }],
  ];
  for (const [text, sides] of texts) {
    it(`have the sides of ${JSON.stringify(text)}`, () => expect(conflictSides(text)).to.deep.equal(sides));
  }
});
