// CSV files, streams and commands: their times and clocks, their gaps, and their errors.

import { appendFile, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'chai';
import type { Reading } from '../../runner/model/server.ts';
import { CommandSource } from '../../runner/monitor/command-source.ts';
import { type CsvOptions, CsvRows } from '../../runner/monitor/csv-rows.ts';
import { CsvSource } from '../../runner/monitor/csv-source.ts';
import { timeOf } from '../../runner/monitor/csv-time.ts';
import { ALL_SERIES } from '../../runner/monitor/series-filter.ts';
import { StreamSource } from '../../runner/monitor/stream-source.ts';

const NOON_MS = Date.parse('2026-11-26T12:00:00Z');
const RANGE = { fromMs: NOON_MS, toMs: NOON_MS + 60_000 };
const never = new AbortController().signal;
const pauseMs = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));

const plain = (readings: readonly Reading[]) =>
  readings.map(({ series: { metric }, value, atMs }) => [metric, value, atMs - NOON_MS]);

const PLAIN_CSV: CsvOptions = { offsetMs: 0, timeColumn: undefined };

describe('a time in a CSV', () => {
  const rows: Array<[text: string, ms: number | undefined]> = [
    ['2026-11-26T12:00:00Z', NOON_MS],
    ['2026-11-26T12:00:00.250Z', NOON_MS + 250],
    ['2026-11-26T14:00:00+02:00', NOON_MS],
    ['2026-11-26 14:00:00.5 +0200', NOON_MS + 500],
    ['2026/11/26 12:00:00 UTC', NOON_MS],
    ['2026-11-26 12:00', new Date(2026, 10, 26, 12).getTime()],
    ['2026-11-26 12:00:00', new Date(2026, 10, 26, 12).getTime()],
    [String(NOON_MS / 1000), NOON_MS],
    [`${NOON_MS / 1000}.25`, NOON_MS + 250],
    [String(NOON_MS), NOON_MS],
    [`${NOON_MS}000`, NOON_MS],
    [`${NOON_MS}000000`, NOON_MS],
    ['12:00:00', undefined],
    ['42', undefined],
    ['', undefined],
    ['2026-13-99 12:00:00', undefined],
    ['yesterday', undefined],
  ];
  for (const [text, ms] of rows) {
    it(`${JSON.stringify(text)} is ${ms === undefined ? 'not accepted' : new Date(ms).toISOString()}`, () => {
      expect(timeOf(text)).to.equal(ms);
    });
  }
});

describe('a CSV file', () => {
  let folder: string;
  before(async () => {
    folder = await mkdtemp(join(tmpdir(), 'novaperf-csv-'));
  });
  after(() => rm(folder, { recursive: true, force: true }));
  const collect = async (text: string, options = PLAIN_CSV) => {
    const path = join(folder, 'numbers.csv');
    await writeFile(path, text);
    const source = new CsvSource('csv', path, options);
    return { source, readings: await source.collect(RANGE, never) };
  };

  it("gives a metric per column, gaps for cells without a number, and only rows of the run's time", async () => {
    const text =
      '\ufefftime,cpu (%),used_bytes,host\n2026-11-26T11:59:59Z,1,1,a\n2026-11-26T12:00:00Z,50,1e6,a\n2026-11-26T12:00:01Z,,-,a\n2026-11-26T12:00:02Z,NaN,3e6,a\n2026-11-26T13:00:00Z,9,9,a\n';
    const { readings } = await collect(text);
    expect(plain(readings)).to.deep.equal([
      ['server.cpu', 50, 0],
      ['server.used_bytes', 1e6, 0],
      ['server.used_bytes', 3e6, 2000],
    ]);
    expect(readings.map(({ series: { unit } }) => unit)).to.deep.equal(['%', 'bytes', 'bytes']);
  });

  it('may have semicolons, tabs, quotes, and a named time column', async () => {
    for (const mark of [';', '\t']) {
      const text = `${['a', '"b ""x"""', 'stamp'].join(mark)}\n${['1', '"2"', String(NOON_MS)].join(mark)}\n`;
      const { readings } = await collect(text, { ...PLAIN_CSV, timeColumn: 'stamp' });
      expect(plain(readings)).to.deep.equal([
        ['server.a', 1, 0],
        ['server.b_x_', 2, 0],
      ]);
    }
  });

  it('of another clock is shifted by the offset', async () => {
    const text = `ts,a\n${NOON_MS - 3_600_000},1\n`;
    expect((await collect(text)).readings).to.deep.equal([]);
    expect(plain((await collect(text, { ...PLAIN_CSV, offsetMs: 3_600_500 })).readings)).to.deep.equal([
      ['server.a', 1, 500],
    ]);
  });

  it('skips and counts invalid rows', async () => {
    const { readings, source } = await collect(`time,a\n${NOON_MS},1\n${NOON_MS},2,3\nsoon,4\n"${NOON_MS},5\n`);
    expect(plain(readings)).to.deep.equal([['server.a', 1, 0]]);
    expect(source.remarks().join()).to.match(/rows were skipped/);
  });

  it('is rejected with a reason without a file, a time or the named column', async () => {
    const failure = (promise: Promise<unknown>) =>
      promise.then(
        () => 'none',
        (error: unknown) => String(error),
      );
    expect(await failure(new CsvSource('x', join(folder, 'missing.csv'), PLAIN_CSV).collect(RANGE, never))).to.include(
      'no such file',
    );
    expect(await failure(collect('a,b\n1,2\n'))).to.include('time_column');
    expect(await failure(collect(`time,b\n${NOON_MS},2\n`, { ...PLAIN_CSV, timeColumn: 'stamp' }))).to.include(
      '"stamp", found time, b',
    );
  });

  it('is read while it is still written', async () => {
    const path = join(folder, 'grows.csv');
    await writeFile(path, `time,a\n${NOON_MS},1\n`);
    await appendFile(path, `${NOON_MS + 1000},2\n${NOON_MS + 2000},`);
    expect(plain(await new CsvSource('x', path, PLAIN_CSV).collect(RANGE, never))).to.deep.equal([
      ['server.a', 1, 0],
      ['server.a', 2, 1000],
    ]);
  });

  it('gives two columns of one name a metric each, with safe names', () => {
    const rows = new CsvRows(PLAIN_CSV);
    rows.row(['time', 'a', 'a', '</script>', '__proto__'], 0);
    const read = rows.row([String(NOON_MS), '1', '2', '3', '4'], 0);
    expect(read.map(({ series }) => series.metric)).to.deep.equal([
      'server.a',
      'server.a_2',
      'server._script_',
      'server.__proto__',
    ]);
  });
});

