// Binds the numbers of a page that follow a selected range. For each number its metric, filter, figure and format go in, and the
// `data-n` of its element comes out; pack() then makes the tracks and bindings of the page's data.

import { matchesFilter } from '../../metrics/store/series-index.ts';
import type { Interval, RunMetrics, TagFilter } from '../../model/metrics.ts';
import { HEALTH_FIGURES, type HealthFigure, healthSlots } from './health-track.ts';
import type { Binding, BoundFigure, FigureName, FormatName, TrackData } from './model.ts';
import { intervalsOf, packTrack, type SlotFigures, type TrackNeeds, widened } from './pack-track.ts';
import { errorOf, finestThatFits, someOf, type TriedOut } from './resolution.ts';
import { NO_SAMPLES, UNDIVIDED } from './tracks.ts';

/** The source of a figure: a metric with one filter, or with several of which a sample matches at most one; or the load generator's health. */
export type FigureSource =
  | { readonly metric: string; readonly filter?: TagFilter; readonly anyOf?: readonly TagFilter[] }
  | { readonly health: HealthFigure };

/** A figure with its sources, which are added up; see BoundFigure. */
export interface FigureOf {
  readonly figure: FigureName;
  readonly q?: number;
  readonly of: FigureSource | readonly FigureSource[];
  readonly per?: FigureSource | readonly FigureSource[];
  readonly format: FormatName;
}

/** Most bytes of all tracks, deflated. In base64 that is 115 kB of a page, which stays below 1 MB. */
const MAX_BYTES = 86_000;

/** Pages that can be filtered by scenario may have this factor more bytes. */
const DIVIDED_FACTOR = 1.5;

/** Scripts may have thousands of metrics, checks and groups; further numbers do not follow a range. */
const MOST_TRACKS = 1500;
const MOST_HISTOGRAMS = 200;

/**
 * Most histograms that the tracks of minor numbers may read together; each takes about 15 µs. Eight hours of fifty endpoints have
 * 24,000 per metric, so the percentiles of k6's minor metrics do not follow a range there.
 */
const MOST_MINOR_HISTOGRAMS = 40_000;

interface Entry {
  readonly source: FigureSource;
  readonly columns: Set<'sum' | 'min' | 'max' | 'last'>;
  readonly quantiles: Set<number>;
  isDrawn: boolean;
}

const COLUMN: Partial<Readonly<Record<FigureName, 'sum' | 'min' | 'max' | 'last'>>> = {
  sum: 'sum',
  mean: 'sum',
  perSecond: 'sum',
  sumShare: 'sum',
  zeros: 'sum',
  zeroShare: 'sum',
  min: 'min',
  max: 'max',
  last: 'last',
};

/** The lines of latency charts. */
const DRAWN_QUANTILES = [0.5, 0.9, 0.95, 0.99];

/** Collects the numbers of one page; see the head of this file. */
export class TrackBook {
  readonly #bindings: Binding[] = [];
  readonly #entries: Entry[] = [];
  readonly #places = new Map<string, number>();
  readonly #drawn = new Map<string, number>();
  readonly #tagged = new Map<string, boolean>();
  #histograms = 0;
  #minorHistograms = 0;

  /** `maxBytes`: most bytes of all tracks, deflated. */
  constructor(
    readonly metrics: RunMetrics,
    private readonly maxBytes = MAX_BYTES,
  ) {}

  /**
   * Binds an element to a figure, or to several with `text` around them. Returns the element's `data-n`, or '' if the page has no room
   * for it or none of its sources has a sample. Percentiles of a minor figure are left out if they would take too long to calculate.
   */
  bind(figures: FigureOf | readonly FigureOf[], more: Omit<Binding, 'figures'> = {}, isMinor = false): string {
    const list = 'figure' in figures ? [figures] : figures;
    const bound = list.map((figure) => this.#bound(figure, isMinor));
    if (bound.some((figure) => figure === undefined)) return '';
    const known = bound.filter((figure) => figure !== undefined);
    if (known.every(({ of, per = [] }) => [...of, ...per].every((track) => track < 0))) return '';
    this.#bindings.push({ figures: known, ...more });
    return String(this.#bindings.length);
  }

  /** Keeps the distribution and percentile lines of a source for every range, under this name; with `hasBand` also minimum and maximum. */
  draw(name: string, source: FigureSource, hasBand = false): void {
    const track = this.#trackOf(source, {
      columns: new Set(hasBand ? (['min', 'max'] as const) : []),
      quantiles: new Set(DRAWN_QUANTILES),
      isDrawn: true,
    });
    if (track !== undefined && track >= 0) this.#drawn.set(name, track);
  }

