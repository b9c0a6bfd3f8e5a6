// Section d: one file of k6's JSON output, recorded with real k6, is read by novaperf's parser, readline + JSON.parse, jq and
// DuckDB in turn. Each gives p95 per name and status, and they are only timed if all agree. Gives lines per second.

import { createReadStream, createWriteStream } from 'node:fs';
import { stat } from 'node:fs/promises';
import { join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { z } from 'zod';
import { findOnPath, type K6 } from '../runner/k6/find.ts';
import { K6_SCRIPTS, type Program } from './compile.ts';
import { type Counted, runCounted } from './counted.ts';
import type { Section } from './figures.ts';
import { parserSection, type ReadTimes } from './parser-figures.ts';
import { recordJson } from './record-json.ts';
import type { Target } from './target-process.ts';

/** What section d measures. */
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
  readonly id: 'samples' | 'readline' | 'jq' | 'duckdb';
  readonly title: string;
  command(path: string): readonly string[];
}

interface RecordedFile {
  readonly path: string;
  readonly lines: number;
}

/** The usual way with exact percentiles, which the others are compared with. */
const REFERENCE = 'readline';
/** Relative error that novaperf's histogram promises. */
const TOLERANCE = 0.001;
const NEWLINE = 10;

const answerSchema = z.array(z.object({ name: z.string(), status: z.string(), samples: z.number(), p95: z.number() }));
/** p95 per name and status. */
export type Answer = z.infer<typeof answerSchema>;

/** Records, checks the answers, times the first fifth of the file and the whole. Throws if two readers disagree. */
export async function benchParsers(bench: ParserBench): Promise<Section> {
  const parsers = parsersFor(bench);
  const long = await record(bench);
  const short = await firstFifth(long, join(bench.folder, 'first-fifth.json'));
  bench.onProgress(`parsers: recorded ${long.lines} lines, ${((await stat(long.path)).size / 1e6).toFixed(0)} MB`);

  const answers = new Map<string, Answer>();
  for (const parser of parsers) answers.set(parser.id, (await read(bench, parser, long)).answer);
  const exact = answers.get(REFERENCE) ?? [];
  for (const [id, answer] of answers) {
    const difference = firstDifference(exact, answer, TOLERANCE);
    if (difference !== undefined) throw new Error(`${id} does not say what ${REFERENCE} says: ${difference}`);
  }
  bench.onProgress(`parsers: ${parsers.map(({ id }) => id).join(', ')} agree on ${exact.length} percentiles`);

  const times = new Map<string, ReadTimes[]>(parsers.map(({ id }) => [id, []]));
  for (let round = 1; round <= bench.rounds; round++) {
    for (const parser of parsers) {
      const { counted: ofShort } = await read(bench, parser, short);
      const { counted: ofLong } = await read(bench, parser, long);
      times.get(parser.id)?.push({ short: ofShort, long: ofLong });
      bench.onProgress(`parsers ${round}/${bench.rounds} ${parser.id}: ${ofLong.wallSeconds.toFixed(2)} s`);
    }
  }
  return parserSection(
    parsers.map(({ id, title }) => ({ id, title, rounds: times.get(id) ?? [] })),
    { reference: REFERENCE, shortLines: short.lines, longLines: long.lines },
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
    {
      id: 'samples',
      title: 'novaperf, samples parser (every series of every metric)',
      command: byNode('read-samples'),
    },
    { id: 'readline', title: 'readline + JSON.parse', command: byNode('read-readline') },
    ...(jq === undefined ? [] : [jqRow]),
    { id: 'duckdb', title: 'DuckDB read_json, types given, all cores', command: byNode('read-duckdb') },
  ];
}

async function record({ k6, target, requests, folder }: ParserBench): Promise<RecordedFile> {
  const variables = { TARGET_URL: target.url, REQUESTS: String(requests) };
  const path = await recordJson({ k6, folder, script: 'four-names.js', variables, name: 'recorded.json' });
  return { path, lines: await countLines(path) };
}

/** The first fifth of the file, to the end of a line. */
async function firstFifth({ path }: RecordedFile, into: string): Promise<RecordedFile> {
  const fifth = Math.floor((await stat(path)).size / 5);
  let bytes = 0;
  await pipeline(
    createReadStream(path, { highWaterMark: 1 << 20 }),
    async function* (chunks: AsyncIterable<Buffer>) {
      for await (const chunk of chunks) {
        const end = chunk.indexOf(NEWLINE, Math.max(0, fifth - bytes)) + 1;
        bytes += chunk.length;
        yield bytes > fifth && end > 0 ? chunk.subarray(0, end) : chunk;
        if (bytes > fifth && end > 0) return;
      }
    },
    createWriteStream(into),
  );
  return { path: into, lines: await countLines(into) };
}

async function countLines(path: string): Promise<number> {
  let lines = 0;
  for await (const chunk of createReadStream(path, { highWaterMark: 1 << 20 })) {
    const bytes = Buffer.from(chunk);
    for (let at = bytes.indexOf(NEWLINE); at >= 0; at = bytes.indexOf(NEWLINE, at + 1)) lines++;
  }
  return lines;
}

async function read(
  bench: ParserBench,
  parser: Parser,
  { path }: RecordedFile,
): Promise<{ counted: Counted; answer: Answer }> {
  const counted = await runCounted({ stages: [parser.command(path)] }, bench.folder);
  if (counted.exitCode !== 0) throw new Error(`${parser.id} ended with ${counted.exitCode}:\n${counted.stderr}`);
  return { counted, answer: answerSchema.parse(JSON.parse(counted.stdout)) };
}

/** The first difference: another key, another number of samples, or a p95 beyond `tolerance`. */
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
