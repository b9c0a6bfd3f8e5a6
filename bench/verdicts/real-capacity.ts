// Real capacity searches on the demo's bounded pool, and their distance from its known capacity. Five minutes each.

import { existsSync } from 'node:fs';
import { appendFile, mkdir, mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { execa } from 'execa';
import { z } from 'zod';
import { startDemo } from '../../runner/demo/start.ts';
import { capacitySchema } from '../../runner/model/capacity.ts';
import { packageRoot } from '../../runner/system/package-root.ts';
import { normal, seeded } from './random.ts';

// Every request holds a connection for a lognormal time of this median and sigma; requests arrive evenly. The limit is that of search-at-rate.js.
const HOLD_MS = 100;
const SIGMA = 0.5;
const LIMIT_MS = 400;
const BASE_RATE = '10';
const STEP = '15s';
const FILE = 'capacity.ndjson';

const foundSchema = z.object({ connections: z.number(), capacity: capacitySchema });

/** p95 of a pool's response times at a rate, over a long time. */
function p95At(connections: number, rate: number): number {
  const random = seeded(connections);
  const free = new Array<number>(connections).fill(0);
  const times: number[] = [];
  for (let request = 0; request < 100_000; request++) {
    const atMs = (request * 1000) / rate;
    const first = free.reduce((least, value, index) => (value < (free[least] ?? 0) ? index : least), 0);
    const ends = Math.max(atMs, free[first] ?? 0) + HOLD_MS * Math.exp(SIGMA * normal(random));
    free[first] = ends;
    if (request > 10_000) times.push(ends - atMs);
  }
  return times.sort((x, y) => x - y)[Math.floor(0.95 * times.length)] ?? 0;
}

/** The highest rate at which p95 stays below the limit: just below pool size over mean hold time. */
export function knownCapacity(connections: number): number {
  const full = (connections * 1000) / (HOLD_MS * Math.exp(SIGMA ** 2 / 2));
  let [low, high] = [0.5 * full, 1.1 * full];
  for (let step = 0; step < 12; step++) {
    const middle = (low + high) / 2;
    if (p95At(connections, middle) < LIMIT_MS) low = middle;
    else high = middle;
  }
  return low;
}

/** Runs one search per pool size with the built program, and appends them to the file in `folder`. */
export async function collectCapacity(folder: string, pools: readonly number[]): Promise<void> {
  await mkdir(folder, { recursive: true });
  for (const connections of pools) {
    const demo = await startDemo({
      connections,
      faults: [`slow:GET /search=${HOLD_MS}ms`],
      version: `pool${connections}`,
    });
    const out = await mkdtemp(join(tmpdir(), 'capacity-'));
    try {
      const script = join(packageRoot, 'bench/scripts/search-at-rate.js');
      const args = ['run', script, '--base-url', demo.url, '--server-metrics', `${demo.url}/metrics`];
      const load = ['--profile', 'breakpoint', '--rate', BASE_RATE, '--step-time', STEP, '--no-records'];
      await execa(process.execPath, [join(packageRoot, 'dist/novaperf.js'), ...args, ...load, '--out', out], {
        cwd: out,
        reject: false,
      });
      const capacity = await capacityIn(out);
      await appendFile(join(folder, FILE), `${JSON.stringify({ connections, capacity })}\n`);
    } finally {
      await demo.stop();
      await rm(out, { recursive: true, force: true });
    }
  }
}

/** The capacity in the last confirmation run. */
async function capacityIn(out: string) {
  const runs = (await readdir(out)).filter((name) => name.startsWith('search-at-rate_')).sort();
  const text = await readFile(join(out, runs.at(-1) ?? '', 'result.json'), 'utf8');
  return z.object({ capacity: capacitySchema }).parse(JSON.parse(text)).capacity;
}

/** A search and the known capacity. */
export interface FoundCapacity {
  readonly connections: number;
  /** Requests per second, one per iteration. */
  readonly known: number;
  readonly found: number | null;
  readonly steps: number;
  readonly endedEarly: number;
  /** Number of steps that got stable. */
  readonly stable: number;
  /** Time under load, seconds. */
  readonly loadS: number;
}

const keptSchema = z.array(
  z.object({
    ...{ connections: z.number(), found: z.number().nullable(), steps: z.number(), endedEarly: z.number() },
    ...{ stable: z.number(), loadS: z.number() },
  }),
);

/** The searches of 30 November 2026 on two busy cores, in docs/profiles.md. */
export async function keptCapacities(): Promise<FoundCapacity[]> {
  const text = await readFile(join(import.meta.dirname, 'capacity-searches.json'), 'utf8');
  return keptSchema.parse(JSON.parse(text)).map((each) => ({ ...each, known: knownCapacity(each.connections) }));
}

/** The stored searches in `folder`. */
export async function foundCapacities(folder: string): Promise<FoundCapacity[]> {
  const path = join(folder, FILE);
  const text = existsSync(path) ? await readFile(path, 'utf8') : '';
  const all = text.split('\n').flatMap((line) => (line === '' ? [] : [foundSchema.parse(JSON.parse(line))]));
  const known = new Map(
    [...new Set(all.map(({ connections }) => connections))].map((each) => [each, knownCapacity(each)]),
  );
  return all.map(({ connections, capacity: { load, steps } }) => ({
    connections,
    known: known.get(connections) ?? 0,
    found: load,
    steps: steps.length,
    endedEarly: steps.filter(({ held_until: until }) => until === 'missed').length,
    stable: steps.filter(({ held_until: until }) => until === 'stable').length,
    loadS: steps.reduce((sum, { duration_ms: ms }) => sum + ms / 1000, 0),
  }));
}