  /** Keeps the number of samples of a source for every range, under this name. */
  count(name: string, source: FigureSource): void {
    const track = this.#trackOf(source, { columns: new Set(), quantiles: new Set(), isDrawn: false });
    if (track !== undefined && track >= 0) this.#drawn.set(name, track);
  }

  #bound({ figure, q, of, per, format }: FigureOf, isMinor: boolean): BoundFigure | undefined {
    const column = COLUMN[figure];
    const needs = {
      columns: new Set(column === undefined ? [] : [column]),
      quantiles: new Set(q === undefined ? [] : [q]),
      isDrawn: false,
    };
    const counts = { columns: new Set<never>(), quantiles: new Set<never>(), isDrawn: false };
    const tracks = listOf(of).map((source) => this.#trackOf(source, needs, isMinor));
    const others = listOf(per ?? []).map((source) => this.#trackOf(source, counts));
    if ([...tracks, ...others].includes(undefined)) return undefined;
    const present = (list: typeof tracks) => list.filter((track) => track !== undefined);
    return {
      figure,
      ...(q === undefined ? {} : { q }),
      of: present(tracks),
      ...(per === undefined ? {} : { per: present(others) }),
      format,
    };
  }

  /** The index of the source's track; -1 if it has no samples, undefined if there is no room for it. */
  #trackOf(source: FigureSource, needs: TrackNeeds, isMinor = false): number | undefined {
    const key = 'health' in source ? source.health : JSON.stringify([source.metric, filtersOf(source).map(sortedTags)]);
    let place = this.#places.get(key);
    if (place === undefined) {
      place = this.#hasSamples(source) ? this.#entries.length : -1;
      if (place >= MOST_TRACKS) return undefined;
      if (place >= 0) this.#entries.push({ source, columns: new Set(), quantiles: new Set(), isDrawn: false });
      this.#places.set(key, place);
    }
    const entry = this.#entries[place];
    if (entry === undefined) return place;
    const needsBins = needs.quantiles.size > 0 || needs.isDrawn;
    if (needsBins && entry.quantiles.size === 0 && !entry.isDrawn) {
      const minor = this.#minorHistograms + (isMinor ? this.#histogramsOf(entry.source) : 0);
      if (this.#histograms >= MOST_HISTOGRAMS || minor > MOST_MINOR_HISTOGRAMS) return undefined;
      this.#histograms++;
      this.#minorHistograms = minor;
    }
    for (const column of needs.columns) entry.columns.add(column);
    for (const q of needs.quantiles) entry.quantiles.add(q);
    entry.isDrawn ||= needs.isDrawn;
    return place;
  }

  /** The number of histograms that a track reads: matching series times intervals of the run. */
  #histogramsOf(source: FigureSource): number {
    if ('health' in source) return 0;
    const { firstSampleMs = 0, lastSampleMs = 0, intervalMs, series } = this.metrics;
    const ofMetric = series.filter(({ metric }) => metric.name === source.metric);
    const matching = filtersOf(source).map(
      (filter) => ofMetric.filter(({ tags }) => matchesFilter(tags, filter)).length,
    );
    return (
      matching.reduce((sum, size) => sum + size, 0) *
      Math.ceil((lastSampleMs - firstSampleMs) / Math.max(intervalMs, 1))
    );
  }

