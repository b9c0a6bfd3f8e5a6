// `npm run test:parity [-- --seconds 60 --seed 7]`: draws options, thresholds and scripts, runs each once in real k6 with k6's own summary and
// both streams, and compares every figure and every verdict. Exits with 1 at the first difference, and prints the seed that reproduces it.

import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { createServer } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { z } from 'zod';
import { type JudgeContext, judge } from '../../../runner/analysis/verdict/judge.ts';
import { HistogramsReader } from '../../../runner/metrics/histograms/histograms-reader.ts';
import { SamplesReader } from '../../../runner/metrics/samples/samples-reader.ts';
import { MetricsStore } from '../../../runner/metrics/store/store.ts';
import { isMissed } from '../../../runner/model/kpi.ts';
import type { Aggregate, RunMetrics } from '../../../runner/model/metrics.ts';
import { DEFAULT_JUDGING } from '../../../runner/model/run.ts';
import { kpisFromThresholds } from '../../../runner/targets/targets.ts';
import { parseSelector } from '../../../runner/targets/threshold.ts';
import { realK6 } from '../../k6/real-k6.ts';
import { seeded } from '../../seeded.ts';
import { type Drawn, drawScript } from './drawn-script.ts';

/** Percentiles are known within 0.1 %: half a bucket of 512 per power of two. */
const PERCENTILE_TOLERANCE = 0.001;
/** Sums of floats in another order, and the time of a rate, which k6 reads some microseconds apart. */
const SUM_TOLERANCE = 1e-9;
const RATE_TOLERANCE = 1e-3;

const summarySchema = z.object({
  state: z.object({ testRunDurationMs: z.number() }),
  metrics: z.record(
    z.string(),
    z.object({
      type: z.string(),
      values: z.record(z.string(), z.number()),
      thresholds: z.record(z.string(), z.object({ ok: z.boolean() })).optional(),
    }),
  ),
});
type Summary = z.infer<typeof summarySchema>;

interface Run {
  readonly summary: Summary;
  readonly stores: Readonly<Record<string, RunMetrics>>;
}

