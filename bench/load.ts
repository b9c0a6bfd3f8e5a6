// Sections a, b and c: a fixed number of requests with bare k6 and with each way to measure it, alternating. Gives CPU per request
// and request rates as ratios of neighbouring runs.

import { existsSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { K6 } from '../runner/k6/find.ts';
import type { Program } from './compile.ts';
import { runCounted } from './counted.ts';
import { type Figure, type Goal, perFurtherRequestUs, type Section, spread } from './figures.ts';
import { BARE, type LoadCase } from './load-cases.ts';
import { cell, markdownTable, numberText } from './tables.ts';
import { rateBetween, type Target } from './target-process.ts';

/** What these sections measure. */
export interface LoadBench {
  readonly k6: K6;
  readonly programs: Readonly<Record<Program, string>>;
  readonly target: Target;
  readonly cases: readonly LoadCase[];
  readonly rounds: number;
  /** Requests of the short and of the long run. */
  readonly lengths: readonly [short: number, long: number];
  readonly folder: string;
  readonly onProgress: (line: string) => void;
}

/** One run of one case. */
export interface LoadRun {
  readonly requests: number;
  readonly cpuSeconds: number;
  /** Counted by the server after the warm-up: from a third of the run on. */
  readonly requestsPerSecond: number;
}

/** Two lengths of bare k6 and of a case, run in the order short bare, short case, long bare, long case. */
export interface LoadPair {
  readonly bare: { readonly short: LoadRun; readonly long: LoadRun };
  readonly measured: { readonly short: LoadRun; readonly long: LoadRun };
}

/** The first 1/n of a run is left out of rates. */
const WARM_SHARE = 3;

/** With novaperf a further request takes at most 5 % more CPU than with bare k6, and k6 is at least 97 % as fast. */
const GOALS: Readonly<Partial<Record<LoadCase['id'], { further: Goal; rate: Goal }>>> = {
  histograms: { further: { comparison: '<=', value: 1.05 }, rate: { comparison: '>=', value: 0.97 } },
};

/** Runs every case once to warm up, then all rounds. Throws if a run is incomplete. */
export async function benchLoad(bench: LoadBench): Promise<Section> {
  const [short, long] = bench.lengths;
  for (const each of [BARE, ...bench.cases]) await run(bench, each, short);
  const pairs = bench.cases.map((measured): { measured: LoadCase; rounds: LoadPair[] } => ({ measured, rounds: [] }));
  for (let round = 1; round <= bench.rounds; round++) {
    for (const { measured, rounds } of pairs) {
      const [bareShort, ourShort] = [await run(bench, BARE, short), await run(bench, measured, short)];
      const [bareLong, ourLong] = [await run(bench, BARE, long), await run(bench, measured, long)];
      rounds.push({ bare: { short: bareShort, long: bareLong }, measured: { short: ourShort, long: ourLong } });
      const seconds = (value: number) => `${value.toFixed(2)} s`;
      bench.onProgress(
        `load ${round}/${bench.rounds} ${measured.id}: CPU ${seconds(ourLong.cpuSeconds)}, bare ${seconds(bareLong.cpuSeconds)}`,
      );
    }
  }
  return loadSection(
    pairs.map(({ measured, rounds }) => ({ id: measured.id, title: measured.title, rounds })),
    long,
  );
}

async function run(bench: LoadBench, measured: LoadCase, requests: number): Promise<LoadRun> {
  const folder = await mkdtemp(join(bench.folder, `${measured.id}-`));
  const { k6, programs, target } = bench;
  await target.answered();
  const pipeline = measured.pipeline({ k6, programs, targetUrl: target.url, requests, folder });
  const { cpuSeconds, exitCode, stderr } = await runCounted(pipeline, folder);
  const answered = await target.answered();
  const isWhole = measured.leaves === undefined || existsSync(join(folder, measured.leaves));
  if (exitCode !== 0 || answered.requests !== requests || !isWhole) {
    throw new Error(
      `Expected ${requests} requests, exit code 0 and ${measured.leaves ?? 'no file'} from ${measured.id}, found ${answered.requests} and ${exitCode}:\n${stderr}`,
    );
  }
  await rm(folder, { recursive: true });
  const warm = Math.floor(requests / WARM_SHARE / 1000) * 1000;
  return { requests, cpuSeconds, requestsPerSecond: rateBetween(answered, warm, requests) };
}

/** Figures and table of all pairs; `long` is the number of requests of the long runs. */
export function loadSection(
  cases: ReadonlyArray<{
    readonly id: LoadCase['id'];
    readonly title: string;
    readonly rounds: readonly LoadPair[];
  }>,
  long: number,
): Section {
  const count = long.toLocaleString('en-US');
  const wholeUs = ({ long: { cpuSeconds, requests } }: LoadPair['bare']) => (cpuSeconds * 1e6) / requests;
  const furtherUs = (runs: LoadPair['bare']) => perFurtherRequestUs(runs.short, runs.long);
  const rate = (runs: LoadPair['bare']) => runs.long.requestsPerSecond;

  const all = cases.flatMap(({ rounds }) => rounds.map(({ bare }) => bare));
  const bare = {
    further: figure('bare.further', 'CPU per further request, bare k6', 'µs', all.map(furtherUs)),
    whole: figure('bare.whole', `CPU per request of ${count}, bare k6`, 'µs', all.map(wholeUs)),
    rate: figure('bare.rate', 'request rate, bare k6', '/s', all.map(rate)),
  };
  const rows = cases.map(({ id, title, rounds }) => {
    const ratio = (of: (runs: LoadPair['bare']) => number) => rounds.map((pair) => of(pair.measured) / of(pair.bare));
    const once = rounds.map(({ measured }) => measured.long.cpuSeconds - (furtherUs(measured) * long) / 1e6);
    const goals = GOALS[id];
    return {
      title,
      further: figure(
        `${id}.further`,
        `CPU per further request, ${id} ÷ bare k6`,
        '×',
        ratio(furtherUs),
        goals?.further,
      ),
      whole: figure(`${id}.whole`, `CPU per request of ${count}, ${id} ÷ bare k6`, '×', ratio(wholeUs)),
      once: figure(`${id}.once`, `CPU paid once a run, ${id}`, 's', once),
      rate: figure(`${id}.rate`, `request rate, ${id} ÷ bare k6`, '×', ratio(rate), goals?.rate),
    };
  });
  const figures = [
    bare.further,
    bare.whole,
    bare.rate,
    ...rows.flatMap((row) => [row.further, row.once, row.whole, row.rate]),
  ];
  const unitOf = ({ median, unit }: Figure) => `${numberText(median, unit)}${unit === '/s' ? '' : ' '}${unit}`;
  const table = markdownTable([
    [
      'k6 run with',
      'CPU per further request ÷ bare k6',
      'CPU paid once a run',
      `CPU of ${count} requests, all in all ÷ bare k6`,
      'request rate ÷ bare k6',
    ],
    [BARE.title, `1 = ${unitOf(bare.further)}`, '', `1 = ${unitOf(bare.whole)} a request`, `1 = ${unitOf(bare.rate)}`],
    ...rows.map((row) => [
      row.title,
      cell(row.further),
      `${numberText(row.once.median, 's')} s`,
      cell(row.whole),
      cell(row.rate),
    ]),
  ]);
  return { figures, table };
}

function figure(id: string, title: string, unit: Figure['unit'], values: readonly number[], goal?: Goal): Figure {
  return { id: `load.${id}`, title, unit, ...spread(values), goal };
}