  #hasSamples(source: FigureSource): boolean {
    if ('health' in source)
      return this.metrics.health.some((window) => HEALTH_FIGURES[source.health](window) !== undefined);
    return filtersOf(source).some((filter) => this.metrics.total(source.metric, filter) !== undefined);
  }

  /**
   * The tracks of all bound numbers, for the run and for each scenario, at the finest resolution that fits the page; undefined if nothing
   * was bound or the run has no intervals. `loadStartMs`: start of the load in milliseconds since 1970.
   */
  pack(loadStartMs: number, scenarios: readonly string[] = []): TrackData | undefined {
    const { metrics } = this;
    const [anyMetric] = metrics.metrics.keys();
    const grid = anyMetric === undefined ? [] : metrics.timeline(anyMetric);
    const [first] = grid;
    if (first === undefined || this.#bindings.length === 0) return undefined;
    const ofRun = [...this.#entries];
    const divided = scenarios.map((scenario) => ofRun.map((entry, place) => this.#ofScenario(entry, place, scenario)));
    const { resolution, packed } = this.#resolution(grid, scenarios.length > 0 ? DIVIDED_FACTOR : 1);
    const slotMs = metrics.intervalMs * resolution.intervalsPerSlot;
    const startMs = first.startMs - loadStartMs;
    return {
      startMs,
      slotMs,
      slots: Math.ceil(grid.length / resolution.intervalsPerSlot),
      firstMs: (metrics.firstSampleMs ?? first.startMs) - loadStartMs,
      lastMs: (metrics.lastSampleMs ?? first.startMs) - loadStartMs,
      error: errorOf(resolution),
      tracks: this.#entries.map(
        (entry) =>
          packed.get(entry) ??
          packTrack(widened(this.#intervals(entry, grid), resolution.intervalsPerSlot), entry, resolution),
      ),
      bindings: this.#bindings,
      ...(divided.length === 0 ? {} : { scenarios: divided }),
      drawn: Object.fromEntries(this.#drawn),
    };
  }

  /** The index of the track with the samples of one scenario; see TrackData.scenarios. */
  #ofScenario({ source, columns, quantiles, isDrawn }: Entry, place: number, scenario: string): number {
    if ('health' in source || !this.#isTagged(source.metric)) return UNDIVIDED;
    const { metric } = source;
    let all = 0;
    let own = 0;
    for (const filter of filtersOf(source)) {
      for (const { tags, aggregate } of this.metrics.groupBy(metric, ['scenario'], filter)) {
        all += aggregate.count;
        if (tags.scenario === scenario) own += aggregate.count;
      }
    }
    if (own === 0) return NO_SAMPLES;
    if (own === all) return place;
    const anyOf = filtersOf(source).map((filter) => ({ ...filter, scenario }));
    return this.#trackOf({ metric, anyOf }, { columns, quantiles, isDrawn }) ?? UNDIVIDED;
  }

  /** Whether k6 tags the metric's samples with their scenario. */
  #isTagged(metric: string): boolean {
    const known =
      this.#tagged.get(metric) ?? this.metrics.groupBy(metric, ['scenario']).some(({ tags }) => tags.scenario !== '');
    this.#tagged.set(metric, known);
    return known;
  }

  /** The figures of a track in each interval. */
  #intervals({ source, ...needs }: Entry, grid: readonly Interval[]): readonly SlotFigures[] {
    if ('health' in source) {
      return healthSlots(
        this.metrics.health,
        source.health,
        grid[0]?.startMs ?? 0,
        this.metrics.intervalMs,
        grid.length,
      );
    }
    return intervalsOf(this.metrics, { metric: source.metric, filters: filtersOf(source) }, needs);
  }

  /** The finest resolution that fits the page, found with some of the tracks with histograms, and these tracks packed. */
  #resolution(grid: readonly Interval[], factor: number): TriedOut<Entry> {
    const heavy = this.#entries.filter(({ quantiles, isDrawn }) => quantiles.size > 0 || isDrawn);
    const tried = someOf(heavy).map((entry) => ({ entry, intervals: this.#intervals(entry, grid) }));
    return finestThatFits(tried, {
      heavyTracks: heavy.length,
      lightTracks: this.#entries.length - heavy.length,
      intervals: grid.length,
      maxBytes: this.maxBytes * factor,
    });
  }
}

function listOf(sources: FigureSource | readonly FigureSource[]): readonly FigureSource[] {
  return 'length' in sources ? sources : [sources];
}

function filtersOf(source: Exclude<FigureSource, { health: HealthFigure }>): readonly TagFilter[] {
  return source.anyOf ?? [source.filter ?? {}];
}

function sortedTags(filter: TagFilter): unknown {
  return Object.entries(filter).sort(([a], [b]) => (a < b ? -1 : 1));
}
