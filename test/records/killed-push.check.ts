// The built program against the real ConPort server: killed while it sends, and a cycle requested by an item of the server.

import { mkdir, writeFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import { join } from 'node:path';
import { expect } from 'chai';
import { completionSchema } from '../../runner/model/completion.ts';
import { connectServer } from '../../runner/records/server/server-connection.ts';
import { openStore } from '../../runner/records/store/store.ts';
import { packageRoot } from '../../runner/system/package-root.ts';
import { novaperf, start } from '../cli/novaperf.ts';
import { type LightServer, lightServer, sqlRows, stdioConfig } from './light-server.ts';
import { inTemporaryFolder } from './samples.ts';
import { writeCycle } from './written-cycle.ts';

describe('the program and a real ConPort server', function () {
  this.timeout(400_000);
  let server: LightServer;

  before(async function () {
    const installed = await lightServer();
    if (typeof installed === 'string') {
      console.warn(`SKIPPED, no push was killed: ${installed}`);
      this.skip();
    }
    server = installed;
  });

  /** ProjectConfig that names the server; `killAt`: the write after which the program is killed. */
  async function configure(project: string, workspace: string, killAt?: number): Promise<void> {
    const real = [server.command, '--mode', 'stdio', '--workspace_id', workspace];
    const [command = '', ...args] =
      killAt === undefined
        ? real
        : [process.execPath, join(packageRoot, 'test/records/killing-proxy.mjs'), String(killAt), ...real];
    const conport_server = { command, args, env: server.env, workspace_id: workspace };
    const folder = join(project, 'conport/custom_data/ProjectConfig');
    await mkdir(folder, { recursive: true });
    await writeFile(
      join(folder, 'ActiveConfig.yaml'),
      JSON.stringify({ testing: { performance: { conport_server } } }),
    );
  }

  async function push(project: string, killAt?: number): Promise<Record<string, unknown>> {
    await configure(project, project, killAt);
    const started = start(['conport', 'push', '--json'], { cwd: project });
    const { code, stdout, stderr } = await started.ended;
    if (killAt !== undefined) {
      expect(started.child.signalCode, `at write ${killAt}: ${stderr}`).to.equal('SIGKILL');
      return {};
    }
    expect(code, stderr).to.equal(0);
    return Object(JSON.parse(stdout));
  }

  const rows = (workspace: string, query: string) => sqlRows(server, workspace, query);

  it('killed at any write of a push, does not duplicate, lose or revert anything with the next push', () =>
    inTemporaryFolder(async (project) => {
      const store = await openStore(join(project, 'conport'));
      const everythingOnce = async () => {
        const count = async (table: string) => Number((await rows(project, `select count(*) from ${table}`))[0]?.[0]);
        expect(await count('decisions')).to.equal((await store.decisions.ids()).length);
        expect(await count('progress_entries')).to.equal((await store.progress.ids()).length);
        expect(await count('context_links')).to.equal((await store.links.ids()).length);
        for (const category of ['PerformanceNotes', 'ErrorLogs', 'TestExecutionReports', 'LeadPhaseExecutionPlan']) {
          const keys = await rows(project, `select key from custom_data where category = '${category}'`);
          expect(keys, category).to.have.length((await store.customData.keys(category)).length);
        }
      };
      await writeCycle(store);
      for (const killAt of [1, 3, 8]) await push(project, killAt);
      expect(await push(project)).to.deep.include({ conflicts: [], warnings: [] });
      await everythingOnce();
      expect(await push(project)).to.include({ created: 0, updated: 0 });

      // A lead's edits between two cycles survive a killed push too.
      const connection = await connectServer(stdioConfig(server, project), project);
      const [note] = await connection.list('get_custom_data', { category: 'PerformanceNotes' });
      const { key, value } = Object(note);
      const edited = { category: 'PerformanceNotes', key, value: { ...value, severity: 'low', owner: 'Kim' } };
      await connection.call('log_custom_data', edited);
      const [main] = await connection.list('get_progress');
      const { id, parent_id, description } = Object(main);
      await connection.call('update_progress', {
        progress_id: id,
        parent_id,
        description: `Kim: seen. ${description}`,
      });
      await connection.close();
      await writeCycle(store, 'browse-catalog_2');
      for (const killAt of [2, 6]) await push(project, killAt);
      expect(await push(project)).to.have.deep.property('conflicts', []);
      await everythingOnce();
      const kept = await rows(project, `select value from custom_data where key = '${key}'`);
      expect(JSON.parse(String(kept[0]?.[0]))).to.include({ severity: 'low', owner: 'Kim' });
      const [entry] = await rows(project, `select description from progress_entries where id = ${id}`);
      expect(String(entry?.[0])).to.match(/^Kim: seen\. /);
    }));

  it("links its cycle to the server's item that requested it, with the server's ids", () =>
    inTemporaryFolder(async (project) => {
      const target = createServer((_request, response) =>
        response.writeHead(500).end('java.lang.NullPointerException'),
      );
      await new Promise<void>((resolve) => target.listen(0, '127.0.0.1', resolve));
      const address = target.address();
      const url = `http://127.0.0.1:${typeof address === 'object' ? address?.port : 0}`;
      try {
        await configure(project, project);
        const connection = await connectServer(stdioConfig(server, project), project);
        for (const description of ['not ours', 'Test the shop']) {
          await connection.call('log_progress', { status: 'IN_PROGRESS', description });
        }
        await connection.close();
        const script = "import http from 'k6/http';\nexport const options = { iterations: 30 };\n";
        await writeFile(
          join(project, 'shop.js'),
          `${script}export default function () { http.get(__ENV.BASE_URL); }\n`,
        );
        const begun = await novaperf(['cycle', 'begin', '--parent-progress', 'server:2', '--push', '--json'], {
          cwd: project,
        });
        expect(begun.code, begun.stderr).to.equal(0);
        const { cycle, progress } = JSON.parse(begun.stdout);
        expect(progress).to.deep.equal({ local: cycle, server: 3 });
        expect(await rows(project, 'select parent_id from progress_entries where id = 3')).to.deep.equal([[2]]);

        const run = ['run', 'shop.js', '--base-url', url, '--cycle', String(cycle), '--push', '--json'];
        const ran = completionSchema.parse(JSON.parse((await novaperf(run, { cwd: project })).stdout));
        expect(ran.push).to.include({ state: 'done', problem: null });
        expect(ran.scenarios[0]?.progress.server).to.equal(4);
        const closed = await novaperf(['cycle', 'close', String(cycle), '--push', '--json'], { cwd: project });
        const completion = completionSchema.parse(JSON.parse(closed.stdout));
        expect(completion.records?.progress).to.deep.equal({ local: cycle, server: 3 });
        expect(completion.records?.error_logs[0]?.server).to.be.a('string');
        const entries = await rows(project, 'select id, parent_id, status from progress_entries order by id');
        expect(entries.slice(0, 3)).to.deep.equal([
          [1, null, 'IN_PROGRESS'],
          [2, null, 'IN_PROGRESS'],
          [3, 2, 'DONE_WITH_ISSUES_NOTED'],
        ]);
        expect(entries[3]?.[1]).to.equal(3);
        const issues = async () => {
          const [row] = await rows(project, 'select content from active_context');
          return Object(JSON.parse(String(row?.[0]))).open_issues;
        };
        const first = await issues();

        // The second night, from a fresh clone: the error is known, and no issue is duplicated.
        const night2 = join(project, 'night2');
        await configure(night2, project);
        await writeFile(join(night2, 'shop.js'), `${script}export default function () { http.get(__ENV.BASE_URL); }\n`);
        const again = ['run', 'shop.js', '--base-url', url, '--push', '--json'];
        const second = completionSchema.parse(JSON.parse((await novaperf(again, { cwd: night2 })).stdout));
        expect(second.push).to.include({ state: 'done', problem: null });
        const logs = await rows(project, "select value from custom_data where category = 'ErrorLogs'");
        expect(logs).to.have.length(1);
        expect(JSON.parse(String(logs[0]?.[0]))).to.include({ runs_seen: 2, status: 'OPEN' });
        expect((await issues()).length).to.equal(first.length);
      } finally {
        target.close();
      }
    }));
});
