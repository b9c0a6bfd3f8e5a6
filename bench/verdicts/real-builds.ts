// False alarms in comparisons of real runs of one build on the demo. It takes an hour, so each result is stored at once, and can be
// counted at any time and by later rules.

import { existsSync } from 'node:fs';
import { appendFile, mkdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { gunzipSync, gzipSync } from 'node:zlib';
import { z } from 'zod';
import { oldRunsFirst } from '../../runner/analysis/differences/looks.ts';
import type { History } from '../../runner/compare/history.ts';
import { compareResults } from '../../runner/compare/measure-results.ts';
import { judgeFigures } from '../../runner/compare/over-runs.ts';
import { compareSides } from '../../runner/compare/side-by-side.ts';
import { startDemo } from '../../runner/demo/start.ts';
import { DEFAULT_PRACTICAL_SIZE } from '../../runner/model/practical-size.ts';
import { type Result, resultSchema } from '../../runner/model/result.ts';
import type { PracticalSize } from '../../runner/model/run.ts';
import { SIDE_VARIABLES } from '../../runner/model/sides.ts';
import { twoSides } from '../../runner/scenario/two-sides.ts';
import { metricsOf, type RealLoad, realLoad, runReally } from './real-run.ts';

// A comparison in pairs starts two shops, loads them in the order a b b a a b for 10 s each and ends them.
// A history of 5 + 1 has one run from each of six consecutive comparisons: run 1 of each is one history, run 2 of each the next.
// So every run is in one comparison in pairs and in one history, and no two comparisons of a kind have a run in common.
// A comparison side by side starts two shops and loads both in one run of 50 s.
const PAIRS = 3;
const RUN_SECONDS = 10;
const RUN_RATE = '5';
const SIDES_SECONDS = 50;
const SIDES_RATE = '14';
const HISTORY = 6;

/** Counts any certain change as an alarm, because with the default of 5 ms most endpoints of the demo could not have one. */
const STRICT: PracticalSize = { percent: 5, ms: 0 };

const FILES = { pairs: 'pairs.ndjson', sides: 'sides.ndjson' } as const;

async function twoShops<T>(use: (a: string, b: string) => Promise<T>): Promise<T> {
  const seed = Math.floor(Math.random() * 2 ** 31);
  const a = await startDemo({ version: 'same', seed, faults: [] });
  const b = await startDemo({ version: 'same', seed: seed + 1, faults: [] });
  try {
    return await use(a.url, b.url);
  } finally {
    await Promise.all([a.stop(), b.stop()]);
  }
}

async function pairsOnce(load: RealLoad): Promise<Result[]> {
  return await twoShops(async (a, b) => {
    const results: Result[] = [];
    for (let pair = 1; pair <= PAIRS; pair++) {
      for (const url of oldRunsFirst(pair, PAIRS) ? [a, b] : [b, a]) {
        const variables = { BASE_URL: url, ITERATIONS_PER_S: RUN_RATE };
        results.push((await runReally(load, variables, RUN_SECONDS, url === a ? 'a' : 'b')).result);
      }
    }
    return results;
  });
}

/** Result and stream of a run of both. */
async function sidesOnce({ k6, bundle }: RealLoad): Promise<{ result: Result; stream: Buffer }> {
  const load = { k6, bundle: await twoSides(bundle) };
  return await twoShops(async (a, b) => {
    const variables = { [SIDE_VARIABLES.a]: a, [SIDE_VARIABLES.b]: b, ITERATIONS_PER_S: SIDES_RATE };
    return await runReally(load, variables, SIDES_SECONDS, 'both');
  });
}

/** Kinds of real comparisons. */
export type RealKind = keyof typeof FILES;

/** Runs `comparisons` of them and appends them to the file in `folder`. */
export async function collectReal(folder: string, kind: RealKind, comparisons: number): Promise<void> {
  await mkdir(folder, { recursive: true });
  const load = await realLoad();
  for (let comparison = 1; comparison <= comparisons; comparison++) {
    const line = kind === 'pairs' ? { chain: process.pid, runs: await pairsOnce(load) } : kept(await sidesOnce(load));
    await appendFile(join(folder, FILES[kind]), `${JSON.stringify(line)}\n`);
    process.stderr.write(`${kind} ${comparison} of ${comparisons}\n`);
  }
}

function kept({ result, stream }: { result: Result; stream: Buffer }) {
  return { result, stream: gzipSync(stream).toString('base64') };
}

/** False alarms of real comparisons. */
export interface RealRates {
  readonly name: string;
  readonly comparisons: number;
  /** Comparisons that called anything slower or faster: with the default minimum change, and from 5 % without a minimum in ms. */
  readonly alarms: number;
  readonly strictAlarms: number;
}

const isAlarm = ({ verdict }: { readonly verdict: string }) => verdict === 'worse' || verdict === 'better';

function alarmsOf(history: History, size: PracticalSize): boolean {
  const [a, b] = [history.a.at(-1), history.b.at(-1)];
  if (a === undefined || b === undefined) throw new Error('a comparison without runs');
  return judgeFigures(compareResults(a, b, 50), history, size).some(isAlarm);
}

function ratesOf(name: string, alarms: ReadonlyArray<(size: PracticalSize) => boolean>): RealRates {
  const having = (size: PracticalSize) => alarms.filter((isAlarmed) => isAlarmed(size)).length;
  return { name, comparisons: alarms.length, alarms: having(DEFAULT_PRACTICAL_SIZE), strictAlarms: having(STRICT) };
}

const pairsSchema = z.object({ chain: z.number(), runs: z.array(resultSchema) });
const sidesSchema = z.object({ result: resultSchema, stream: z.string() });

async function lines(path: string): Promise<unknown[]> {
  const text = existsSync(path) ? await readFile(path, 'utf8') : '';
  return text.split('\n').flatMap((line) => (line === '' ? [] : [JSON.parse(line)]));
}

/** The stored runs in `folder`, judged by the current rule. */
export async function realRates(folder: string): Promise<RealRates[]> {
  const pairs = (await lines(join(folder, FILES.pairs))).map((line) => pairsSchema.parse(line));
  const inPairs = pairs.map(({ runs }) => {
    const of = (build: string) => runs.filter((run) => run.build_version === build);
    const history = { a: of('a'), b: of('b'), inBlocks: false, inPairs: true };
    return (size: PracticalSize) => alarmsOf(history, size);
  });
  const chains = [...new Set(pairs.map(({ chain }) => chain))];
  const histories = chains.flatMap((chain) => {
    const own = pairs.filter((each) => each.chain === chain);
    const sets = Array.from({ length: Math.floor(own.length / HISTORY) }, (_, set) =>
      own.slice(set * HISTORY, (set + 1) * HISTORY),
    );
    return sets.flatMap((set) =>
      Array.from({ length: 2 * PAIRS }, (_, place) => {
        const runs = set.flatMap(({ runs }) => runs[place] ?? []);
        const history = { a: runs.slice(0, -1), b: runs.slice(-1), inBlocks: true };
        return (size: PracticalSize) => alarmsOf(history, size);
      }),
    );
  });
  const sides = (await lines(join(folder, FILES.sides))).map((line) => {
    const { result, stream } = sidesSchema.parse(line);
    const metrics = metricsOf(gunzipSync(Buffer.from(stream, 'base64')));
    return (size: PracticalSize) => {
      const { verdict } = compareSides(result, metrics, { against: 'a', buildOfA: 'same', size, fails: false });
      return verdict === 'slower' || verdict === 'faster';
    };
  });
  return [
    ratesOf('3 pairs, a b b a', inPairs),
    ratesOf('5 of the baseline and 1 new', histories),
    ratesOf('side by side, one run of 50 s', sides),
  ];
}
