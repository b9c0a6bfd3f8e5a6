// A tick of the run → the numbers that the terminal shows: all requests, the busiest endpoints, the state of the KPIs and the
// load generator. Figures are of the last seconds unless their comment says otherwise.

import type { Standing } from '../analysis/verdict/watch.ts';
import type { MetricsStore } from '../metrics/store/store.ts';
import type { TagFilter, Tags } from '../model/metrics.ts';
import type { ScenarioPlan } from '../model/plan.ts';
import { EVERY_PROTOCOL, nameWithMethod, reportsSuccess } from '../model/protocols.ts';
import { type Progress, progressOf } from './progress.ts';
import type { Tick } from './run-event.ts';

/** The period that the figures of a row cover. */
export const RECENT_SECONDS = 5;
/** The length of a row's history: one point per tick, one tick per second. */
export const HISTORY_SECONDS = 60;
/** The period of a history point: more than one second, because the samples of the newest second may be incomplete. */
const POINT_SECONDS = 2;
/** Ticks between two rankings of the endpoints, after the first ticks, which all rank them. */
const RANK_EVERY_TICKS = 5;

/** Requests of one kind in the last seconds. undefined: no samples. */
export interface LiveRow {
  /** As in the script, so it must be made safe for display. Empty for a request without a name. */
  readonly name: string;
  readonly ratePerS: number | undefined;
  /** Only requests with an expected response, for protocols where k6 marks them. */
  readonly p50Ms: number | undefined;
  readonly p95Ms: number | undefined;
  /** From 0 to 1; also undefined for protocols without failed requests. */
  readonly failedShare: number | undefined;
  /** p95 of the last minute, in milliseconds, one point per second, oldest first. */
  readonly p95History: ReadonlyArray<number | undefined>;
}

export interface LiveState {
  readonly progress: Progress;
  readonly phase: string | undefined;
  readonly vus: number | undefined;
  /** Of the whole run so far. */
  readonly iterations: number | undefined;
  readonly droppedIterations: number;
  readonly exceptions: number;
  /** The unit of the first row: `requests`, `calls`, …, `iterations`. */
  readonly noun: string;
  readonly all: LiveRow;
  /** Busiest first. */
  readonly endpoints: readonly LiveRow[];
  readonly endpointCount: number;
  readonly standings: readonly Standing[];
  /** CPU of the k6 process in the newest window, and the cores it may use; undefined if not measured. */
  readonly generator: { readonly cpuCores: number; readonly coresAllowed: number | undefined } | undefined;
}

/** The metrics of one kind of request: the count, the duration, and the filter for successful ones. */
interface Source {
  readonly noun: LiveState['noun'];
  readonly counted: string;
  readonly latency: string;
  readonly expected: TagFilter | undefined;
}

const SOURCES: readonly Source[] = EVERY_PROTOCOL.map((protocol) => ({
  noun: `${protocol.noun}s`,
  counted: protocol.counted,
  latency: protocol.latency,
  expected: reportsSuccess(protocol) ? protocol.expected : undefined,
}));
const ITERATIONS: Source = {
  noun: 'iterations',
  counted: 'iterations',
  latency: 'iteration_duration',
  expected: undefined,
};

interface Endpoint {
  readonly source: Source;
  readonly tags: Tags;
  readonly count: number;
}

/** The live figures of one run. Keeps a minute of history for the rows that are shown only. */
export class LiveFigures {
  readonly #histories = new Map<string, Array<number | undefined>>();
  #ranked: readonly Endpoint[] = [];
  #shown = new Map<string, Endpoint>();
  #ticks = 0;

  constructor(private readonly plan: ScenarioPlan) {}