async function runDrawn({ spec }: Drawn, target: string): Promise<Run> {
  const folder = await mkdtemp(join(tmpdir(), 'novaperf-parity-'));
  try {
    const [points, summary] = [join(folder, 'points.json'), join(folder, 'summary.json')];
    const script = new URL('../../fixtures/analysis/random-load.js', import.meta.url).pathname;
    const k6 = await realK6();
    const outputs = ['--out', `json=${points}`, ...(k6.hasHistograms ? ['--out', 'novaperf=-'] : [])];
    const args = ['run', '--quiet', '--no-usage-report', '--log-format=json', ...outputs, script];
    const child = spawn(k6.path, args, {
      env: { ...process.env, SPEC: JSON.stringify(spec), SUMMARY: summary, TARGET: target },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    const chunks: Buffer[] = [];
    let log = '';
    child.stdout.on('data', (chunk: Buffer) => chunks.push(chunk));
    child.stderr.setEncoding('utf8').on('data', (text: string) => {
      log += text;
    });
    const [code] = await once(child, 'close');
    if (code !== 0 && code !== 99) throw new Error(`k6 ended with ${code}: ${log.slice(0, 2000)}`);
    const samples = new MetricsStore({ timeline: true });
    const samplesReader = new SamplesReader(samples.sink);
    samplesReader.push(await readFile(points));
    samples.end(samplesReader.end());
    const stores: Record<string, RunMetrics> = { samples };
    if (k6.hasHistograms) {
      const histograms = new MetricsStore({ timeline: true });
      const reader = new HistogramsReader(histograms.sink);
      for (const chunk of chunks) reader.push(chunk);
      histograms.end(reader.end());
      stores.histograms = histograms;
    }
    return { summary: summarySchema.parse(JSON.parse(await readFile(summary, 'utf8'))), stores };
  } finally {
    await rm(folder, { recursive: true });
  }
}

function isClose(ours: number | undefined, theirs: number, tolerance: number, magnitude = 0): boolean {
  if (ours === undefined) return false;
  return Math.abs(ours - theirs) <= tolerance * Math.max(Math.abs(theirs), Math.abs(ours), magnitude) + Number.EPSILON;
}

/**
 * Between a negative value and a positive one a percentile may come near 0, and is as exact as those two are: the larger magnitude.
 * 0 where both neighbours have one sign.
 */
function magnitudeAcrossZero(aggregate: Aggregate, name: string): number {
  const percentile = name === 'med' ? '50' : /^p\(([\d.]+)\)$/.exec(name)?.[1];
  if (percentile === undefined || aggregate.count < 2) return 0;
  const last = aggregate.count - 1;
  const rank = (Number(percentile) / 100) * last;
  const [below = 0, above = 0] = [Math.floor(rank), Math.ceil(rank)].map((each) => aggregate.quantile(each / last));
  return below < 0 && above > 0 ? Math.max(-below, above) : 0;
}

/** One figure of k6's summary against the store's. */
function figureOf(aggregate: Aggregate, name: string, elapsedMs: number): readonly [number | undefined, number] {
  const percentile = /^p\(([\d.]+)\)$/.exec(name)?.[1];
  if (percentile !== undefined) return [aggregate.quantile(Number(percentile) / 100), PERCENTILE_TOLERANCE];
  switch (name) {
    case 'med':
      return [aggregate.quantile(0.5), PERCENTILE_TOLERANCE];
    case 'avg':
      return [aggregate.mean, SUM_TOLERANCE];
    case 'min':
      return [aggregate.min, 0];
    case 'max':
      return [aggregate.max, 0];
    case 'count':
      return aggregate.type === 'counter' ? [aggregate.sum, SUM_TOLERANCE] : [aggregate.count, 0];
    case 'passes':
      return [aggregate.sum, 0];
    case 'fails':
      return [aggregate.count - aggregate.sum, 0];
    case 'rate':
      return aggregate.type === 'counter'
        ? [(aggregate.sum * 1000) / elapsedMs, RATE_TOLERANCE]
        : [aggregate.mean, SUM_TOLERANCE];
    default:
      return [undefined, 0];
  }
}

interface Compared {
  figures: number;
  verdicts: number;
  readonly differences: string[];
}

function compareFigures({ summary, stores }: Run, compared: Compared): void {
  const { testRunDurationMs } = summary.state;
  for (const [selector, { values }] of Object.entries(summary.metrics)) {
    const { metric, filter } = parseSelector(selector, 'summary');
    for (const [stream, store] of Object.entries(stores)) {
      const aggregate = store.total(metric, filter);
      for (const [name, theirs] of Object.entries(values)) {
        // The last value of a gauge that several VUs set at once is random.
        if (name === 'value') continue;
        compared.figures++;
        if (aggregate === undefined) {
          if (theirs !== 0) compared.differences.push(`${stream}: ${selector} ${name}: nothing here, ${theirs} in k6`);
          continue;
        }
        const [ours, tolerance] = figureOf(aggregate, name, testRunDurationMs);
        if (!isClose(ours, theirs, tolerance, magnitudeAcrossZero(aggregate, name)))
          compared.differences.push(`${stream}: ${selector} ${name}: ${ours} here, ${theirs} in k6`);
      }
    }
  }
}

/** Whether k6's figure lies so close to the limit that the tolerances above decide. */
function isTooClose(summary: Summary, selector: string, statistic: string, limit: number): boolean {
  const theirs = summary.metrics[selector]?.values[statistic === 'p(50)' ? 'med' : statistic];
  return theirs !== undefined && theirs !== limit && isClose(theirs, limit, 2 * RATE_TOLERANCE);
}

function compareVerdicts({ summary, stores }: Run, { thresholds }: Drawn, compared: Compared): void {
  const list = Object.entries(thresholds).flatMap(([metric, expressions]) =>
    expressions.map((expression) => ({ metric, expression, abortOnFail: false, delayAbortEvalMs: 0 })),
  );
  const context: JudgeContext = {
    phases: [],
    loadStartMs: undefined,
    elapsedMs: summary.state.testRunDurationMs,
    generator: undefined,
    profile: 'own',
    judging: DEFAULT_JUDGING,
  };
  for (const [stream, store] of Object.entries(stores)) {
    for (const kpi of judge(kpisFromThresholds(list), store, context)) {
      const selector = list.find(({ metric, expression }) => `${metric} ${expression}` === kpi.id)?.metric ?? '';
      const expression = kpi.id.slice(selector.length + 1);
      const theirs = summary.metrics[selector]?.thresholds?.[expression]?.ok;
      if (theirs === undefined || isTooClose(summary, selector, kpi.statistic, kpi.target)) continue;
      // The type of a custom metric comes with its first sample; without one, `rate` may be a counter's or a rate's.
      if (kpi.statistic === 'rate' && kpi.metric.startsWith('own_') && !store.metrics.has(kpi.metric)) continue;
      compared.verdicts++;
      if (isMissed(kpi) !== theirs) continue;
      compared.differences.push(
        `${stream}: ${kpi.id}: ${kpi.verdict} (${kpi.actual}) here, ${theirs ? 'met' : 'missed'} in k6`,
      );
    }
  }
}

async function main(): Promise<number> {
  const { values } = parseArgs({ options: { seconds: { type: 'string' }, seed: { type: 'string' } } });
  const seconds = Number(values.seconds ?? 60);
  const server = createServer((request, response) => {
    response.statusCode = Number(request.url?.slice(1)) || 200;
    response.end('{}');
  });
  server.keepAliveTimeout = 0;
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('Expected a port');
  const compared: Compared = { figures: 0, verdicts: 0, differences: [] };
  const first = Number(values.seed ?? Math.floor(Math.random() * 1e6));
  const endMs = Date.now() + seconds * 1000;
  let runs = 0;
  for (let seed = first; Date.now() < endMs && compared.differences.length === 0; seed++) {
    const drawn = drawScript(seeded(seed));
    const run = await runDrawn(drawn, `http://127.0.0.1:${address.port}`);
    compareFigures(run, compared);
    compareVerdicts(run, drawn, compared);
    runs++;
    if (compared.differences.length > 0) {
      console.log(`seed ${seed} differs from k6; npm run test:parity -- --seed ${seed} --seconds 1 shows it again:`);
      for (const difference of compared.differences) console.log(`  ${difference}`);
      console.log(JSON.stringify(drawn.spec.options, null, 2));
    }
    if (values.seed !== undefined && values.seconds === undefined) break;
  }
  server.closeAllConnections();
  server.close();
  const { figures, verdicts, differences } = compared;
  console.log(`${runs} runs, ${figures} figures and ${verdicts} verdicts compared, ${differences.length} failed`);
  return differences.length === 0 ? 0 : 1;
}

process.exitCode = await main();
