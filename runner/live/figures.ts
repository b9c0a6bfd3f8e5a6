// A tick of the run goes in; what the terminal shows of it comes out as numbers: all requests, the busiest endpoints, how
// the KPIs stand, the load generator. Every figure is of the last seconds unless its name says otherwise.

import type { Standing } from '../analysis/verdict/watch.ts';
import type { MetricsStore } from '../metrics/store/store.ts';
import type { TagFilter, Tags } from '../model/metrics.ts';
import type { ScenarioPlan } from '../model/plan.ts';
import { EVERY_PROTOCOL, nameWithMethod, reportsSuccess } from '../model/protocols.ts';
import { type Progress, progressOf } from './progress.ts';
import type { Tick } from './run-event.ts';

/** What the figures of a row are taken over. */
export const RECENT_SECONDS = 5;
/** Points of a row's history, one a tick. */
export const HISTORY_SECONDS = 60;
/** A point of the history: more than one second, as the newest may not have come whole. */
const POINT_SECONDS = 2;
/** Ticks between two looks at which endpoints are the busiest, once the run has shown which it has. */
const RANK_EVERY_TICKS = 5;

/** Requests of one kind in the last seconds. undefined: no sample. */
export interface LiveRow {
  /** As it came from the script: not yet fit to be shown. Empty for a request without a name. */
  readonly name: string;
  readonly ratePerS: number | undefined;
  /** Of those that got an expected response, where k6 says which. */
  readonly p50Ms: number | undefined;
  readonly p95Ms: number | undefined;
  /** 0 to 1; undefined also for what cannot fail. */
  readonly failedShare: number | undefined;
  /** p95 over the last minute, oldest first, a point a second. */
  readonly p95History: ReadonlyArray<number | undefined>;
}

export interface LiveState {
  readonly progress: Progress;
  readonly phase: string | undefined;
  readonly vus: number | undefined;
  /** Over the whole run so far. */
  readonly iterations: number | undefined;
  readonly droppedIterations: number;
  readonly exceptions: number;
  /** What the first row counts. */
  readonly noun: string;
  readonly all: LiveRow;
  /** Busiest first. */
  readonly endpoints: readonly LiveRow[];
  readonly endpointCount: number;
  readonly standings: readonly Standing[];
  /** k6's own CPU in its newest window, and the cores it may use; undefined where it was not measured. */
  readonly generator: { readonly cpuCores: number; readonly coresAllowed: number | undefined } | undefined;
}

/** The metrics of one kind of request: how many, how long, and which of them succeeded. */
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

/** Follows one run. It keeps a minute of history of each row that is shown, and of no other. */
export class LiveFigures {
  readonly #histories = new Map<string, Array<number | undefined>>();
  #ranked: readonly Endpoint[] = [];
  #shown = new Map<string, Endpoint>();
  #ticks = 0;

  constructor(private readonly plan: ScenarioPlan) {}

  /** To be called at every tick, shown or not. `mostEndpoints`: rows that there is room for. */
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
    // With thousands of names that come and go, the store must not keep a minute of each.
    for (const [key, { source, tags }] of this.#shown) {
      if (shown.has(key)) continue;
      this.#histories.delete(key);
      for (const { metric, filter } of asked(source, tags)) metrics.forgetRecent(metric, filter);
    }
    this.#shown = shown;
    return [...shown.values()].map(({ source, tags }) => this.#row(metrics, source, tags, elapsedMs));
  }

  #row(metrics: MetricsStore, source: Source, tags: Tags, elapsedMs: number): LiveRow {
    const [counted, latency] = asked(source, tags);
    const all = metrics.recent(counted.metric, counted.filter, RECENT_SECONDS);
    const good = metrics.recent(latency.metric, latency.filter, RECENT_SECONDS);
    const newest = metrics.recent(latency.metric, latency.filter, POINT_SECONDS);
    const seconds = Math.max(1, Math.min(RECENT_SECONDS, elapsedMs / 1000));
    const key = keyOf(source, tags);
    const history = this.#histories.get(key) ?? [];
    this.#histories.set(key, history);
    // The first question finds nothing, as the store keeps it only from then on; later, nothing means that no sample came.
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

/** What a row asks of the store: its count and its latency. */
function asked({ counted, latency, expected }: Source, tags: Tags) {
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