  /** The state at a tick. Call it at every tick, so that the history has no gaps. `mostEndpoints`: the most rows for endpoints. */
  at(tick: Tick, mostEndpoints: number): LiveState {
    const { metrics, elapsedMs, loadedMs } = tick;
    const isNew = this.#ticks++ < 2 * RANK_EVERY_TICKS;
    if (isNew || this.#ticks % RANK_EVERY_TICKS === 0) this.#ranked = busiest(metrics);
    const main = SOURCES.find(({ counted }) => metrics.total(counted) !== undefined) ?? ITERATIONS;
    const health = metrics.health.at(-1);
    return {
      progress: progressOf(tick, this.plan),
      phase:
        loadedMs === undefined
          ? undefined
          : this.plan.phases.find(({ startMs, endMs }) => loadedMs >= startMs && loadedMs < endMs)?.name,
      vus: metrics.total('vus')?.last,
      iterations: metrics.total('iterations')?.sum,
      droppedIterations: metrics.total('dropped_iterations')?.sum ?? 0,
      exceptions: tick.exceptions,
      noun: main.noun,
      all: this.#row(metrics, main, {}, elapsedMs),
      endpoints: this.#endpoints(metrics, mostEndpoints, elapsedMs),
      endpointCount: this.#ranked.length,
      standings: tick.standings,
      generator:
        health?.cpuCores === undefined ? undefined : { cpuCores: health.cpuCores, coresAllowed: health.coresAllowed },
    };
  }

  #endpoints(metrics: MetricsStore, most: number, elapsedMs: number): LiveRow[] {
    const shown = new Map(
      this.#ranked.slice(0, most).map((endpoint) => [keyOf(endpoint.source, endpoint.tags), endpoint]),
    );
    // A script can have thousands of names, so the store keeps the last minute of the shown ones only.
    for (const [key, { source, tags }] of this.#shown) {
      if (shown.has(key)) continue;
      this.#histories.delete(key);
      for (const { metric, filter } of seriesOf(source, tags)) metrics.forgetRecent(metric, filter);
    }
    this.#shown = shown;
    return [...shown.values()].map(({ source, tags }) => this.#row(metrics, source, tags, elapsedMs));
  }

  #row(metrics: MetricsStore, source: Source, tags: Tags, elapsedMs: number): LiveRow {
    const [counted, latency] = seriesOf(source, tags);
    const all = metrics.recent(counted.metric, counted.filter, RECENT_SECONDS);
    const good = metrics.recent(latency.metric, latency.filter, RECENT_SECONDS);
    const newest = metrics.recent(latency.metric, latency.filter, POINT_SECONDS);
    const seconds = Math.max(1, Math.min(RECENT_SECONDS, elapsedMs / 1000));
    const key = keyOf(source, tags);
    const history = this.#histories.get(key) ?? [];
    this.#histories.set(key, history);
    // The store keeps the recent samples from the first call on, so no data in the first call does not mean no samples.
    const isNew = history.length === 0;
    history.push(newest?.quantile(0.95));
    if (history.length > HISTORY_SECONDS) history.shift();
    return {
      name: nameWithMethod({ name: tags.name ?? '', method: tags.method ?? '' }),
      ratePerS: all === undefined && isNew ? undefined : (all?.count ?? 0) / seconds,
      p50Ms: good?.quantile(0.5),
      p95Ms: good?.quantile(0.95),
      failedShare: all && source.expected ? Math.max(0, 1 - (good?.count ?? 0) / all.count) : undefined,
      p95History: [...history],
    };
  }
}

/** The two series of a row: the count and the latency. */
function seriesOf({ counted, latency, expected }: Source, tags: Tags) {
  return [
    { metric: counted, filter: tags },
    { metric: latency, filter: { ...tags, ...expected } },
  ] as const;
}

function keyOf(source: Source, tags: Tags): string {
  return JSON.stringify([source.counted, tags.name, tags.method]);
}

function busiest(metrics: MetricsStore): readonly Endpoint[] {
  return SOURCES.flatMap((source) =>
    metrics
      .groupBy(source.counted, ['name', 'method'])
      .map(({ tags, aggregate }): Endpoint => ({ source, tags, count: aggregate.count })),
  ).sort((a, b) => b.count - a.count);
}
