// Measures one of several k6 processes from its stream, in memory that does not grow with the run.

import type { StreamSink } from '../../metrics/sinks/sink.ts';
import { HealthLog } from '../../metrics/store/health.ts';
import { MetricsStore } from '../../metrics/store/store.ts';
import { BUILTIN_METRICS } from '../../model/builtin-metrics.ts';
import type { Metric, Series, StreamFaults, Tags, TimeRange } from '../../model/metrics.ts';
import { EVERY_PROTOCOL } from '../../model/protocols.ts';
import type { SourceFacts } from '../../model/source.ts';
import { primaryLatency } from '../requests/primary.ts';
import { judgeGenerator } from './generator.ts';

const METERED: ReadonlySet<string> = new Set([
  'iterations',
  'dropped_iterations',
  'http_reqs',
  'http_req_failed',
  'vus',
  'vus_max',
  ...EVERY_PROTOCOL.map(({ latency }) => latency),
  'iteration_duration',
]);

/** Limit of the script's own trends that are measured: one of them may be the run's latency. */
const MOST_OWN_TRENDS = 20;
/** For each latency, the tag that reports whether the request succeeded. */
const KEPT_TAGS: Readonly<Record<string, string>> = Object.fromEntries(
  EVERY_PROTOCOL.flatMap(({ latency, expected }) => Object.keys(expected).map((tag) => [latency, tag])),
);

/** What is known about a source in addition to its stream. */
export interface SourceEnd {
  readonly name: string;
  readonly kind: SourceFacts['kind'];
  readonly faults: StreamFaults;
  readonly span: TimeRange | undefined;
  readonly load: TimeRange | undefined;
  readonly exitCode?: number | null | undefined;
  readonly problem?: string | undefined;
  readonly clockAheadMs?: SourceFacts['clockAheadMs'];
}

/** Receives the stream of one source; facts() returns its figures. */
export class SourceMeter implements StreamSink {
  readonly #store = new MetricsStore({ timeline: false });
  readonly #health = new HealthLog();
  readonly #metered = new Map<Series, Series | undefined>();
  readonly #ownTrends = new Set<string>();

  metric(metric: Metric): void {
    if (this.#isMetered(metric)) this.#store.sink.metric(metric);
  }

  series(): void {
    // Series without a window are not needed.
  }

  window(window: Parameters<StreamSink['window']>[0]): void {
    const series = this.#seriesOf(window.series);
    if (series !== undefined) this.#store.sink.window({ ...window, series });
  }

  health(health: Parameters<StreamSink['health']>[0]): void {
    this.#health.add(health);
  }

  overflow(): void {
    // Handled by the merged run.
  }

  /** End of the newest window by the source's own clock, epoch milliseconds. */
  get newestMs(): number | undefined {
    return this.#store.lastSampleMs;
  }

  /** All facts about the source. */
  facts({ name, kind, faults, span, load, exitCode, problem, clockAheadMs }: SourceEnd): SourceFacts {
    const metrics = this.#store;
    const primary = primaryLatency(metrics);
    const latency = primary && metrics.total(primary.metric, primary.filter);
    const failed = metrics.total('http_req_failed');
    const iterations = metrics.total('iterations')?.sum ?? 0;
    const { lostLines, missingSamples = 0, repeatedLines = 0, gaps = [] } = faults;
    const lastMs = span?.toMs ?? metrics.lastSampleMs ?? null;
    return {
      name,
      kind,
      firstMs: span?.fromMs ?? metrics.firstSampleMs ?? null,
      lastMs,
      loadFromMs: load?.fromMs ?? null,
      loadToMs: load?.toMs ?? null,
      iterations,
      requests: metrics.total('http_reqs')?.sum ?? latency?.count ?? 0,
      failed: failed?.mean ?? null,
      vusMax: metrics.total('vus')?.max ?? null,
      latency:
        primary === undefined || latency === undefined
          ? null
          : {
              metric: primary.metric,
              count: latency.count,
              med: latency.quantile(0.5) ?? null,
              p95: latency.quantile(0.95) ?? null,
              p99: latency.quantile(0.99) ?? null,
              max: latency.max ?? null,
            },
      // Lost lines without samples, such as those of its health, do not affect the closing totals.
      isComplete: faults.complete && missingSamples === 0 && lastMs !== null,
      cutAtMs: faults.complete ? null : lastMs,
      lostLines,
      missingSamples,
      repeatedLines,
      gaps: [...gaps],
      exitCode: exitCode ?? null,
      problem: problem ?? null,
      clockAheadMs: clockAheadMs ?? null,
      generator: this.#generator(iterations),
    };
  }

  #generator(iterations: number): SourceFacts['generator'] {
    const metrics = this.#store;
    const verdict = judgeGenerator(this.#health.entries, {
      droppedIterations: metrics.total('dropped_iterations')?.sum ?? 0,
      begunIterations: iterations,
      vusReached: metrics.total('vus_max')?.max,
    });
    const { reasons, machine } = verdict;
    return { ...verdict, reasons: [...reasons], machine: { ...machine, reasons: [...machine.reasons] } };
  }

  #isMetered({ name, type, contains }: Metric): boolean {
    if (METERED.has(name) || this.#ownTrends.has(name)) return true;
    if (type !== 'trend' || contains !== 'time' || BUILTIN_METRICS.has(name)) return false;
    if (this.#ownTrends.size >= MOST_OWN_TRENDS) return false;
    this.#ownTrends.add(name);
    return true;
  }

  #seriesOf(series: Series): Series | undefined {
    if (this.#metered.has(series)) return this.#metered.get(series);
    const { metric, tags } = series;
    const kept = KEPT_TAGS[metric.name];
    const value = kept === undefined ? undefined : tags[kept];
    const few: Tags = kept === undefined || value === undefined ? {} : { [kept]: value };
    const metered = this.#isMetered(metric) ? { id: series.id, metric, tags: few } : undefined;
    this.#metered.set(series, metered);
    return metered;
  }
}
