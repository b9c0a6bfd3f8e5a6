// novaperf compare as a process: two runs of real k6 against the demo shop, and the errors if they cannot be compared.

import { mkdir, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { expect } from 'chai';
import { comparisonSchema } from '../../runner/model/comparison.ts';
import { novaperf } from './in-process.ts';
import { project, runFolders } from './novaperf.ts';

describe('novaperf compare', function () {
  this.timeout(120_000);
  let dir: string;
  let remove: () => Promise<void>;
  let a: string;
  let b: string;
  const compare = (...args: string[]) => novaperf(['compare', ...args], { cwd: dir });

  before(async () => {
    ({ dir, remove } = await project({ shipped: true }));
    for (const [build, fault] of [
      ['1.0.0', ''],
      ['1.1.0', 'slow:GET /search=150ms'],
    ] as const) {
      const args = ['run', 'search', '--profile', 'smoke', '--duration', '4s', '--build', build];
      const { stderr } = await novaperf(args, { cwd: dir, env: { NOVAPERF_DEMO_FAULTS: fault } });
      expect(await runFolders(dir), stderr).to.have.length.above(0);
    }
    const [first = '', second = ''] = await runFolders(dir);
    [a, b] = [first, second];
  });
  after(() => remove());

  it('writes the page, the summary and the JSON document next to the runs, and prints the document with --json', async () => {
    const { code, stdout, stderr } = await compare(basename(a), basename(b), '--json');
    expect([code, stderr]).to.deep.equal([0, '']);
    const comparison = comparisonSchema.parse(JSON.parse(stdout));
    expect([comparison.a.build_version, comparison.b.build_version]).to.deep.equal(['1.0.0', '1.1.0']);
    // On a machine that is busy with other tests the load generator may be saturated.
    const topics = comparison.notes.map(({ topic }) => topic).filter((topic) => !topic.startsWith('Load generator'));
    expect(topics).to.deep.equal(['Same setup']);
    const folder = join(a, '..', `compare_${basename(a)}_vs_${basename(b)}`);
    expect((await readdir(folder)).sort()).to.deep.equal(['comparison.json', 'report.html', 'report.md']);
    expect(JSON.parse(await readFile(join(folder, 'comparison.json'), 'utf8'))).to.deep.equal(JSON.parse(stdout));
    expect(await readFile(join(folder, 'report.html'), 'utf8')).to.include(`href="../${basename(a)}/report.html"`);
  });

  it('shows how much slower a search was, but gives no verdict on eight samples', async () => {
    const { stdout } = await compare(a, b, '--json');
    const search = comparisonSchema
      .parse(JSON.parse(stdout))
      .metrics.find(({ endpoint, statistic }) => endpoint === 'GET /search' && statistic === 'p50');
    expect(search?.change).to.be.above(0.5);
    expect(search).to.include({
      verdict: 'unknown',
      reason: 'short_both',
      ci_low: null,
      ci_high: null,
      over_runs: null,
    });
    expect(search?.superiority).to.be.above(0.7);
  });

  it('compares the latest two runs by default, and the given run with the latest', async () => {
    for (const names of [[], [a]]) {
      const comparison = comparisonSchema.parse(JSON.parse((await compare(...names, '--json')).stdout));
      expect([comparison.a.run, comparison.b.run]).to.deep.equal([basename(a), basename(b)]);
    }
  });

  it('prints a table without --json', async () => {
    const { code, stdout } = await compare(basename(a), basename(b));
    expect(code).to.equal(0);
    expect(stdout).to.match(/^No clear difference: search · smoke, build 1\.1\.0 against 1\.0\.0/);
    expect(stdout).to.match(/GET \/search +│ p95 .*higher, may be chance/);
    expect(stdout).to.include('One run of each build cannot distinguish a regression');
  });

  it('appears in index.html next to the runs', async () => {
    await compare(a, b);
    await novaperf(['report', basename(a)], { cwd: dir });
    const html = await readFile(join(a, '..', 'index.html'), 'utf8');
    expect(html.match(/<th scope="row">/g)).to.have.length(2);
    expect(html).to.include(`<a href="compare_${basename(a)}_vs_${basename(b)}/report.html">`);
  });

  it('writes comparisons of runs from elsewhere below --out, under names that do not collide', async () => {
    const { code, stderr } = await compare(a, b, '--out', 'elsewhere');
    expect(code, stderr).to.equal(0);
    const folder = (await readdir(join(dir, 'elsewhere'))).find((name) => name.startsWith('compare_'));
    expect(folder).to.match(/^compare_search_.*_vs_search_.*_[0-9a-f]{8}$/);
  });

  describe('exits with 2 and an error', () => {
    const rows: [what: string, args: () => Promise<string[]>, message: RegExp][] = [
      ['a run that is not there', async () => [basename(a), 'nothing'], /found no nothing/],
      ['the latest run alone', async () => [b], /Cannot compare a run with itself/],
      ['a broken result', async () => [a, await folderWith({ 'result.json': '{"schema_version":' })], /not JSON/],
    ];
    for (const [what, args, message] of rows) {
      it(what, async () => {
        const { code, stdout, stderr } = await compare(...(await args()));
        expect([code, stdout]).to.deep.equal([2, '']);
        expect(stderr).to.match(message);
        expect(stderr).not.to.match(/\.js:\d+/);
      });
    }
  });

  async function folderWith(files: Record<string, string>): Promise<string> {
    const folder = join(dir, 'broken');
    await rm(folder, { recursive: true, force: true });
    await mkdir(folder);
    for (const [name, text] of Object.entries(files)) await writeFile(join(folder, name), text);
    return folder;
  }
});
