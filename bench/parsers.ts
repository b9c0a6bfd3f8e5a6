// Section d: one file of k6's JSON output, recorded with real k6, is read by the toolkit's parser, readline + JSON.parse, jq and
// DuckDB in turns. Each answers p95 per name and status; only where all agree are they timed. Out come lines per second.

import { createReadStream } from 'node:fs';
import { open, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import type { K6 } from '../runner/k6/find.ts';
import { findOnPath } from '../runner/k6/find.ts';
import { k6Command } from '../runner/k6/launch.ts';
import { K6_SCRIPTS, type Program } from './compile.ts';
import { type Counted, runCounted } from './counted.ts';
import { type Figure, type Section, spread } from './figures.ts';
import { cell, markdownTable, numberText } from './tables.ts';
import type { Target } from './target-process.ts';

export interface ParserBench {
  readonly k6: K6;
  readonly programs: Readonly<Record<Program, string>>;
  readonly target: Target;
  readonly rounds: number;
  /** Requests to record; each makes 14 lines. */
  readonly requests: number;
  readonly folder: string;
  readonly onProgress: (line: string) => void;
}

interface Parser {
  readonly id: 'points' | 'readline' | 'jq' | 'duckdb';
  readonly title: string;
  command(path: string): readonly string[];
}

/** One round of one parser: the whole file, and a file so short that only what is paid once is left. */
interface Timing {
  readonly whole: Counted;
  readonly start: Counted;
}

const REFERENCE = 'readline';
/** Of the exact percentile: what the toolkit's histogram promises. */
const TOLERANCE = 0.001;
/** The points parser reads at least 8 times as many lines a second as readline + JSON.parse. */
const GOAL = { comparison: '>=', value: 8 } as const;
/** Lines of the short file that tells what each reader pays once: it holds the declarations of all metrics. */
const SHORT_LINES = 100;

const answerSchema = z.array(z.object({ name: z.string(), status: z.string(), samples: z.number(), p95: z.number() }));
export type Answer = z.infer<typeof answerSchema>;

/** Records, checks the answers, times. Throws where two readers disagree. */
export async function benchParsers(bench: ParserBench): Promise<Section> {
  const parsers = parsersFor(bench);
  const { path, shortPath, lines, bytes } = await record(bench);
  const count = lines.toLocaleString('en-US');
  bench.onProgress(`parsers: recorded ${count} lines, ${(bytes / 1e6).toFixed(0)} MB`);

  const answers = new Map<string, Answer>();
  for (const parser of parsers) answers.set(parser.id, (await read(bench, parser, path)).answer);
  const exact = answers.get(REFERENCE) ?? [];
  for (const [id, answer] of answers) {
    const difference = firstDifference(exact, answer, TOLERANCE);
    if (difference !== undefined) throw new Error(`${id} does not say what ${REFERENCE} says: ${difference}`);
  }
  bench.onProgress(`parsers: ${parsers.map(({ id }) => id).join(', ')} agree on ${exact.length} percentiles`);

  const timings = new Map<string, Timing[]>(parsers.map(({ id }) => [id, []]));
  for (let round = 1; round <= bench.rounds; round++) {
    for (const parser of parsers) {
      const { counted: start } = await read(bench, parser, shortPath);
      const { counted: whole } = await read(bench, parser, path);
      timings.get(parser.id)?.push({ whole, start });
      bench.onProgress(`parsers ${round}/${bench.rounds} ${parser.id}: ${whole.wallSeconds.toFixed(2)} s`);
    }
  }
  return parserSection(
    parsers.map(({ id, title }) => ({ id, title, rounds: timings.get(id) ?? [] })),
    lines,
  );
}

function parsersFor({ programs, onProgress }: ParserBench): Parser[] {
  const jq = findOnPath('jq', process.env);
  if (jq === undefined) onProgress('parsers: no jq on PATH, its row is left out');
  const byNode = (program: Program) => (path: string) => [process.execPath, programs[program], path];
  const jqRow: Parser = {
    id: 'jq',
    title: 'jq',
    command: (path) => [jq ?? 'jq', '-n', '-c', '-f', join(K6_SCRIPTS, 'quantiles.jq'), path],
  };
  return [
    { id: 'points', title: 'novaperf, points parser (every series of every metric)', command: byNode('read-points') },
    { id: 'readline', title: 'readline + JSON.parse', command: byNode('read-readline') },
    ...(jq === undefined ? [] : [jqRow]),
    { id: 'duckdb', title: 'DuckDB read_json, types given, all cores', command: byNode('read-duckdb') },
  ];
}

async function record({ k6, target, requests, folder }: ParserBench) {
  const path = join(folder, 'recorded.json');
  const variables = { TARGET_URL: target.url, REQUESTS: String(requests) };
  const [command, ...flags] = k6Command({ k6, variables, args: [], stream: 'points' });
  const args = flags.map((flag) => (flag === 'json=-' ? `json=${path}` : flag)).slice(0, -1);
  const { exitCode, stderr } = await runCounted(
    { stages: [[command, ...args, join(K6_SCRIPTS, 'four-names.js')]] },
    folder,
  );
  if (exitCode !== 0) throw new Error(`Expected k6 to record ${path}, it ended with ${exitCode}:\n${stderr}`);
  const shortPath = join(folder, 'short.json');
  await writeFile(shortPath, await firstLines(path, SHORT_LINES));
  return { path, shortPath, lines: await countLines(path), bytes: (await stat(path)).size };
}

async function firstLines(path: string, count: number): Promise<string> {
  const file = await open(path);
  const lines: string[] = [];
  for await (const line of file.readLines()) {
    if (lines.length === count) break;
    lines.push(`${line}\n`);
  }
  return lines.join('');
}

async function countLines(path: string): Promise<number> {
  let lines = 0;
  for await (const chunk of createReadStream(path, { highWaterMark: 1 << 20 })) {
    const bytes = Buffer.from(chunk);
    for (let at = bytes.indexOf(10); at >= 0; at = bytes.indexOf(10, at + 1)) lines++;
  }
  return lines;
}

async function read(bench: ParserBench, parser: Parser, path: string): Promise<{ counted: Counted; answer: Answer }> {
  const counted = await runCounted({ stages: [parser.command(path)] }, bench.folder);
  if (counted.exitCode !== 0) throw new Error(`${parser.id} ended with ${counted.exitCode}:\n${counted.stderr}`);
  return { counted, answer: answerSchema.parse(JSON.parse(counted.stdout)) };
}

/** What the first row says that differs: another key, another number of samples, or a p95 further off than `tolerance`. */
export function firstDifference(exact: Answer, answer: Answer, tolerance: number): string | undefined {
  if (exact.length === 0) return 'there is no row at all';
  if (exact.length !== answer.length) return `${exact.length} rows and ${answer.length}`;
  for (const { name, status, samples, p95 } of exact) {
    const other = answer.find((row) => row.name === name && row.status === status);
    if (other === undefined) return `no row for ${name} ${status}`;
    if (other.samples !== samples) return `${name} ${status}: ${samples} samples and ${other.samples}`;
    if (Math.abs(other.p95 - p95) > tolerance * p95) return `${name} ${status}: p95 ${p95} and ${other.p95}`;
  }
  return undefined;
}

/** Figures and table: lines per second with and without what a reader pays once, ratios within a round. */
export function parserSection(
  parsers: ReadonlyArray<{
    readonly id: string;
    readonly title: string;
    readonly rounds: readonly Timing[];
  }>,
  lines: number,
): Section {
  const count = lines.toLocaleString('en-US');
  const wholeRate = ({ whole }: Timing) => lines / whole.wallSeconds / 1e6;
  const readRate = ({ whole, start }: Timing) => (lines - SHORT_LINES) / (whole.wallSeconds - start.wallSeconds) / 1e6;
  const reference = parsers.find(({ id }) => id === REFERENCE)?.rounds ?? [];
  const rows = parsers.map(({ id, title, rounds }) => {
    const times = (rate: typeof readRate) =>
      rounds.flatMap((round, i) => {
        const beside = reference[i];
        return beside === undefined ? [] : [rate(round) / rate(beside)];
      });
    const goal = id === 'points' ? GOAL : undefined;
    const make = (
      name: string,
      title: string,
      unit: Figure['unit'],
      values: number[],
      goal?: Figure['goal'],
    ): Figure => ({
      id: `parser.${id}.${name}`,
      title: `${title}, ${id}`,
      unit,
      ...spread(values),
      goal,
    });
    return {
      title,
      whole: make('whole', 'lines per second, process start to answer', 'million lines/s', rounds.map(wholeRate)),
      read: make('read', 'lines per second, start-up taken out', 'million lines/s', rounds.map(readRate)),
      cpu: make(
        'cpu',
        `CPU of ${count} lines`,
        's',
        rounds.map(({ whole }) => whole.cpuSeconds),
      ),
      wholeTimes: make('whole.times', 'speed ÷ readline + JSON.parse, process start to answer', '×', times(wholeRate)),
      readTimes: make('times', 'speed ÷ readline + JSON.parse, start-up taken out', '×', times(readRate), goal),
    };
  });
  const table = markdownTable([
    [
      `p95 per name and status of ${count} lines`,
      'million lines/s, start-up taken out',
      '÷ readline + JSON.parse',
      'million lines/s, process start to answer',
      '÷ readline + JSON.parse',
      'CPU s',
    ],
    ...rows.map((row) => [
      row.title,
      withoutSpread(row.read),
      cell(row.readTimes),
      withoutSpread(row.whole),
      cell(row.wholeTimes),
      withoutSpread(row.cpu),
    ]),
  ]);
  return { figures: rows.flatMap((row) => [row.read, row.readTimes, row.whole, row.wholeTimes, row.cpu]), table };
}

function withoutSpread({ median, unit }: Figure): string {
  return numberText(median, unit);
}
