// One run of real k6 with its own thresholds and its JSON output: k6's verdicts and ours on the same samples.

import { execFile } from 'node:child_process';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { z } from 'zod';
import { judge } from '../../../runner/analysis/verdict/judge.ts';
import { SamplesReader } from '../../../runner/metrics/samples/samples-reader.ts';
import { MetricsStore } from '../../../runner/metrics/store/store.ts';
import type { JudgedKpi } from '../../../runner/model/kpi.ts';
import type { RunMetrics } from '../../../runner/model/metrics.ts';
import { DEFAULT_JUDGING } from '../../../runner/model/run.ts';
import { kpisFromThresholds } from '../../../runner/targets/targets.ts';
import { realK6 } from '../../k6/real-k6.ts';

const summarySchema = z.object({
  state: z.object({ testRunDurationMs: z.number() }),
  metrics: z.record(
    z.string(),
    z.object({
      values: z.record(z.string(), z.number()),
      thresholds: z.record(z.string(), z.object({ ok: z.boolean() })).optional(),
    }),
  ),
});

export type Thresholds = Record<string, string[]>;

/** k6's exit code for options that it rejects. */
const INVALID_CONFIG = 104;

export interface K6Run {
  readonly exitCode: number;
  readonly summary: z.infer<typeof summarySchema>;
  readonly metrics: RunMetrics;
  /** Exceptions in k6's log. */
  readonly thrown: number;
}

/** Runs a script of test/fixtures/analysis in k6 with its own thresholds and its JSON output at once. */
export async function runK6(
  script: string,
  thresholds: Record<string, unknown>,
  env: Record<string, string> = {},
): Promise<K6Run> {
  const folder = await mkdtemp(join(tmpdir(), 'novaperf-parity-'));
  try {
    const points = join(folder, 'points.json');
    const summary = join(folder, 'summary.json');
    const path = new URL(`../../fixtures/analysis/${script}`, import.meta.url).pathname;
    const k6 = await realK6();
    const { exitCode, log } = await new Promise<{ exitCode: number; log: string }>((resolve, reject) => {
      execFile(
        k6.path,
        ['run', '--quiet', '--no-usage-report', '--log-format=json', '--out', `json=${points}`, path],
        { env: { ...process.env, ...env, THRESHOLDS: JSON.stringify(thresholds), SUMMARY: summary } },
        (error, _stdout, stderr) => {
          const code = error === null ? 0 : error.code;
          if (typeof code === 'number' && code !== INVALID_CONFIG) resolve({ exitCode: code, log: stderr });
          else reject(new Error(stderr, { cause: error }));
        },
      );
    });
    const store = new MetricsStore({ timeline: true });
    const reader = new SamplesReader(store.sink);
    reader.push(await readFile(points));
    store.end(reader.end());
    return {
      exitCode,
      summary: summarySchema.parse(JSON.parse(await readFile(summary, 'utf8'))),
      metrics: store,
      thrown: log.split('"hint":"script exception"').length - 1,
    };
  } finally {
    await rm(folder, { recursive: true });
  }
}

/** Our verdicts by `metric expression`. */
export function judged(run: K6Run, thresholds: Thresholds): Map<string, JudgedKpi> {
  const list = Object.entries(thresholds).flatMap(([metric, expressions]) =>
    expressions.map((expression) => ({ metric, expression, abortOnFail: false, delayAbortEvalMs: 0 })),
  );
  const elapsedMs = run.summary.state.testRunDurationMs;
  const context = {
    phases: [],
    loadStartMs: undefined,
    elapsedMs,
    generator: undefined,
    profile: 'own',
    judging: DEFAULT_JUDGING,
  } as const;
  return new Map(judge(kpisFromThresholds(list), run.metrics, context).map((kpi) => [kpi.id, kpi]));
}

/** k6's own verdicts by `metric expression`. */
export function k6Verdicts(run: K6Run): Map<string, boolean> {
  return new Map(
    Object.entries(run.summary.metrics).flatMap(([metric, { thresholds = {} }]) =>
      Object.entries(thresholds).map(([expression, { ok }]): [string, boolean] => [`${metric} ${expression}`, ok]),
    ),
  );
}
