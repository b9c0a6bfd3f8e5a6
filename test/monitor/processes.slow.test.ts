// The local process tree and the machine, read for real: a process that uses a known amount of CPU, its children, its port, its end.

import { type ChildProcess, spawn } from 'node:child_process';
import { createServer } from 'node:net';
import { expect } from 'chai';
import type { Reading } from '../../runner/model/server.ts';
import { MachineSource } from '../../runner/monitor/machine-source.ts';
import { ProcessSource } from '../../runner/monitor/process-source.ts';
import { parseCpu, parseDisks, parseNetwork, parseStat } from '../../runner/system/proc.ts';

const pauseMs = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));

function valuesOf(readings: readonly Reading[]): Record<string, number> {
  return Object.fromEntries(readings.map(({ series: { metric }, value }) => [metric, value]));
}

/** Two samples, `ms` apart; the second's values. */
async function sampleTwice(
  source: { sample(): Promise<readonly Reading[]> },
  ms = 1000,
): Promise<Record<string, number>> {
  await source.sample();
  await pauseMs(ms);
  return valuesOf(await source.sample());
}

/** A Node process that has printed a line; killed at the end of its test. */
async function node(code: string): Promise<ChildProcess & { pid: number }> {
  const child = spawn(process.execPath, ['-e', code], { stdio: ['ignore', 'pipe', 'inherit'] });
  await new Promise((resolve) => child.stdout?.once('data', resolve));
  const { pid } = child;
  if (pid === undefined) throw new Error('Expected a process');
  return Object.assign(child, { pid });
}

(process.platform === 'linux' ? describe : describe.skip)('the process tree', function () {
  this.timeout(120_000);
  const children: ChildProcess[] = [];
  afterEach(() => {
    for (const child of children.splice(0)) child.kill('SIGKILL');
  });
  const start = async (code: string) => {
    const child = await node(code);
    children.push(child);
    return child;
  };

  it('counts CPU, memory, threads and open files of a process and of the children it starts', async () => {
    const burn = 'const until = Date.now() + 8000; while (Date.now() < until);';
    const parent = await start(
      `const child = require('child_process').spawn(process.execPath, ['-e', ${JSON.stringify(burn)}]); console.log(child.pid); setTimeout(() => child.kill(), 9000); process.on('SIGTERM', () => process.exit());`,
    );
    await pauseMs(300);
    const read = await sampleTwice(new ProcessSource('tree', { by: 'pid', pid: parent.pid }), 1500);
    expect(read['server.processes']).to.equal(2);
    // The child uses one core, or what this machine has free; the parent uses none.
    expect(read['server.cpu_percent']).to.be.above(1).and.below(130);
    expect(read['server.memory_bytes']).to.be.above(40_000_000);
    expect(read['server.threads']).to.be.above(8);
    expect(read['server.open_files']).to.be.above(20);
  });

  it('counts the CPU time of children that started and ended between two samples once', async () => {
    // Each child prints its CPU time at its end.
    const burn =
      'for (let i = 0, x = 0; i < 1.5e8; i++) x += i; const { user, system } = process.cpuUsage(); console.log(user + system)';
    const code = `
      const { spawnSync } = require('child_process');
      console.log('ready');
      setTimeout(() => {
        let used = 0;
        for (let i = 0; i < 3; i++) used += Number(spawnSync(process.execPath, ['-e', ${JSON.stringify(burn)}]).stdout);
        console.log('used ' + used);
      }, 300);
      setInterval(() => {}, 1000);`;
    const parent = await start(code);
    const source = new ProcessSource('forks', { by: 'pid', pid: parent.pid });
    let usedSeconds: number | undefined;
    parent.stdout?.on('data', (text: Buffer) => {
      usedSeconds = Number(/used (\d+)/.exec(String(text))?.[1]) / 1e6;
    });
    const firstMs = (await source.sample())[0]?.atMs ?? Number.NaN;
    let seenSeconds = 0;
    // By the time of each reading, because the test may be late on a busy machine.
    let lastMs: number | undefined;
    const sample = async () => {
      await pauseMs(250);
      for (const { series, value, atMs } of await source.sample()) {
        if (series.metric !== 'server.cpu_percent') continue;
        seenSeconds += ((value / 100) * (atMs - (lastMs ?? firstMs))) / 1000;
        lastMs = atMs;
      }
    };
    while (usedSeconds === undefined) await sample();
    await sample();
    // Ticks of 10 ms, and the CPU time of each child's exit and of the parent.
    expect(seenSeconds).to.be.closeTo(usedSeconds, 0.35);
    expect(usedSeconds).to.be.above(0.3);
  });

  it('finds a process by its port, reports its end, and finds the next one', async () => {
    const port = await freePort();
    const server = `require('net').createServer().listen(${port}, '127.0.0.1', () => console.log('ready')); `;
    const first = await start(server);
    const source = new ProcessSource('by port', { by: 'port', port });
    expect(valuesOf(await source.sample())['server.processes']).to.equal(1);
    first.kill('SIGKILL');
    await new Promise((resolve) => first.once('close', resolve));
    const gone = await source.sample().catch((error: unknown) => error);
    expect(gone)
      .to.be.instanceOf(Error)
      .with.property('message')
      .match(/ended|listens/);
    await start(server);
    const again = await source.sample().catch(() => source.sample());
    expect(valuesOf(again)['server.processes']).to.equal(1);
  });

  it('finds a process by the name of its script, but not itself', async () => {
    const source = new ProcessSource('nothing', { by: 'name', name: 'no-such-program-anywhere' });
    const failure = await source.sample().catch((error: unknown) => error);
    expect(failure)
      .to.be.instanceOf(Error)
      .with.property('message')
      .match(/no such process/);
    const own = await new ProcessSource('node', { by: 'name', name: 'node' }).sample().catch(() => []);
    const child = await start("console.log('ready'); setTimeout(() => {}, 15000)");
    const found = valuesOf(await new ProcessSource('node', { by: 'name', name: 'node' }).sample());
    expect(found['server.processes']).to.be.at.least(1);
    expect(own.length === 0 || child.pid > 0).to.equal(true);
  });
});

