import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'chai';
import type { Result } from '../../runner/model/result.ts';
import { judgeMerged, mergeSources, type ToMerge } from '../../runner/run/streams/merge.ts';
import { judgeSlice, type Moment } from '../../runner/run/streams/slice.ts';
import { UserError } from '../../runner/system/errors.ts';
import { START_MS } from '../metrics/seeded-stream.ts';
import { exactQuantile, type Machine, machine, valuesOf } from './machines.ts';

const SECONDS = 40;
const MACHINES = [1, 2, 3].map((seed) => machine(seed, SECONDS, 30 * seed));

describe('novaperf merge', () => {
  let dir: string;
  /** Of all MACHINES. */
  let ofAll: Result;
  before(async () => {
    dir = await mkdtemp(join(tmpdir(), 'novaperf-merge-'));
    ofAll = await merge(await written(MACHINES, 'all'), 'all');
  });
  after(() => rm(dir, { recursive: true, force: true }));

  const write = async (name: string, lines: readonly string[]) => {
    const path = join(dir, name);
    await writeFile(path, `${lines.join('\n')}\n`);
    return path;
  };
  const request = (streams: readonly string[], name: string): ToMerge => ({
    streams,
    name,
    scriptPath: undefined,
    scriptEnv: {},
    component: undefined,
    profile: undefined,
    buildVersion: undefined,
    out: join(dir, 'out'),
    conportDir: join(dir, 'conport'),
    k6Flag: undefined,
    presentation: {},
  });
  const merge = async (streams: readonly string[], name = 'merged'): Promise<Result> =>
    (await judgeMerged(request(streams, name), () => undefined)).result;
  const written = (machines: readonly Machine[], prefix: string) =>
    Promise.all(machines.map(({ lines }, i) => write(`${prefix}-${i + 1}.ndjson`, lines)));
  const sourceOf = ({ sources = [] }: Result, name: string) => {
    const found = sources.find((source) => source.name === name);
    if (found === undefined) throw new Error(`no source ${name} in ${sources.map((source) => source.name).join(', ')}`);
    return found;
  };

  it('adds up counts exactly, and gives percentiles of all samples within 0.1 %', () => {
    const result = ofAll;
    const durations = valuesOf(MACHINES, 'http_req_duration');
    const found = result.metrics.http_req_duration;
    expect(found?.count).to.equal(durations.length);
    expect(result.metrics.http_reqs?.value).to.equal(valuesOf(MACHINES, 'http_reqs').length);
    expect([found?.min, found?.max]).to.deep.equal([durations[0], durations.at(-1)]);
    for (const [q, value] of [
      [0.5, found?.med],
      [0.9, found?.p90],
      [0.95, found?.p95],
      [0.99, found?.p99],
    ] as const) {
      const exact = exactQuantile(durations, q);
      expect(value, `q ${q}`).to.be.within(exact * 0.999, exact * 1.001);
    }
    expect(result.sources?.map(({ requests }) => requests)).to.deep.equal(
      MACHINES.map((each) => valuesOf([each], 'http_reqs').length),
    );
    expect(result.sources?.every(({ complete }) => complete)).to.equal(true);
  });

  it('sums the VUs of all machines second by second', () => {
    // Each has 10 to 16 VUs, in step with the others.
    expect(ofAll.vus_max).to.equal(48);
  });

  it('gives each source its own row, with the same figures as alone', async () => {
    const [first, second] = MACHINES;
    if (first === undefined || second === undefined) throw new Error('no machines');
    const { sources = [] } = await merge(await written([first, second], 'rows'));
    for (const [i, each] of [first, second].entries()) {
      const exact = exactQuantile(valuesOf([each], 'http_req_duration'), 0.95);
      expect(sources[i]?.latency?.p95).to.be.within(exact * 0.999, exact * 1.001);
    }
  });

  /** Index of the first data line of a second, as the stream counts them. */
  const lineAt = (lines: readonly string[], second: number) =>
    lines.findIndex((line) => new RegExp(`^\\[\\d+,\\d+,${second},`).test(line));

  it('names the source and the seconds that are missing', async () => {
    const [whole, torn] = MACHINES;
    if (whole === undefined || torn === undefined) throw new Error('no machines');
    const [from, to] = [lineAt(torn.lines, 10), lineAt(torn.lines, 13)];
    const lines = torn.lines.filter((_, i) => i < from || i >= to);
    const result = await merge([await write('whole.ndjson', whole.lines), await write('torn.ndjson', lines)]);
    const source = sourceOf(result, 'torn.ndjson');
    expect(source.complete).to.equal(false);
    expect(source.lost_lines).to.equal(to - from);
    const [gap, ...others] = source.gaps;
    expect(others).to.deep.equal([]);
    expect((Date.parse(gap?.from ?? '') - START_MS) / 1000).to.be.within(9, 10);
    expect((Date.parse(gap?.to ?? '') - START_MS) / 1000).to.be.within(13, 14);
    expect(sourceOf(result, 'whole.ndjson').complete).to.equal(true);
    expect(result).to.include({ status: 'inconclusive', exit_code: 98 });
    expect(result.findings[0]).to.include({ kind: 'source_incomplete', severity: 'high' });
    expect(result.findings[0]?.title).to.contain('torn.ndjson');
  });

  it('gives the time from which a source without its closing line is missing', async () => {
    const [whole, cut] = MACHINES;
    if (whole === undefined || cut === undefined) throw new Error('no machines');
    const lines = cut.lines.slice(0, lineAt(cut.lines, 30));
    const result = await merge([await write('w.ndjson', whole.lines), await write('cut.ndjson', lines)]);
    const source = sourceOf(result, 'cut.ndjson');
    expect(source.complete).to.equal(false);
    expect((Date.parse(source.cut_at ?? '') - START_MS) / 1000).to.be.within(29, 30);
    expect(result.partial).to.equal(true);
  });

  it('ignores lost lines without samples if the closing totals agree', async () => {
    const [first] = MACHINES;
    if (first === undefined) throw new Error('no machines');
    const lines = [
      ...first.lines.slice(0, -1),
      first.lines.at(-1)?.replace(/^\[(\d+)/, (_, n) => `[${Number(n) + 1}`) ?? '',
    ];
    const result = await merge([
      await write('health-lost.ndjson', lines),
      await write('next-to-it.ndjson', MACHINES[1]?.lines ?? []),
    ]);
    const source = sourceOf(result, 'health-lost.ndjson');
    expect(source).to.include({ complete: true, lost_lines: 1, missing_samples: 0 });
  });

  const CAPTURES: ReadonlyArray<[title: string, prefix: (pod: string, line: string) => string[]]> = [
    ['kubectl logs --prefix --timestamps', (pod, line) => [`[pod/${pod}/k6] 2026-11-23T12:00:07.123456789Z ${line}`]],
    ['docker compose logs', (pod, line) => [`${pod}  | ${line}`]],
    ['stern', (pod, line) => [`${pod} k6 ${line}`]],
  ];
  for (const [title, prefixed] of CAPTURES) {
    it(`separates the logs of several pods in the output of ${title}`, async () => {
      const [a, b] = MACHINES;
      if (a === undefined || b === undefined) throw new Error('no machines');
      const rows = [a, b].map((each, pod) =>
        each.lines.flatMap((line) => [
          ...prefixed(`k6-${pod + 1}`, line),
          ...prefixed(`k6-${pod + 1}`, 'time="…" level=info msg="from the script"'),
        ]),
      );
      const mixed: string[] = [];
      for (let i = 0; i < Math.max(...rows.map(({ length }) => length)); i++) {
        for (const row of rows) if (row[i] !== undefined) mixed.push(row[i] ?? '');
      }
      const result = await merge([await write('capture.log', mixed)]);
      expect(result.metrics.http_reqs?.value).to.equal(valuesOf([a, b], 'http_reqs').length);
      expect(result.sources?.map(({ complete }) => complete)).to.deep.equal([true, true]);
    });
  }

  const FILES: ReadonlyArray<[title: string, entries: (line: string) => string[]]> = [
    ['docker logs -t', (line) => [`2026-11-23T12:00:07.123456789Z ${line}`]],
    [
      "Docker's log file, long lines in pieces",
      (line) =>
        pieces(line).map((piece, i, all) => JSON.stringify({ log: piece + (i === all.length - 1 ? '\n' : '') })),
    ],
    [
      "containerd's log file, long lines in pieces",
      (line) =>
        pieces(line).map(
          (piece, i, all) => `2026-11-23T12:00:07.1Z stdout ${i === all.length - 1 ? 'F' : 'P'} ${piece}`,
        ),
    ],
    ['a log that a collector read twice in part', (line) => [line, line]],
  ];
  for (const [title, entries] of FILES) {
    it(`reads ${title}`, async () => {
      const [a, b] = MACHINES;
      if (a === undefined || b === undefined) throw new Error('no machines');
      const files = [a, b].map((each, i) => write(`file-${i}.log`, each.lines.flatMap(entries)));
      const result = await merge(await Promise.all(files));
      expect(result.metrics.http_reqs?.value).to.equal(valuesOf([a, b], 'http_reqs').length);
      expect(result.sources?.every(({ complete }) => complete)).to.equal(true);
    });
  }

  it('gives bounds for clock differences, and changes only the times of a source with a clock that is ahead', async () => {
    const ahead = machine(7, SECONDS, 30, { aheadMs: 4000 });
    const [first] = MACHINES;
    if (first === undefined) throw new Error('no machines');
    const result = await merge([await write('right.ndjson', first.lines), await write('ahead.ndjson', ahead.lines)]);
    expect(result.metrics.http_reqs?.value).to.equal(valuesOf([first, ahead], 'http_reqs').length);
    expect(result.clocks?.basis).to.equal('started_together');
    expect(result.clocks?.bound_ms).to.be.within(4000, 5000);
  });

  it('reports a source that was slower than the others', async () => {
    const slow = machine(8, SECONDS, 30, { slower: 4 });
    const others = MACHINES.slice(0, 2).map(({ lines }, i) => write(`usual-${i}.ndjson`, lines));
    const result = await merge([...(await Promise.all(others)), await write('slow.ndjson', slow.lines)]);
    const titles = result.findings.filter(({ kind }) => kind === 'source_slower').map(({ title }) => title);
    expect(titles).to.have.length(1);
    expect(titles[0]).to.match(/^slow\.ndjson /);
  });

  it('merges kept runs, and a kept run with a stream, to the same numbers', async () => {
    const [a, b, c] = await written(MACHINES, 'again');
    if (a === undefined || b === undefined || c === undefined) throw new Error('no streams');
    const two = await merge([a, b], 'two');
    const both = await merge([two.run, c], 'both');
    expect(both.metrics.http_reqs).to.deep.equal(ofAll.metrics.http_reqs);
    expect(both.metrics.http_req_duration).to.deep.equal(ofAll.metrics.http_req_duration);
    expect(both.vus_max).to.equal(ofAll.vus_max);
    expect(both.sources?.map(({ kind }) => kind)).to.deep.equal(['run', 'histograms']);
  });

  it('writes what report can render again', async () => {
    const streams = await written(MACHINES, 'pages');
    const { result } = await mergeSources(request(streams, 'pages'), () => undefined);
    const page = (await readFile(join(dir, 'out', result.run, 'report.html'), 'utf8')).replaceAll('<wbr>', '');
    const markdown = await readFile(join(dir, 'out', result.run, 'report.md'), 'utf8');
    // Long names may break into lines.
    for (const text of [page.replaceAll('<wbr>', ''), markdown])
      for (const n of [1, 2, 3]) expect(text).to.contain(`pages-${n}.ndjson`);
  });

  const REFUSED: ReadonlyArray<[title: string, streams: (a: string) => Promise<string[]>]> = [
    ['a source that is named twice', async (a) => [a, a]],
    ['a file that is not there', async (a) => [a, join(dir, 'nowhere.ndjson')]],
    ['files without a sample', async () => [await write('empty.ndjson', []), await write('text.log', ['hello'])]],
  ];
  for (const [title, streams] of REFUSED) {
    it(`rejects ${title}`, async () => {
      const a = await write('refused.ndjson', MACHINES[0]?.lines ?? []);
      const failure = await merge(await streams(a)).catch((error: unknown) => error);
      expect(failure).to.be.instanceOf(UserError);
    });
  }

  it('includes a killed run with a .part archive, and reports it as incomplete', async () => {
    const [first, second] = MACHINES.slice(0, 2);
    if (first === undefined || second === undefined) throw new Error('two machines are needed');
    const runs = [
      await merge(await written([first], 'whole'), 'whole'),
      await merge(await written([second], 'died'), 'died'),
    ];
    const [whole = '', died = ''] = runs.map(({ run }) => join(dir, 'out', run));
    const archive = join(died, 'archive.ndjson.gz');
    const bytes = await readFile(archive);
    // As a killed process leaves it: no end of the file, no closing lines.
    await writeFile(`${archive}.part`, bytes.subarray(0, Math.floor(bytes.length / 2)));
    await rm(archive);
    const merged = await merge([whole, died], 'with-a-dead-run');
    const ofWhole = runs[0]?.metrics.http_reqs?.value ?? 0;
    const ofDied = runs[1]?.metrics.http_reqs?.value ?? 0;
    expect(merged.metrics.http_reqs?.value)
      .to.be.above(ofWhole)
      .and.below(ofWhole + ofDied);
    expect(merged.sources?.map(({ complete }) => complete)).to.deep.equal([true, false]);
    expect(merged.partial).to.equal(true);
  });

  describe('novaperf slice', () => {
    const slice = async (from?: Moment, to?: Moment, tags: Record<string, string[]> = {}) => {
      const { result } = await judgeSlice({
        run: ofAll.run,
        from,
        to,
        tags,
        out: join(dir, 'out'),
        conportDir: join(dir, 'conport'),
        presentation: {},
      });
      return result;
    };
    const within = (fromMs: number, toMs: number, name?: string) =>
      MACHINES.flatMap(({ samples }) => samples).filter(
        ({ metric, timeMs, tags }) =>
          metric.name === 'http_req_duration' &&
          timeMs >= fromMs &&
          timeMs < toMs &&
          (name === undefined || tags.name === name),
      );
    const second = Math.floor(START_MS / 1000) * 1000;

    it('counts exactly the samples of a range of time', async () => {
      const result = await slice({ atMs: second + 25_000 }, { atMs: second + 35_000 });
      const exact = within(second + 25_000, second + 35_000)
        .map(({ value }) => value)
        .sort((a, b) => a - b);
      expect(result.metrics.http_req_duration?.count).to.equal(exact.length);
      const p95 = exactQuantile(exact, 0.95);
      expect(result.metrics.http_req_duration?.p95).to.be.within(p95 * 0.999, p95 * 1.001);
      expect(result).to.include({ partial: false });
      expect(result.slice).to.deep.include({ run: ofAll.run, tags: {} });
    });

    it('counts exactly the samples with the given tags, and keeps series that lack those tags', async () => {
      const name = 'GET /endpoint/2';
      const result = await slice(undefined, undefined, { name: [name] });
      expect(result.metrics.http_req_duration?.count).to.equal(within(-Infinity, Infinity, name).length);
      expect(result.endpoints.map((endpoint) => endpoint.name)).to.deep.equal([name]);
      expect(result.vus_max).to.equal(48);
    });

    it('accepts several values of a tag, within a range', async () => {
      const names = ['GET /endpoint/1', 'GET /endpoint/3'];
      const result = await slice({ atMs: second + 5000 }, undefined, { name: names });
      const exact = names.flatMap((name) => within(second + 5000, Infinity, name));
      expect(result.metrics.http_req_duration?.count).to.equal(exact.length);
    });

    it('leaves out targets on what was cut off, and names them', async () => {
      const folder = join(dir, 'conport/custom_data/PerformanceTargets');
      await mkdir(folder, { recursive: true });
      const target = (id: string, filter: string) =>
        `    - { id: ${id}, metric: http_req_duration${filter}, statistic: p(95), comparison: "<", target: 100000 }\n`;
      const file = join(folder, 'All_v1.yaml');
      await writeFile(
        file,
        `key: All_v1\ncategory: PerformanceTargets\nvalue:\n  component: ${(await slice()).component}\n  targets:\n${target('of-all', '')}${target('of-kept', ', filter: { name: GET /endpoint/2 }')}${target('of-cut', ', filter: { name: GET /endpoint/3 }')}`,
      );
      const result = await slice(undefined, undefined, { name: ['GET /endpoint/2'] }).finally(() => rm(file));
      expect(result.kpis.map(({ id }) => id)).to.have.members(['of-all', 'of-kept']);
      const said = result.findings
        .flatMap(({ title, detail }) => [title, detail])
        .filter((text) => text.includes('not judged'));
      expect(said.join('\n')).to.contain('of-cut').and.not.contain('of-kept');
    });

    const WRONG: ReadonlyArray<
      [title: string, from: Moment | undefined, to: Moment | undefined, tags: Record<string, string[]>]
    > = [
      ['a range that is upside down', { afterMs: 20_000 }, { afterMs: 10_000 }, {}],
      ['a range after the end', { afterMs: 3_600_000 }, undefined, {}],
      ['a range before the beginning', undefined, { atMs: START_MS - 60_000 }, {}],
      ['a tag that no sample has', undefined, undefined, { region: ['eu'] }],
      ['a value that no sample has', undefined, undefined, { name: ['GET /nowhere'] }],
    ];
    for (const [title, from, to, tags] of WRONG) {
      it(`rejects ${title}`, async () => {
        expect(await slice(from, to, tags).catch((error: unknown) => error)).to.be.instanceOf(UserError);
      });
    }
  });
});

function pieces(line: string): string[] {
  return line.match(/.{1,200}/g) ?? [];
}
