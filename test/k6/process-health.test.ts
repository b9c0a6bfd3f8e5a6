import { spawn } from 'node:child_process';
import { expect } from 'chai';
import {
  coresAllowed,
  parsePs,
  readProcessUsage,
  usageOf,
  watchProcessHealth,
} from '../../runner/k6/process-health.ts';
import type { GeneratorHealth } from '../../runner/model/metrics.ts';

describe("a process's health", () => {
  it('is read from /proc, for any process name', () => {
    const stat =
      '42 (a) b (c)) S 1 42 42 0 -1 4194560 900 0 0 0 150 50 0 0 20 0 9 0 100 1000000 2000 18446744073709551615';
    expect(usageOf(stat, 'Name:\ta\nVmRSS:\t    2048 kB\n')).to.deep.equal({
      cpuSeconds: 2,
      residentBytes: 2 * 1024 * 1024,
    });
    expect(usageOf(stat, 'Name:\ta zombie\n')).to.equal(undefined);
    expect(usageOf('', '')).to.equal(undefined);
  });

  const rows: ReadonlyArray<readonly [line: string, cpuSeconds: number | undefined]> = [
    ['   0:01.50   1024\n', 1.5],
    ['1:02:03 1024', 3723],
    ['2-00:00:01 1024', 172_801],
    ['', undefined],
    ['?? -', undefined],
  ];
  for (const [line, cpuSeconds] of rows) {
    it(`is read from ps: ${JSON.stringify(line)}`, () =>
      expect(parsePs(line)).to.deep.equal(
        cpuSeconds === undefined ? undefined : { cpuSeconds, residentBytes: 1024 * 1024 },
      ));
  }

  it("agrees with the process's own figures", async function () {
    const usage = await readProcessUsage(process.pid);
    if (usage === undefined) return this.skip();
    const { user, system } = process.cpuUsage();
    expect(usage.cpuSeconds).to.be.closeTo((user + system) / 1e6, 0.5);
    expect(usage.residentBytes).to.be.closeTo(process.memoryUsage.rss(), 50e6);
  });

  it('shows more CPU for a busy process than for an idle one, until they end', async function () {
    this.timeout(60_000);
    if ((await readProcessUsage(process.pid)) === undefined) return this.skip();
    const busy = spawn(process.execPath, ['-e', 'const end = Date.now() + 60_000; while (Date.now() < end);'], {
      stdio: 'ignore',
    });
    const idle = spawn(process.execPath, ['-e', 'setTimeout(() => {}, 60_000)'], { stdio: 'ignore' });
    const seen = { busy: [] as GeneratorHealth[], idle: [] as GeneratorHealth[] };
    const watches = [
      watchProcessHealth(busy.pid ?? 0, (health) => seen.busy.push(health), 200),
      watchProcessHealth(idle.pid ?? 0, (health) => seen.idle.push(health), 200),
    ];
    const last = (list: readonly GeneratorHealth[]) => list.at(-1)?.cpuCores ?? -1;
    // Starting Node costs the idle one CPU too: on a busy machine that takes longer than a second.
    const isSeen = () => seen.busy.length >= 2 && seen.idle.length >= 2 && last(seen.busy) > last(seen.idle);
    for (let waited = 0; waited < 500 && !isSeen(); waited++) await new Promise((done) => setTimeout(done, 100));
    busy.kill('SIGKILL');
    idle.kill('SIGKILL');
    for (const watch of watches) watch.stop();
    expect(seen.busy.length).to.be.at.least(2);
    expect(last(seen.busy)).to.be.above(last(seen.idle));
    expect(seen.busy[0]?.residentBytes).to.be.above(1e6);
    for (const [i, health] of seen.busy.entries()) {
      const before = seen.busy[i - 1];
      if (before !== undefined) expect(health.startMs).to.equal(before.startMs + before.lengthMs);
      expect(health.coresAllowed).to.equal(coresAllowed());
    }
  });

  it('is undefined for a process that does not exist', async () => {
    const seen: GeneratorHealth[] = [];
    const watch = watchProcessHealth(999_999_999, (health) => seen.push(health), 20);
    await new Promise((done) => setTimeout(done, 100));
    watch.stop();
    expect(seen).to.deep.equal([]);
  });
});