describe('the machine', () => {
  it('has CPU from 0 to 100, memory up to the installed size, and load', async () => {
    const read = await sampleTwice(new MachineSource('machine'), 300);
    expect(read['server.machine_cpu_percent']).to.be.at.least(0).and.at.most(100);
    expect(read['server.machine_memory_percent']).to.be.above(0).and.below(100);
    expect(read['server.machine_load1']).to.be.at.least(0);
  });
});

describe("the kernel's files", () => {
  it('are read for any program name', () => {
    const fields = Array.from({ length: 50 }, (_, index) => index + 3);
    const stat = parseStat(`4711 (a) b (c)) S ${fields.slice(1).join(' ')}`);
    expect(stat).to.deep.equal({ name: 'a) b (c)', parent: 4, ticks: 29, childTicks: 33, threads: 20, startTicks: 22 });
  });

  it('give nothing if they have another format', () => {
    for (const text of ['', '1', '1 (', ') (', '1 (x) S', '1 (x) S a b c'])
      expect(parseStat(text), text).to.equal(undefined);
    expect(parseCpu('intr 1 2 3')).to.equal(undefined);
    expect(parseNetwork('Inter-| Receive\n face |bytes\nlo: 1 2\n').size).to.equal(0);
  });

  it('name disks and not partitions', () => {
    const line = (name: string) => `   8  0 ${name} 10 0 100 5 20 0 200 6 0 7 8`;
    const text = ['sda', 'sda1', 'nvme0n1', 'nvme0n1p2', 'loop0', 'dm-0', 'vda', 'vda15', 'mmcblk0p1']
      .map(line)
      .join('\n');
    expect([...parseDisks(text).keys()]).to.deep.equal(['sda', 'nvme0n1', 'vda']);
    expect(parseDisks(line('sda')).get('sda')).to.deep.equal({ readBytes: 51_200, writtenBytes: 102_400, busyMs: 7 });
  });
});

async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  await new Promise((resolve) => server.close(resolve));
  if (typeof address !== 'object' || address === null) throw new Error('Expected a port');
  return address.port;
}
