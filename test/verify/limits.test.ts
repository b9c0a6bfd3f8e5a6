// Open files and local ports of a machine, read from the test's /proc, against what a plan needs.

import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'chai';
import { type Demand, localPorts, openFiles } from '../../runner/verify/limits.ts';

const DEMAND: Demand = { maxVUs: 100, connectionsPerVU: 1, reconnects: false, peakRate: undefined, hasLocalIPs: false };

interface Machine {
  readonly hardFiles?: string;
  readonly range?: string;
  readonly reserved?: string;
  readonly reuse?: string;
}

async function onMachine<T>(
  { hardFiles, range, reserved, reuse }: Machine,
  work: (proc: string) => Promise<T>,
): Promise<T> {
  const proc = await mkdtemp(join(tmpdir(), 'novaperf-proc-'));
  await mkdir(join(proc, 'self'));
  await mkdir(join(proc, 'sys/net/ipv4'), { recursive: true });
  const head = 'Limit                     Soft Limit           Hard Limit           Units     \n';
  const files: ReadonlyArray<[name: string, text: string | undefined]> = [
    [
      'self/limits',
      hardFiles && `${head}Max open files            64                   ${hardFiles}                 files     \n`,
    ],
    ['sys/net/ipv4/ip_local_port_range', range],
    ['sys/net/ipv4/ip_local_reserved_ports', reserved],
    ['sys/net/ipv4/tcp_tw_reuse', reuse],
  ];
  for (const [name, text] of files) if (text !== undefined) await writeFile(join(proc, name), text);
  try {
    return await work(proc);
  } finally {
    await rm(proc, { recursive: true });
  }
}

describe('open files', () => {
  const rows: ReadonlyArray<
    [title: string, hard: string | undefined, demand: Partial<Demand>, state: string, says: string]
  > = [
    ['enough', '1024', {}, 'passed', '164 open files'],
    ['exactly enough', '164', {}, 'passed', '164'],
    ['one too few', '163', {}, 'failed', 'ulimit -Hn'],
    ['enough unless every VU uses all connections of http.batch', '500', { connectionsPerVU: 6 }, 'warning', '664'],
    ['no limit', 'unlimited', { maxVUs: 1_000_000 }, 'passed', 'not limited'],
    ['a system without that information', undefined, {}, 'skipped', 'is not known'],
  ];
  for (const [title, hard, more, state, says] of rows) {
    it(`${title}: ${state}`, () =>
      onMachine(hard === undefined ? {} : { hardFiles: hard }, async (proc) => {
        const found = await openFiles({ ...DEMAND, ...more }, proc);
        expect(found.state).to.equal(state);
        expect(`${found.detail} ${found.next ?? ''}`).to.include(says);
      }));
  }
});

describe('local ports', () => {
  const RANGE = '32768\t60999\n';
  const rows: ReadonlyArray<
    [title: string, machine: Machine, demand: Partial<Demand>, isLoopback: boolean, state: string, says: string]
  > = [
    ['enough', { range: RANGE }, {}, false, 'passed', '28232 local ports'],
    ['fewer than VUs', { range: '40000 40098' }, {}, false, 'failed', 'ip_local_port_range'],
    ['as many as VUs', { range: '40000 40099' }, {}, false, 'passed', '100'],
    [
      'as many as VUs, but one is reserved',
      { range: '40000 40099', reserved: '80,40050\n' },
      {},
      false,
      'failed',
      '99 local ports',
    ],
    [
      'a reserved range that overlaps',
      { range: '40000 40199', reserved: '39990-40101' },
      {},
      false,
      'failed',
      '98 local ports',
    ],
    [
      'fewer than the connections of http.batch',
      { range: '40000 40199' },
      { connectionsPerVU: 6 },
      false,
      'warning',
      '600 ports',
    ],
    [
      'a new connection for each request',
      { range: RANGE },
      { reconnects: true },
      false,
      'warning',
      '470 new connections a second',
    ],
    [
      'new connections at a rate that fits',
      { range: RANGE },
      { reconnects: true, peakRate: 470 },
      false,
      'passed',
      '470',
    ],
    [
      'new connections at a rate that does not fit',
      { range: RANGE },
      { reconnects: true, peakRate: 471 },
      false,
      'warning',
      'tcp_tw_reuse',
    ],
    [
      'new connections with reused ports',
      { range: RANGE, reuse: '1\n' },
      { reconnects: true },
      false,
      'passed',
      '28232',
    ],
    [
      'new connections to this machine with reused ports',
      { range: RANGE, reuse: '2\n' },
      { reconnects: true },
      true,
      'passed',
      '28232',
    ],
    [
      'new connections to another machine, where that is for loopback only',
      { range: RANGE, reuse: '2\n' },
      { reconnects: true },
      false,
      'warning',
      '470',
    ],
    ['several local addresses', { range: '40000 40001' }, { hasLocalIPs: true }, false, 'skipped', 'localIPs'],
    ['a system without that information', {}, {}, false, 'skipped', 'is not known'],
  ];
  for (const [title, machine, more, isLoopback, state, says] of rows) {
    it(`${title}: ${state}`, () =>
      onMachine(machine, async (proc) => {
        const found = await localPorts({ ...DEMAND, ...more }, isLoopback, proc);
        expect(found.state, found.detail).to.equal(state);
        expect(`${found.detail} ${found.next ?? ''}`).to.include(says);
      }));
  }
});

describe('this machine', () => {
  it('has limits if it runs Linux', async function () {
    if (process.platform !== 'linux') this.skip();
    expect((await openFiles({ ...DEMAND, maxVUs: 1 })).state).to.equal('passed');
    expect((await localPorts({ ...DEMAND, maxVUs: 1 }, true)).state).to.equal('passed');
    expect((await openFiles({ ...DEMAND, maxVUs: 2 ** 40 })).state).to.be.oneOf(['failed', 'passed']);
    expect((await localPorts({ ...DEMAND, maxVUs: 65_536 }, true)).state).to.equal('failed');
  });
});
