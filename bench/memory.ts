// Section e: peak memory of the runner for longer and longer streams, and of k6 for more and more real requests, alone and with
// novaperf.

import { spawn } from 'node:child_process';
import { mkdtemp } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import type { K6 } from '../runner/k6/find.ts';
import { k6Command } from '../runner/k6/launch.ts';
import { K6_SCRIPTS, type Program } from './compile.ts';
import { runCounted } from './counted.ts';
import type { Figure, Section } from './figures.ts';
import { peakResidentBytes } from './peak-memory.ts';
import { flagsOf } from './script-variables.ts';
import { markdownTable, numberText } from './tables.ts';
import type { Target } from './target-process.ts';

/** What section e measures. */
export interface MemoryBench {
  readonly k6: K6;
  readonly programs: Readonly<Record<Program, string>>;
  readonly target: Target;
  /** Lengths of simulated streams, million requests. */
  readonly streamMillions: readonly number[];
  /** Numbers of real requests. */
  readonly k6Requests: readonly number[];
  readonly folder: string;
  readonly onProgress: (line: string) => void;
}

const SAMPLE_EVERY_MS = 100;

const readSchema = z.object({ requests: z.number(), isWhole: z.literal(true), residentBytes: z.number() });

/** Runs one process per size, so that each has its own peak. */
export async function benchMemory(bench: MemoryBench): Promise<Section> {
  const runner: Figure[] = [];
  for (const millions of bench.streamMillions) {
    const bytes = await runnerPeak(bench, millions);
    const title = `peak memory of the runner, histograms stream of ${millions} million requests`;
    runner.push(one(`runner.${millions}m`, title, bytes));
    bench.onProgress(`memory: runner, ${millions} million requests: ${megabytes(bytes)}`);
  }
  const k6Rows: { requests: number; bare: Figure; histograms: Figure }[] = [];
  for (const requests of bench.k6Requests) {
    const count = requests.toLocaleString('en-US');
    const peak = async (kind: 'bare' | 'histograms') => {
      const bytes = await k6Peak(bench, kind, requests);
      bench.onProgress(`memory: k6 ${kind}, ${count} requests: ${megabytes(bytes)}`);
      return one(`k6.${kind}.${requests}`, `peak memory of k6, ${kind}, ${count} real requests`, bytes);
    };
    k6Rows.push({ requests, bare: await peak('bare'), histograms: await peak('histograms') });
  }
  const shown = ({ median, unit }: Figure) => `${numberText(median, unit)} ${unit}`;
  const table = [
    markdownTable([
      ['Requests in the histograms stream', ...bench.streamMillions.map((millions) => `${millions} million`)],
      ['peak memory of the runner', ...runner.map(shown)],
    ]),
    markdownTable([
      ['Real requests', ...k6Rows.map(({ requests }) => requests.toLocaleString('en-US'))],
      ['peak memory of k6 with its default summary', ...k6Rows.map(({ bare }) => shown(bare))],
      ['peak memory of k6 under novaperf, histograms', ...k6Rows.map(({ histograms }) => shown(histograms))],
    ]),
  ].join('\n\n');
  return { figures: [...runner, ...k6Rows.flatMap(({ bare, histograms }) => [bare, histograms])], table };
}

async function runnerPeak({ programs, folder }: MemoryBench, millions: number): Promise<number> {
  const own = await mkdtemp(join(folder, 'memory-'));
  const pour = [process.execPath, programs['pour-histograms'], String(millions)];
  const take = [process.execPath, programs['read-histograms'], join(own, 'archive.ndjson.gz')];
  const { exitCode, stdout, stderr } = await runCounted({ stages: [pour, take] }, own);
  if (exitCode !== 0) throw new Error(`The reader of ${millions} million requests ended with ${exitCode}:\n${stderr}`);
  const { requests, residentBytes } = readSchema.parse(JSON.parse(stdout));
  if (requests !== millions * 1e6)
    throw new Error(`Expected ${millions} million requests to be counted, found ${requests}`);
  return residentBytes;
}

/** Peak memory of k6, sampled; its memory only grows, so the last samples are the peak. */
async function k6Peak(
  { k6, target, folder }: MemoryBench,
  kind: 'bare' | 'histograms',
  requests: number,
): Promise<number> {
  const variables = flagsOf({ TARGET_URL: target.url, REQUESTS: String(requests) });
  const [, ...flags] =
    kind === 'histograms'
      ? k6Command({ k6, variables: {}, args: variables, stream: 'histograms' }).slice(0, -1)
      : [k6.path, 'run', '--no-usage-report', ...variables];
  await target.answered();
  const child = spawn(k6.path, [...flags, join(K6_SCRIPTS, 'get-and-check.js')], { cwd: folder, stdio: 'ignore' });
  const peak = await peakResidentBytes(child, SAMPLE_EVERY_MS);
  const answered = await target.answered();
  if (child.exitCode !== 0 || answered.requests !== requests) {
    throw new Error(
      `Expected ${requests} requests from k6, found ${answered.requests}; it ended with ${child.exitCode}`,
    );
  }
  return peak;
}

function one(id: string, title: string, bytes: number): Figure {
  const value = bytes / 1e6;
  return { id: `memory.${id}`, title, unit: 'MB', median: value, min: value, max: value };
}

function megabytes(bytes: number): string {
  return `${(bytes / 1e6).toFixed(0)} MB`;
}
