import { mkdir, mkdtemp, readFile, rm, utimes, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'chai';
import { writeIndex } from '../../runner/run/results/report-files.ts';
import { CACHE_FILE, listRuns } from '../../runner/runs/run-list.ts';
import { manyRuns } from '../report/many-runs.ts';

describe('the list of all runs', () => {
  let out: string;
  beforeEach(async () => {
    out = await mkdtemp(join(tmpdir(), 'runs-'));
  });
  afterEach(() => rm(out, { recursive: true, force: true }));
  const keep = async (name: string, text: string) => {
    await mkdir(join(out, name), { recursive: true });
    await writeFile(join(out, name, 'result.json'), text);
  };
  const keepRuns = (count: number) =>
    Promise.all(manyRuns(count).map((result) => keep(result.run, JSON.stringify(result))));
  const names = async () => (await listRuns(out)).runs.map(({ folder }) => folder).sort();

  it('leaves out files, empty folders, comparisons and invalid results', async () => {
    await keepRuns(2);
    await keep('broken', '{"schema_version": 1, "run": ');
    await keep('of_tomorrow', '{"schema_version": 99}');
    await mkdir(join(out, 'empty'));
    await mkdir(join(out, 'compare_run_0_vs_run_1'));
    await writeFile(join(out, 'compare_run_0_vs_run_1', 'report.html'), '<p>two runs</p>');
    await writeFile(join(out, 'OverallPerformanceReport.md'), '#');
    await mkdir(join(out, 'folder_for_a_result', 'result.json'), { recursive: true });
    expect(await names()).to.deep.equal(['run_0', 'run_1']);
    expect(await names()).to.deep.equal(['run_0', 'run_1']);
  });

  it('re-reads a result only if its time or size has changed', async () => {
    await keepRuns(2);
    const path = join(out, 'run_0', 'result.json');
    const at = new Date('2026-11-26T12:00:00Z');
    await utimes(path, at, at);
    const build = async () => (await listRuns(out)).runs.find(({ folder }) => folder === 'run_0')?.build;
    expect(await build()).to.equal('1.4.0');
    await writeFile(path, (await readFile(path, 'utf8')).replaceAll('"1.4.0"', '"1.5.0"'));
    await utimes(path, at, at);
    expect(await build(), 'same time and size').to.equal('1.4.0');
    await utimes(path, at, new Date(at.getTime() + 1));
    expect(await build(), 'another time').to.equal('1.5.0');
  });

  it('drops a run with a removed folder, and uses the current name of a renamed folder', async () => {
    await keepRuns(3);
    await listRuns(out);
    await rm(join(out, 'run_1'), { recursive: true });
    expect(await names()).to.deep.equal(['run_0', 'run_2']);
    await keep('renamed', JSON.stringify(manyRuns(1)[0]));
    expect(await names()).to.deep.equal(['renamed', 'run_0', 'run_2']);
  });

  for (const [what, text] of [
    ['is cut', '{"version":1,"entries":[{"fold'],
    ['is empty', ''],
    ['is of another version', '{"version":0,"entries":[]}'],
    [
      'contains something other than runs',
      '{"version":1,"entries":[{"folder":"run_0","mtime_ms":1,"size":1,"run":{"folder":7}}]}',
    ],
    ['is not JSON', '<!doctype html>'],
  ] as const) {
    it(`rebuilds its cache if it ${what}`, async () => {
      await keepRuns(2);
      await writeFile(join(out, CACHE_FILE), text);
      expect(await names()).to.deep.equal(['run_0', 'run_1']);
      const cache: unknown = JSON.parse(await readFile(join(out, CACHE_FILE), 'utf8'));
      expect(cache).to.have.property('entries').with.length(2);
    });
  }

  it('works without a writable cache', async () => {
    await keepRuns(2);
    await mkdir(join(out, CACHE_FILE));
    expect(await names()).to.deep.equal(['run_0', 'run_1']);
  });

  it('has every run if cycles end at the same time @slow', async () => {
    await Promise.all(
      manyRuns(12).map(async (result) => {
        await keep(result.run, JSON.stringify(result));
        await writeIndex(out);
      }),
    );
    const html = await readFile(join(out, 'index.html'), 'utf8');
    expect(new Set(html.match(/<th scope="row"><a href="run_\d+\/report\.html"/g))).to.have.property('size', 12);
    expect(await names()).to.have.length(12);
  });
});
