// Section g: `novaperf analyze` with its report on recorded files with few and with many series, compared with readline + JSON.parse,
// jq and DuckDB, which calculate one percentile per endpoint: CPU seconds and peak memory.

import { spawn } from 'node:child_process';
import { mkdtemp, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { findOnPath, type K6 } from '../runner/k6/find.ts';
import { K6_SCRIPTS, NOVAPERF, type Program } from './compile.ts';
import { runCounted } from './counted.ts';
import { type Figure, type Section, spread } from './figures.ts';
import { peakResidentBytes } from './peak-memory.ts';
import { recordJson } from './record-json.ts';
import { cell, markdownTable, numberText } from './tables.ts';
import type { Target } from './target-process.ts';

/** What section g measures. */
export interface AnalyzeBench {
  readonly k6: K6;
  readonly programs: Readonly<Record<Program, string>>;
  readonly target: Target;
  readonly rounds: number;
  /** Requests to record in each file; each makes 12 lines. */
  readonly requests: number;
  readonly folder: string;
  readonly onProgress: (line: string) => void;
}

/** Endpoints of a file: each has 9 series of its own, and the run has 7 more. */
const FILES = [
  { names: 1, series: '16 series' },
  { names: 110, series: '1,000 series' },
] as const;
const RATIO_GOAL = { comparison: '<=', value: 0.35 } as const;
const MEMORY_GOAL = { comparison: '<=', value: 200 } as const;
const SAMPLE_EVERY_MS = 50;

interface Command {
  readonly id: 'analyze' | 'readline' | 'jq' | 'duckdb';
  readonly title: string;
  argv(path: string, out: string): readonly string[];
}

/** Runs all commands in each round; ratios are of the same round. */
export async function benchAnalyze(bench: AnalyzeBench): Promise<Section> {
  const commands = commandsFor(bench);
  const files: { series: string; megabytes: number; rows: Map<string, Row> }[] = [];
  for (const { names, series } of FILES) {
    const path = await record(bench, names);
    const megabytes = (await stat(path)).size / 1e6;
    const seconds = new Map<string, number[]>(commands.map(({ id }) => [id, []]));
    for (let round = 1; round <= bench.rounds; round++) {
      for (const command of commands) {
        const spent = await cpuSecondsOf(bench, command, path);
        seconds.get(command.id)?.push(spent);
        bench.onProgress(`analyze ${series} ${round}/${bench.rounds} ${command.id}: ${spent.toFixed(2)} s of CPU`);
      }
    }
    const reference = seconds.get('readline') ?? [];
    const rows = new Map<string, Row>();
    for (const { id } of commands) {
      const peaks = id === 'analyze' ? [await peakOf(bench, path)] : undefined;
      rows.set(id, rowOf(id, names, series, seconds.get(id) ?? [], reference, peaks));
    }
    files.push({ series, megabytes, rows });
  }
  const table = markdownTable([
    [
      'CPU of the whole command, ÷ readline',
      ...files.map(({ series, megabytes }) => `${megabytes.toFixed(0)} MB, ${series}`),
    ],
    ...commands.map(({ id, title }) => [title, ...files.map(({ rows }) => shown(rows.get(id)))]),
    ['peak memory of novaperf analyze, MB', ...files.map(({ rows }) => memoryShown(rows.get('analyze')))],
  ]);
  const figures = files.flatMap(({ rows }) => [...rows.values()].flatMap((row) => Object.values(row)));
  return { figures: figures.filter((figure) => figure !== undefined), table };
}

interface Row {
  readonly cpu: Figure;
  readonly ratio: Figure;
  readonly memory: Figure | undefined;
}

function rowOf(
  id: Command['id'],
  names: number,
  series: string,
  seconds: readonly number[],
  reference: readonly number[],
  peaks: readonly number[] | undefined,
): Row {
  const ratios = seconds.map((spent, round) => spent / (reference[round] ?? Number.NaN));
  const ofAnalyze = id === 'analyze';
  return {
    cpu: { id: `analyze.${names}.${id}.cpu`, title: `CPU of ${id}, ${series}`, unit: 's', ...spread(seconds) },
    ratio: {
      id: `analyze.${names}.${id}.ratio`,
      title: `CPU of ${id} ÷ readline, ${series}`,
      unit: '×',
      ...spread(ratios),
      ...(ofAnalyze ? { goal: RATIO_GOAL } : {}),
    },
    memory: peaks && {
      id: `analyze.${names}.${id}.memory`,
      title: `peak memory of ${id}, ${series}`,
      unit: 'MB',
      ...spread(peaks),
      goal: MEMORY_GOAL,
    },
  };
}

function shown(row: Row | undefined): string {
  return row === undefined ? '' : `${numberText(row.cpu.median, 's')} s, ${cell(row.ratio)}`;
}

function memoryShown(row: Row | undefined): string {
  return row?.memory === undefined ? '' : cell(row.memory);
}

function commandsFor({ programs, onProgress }: AnalyzeBench): Command[] {
  const jq = findOnPath('jq', process.env);
  if (jq === undefined) onProgress('analyze: no jq on PATH, its row is left out');
  const byNode = (program: Program) => (path: string) => [process.execPath, programs[program], path];
  const jqRow: Command = {
    id: 'jq',
    title: 'jq',
    argv: (path) => [jq ?? 'jq', '-n', '-c', '-f', join(K6_SCRIPTS, 'quantiles.jq'), path],
  };
  return [
    { id: 'analyze', title: 'novaperf analyze, with its report', argv: analyzeArgv },
    { id: 'readline', title: 'readline + JSON.parse', argv: byNode('read-readline') },
    ...(jq === undefined ? [] : [jqRow]),
    { id: 'duckdb', title: 'DuckDB read_json, types given', argv: byNode('read-duckdb') },
  ];
}

function analyzeArgv(path: string, out: string): string[] {
  return [process.execPath, NOVAPERF, 'analyze', path, '--out', out, '--conport', join(out, 'conport')];
}

async function record({ k6, target, requests, folder, onProgress }: AnalyzeBench, names: number): Promise<string> {
  const variables = { TARGET_URL: target.url, REQUESTS: String(requests), NAMES: String(names) };
  const path = await recordJson({ k6, folder, script: 'many-names.js', variables, name: `names-${names}.json` });
  onProgress(`analyze: recorded ${((await stat(path)).size / 1e6).toFixed(0)} MB with ${names} names`);
  return path;
}

async function cpuSecondsOf({ folder }: AnalyzeBench, { id, argv }: Command, path: string): Promise<number> {
  const own = await mkdtemp(join(folder, 'analyze-'));
  const { exitCode, stderr, cpuSeconds } = await runCounted({ stages: [argv(path, own)] }, own);
  if (exitCode !== 0) throw new Error(`${id} of ${path} ended with ${exitCode}:\n${stderr}`);
  return cpuSeconds;
}

/** Peak memory in MB, sampled in a separate process from those for CPU. */
async function peakOf({ folder }: AnalyzeBench, path: string): Promise<number> {
  const own = await mkdtemp(join(folder, 'analyze-'));
  const [command = process.execPath, ...args] = analyzeArgv(path, own);
  const child = spawn(command, args, { cwd: own, stdio: 'ignore' });
  const peak = await peakResidentBytes(child, SAMPLE_EVERY_MS);
  if (child.exitCode !== 0) throw new Error(`novaperf analyze of ${path} ended with ${child.exitCode}`);
  return peak / 1e6;
}
