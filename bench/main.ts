// npm run bench [-- --quick --only a,d --record --json]: the cost of measuring, with real k6. Prints all figures next to the
// recorded ones, then the tables of the documentation.

import { mkdtemp, rm } from 'node:fs/promises';
import { loadavg, tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { findK6, type K6 } from '../runner/k6/find.ts';
import { describeMachine } from '../runner/run/load/machine.ts';
import { UserError } from '../runner/system/errors.ts';
import { EXIT } from '../runner/system/exit-codes.ts';
import { benchAnalyze } from './analyze.ts';
import { compilePrograms, RECORDED } from './compile.ts';
import type { Section } from './figures.ts';
import { benchLoad } from './load.ts';
import { CASES } from './load-cases.ts';
import { benchMemory } from './memory.ts';
import { benchParsers } from './parsers.ts';
import { type BenchRun, readRecorded, withEarlier, writeRecorded } from './recorded.ts';
import { benchServer } from './server.ts';
import { besideRecorded } from './tables.ts';
import { startTarget } from './target-process.ts';

const HELP = `npm run bench -- [options]
  --quick        under 2 minutes: fewer and shorter rounds, for a first look
  --only a,d     a  CPU per request, novaperf with windows ÷ bare k6
                 b  the same for points, readline + JSON.parse and k6's web dashboard
                 c  highest request rate of all of them ÷ bare k6's
                 d  lines per second of the samples parser, readline + JSON.parse, jq, DuckDB
                 e  memory over millions of requests
                 f  CPU of sampling the system under test
                 g  CPU and memory of novaperf analyze with few and many series, readline + JSON.parse, jq, DuckDB
  --record       write bench/results.json, which later runs are compared with; with --only, the other figures stay
  --json         the run as one JSON document on stdout, everything else on stderr`;

const SECTIONS = ['a', 'b', 'c', 'd', 'e', 'f', 'g'] as const;
type SectionLetter = (typeof SECTIONS)[number];

const SIZES = {
  full: {
    rounds: 5,
    lengths: [30_000, 90_000],
    recordedRequests: 150_000,
    analyzedRequests: 365_000,
    streamMillions: [1, 5, 20],
    k6Requests: [50_000, 250_000],
    seriesCounts: [100, 500, 2000],
    sampledSeconds: 30,
  },
  quick: {
    rounds: 1,
    lengths: [30_000, 50_000],
    recordedRequests: 30_000,
    analyzedRequests: 25_000,
    streamMillions: [1],
    k6Requests: [20_000, 60_000],
    seriesCounts: [500],
    sampledSeconds: 20,
  },
} as const;

interface Options {
  readonly quick: boolean;
  readonly only: ReadonlySet<SectionLetter>;
  readonly record: boolean;
  readonly json: boolean;
}

function readOptions(): Options | undefined {
  const { values } = parseArgs({
    options: {
      quick: { type: 'boolean', default: false },
      only: { type: 'string', default: SECTIONS.join(',') },
      record: { type: 'boolean', default: false },
      json: { type: 'boolean', default: false },
      help: { type: 'boolean', default: false },
    },
  });
  if (values.help) return undefined;
  const asked = values.only.split(',');
  const only = new Set(SECTIONS.filter((letter) => asked.includes(letter)));
  if (only.size !== new Set(asked).size) {
    throw new UserError(`--only: expected letters of ${SECTIONS.join(',')}, found "${values.only}".`, {
      next: 'npm run bench -- --help says what they stand for',
    });
  }
  return { quick: values.quick, only, record: values.record, json: values.json };
}

async function measure({ quick, only }: Options, k6: K6, folder: string): Promise<Section[]> {
  const size = quick ? SIZES.quick : SIZES.full;
  const programs = await compilePrograms();
  const target = await startTarget(programs.target);
  const shared = { k6, programs, target, folder, onProgress: note };
  try {
    const sections: Section[] = [];
    const cases = CASES.filter(({ id }) => only.has('c') || only.has(id === 'histograms' ? 'a' : 'b'));
    if (cases.length > 0) {
      sections.push(await benchLoad({ ...shared, cases, rounds: size.rounds, lengths: size.lengths }));
    }
    if (only.has('d')) {
      sections.push(await benchParsers({ ...shared, rounds: size.rounds, requests: size.recordedRequests }));
    }
    if (only.has('e')) {
      const { streamMillions, k6Requests } = size;
      sections.push(await benchMemory({ ...shared, streamMillions, k6Requests }));
    }
    if (only.has('f')) {
      const { rounds, seriesCounts, sampledSeconds: seconds } = size;
      sections.push(await benchServer({ ...shared, rounds, seriesCounts, seconds }));
    }
    if (only.has('g')) {
      sections.push(await benchAnalyze({ ...shared, rounds: size.rounds, requests: size.analyzedRequests }));
    }
    return sections;
  } finally {
    await target.stop();
  }
}

async function main(): Promise<void> {
  const options = readOptions();
  if (options === undefined) return void process.stdout.write(`${HELP}\n`);
  if (process.platform === 'win32') {
    throw new UserError('Expected a POSIX system: the bench reads CPU times from its shell.', {
      next: 'run it on Linux or macOS, WSL will do',
    });
  }
  const k6 = await findK6({ env: process.env, onProgress: note });
  if (!k6.hasHistograms) {
    throw new UserError(`Expected a k6 with novaperf's output, found ${k6.path} without it.`, {
      next: 'install Go, and novaperf builds one; novaperf doctor says what is missing',
    });
  }
  const recorded = await readRecorded(RECORDED);
  const beganAt = new Date();
  const before = loadNow();
  const folder = await mkdtemp(join(tmpdir(), 'novaperf-bench-'));
  const sections = await measure(options, k6, folder).finally(() => rm(folder, { recursive: true, force: true }));
  const { os, cpu, cores, memoryBytes, node } = describeMachine();
  const run: BenchRun = {
    schema_version: 1,
    began_at: beganAt.toISOString(),
    quick: options.quick,
    machine: `${cpu}, ${cores} cores, ${(memoryBytes / 2 ** 30).toFixed(0)} GiB, ${os}`,
    versions: `k6 ${k6.version}, Node ${node}`,
    load_average: { before, after: loadNow() },
    figures: sections.flatMap(({ figures }) => [...figures]),
  };
  if (options.record) await writeRecorded(RECORDED, withEarlier(run, recorded));
  if (options.json) process.stdout.write(`${JSON.stringify(run, null, 2)}\n`);
  const print = (text: string) => void (options.json ? process.stderr : process.stdout).write(`${text}\n`);
  print('');
  print(headingOf('This run', run, (Date.now() - beganAt.getTime()) / 1000));
  if (recorded !== undefined) print(headingOf('Recorded', recorded));
  print(`\n${besideRecorded(run.figures, recorded?.figures ?? [])}\n`);
  print(sections.map(({ table }) => table).join('\n\n'));
}

function headingOf(name: string, run: BenchRun, seconds?: number): string {
  const { before, after } = run.load_average;
  const size = run.quick ? SIZES.quick : SIZES.full;
  const took = seconds === undefined ? '' : `, took ${seconds.toFixed(0)} s`;
  return `${name}: ${run.began_at}${run.quick ? ', --quick' : ''}, ${run.versions}, ${run.machine}; load average ${before} before, ${after} after; medians of ${size.rounds} alternating rounds (least–most)${took}`;
}

/** Mean number of running processes over the last minute. */
function loadNow(): number {
  return Math.round((loadavg()[0] ?? 0) * 100) / 100;
}

function note(line: string): void {
  process.stderr.write(`${line}\n`);
}

try {
  await main();
} catch (error) {
  if (!(error instanceof UserError)) throw error;
  note(error.toText());
  process.exitCode = EXIT.usage;
}
