// One real k6 run of ten-endpoints.js on running demo shops, judged as by `novaperf run`.

import { join } from 'node:path';
import { analyseRun } from '../../runner/analysis/result/analyse.ts';
import { findK6, type K6 } from '../../runner/k6/find.ts';
import { launchK6 } from '../../runner/k6/launch.ts';
import { HistogramsReader } from '../../runner/metrics/histograms/histograms-reader.ts';
import { MetricsStore } from '../../runner/metrics/store/store.ts';
import type { Result } from '../../runner/model/result.ts';
import { describeMachine } from '../../runner/run/load/machine.ts';
import { type Bundle, bundleScript } from '../../runner/scenario/bundle.ts';
import { packageRoot, packageVersion } from '../../runner/system/package-root.ts';

const SCRIPT = join(packageRoot, 'bench/scripts/ten-endpoints.js');

/** k6 and the bundled script. */
export interface RealLoad {
  readonly k6: K6;
  readonly bundle: Bundle;
}

/** k6 and the script, found and bundled once for many runs. */
export async function realLoad(): Promise<RealLoad> {
  return { k6: await findK6({ env: process.env }), bundle: await bundleScript(SCRIPT) };
}

/** A run with its stream. */
export interface RealRun {
  readonly result: Result;
  /** The output of k6. */
  readonly stream: Buffer;
}

/** `variables`: BASE_URL or both sides', and ITERATIONS_PER_S. Throws if k6 failed. */
export async function runReally(
  { k6, bundle }: RealLoad,
  variables: Readonly<Record<string, string>>,
  seconds: number,
  build: string,
): Promise<RealRun> {
  const metrics = new MetricsStore({ timeline: true });
  const chunks: Buffer[] = [];
  const startedAtMs = Date.now();
  const running = await launchK6({
    k6,
    script: bundle,
    variables: { ...variables, DURATION: `${seconds}s` },
    args: [],
    stream: 'histograms',
    onStdout: (chunk) => void chunks.push(chunk),
    onLog: () => {},
  });
  const { exitCode, endedAtMs } = await running.ended;
  const stream = Buffer.concat(chunks);
  const reader = new HistogramsReader(metrics.sink, () => {});
  reader.push(stream);
  const faults = reader.end();
  metrics.end(faults);
  if (exitCode !== 0 || !faults.complete) throw new Error(`k6 ended with ${exitCode}`);
  const totalDurationMs = seconds * 1000;
  const result = analyseRun({
    facts: {
      novaperfVersion: packageVersion,
      run: `Real_${startedAtMs}`,
      startedAtMs,
      plan: {
        name: 'ten-endpoints',
        component: 'Shop',
        description: '',
        scriptPath: SCRIPT,
        typed: false,
        profile: 'own',
        k6Scenarios: { shop: { executor: 'constant-arrival-rate' } },
        thresholds: [],
        phases: [{ name: 'steady', kind: 'hold', startMs: 0, endMs: totalDurationMs }],
        totalDurationMs,
        maxVUs: 20,
        peakRate: undefined,
        options: {},
        hasHandleSummary: false,
      },
      environment: 'demo',
      environmentSource: 'configured',
      targetUrl: variables.BASE_URL ?? '',
      buildVersion: build,
      k6: { version: k6.version, path: k6.path, stream: 'histograms', command: [] },
      machine: describeMachine(),
      verification: [],
    },
    outcome: {
      endedAtMs,
      k6ExitCode: exitCode,
      ...(reader.span === undefined ? {} : { firstSampleMs: reader.span.fromMs, lastSampleMs: reader.span.toMs }),
      stoppedBy: null,
      abortedByKpi: null,
      exceptions: [],
      faults,
      warnings: [],
      samples: [],
    },
    metrics,
    kpis: [],
  });
  return { result, stream };
}

/** The numbers of a kept stream. */
export function metricsOf(stream: Buffer): MetricsStore {
  const metrics = new MetricsStore({ timeline: true });
  const reader = new HistogramsReader(metrics.sink, () => {});
  reader.push(stream);
  metrics.end(reader.end());
  return metrics;
}
