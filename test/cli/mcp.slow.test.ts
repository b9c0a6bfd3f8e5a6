import { join } from 'node:path';
import { Client } from '@modelcontextprotocol/sdk/client/index.js';
import { StdioClientTransport } from '@modelcontextprotocol/sdk/client/stdio.js';
import { expect } from 'chai';
import { type Completion, completionSchema } from '../../runner/model/completion.ts';
import { packageRoot } from '../../runner/system/package-root.ts';
import { project } from './novaperf.ts';

/** The text of an answer, for clients without structured content. */
function textOf(answer: unknown): string {
  return String(Object(Object(answer).content?.[0]).text);
}

describe('novaperf mcp', function () {
  this.timeout(180_000);
  let dir = '';
  let remove = async () => {};
  let client: Client;

  before(async () => {
    const made = await project({ shipped: true });
    dir = made.dir;
    remove = () => made.remove();
    client = new Client({ name: 'a-lead', version: '1' });
    const args = [join(packageRoot, 'dist/novaperf.js'), 'mcp'];
    await client.connect(new StdioClientTransport({ command: process.execPath, args, cwd: dir, stderr: 'ignore' }));
  });
  after(async () => {
    await client.close();
    await remove();
  });

  const call = (name: string, args: Record<string, unknown> = {}) => client.callTool({ name, arguments: args });
  const document = async (name: string, args: Record<string, unknown> = {}) => {
    const answer = await call(name, args);
    expect(answer.isError, textOf(answer)).to.not.equal(true);
    return Object(answer.structuredContent);
  };

  it('runs a whole delegated cycle with tools only', async () => {
    const { tools } = await client.listTools();
    expect(tools.map(({ name }) => name)).to.have.members([
      ...[
        'list_scenarios',
        'plan',
        'run_cycle',
        'get_result',
        'get_findings',
        'compare',
        'list_runs',
        'propose_targets',
        'begin_cycle',
        'close_cycle',
      ],
    ]);
    expect(tools.find(({ name }) => name === 'run_cycle')?.outputSchema?.properties).to.have.property('blockers');

    const { items } = await document('list_scenarios');
    expect(items.map(({ name }: { name: string }) => name)).to.include('search');
    const load = { scenarios: ['search'], profile: 'smoke', duration: '2s' };
    const plan = await document('plan', load);
    expect(JSON.stringify(plan)).to.include('search');
    expect((await document('list_runs')).runs).to.deep.equal([]);

    const messages: string[] = [];
    const answer = await client.callTool(
      { name: 'run_cycle', arguments: { ...load, requested_by: 'a lead' } },
      undefined,
      { timeout: 150_000, resetTimeoutOnProgress: true, onprogress: ({ message }) => messages.push(String(message)) },
    );
    const completion: Completion = completionSchema.parse(answer.structuredContent);
    expect(completion).to.include({ outcome: 'pass', decision: 'go', exit_code: 0 });
    expect(messages.length).to.be.greaterThan(0);

    const { runs } = await document('list_runs', { scenario: 'search' });
    expect(runs).to.have.length(1);
    const [{ run }] = runs;
    expect((await document('get_result', { run })).scenario).to.equal('search');
    // On a machine that is busy with other tests the load generator may be saturated.
    const { findings } = await document('get_findings', { run, at_least: 'high' });
    expect(findings.filter(({ kind }: { kind: string }) => !kind.startsWith('generator'))).to.deep.equal([]);
    expect(JSON.stringify(await document('propose_targets', { run }))).to.include('http_req_failed');

    const { resources } = await client.listResources();
    expect(resources.map(({ uri }) => uri)).to.include(`novaperf://runs/${run}/report.md`);
    const { contents } = await client.readResource({ uri: `novaperf://runs/${run}/report.md` });
    expect(String(Object(contents[0]).text)).to.include('search');
  });

  it('runs a cycle over several calls: begin, two runs, close with one report', async () => {
    const begun = await document('begin_cycle', { scenarios: ['search'], profile: 'smoke', requested_by: 'a lead' });
    const { cycle } = begun;
    const load = { profile: 'smoke', duration: '2s', cycle };
    for (const scenario of ['browse-catalog', 'search']) {
      const run = await document('run_cycle', { ...load, scenarios: [scenario] });
      expect(run.cycle).to.deep.equal({ id: cycle, state: 'open' });
      expect(run.records.progress.local).to.equal(cycle);
    }
    const closed: Completion = completionSchema.parse(await document('close_cycle', { cycle }));
    expect(closed).to.include({ outcome: 'pass', decision: 'go', exit_code: 0 });
    expect(closed.scenarios.map(({ scenario }) => scenario)).to.deep.equal(['search', 'browse-catalog']);
    expect(closed.cycle).to.deep.equal({ id: cycle, state: 'closed' });
    expect(closed.reports.overall).to.include('OverallPerformanceReport');
    const compared = await document('compare', {});
    expect(compared).to.have.property('schema_version');
  });

  it('stops a cancelled cycle gracefully, and rejects a second one until then', async () => {
    const stop = new AbortController();
    const load = { scenarios: ['search'], profile: 'load', duration: '60s' };
    const seen = new Promise<void>((resolve) => {
      client
        .callTool({ name: 'run_cycle', arguments: load }, undefined, {
          ...{ signal: stop.signal, timeout: 150_000 },
          onprogress: ({ message }) => {
            if (/running|%|\d+ *s/.test(String(message))) resolve();
          },
        })
        .catch(() => undefined);
    });
    await seen;
    expect(textOf(await call('run_cycle', load))).to.include('Another cycle');
    stop.abort();
    for (let tries = 0; ; tries++) {
      const { runs } = await document('list_runs', { scenario: 'search' });
      const [latest] = runs;
      // Its reports are written before its process ends.
      const isOver = !textOf(await call('run_cycle', { scenarios: ['no-such'] })).includes('Another cycle');
      if (latest.status === 'aborted' && isOver) break;
      if (tries > 200) throw new Error(`the cancelled run left no result: ${JSON.stringify(runs)}`);
      await new Promise((resolve) => setTimeout(resolve, 300));
    }
  });

  const wrong: ReadonlyArray<[tool: string, args: Record<string, unknown>, expected: string]> = [
    ['run_cycle', { profile: 'sock' }, 'smoke'],
    ['run_cycle', { scenario: 'search' }, 'scenario'],
    ['run_cycle', { scenarios: ['--k6=/bin/sh'] }, 'name of a scenario'],
    ['run_cycle', { vus: -1 }, 'vus'],
    ['run_cycle', { duration: 'ten' }, '90s'],
    ['run_cycle', { duration: 10 }, 'string'],
    ['run_cycle', { scenarios: ['no-such'] }, 'search'],
    ['run_cycle', { env: 'no-such' }, 'demo'],
    ['run_cycle', { base_url: 'here' }, 'http://'],
    ['plan', { duration: 'ten' }, '90s'],
    ['begin_cycle', { scenarios: ['no-such'] }, 'search'],
    ['get_result', { run: '../../etc' }, 'run'],
    ['get_result', {}, 'run'],
    ['compare', { b: 'latest' }, 'Expected a'],
    ['begin_cycle', { parent_progress: 'x' }, 'parent_progress'],
    ['close_cycle', { cycle: 4711 }, 'open cycle'],
  ];
  for (const [tool, args, expected] of wrong) {
    it(`answers ${tool} ${JSON.stringify(args)} with an error about ${expected}`, async () => {
      const answer = await call(tool, args);
      expect(answer.isError).to.equal(true);
      expect(textOf(answer)).to.include(expected);
    });
  }

  it('returns a completion document for a call that cannot start a cycle, and for a forbidden host', async () => {
    const unknown = await call('run_cycle', { scenarios: ['no-such'] });
    expect(unknown.isError).to.equal(true);
    expect(completionSchema.parse(unknown.structuredContent)).to.include({ exit_code: 2, decision: 'no-go' });
    const elsewhere = await call('run_cycle', { scenarios: ['search'], base_url: 'http://perf.example.com' });
    expect(completionSchema.parse(elsewhere.structuredContent).exit_code).to.be.oneOf([2, 3]);
  });
});
