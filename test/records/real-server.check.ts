// Against the real ConPort server, a Python program that it installs: `npm run test:conport`, not part of `npm test`.

import { type ChildProcess, spawn } from 'node:child_process';
import { readFile, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { expect } from 'chai';
import { readTargets } from '../../runner/config/targets-store.ts';
import { CycleRecords } from '../../runner/records/cycle/cycle-records.ts';
import { applyPulled, planPull } from '../../runner/records/server/pull.ts';
import { pushRecords } from '../../runner/records/server/push.ts';
import { NO_CHOICES } from '../../runner/records/server/push-tally.ts';
import { recallOpen } from '../../runner/records/server/recall.ts';
import { type ConportConnection, connectServer } from '../../runner/records/server/server-connection.ts';
import { unmarkedValue } from '../../runner/records/server/sync-mark.ts';
import { type ConportStore, openStore } from '../../runner/records/store/store.ts';
import { UserError } from '../../runner/system/errors.ts';
import { type LightServer, lightServer, sqlRows, stdioConfig } from './light-server.ts';
import { anEndpoint, aPlan, aResult, inTemporaryFolder } from './samples.ts';
import { HOSTILE, writeCycle } from './written-cycle.ts';

/** A night without an error: every endpoint answered. */
async function writeCleanCycle(store: ConportStore) {
  const plan = aPlan();
  const records = await CycleRecords.begin(store, {
    ...{ component: 'Catalog', scenarios: [plan], environment: 'demo', targetUrl: '', buildVersion: '1.4.3' },
    ...{ trigger: 'requested', beganAtMs: Date.now() },
  });
  const child = await records.scenarioStarted(plan, '/out/z');
  const result = aResult({
    run: 'browse-catalog_night3',
    endpoints: [anEndpoint({ name: 'POST /orders', requests: 1000 })],
  });
  const conport = await records.scenarioEnded(child, result, '/out/z/report.html');
  const results = [{ ...result, conport }];
  await records.close({ results, overallReportPath: '/out/o.md', interrupted: false, failures: [] });
}

describe('a real ConPort server', function () {
  this.timeout(400_000);
  let server: LightServer;

  before(async function () {
    const installed = await lightServer();
    if (typeof installed === 'string') {
      console.warn(`SKIPPED, nothing of push and pull was tested: ${installed}`);
      this.skip();
    }
    server = installed;
  });

  async function inWorkspace(
    work: (context: { store: ConportStore; connection: ConportConnection; folder: string }) => Promise<void>,
  ) {
    await inTemporaryFolder(async (folder) => {
      const store = await openStore(join(folder, 'conport'));
      const connection = await connectServer(stdioConfig(server, folder), folder);
      try {
        await work({ store, connection, folder });
      } finally {
        await connection.close();
      }
    });
  }

  const count = async (folder: string, table: string) =>
    (await sqlRows(server, folder, `select * from ${table}`)).length;

  async function counts(folder: string) {
    const tables = ['decisions', 'progress_entries', 'custom_data', 'context_links'];
    return Object.fromEntries(await Promise.all(tables.map(async (table) => [table, await count(folder, table)])));
  }

  it('gets every record once, under its own ids, with valid links and parents', () =>
    inWorkspace(async ({ store, connection, folder }) => {
      // Other records come first, so that no number is the same on both sides.
      for (const summary of ['theirs 1', 'theirs 2', 'theirs 3']) await connection.call('log_decision', { summary });
      for (const description of ['t1', 't2']) await connection.call('log_progress', { status: 'TODO', description });
      await connection.call('update_active_context', {
        content: { focus: 'checkout', open_issues: ['a bigger database'], state_of_the_union: 'quiet' },
      });
      await writeCycle(store);
      const outcome = await pushRecords(store, connection);
      expect(outcome.warnings).to.deep.equal([]);

      const local = {
        decisions: (await store.decisions.ids()).length,
        progress_entries: (await store.progress.ids()).length,
        context_links: (await store.links.ids()).length,
      };
      expect(await counts(folder)).to.include({
        decisions: local.decisions + 3,
        progress_entries: local.progress_entries + 2,
        context_links: local.context_links,
      });
      const progress = await sqlRows(server, folder, 'select id, status, parent_id from progress_entries order by id');
      expect(progress.slice(2)).to.deep.equal([
        [3, 'DONE_WITH_ISSUES_NOTED', null],
        [4, 'DONE_WITH_ISSUES_NOTED', 3],
      ]);
      const plan = await connection.list('get_custom_data', { category: 'LeadPhaseExecutionPlan' });
      expect(plan).to.have.nested.property('[0].key', '3_QAPlan');
      expect(plan).to.have.nested.property('[0].value.progress_id', 3);
      expect(plan).to.have.nested.property('[0].value.decision_id', 4);
      const note = await connection.list('get_custom_data', { category: 'PerformanceNotes' });
      expect(note).to.have.nested.property('[0].value.progress_id', 4);
      // The run's texts arrived, except half a surrogate pair.
      const mine = await store.customData.read('PerformanceNotes', String(Object(note[0]).key));
      expect(Object(Object(note[0]).value).kpi).to.deep.equal(Object(mine?.value).kpi);
      expect(Object(Object(mine?.value).kpi).expression).to.equal(HOSTILE.replace('\ud800', '\ufffd'));

      const links = await sqlRows(
        server,
        folder,
        'select source_item_type, source_item_id, target_item_type, target_item_id from context_links',
      );
      const keys = await sqlRows(server, folder, "select category || ':' || key from custom_data");
      const names = new Set(keys.flat());
      for (const [sourceType, source, targetType, target] of links) {
        for (const [type, id] of [
          [sourceType, source],
          [targetType, target],
        ]) {
          if (type === 'custom_data') expect(names.has(id), `${id}`).to.equal(true);
          else expect(Number(id)).to.be.within(3, 4);
        }
      }
      const context = await connection.call('get_active_context');
      expect(context).to.include({ focus: 'checkout' });
      // The project's own text stays, ours follows it.
      expect(context.state_of_the_union).to.match(
        /^quiet \[Performance of Catalog .*Progress 3 is DONE_WITH_ISSUES_NOTED/,
      );
      expect(context.open_issues).to.include('a bigger database').and.to.have.length(4);
    }));

  it('gets the links from decision, note and report to the item of the targets, under its own ids', () =>
    inWorkspace(async ({ store, connection, folder }) => {
      const key = 'Catalog_Targets_v2';
      const category = 'PerformanceTargets';
      await connection.call('log_custom_data', { category, key, value: { schema_version: '1.0', targets: [] } });
      for (const summary of ['theirs 1', 'theirs 2']) await connection.call('log_decision', { summary });
      await writeCycle(store, 'browse-catalog_1', `${category}:${key}`);
      expect((await pushRecords(store, connection)).warnings).to.deep.equal([]);
      const links = await sqlRows(
        server,
        folder,
        `select source_item_type, source_item_id, relationship_type from context_links where target_item_id = '${category}:${key}' order by relationship_type`,
      );
      const notes = await connection.list('get_custom_data', { category: 'PerformanceNotes' });
      const reports = await connection.list('get_custom_data', { category: 'TestExecutionReports' });
      expect(links).to.deep.equal([
        ['custom_data', `TestExecutionReports:${Object(reports[0]).key}`, 'judged_by'],
        ['decision', '3', 'judges_by'],
        ['custom_data', `PerformanceNotes:${Object(notes[0]).key}`, 'misses_target_of'],
      ]);
    }));

  it('gets nothing the second time, even after the state of what was sent is lost', () =>
    inWorkspace(async ({ store, connection, folder }) => {
      await writeCycle(store);
      const first = await pushRecords(store, connection);
      expect(first.created).to.be.greaterThan(10);
      const before = await counts(folder);
      const second = await pushRecords(store, connection);
      expect(second).to.include({ created: 0, updated: 0 });
      expect(second.unchanged).to.equal(first.created + first.updated);
      expect(await counts(folder)).to.deep.equal(before);

      await rm(join(store.dir, '.server-sync.json'));
      expect((await pushRecords(store, connection)).created).to.equal(0);
      expect(await counts(folder)).to.deep.equal(before);
    }));

  it('gets every record once, however often the connection breaks', () =>
    inWorkspace(async ({ store, connection, folder }) => {
      await writeCycle(store);
      let cuts = 0;
      for (let calls = 1; ; calls++) {
        try {
          await pushRecords(store, cutAfter(connection, calls));
          break;
        } catch (error) {
          expect(error).to.be.instanceOf(UserError);
          // Every other time the state is lost too, as when the process is killed before it saves.
          if (calls % 2 === 0) await rm(join(store.dir, '.server-sync.json'), { force: true });
          cuts++;
        }
      }
      expect(cuts).to.be.greaterThan(5);
      const { progress_entries, decisions, context_links } = await counts(folder);
      expect({ progress_entries, decisions, context_links }).to.deep.equal({
        progress_entries: (await store.progress.ids()).length,
        decisions: (await store.decisions.ids()).length,
        context_links: (await store.links.ids()).length,
      });
      const notes = await connection.list('get_custom_data', { category: 'PerformanceNotes' });
      expect(notes).to.have.length(1);
      const parents = await sqlRows(server, folder, 'select parent_id from progress_entries order by id');
      expect(parents.flat()).to.deep.equal([null, 1]);
    }));

  it('gets the later status of an item that it has, and keeps its parent', () =>
    inWorkspace(async ({ store, connection, folder }) => {
      const records = await CycleRecords.begin(store, {
        ...{ component: 'Catalog', scenarios: [aPlan()], environment: 'demo', targetUrl: '', buildVersion: '' },
        ...{ trigger: 'requested', beganAtMs: Date.now() },
      });
      await pushRecords(store, connection);
      await records.abandon('it was down');
      // Both items, the plan's steps and the active context change; the final report and its link are new.
      expect(await pushRecords(store, connection)).to.include({ created: 2, updated: 4 });
      const rows = await sqlRows(server, folder, 'select id, status, parent_id from progress_entries order by id');
      expect(rows).to.deep.equal([
        [1, 'FAILED', null],
        [2, 'FAILED', 1],
      ]);
    }));

  it('keeps what people changed there in an error that is seen again', () =>
    inWorkspace(async ({ store, connection }) => {
      await writeCycle(store);
      await pushRecords(store, connection);
      const category = 'ErrorLogs';
      const [row] = await connection.list('get_custom_data', { category });
      const { key, value } = Object(row);
      await connection.call('log_custom_data', {
        category,
        key,
        value: { ...value, status: 'INVESTIGATING', owner: 'Kim' },
      });
      await writeCycle(store, 'browse-catalog_2');
      await pushRecords(store, connection);
      const [again] = await connection.list('get_custom_data', { category, key });
      expect(Object(again).value).to.include({
        status: 'INVESTIGATING',
        owner: 'Kim',
        runs_seen: 2,
        last_run: 'browse-catalog_2',
      });
    }));

  it('keeps what a lead changed there while the cycle ran, and shows both versions until one is chosen', () =>
    inWorkspace(async ({ store, connection, folder }) => {
      const records = await CycleRecords.begin(store, {
        ...{ component: 'Catalog', scenarios: [aPlan()], environment: 'demo', targetUrl: '', buildVersion: '' },
        ...{ trigger: 'requested', beganAtMs: Date.now() },
      });
      await pushRecords(store, connection);
      const rows = async () =>
        await sqlRows(server, folder, 'select id, status, description, parent_id from progress_entries');
      // With and without the mark, both without the parent, as other clients write it.
      const [main, child] = await rows();
      await connection.call('update_progress', {
        progress_id: 1,
        status: 'BLOCKED',
        description: `Kim: stop. ${main?.[2]}`,
      });
      await connection.call('update_progress', { progress_id: 2, description: 'Kim rewrote it' });
      expect(await pushRecords(store, connection)).to.include({ created: 0, updated: 0, kept: 2 });

      await records.abandon('it was down');
      const outcome = await pushRecords(store, connection);
      expect(outcome.conflicts.map(({ item }) => item)).to.deep.equal(['progress/1', 'progress/2']);
      expect(outcome.conflicts[1]?.theirs).to.equal('TODO: Kim rewrote it');
      expect(outcome.conflicts[0]?.ours).to.match(/^FAILED: /);
      expect((await rows()).map(([, status]) => status)).to.deep.equal(['BLOCKED', 'TODO']);
      expect((await rows()).map(([, , , parent]) => parent)).to.deep.equal([null, 1]);
      expect(String(child?.[2])).to.include('novaperf:progress/2@');

      // A clone without the state finds both again, duplicates nothing and reports the same conflicts.
      await rm(join(store.dir, '.server-sync.json'));
      expect((await pushRecords(store, connection)).conflicts).to.have.length(2);
      expect(await count(folder, 'progress_entries')).to.equal(2);

      const decided = await pushRecords(store, connection, {
        ours: new Set(['progress/1']),
        theirs: new Set(['progress/2']),
      });
      expect(decided.conflicts).to.deep.equal([]);
      expect((await rows()).map(([, status]) => status)).to.deep.equal(['FAILED', 'TODO']);
      await rm(join(store.dir, '.server-sync.json'));
      expect(await pushRecords(store, connection))
        .to.include({ created: 0, updated: 0 })
        .and.to.have.deep.property('conflicts', []);
      const wrong = await pushRecords(store, connection, { ...NO_CHOICES, ours: new Set(['progress/99']) }).catch(
        (e: unknown) => e,
      );
      expect(wrong).to.be.instanceOf(UserError);
    }));

  it('keeps what a lead wrote into a note, even after the state is lost', () =>
    inWorkspace(async ({ store, connection, folder }) => {
      await writeCycle(store);
      await pushRecords(store, connection);
      const category = 'PerformanceNotes';
      const [row] = await connection.list('get_custom_data', { category });
      const { key, value } = Object(row);
      await connection.call('log_custom_data', { category, key, value: { ...value, severity: 'low', owner: 'Kim' } });
      const before = await counts(folder);
      await rm(join(store.dir, '.server-sync.json'));
      const outcome = await pushRecords(store, connection);
      expect(outcome).to.include({ created: 0, kept: 1 });
      expect(await counts(folder)).to.deep.equal(before);
      const [after] = await connection.list('get_custom_data', { category, key });
      expect(Object(after).value).to.include({ severity: 'low', owner: 'Kim' });
    }));

  it('gives a fresh clone its known errors: they are updated, and settled ones leave the open issues', () =>
    inWorkspace(async ({ store, connection, folder }) => {
      await writeCycle(store);
      await pushRecords(store, connection);
      const first = await connection.call('get_active_context');
      const errors = async () =>
        (await connection.list('get_custom_data', { category: 'ErrorLogs' })).map((row) =>
          Object(unmarkedValue(Object(row).value).value),
        );
      expect(await errors()).to.have.length(2);

      // The second night, elsewhere, with an empty store.
      const night2 = await openStore(join(folder, 'night2'));
      expect(await recallOpen(night2, connection, ['Catalog'])).to.deep.equal({ errors: 2, issues: 3 });
      expect(await recallOpen(night2, connection, ['Catalog'])).to.deep.equal({ errors: 0, issues: 0 });
      await writeCycle(night2, 'browse-catalog_night2');
      const outcome = await pushRecords(night2, connection);
      expect(outcome.conflicts).to.deep.equal([]);
      expect((await errors()).map(({ runs_seen, status }) => [runs_seen, status])).to.deep.equal([
        [2, 'OPEN'],
        [2, 'OPEN'],
      ]);
      const second = await connection.call('get_active_context');
      expect(second.open_issues).to.have.length(Object(first.open_issues).length);

      // The third night has no such error in a thousand requests.
      const night3 = await openStore(join(folder, 'night3'));
      await recallOpen(night3, connection, ['Catalog']);
      await writeCleanCycle(night3);
      await pushRecords(night3, connection);
      expect((await errors()).map(({ status }) => status)).to.include('RESOLVED');
      const third = await connection.call('get_active_context');
      expect(Object(third.open_issues).filter((issue: string) => issue.startsWith('PerformanceNotes'))).to.deep.equal(
        [],
      );
    }));

  it('gets the records of two machines that chose the same keys under different keys', () =>
    inWorkspace(async ({ store, connection, folder }) => {
      const other = await openStore(join(folder, 'other'));
      await writeCycle(store);
      await writeCycle(other, 'browse-catalog_other');
      await pushRecords(store, connection);
      const outcome = await pushRecords(other, connection);
      expect(outcome.warnings).to.deep.equal([]);
      const reports = await connection.list('get_custom_data', { category: 'TestExecutionReports' });
      expect(reports).to.have.length(2);
      const notes = new Set(
        (await connection.list('get_custom_data', { category: 'PerformanceNotes' })).map((row) => Object(row).key),
      );
      expect(notes.size).to.equal(2);
      const named = reports.flatMap((row) => Object(Object(row).value).performance_notes);
      expect(new Set(named)).to.deep.equal(notes);
    }));

  it('gets everything again after it was recreated, but nothing that was removed on purpose', () =>
    inWorkspace(async ({ store, connection, folder }) => {
      await writeCycle(store);
      const first = await pushRecords(store, connection);
      const [note] = await connection.list('get_custom_data', { category: 'PerformanceNotes' });
      await connection.call('delete_custom_data', { category: 'PerformanceNotes', key: Object(note).key });
      const second = await pushRecords(store, connection);
      expect(second.created).to.equal(0);
      expect(second.warnings.join()).to.contain('was removed from the server');
      expect(second.conflicts).to.deep.equal([]);

      await connection.close();
      await rm(join(folder, 'context_portal'), { recursive: true });
      const anew = await connectServer(stdioConfig(server, folder), folder);
      try {
        expect((await pushRecords(store, anew)).created).to.equal(first.created);
      } finally {
        await anew.close();
      }
    }));

  it('provides its targets and configuration, shown as a diff before they overwrite', () =>
    inWorkspace(async ({ store, connection }) => {
      const target = { id: 'p95', metric: 'http_req_duration', statistic: 'p(95)', comparison: '<', target: 300 };
      const log = (category: string, key: string, value: unknown) =>
        connection.call('log_custom_data', { category, key, value });
      await log('PerformanceTargets', 'Catalog_Targets_v1', { component: 'Catalog', targets: [target] });
      await log('PerformanceTargets', 'Broken_Targets_v1', { targets: [{ ...target, statistic: 'p95th' }] });
      await log('PerformanceTargets', '../../evil_Targets_v1', { targets: [target] });
      await log('AcceptanceCriteria', 'Catalog_AC_v1', { performance_targets: [{ ...target, id: 'ac' }] });
      await log('ProjectConfig', 'ActiveConfig', { project_name: 'shop' });
      await store.customData.update('ProjectConfig', 'ActiveConfig', () => ({
        testing: { performance: { default_environment: 'demo' } },
      }));

      const plan = await planPull(store, connection);
      expect(Object.fromEntries(plan.map(({ key, state }) => [key, state]))).to.deep.equal({
        // Both sides have one, and the common base is unknown.
        ActiveConfig: 'conflict',
        '../../evil_Targets_v1': 'new',
        Broken_Targets_v1: 'refused',
        Catalog_Targets_v1: 'new',
        Catalog_AC_v1: 'new',
      });
      const config = plan.find(({ key }) => key === 'ActiveConfig');
      expect(config?.diff).to.match(/^\+ {2}project_name: shop$/m);
      for (const item of plan.filter(({ state }) => state !== 'refused')) {
        expect(item.path.startsWith(join(store.dir, 'custom_data')), item.path).to.equal(true);
        await applyPulled(store, connection, item);
      }
      const { kpis } = await readTargets(store.dir, 'Catalog', 'load');
      expect(kpis.map(({ id }) => id)).to.deep.equal(['p95', 'ac']);
      // Ours stays if the server lacks it.
      expect((await store.customData.read('ProjectConfig', 'ActiveConfig'))?.value).to.have.nested.property(
        'testing.performance.default_environment',
        'demo',
      );
      const again = await planPull(store, connection);
      expect(again.filter(({ state }) => state !== 'same').map(({ key }) => key)).to.deep.equal(['Broken_Targets_v1']);

      const path = store.customData.path('PerformanceTargets', 'Catalog_Targets_v1');
      await writeFile(path, (await readFile(path, 'utf8')).replace('target: 300', 'target: 250 # agreed in May'));
      const changed = (await planPull(store, connection)).find(({ key }) => key === 'Catalog_Targets_v1');
      // A local edit wins while the server has the old version; if both changed, it is a conflict.
      expect(changed?.state).to.equal('ours');
      await log('AcceptanceCriteria', 'Catalog_AC_v1', { performance_targets: [{ ...target, id: 'ac', target: 280 }] });
      await log('PerformanceTargets', 'Catalog_Targets_v1', {
        component: 'Catalog',
        targets: [{ ...target, target: 400 }],
      });
      const states = (await planPull(store, connection)).map(({ key, state }) => [key, state]);
      expect(Object.fromEntries(states)).to.include({ Catalog_AC_v1: 'changed', Catalog_Targets_v1: 'conflict' });
      expect(changed?.diff)
        .to.match(/^-.*target: 250 # agreed in May$/m)
        .and.to.match(/^\+.*target: 300 # agreed in May$/m);
    }));

  it('is an error with exit code 3 if it is unreachable or lacks the workspace', async () => {
    await inTemporaryFolder(async (folder) => {
      const config = stdioConfig(server, folder);
      const attempts = [
        () =>
          connectServer(
            { ...config, kind: 'stdio', command: join(folder, 'no-such-server'), args: [], env: {} },
            folder,
          ),
        () =>
          connectServer(
            { kind: 'http', url: 'http://127.0.0.1:9/mcp', headers: {}, workspaceId: folder, timeoutMs: 5000 },
            folder,
          ),
      ];
      for (const attempt of attempts) {
        const error = await attempt().then(
          () => undefined,
          (thrown: unknown) => thrown,
        );
        expect(error).to.be.instanceOf(UserError).and.to.have.property('exitCode', 3);
      }
    });
  });

  it('is reached over HTTP', async () => {
    await inTemporaryFolder(async (folder) => {
      const port = await freePort();
      const child = startHttp(server, port, folder);
      try {
        const store = await openStore(join(folder, 'conport'));
        await writeCycle(store);
        const url = `http://127.0.0.1:${port}/mcp`;
        const connection = await untilConnected(() =>
          connectServer({ kind: 'http', url, headers: {}, workspaceId: folder, timeoutMs: 30_000 }, folder),
        );
        expect((await pushRecords(store, connection)).created).to.be.greaterThan(10);
        expect(await pushRecords(store, connection)).to.include({ created: 0, updated: 0 });
        await connection.close();
      } finally {
        child.kill('SIGKILL');
      }
    });
  });
});

/** The real server; its answer to the n-th call is lost after the call was executed. */
function cutAfter(connection: ConportConnection, calls: number): ConportConnection {
  let left = calls;
  const lost = () => {
    if (--left < 0) throw new UserError('the connection was cut', { exitCode: 3 });
  };
  return {
    ...connection,
    call: async (tool, args) => {
      const answer = await connection.call(tool, args);
      lost();
      return answer;
    },
    list: async (tool, args) => {
      const answer = await connection.list(tool, args);
      lost();
      return answer;
    },
  };
}

async function freePort(): Promise<number> {
  const socket = createServer();
  await new Promise<void>((done) => socket.listen(0, '127.0.0.1', done));
  const address = socket.address();
  await new Promise((done) => socket.close(done));
  return typeof address === 'object' && address !== null ? address.port : 0;
}

/** `conport-mcp --mode http` of 0.3.13 answers 404 and 500, so its FastMCP object is served directly. */
function startHttp(server: LightServer, port: number, cwd: string): ChildProcess {
  const program = `from context_portal_mcp.main import conport_mcp; conport_mcp.run(transport='http', host='127.0.0.1', port=${port})`;
  return spawn(server.python, ['-c', program], {
    cwd,
    env: { ...process.env, ...server.env, HF_HUB_OFFLINE: '1', FASTMCP_CHECK_FOR_UPDATES: 'off' },
    stdio: 'ignore',
  });
}

async function untilConnected(connect: () => Promise<ConportConnection>): Promise<ConportConnection> {
  for (let attempt = 1; ; attempt++) {
    try {
      return await connect();
    } catch (error) {
      if (attempt >= 60) throw error;
      await new Promise((done) => setTimeout(done, 500));
    }
  }
}
