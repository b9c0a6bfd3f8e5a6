// Section f: CPU of the runner for sampling an exporter once a second, in percent of one core.

import { fork } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import type { Program } from './compile.ts';
import { runCounted } from './counted.ts';
import { type Figure, type Section, spread } from './figures.ts';
import { cell, markdownTable } from './tables.ts';

/** What section f measures. */
export interface ServerBench {
  readonly programs: Readonly<Record<Program, string>>;
  readonly seriesCounts: readonly number[];
  readonly rounds: number;
  readonly seconds: number;
  readonly folder: string;
  readonly onProgress: (line: string) => void;
}

/** The number of series that the goal applies to. */
const GOAL_SERIES = 500;
const GOAL = { comparison: '<=', value: 0.8 } as const;

const listening = z.object({ port: z.int() });
const sampled = z.object({ cpuSeconds: z.number(), tookSeconds: z.number(), readings: z.number() });

/** Measures without start-up and first scrapes, but with parsing, recording and writing the archive. */
export async function benchServer(bench: ServerBench): Promise<Section> {
  const figures: Figure[] = [];
  for (const series of bench.seriesCounts) {
    const shares: number[] = [];
    for (let round = 1; round <= bench.rounds; round++) {
      const share = await sampleOnce(bench, series);
      bench.onProgress(`server ${round}/${bench.rounds} ${series} series: ${share.toFixed(2)} % of a core`);
      shares.push(share);
    }
    figures.push({
      id: `server.sampling.${series}`,
      title: `CPU of sampling ${series} series of an exporter once a second`,
      unit: '% of a core',
      ...spread(shares),
      ...(series === GOAL_SERIES ? { goal: GOAL } : {}),
    });
  }
  const table = markdownTable([
    ['Series of an exporter, sampled once a second', ...bench.seriesCounts.map(String)],
    ['CPU of the runner, % of one core', ...figures.map(cell)],
  ]);
  return { figures, table };
}

async function sampleOnce({ programs, seconds, folder }: ServerBench, series: number): Promise<number> {
  const exporter = fork(programs.exporter, [String(series)], { execArgv: [] });
  try {
    const [message] = await once(exporter, 'message');
    const { port } = listening.parse(message);
    const own = await mkdtemp(join(folder, 'server-'));
    const url = `http://127.0.0.1:${port}/metrics`;
    const command = [
      process.execPath,
      programs['sample-exporter'],
      url,
      String(seconds),
      join(own, 'archive.ndjson.gz'),
    ];
    const { exitCode, stdout, stderr } = await runCounted({ stages: [command] }, own);
    if (exitCode !== 0) throw new Error(`Sampling ${series} series ended with ${exitCode}:\n${stderr}`);
    const { cpuSeconds, tookSeconds, readings } = sampled.parse(JSON.parse(stdout));
    const expected = series * seconds;
    if (readings < 0.9 * expected) throw new Error(`Expected some ${expected} readings, found ${readings}`);
    return (cpuSeconds / tookSeconds) * 100;
  } finally {
    exporter.disconnect();
  }
}