describe('a command', () => {
  const run = (command: string) => new CommandSource('x', command, ALL_SERIES, PLAIN_CSV);
  const failure = (promise: Promise<unknown>) =>
    promise.then(
      () => 'none',
      (error: unknown) => String(error),
    );

  it('may print an exposition', async () => {
    const [reading] = await run(`printf '# TYPE depth gauge\\ndepth{q="a,b"} 7\\n'`).sample(never);
    expect(reading).to.deep.include({ value: 7, series: { metric: 'server.depth', unit: '', labels: { q: 'a,b' } } });
  });

  it('may print a CSV with times, then each row counts once, or without, then the last row counts', async () => {
    const timed = run(`printf 'time,a\\n${NOON_MS},1\\n${NOON_MS + 1000},2\\n'`);
    expect(plain(await timed.sample(never))).to.deep.equal([
      ['server.a', 1, 0],
      ['server.a', 2, 1000],
    ]);
    expect(await timed.sample(never)).to.deep.equal([]);
    const [last, ...more] = await run(`printf 'a,b\\n1,x\\n2,x\\n'`).sample(never);
    expect([last?.value, more.length]).to.deep.equal([2, 0]);
  });

  const wrong: Array<[command: string, reason: RegExp]> = [
    ['exit 3', /ended with code 3/],
    ['echo "cannot: password=hunter2" >&2; exit 1', /code 1: cannot: password=REDACTED/],
    ['no-such-command-anywhere', /code 127/],
    ['kill -9 $$', /SIGKILL/],
    ['true', /prints nothing/],
    ['echo hello world, how are you', /neither|exposition/],
    ['yes 1,2', /more than 4 MiB/],
  ];
  for (const [command, reason] of wrong) {
    it(`that does ${JSON.stringify(command)} is reported`, async () => {
      expect(await failure(run(command).sample(never))).to.match(reason);
    });
  }

  it('that takes too long is killed with its child processes', async () => {
    const stop = new AbortController();
    const mark = `novaperf-test-${process.pid}`;
    const sample = failure(run(`sh -c 'sleep 87 # ${mark}' | cat`).sample(stop.signal));
    await pauseMs(200);
    stop.abort();
    expect(await sample).to.include('too long');
    await pauseMs(200);
    const left = await run(`ps -eo args | grep -c '[#] ${mark}' | sed 's/^/left /'`).sample(never);
    expect(left[0]?.value).to.equal(0);
  });
});

describe('a command that keeps running', () => {
  it('gives its rows as they come, is reported if it ends, and is ended with the run', async () => {
    const source = new StreamSource(
      'x',
      `echo a,b; for i in 1 2 3; do echo $i,$((i*10)); sleep 0.1; done; echo over >&2; exit 4`,
      PLAIN_CSV,
    );
    const values: number[] = [];
    let reason = '';
    while (reason === '') {
      await source.sample().then(
        (readings) => values.push(...readings.map(({ value }) => value)),
        (error: unknown) => (reason = String(error)),
      );
      await pauseMs(50);
    }
    expect(values).to.deep.equal([1, 10, 2, 20, 3, 30]);
    expect(reason).to.match(/code 4: over/);
    const endless = new StreamSource('x', 'while true; do echo 1,2; sleep 0.05; done', PLAIN_CSV);
    await endless.sample();
    endless.close();
    let end = '';
    while (end === '') {
      await pauseMs(20);
      await endless.sample().catch((error: unknown) => {
        end = String(error);
      });
    }
    expect(end).to.match(/SIGKILL/);
  });

  it('that never prints a row with a number is reported @slow', async () => {
    const silent = new StreamSource('x', 'echo a,b; while true; do echo x,y; sleep 0.2; done', PLAIN_CSV);
    let reason = '';
    while (reason === '') {
      await silent.sample().catch((error: unknown) => {
        reason = String(error);
      });
      await pauseMs(100);
    }
    silent.close();
    expect(reason).to.include('no row with a number');
  });
});
