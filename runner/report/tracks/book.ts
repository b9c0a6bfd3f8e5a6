// Every number on a page that is to follow a range is bound here: its metric, filter, figure and format go in, the name that its
// element carries comes out; at the end all that was asked for becomes the tracks and bindings of the page's data.

import { matchesFilter } from '../../metrics/store/series-index.ts';
import type { Interval, RunMetrics, TagFilter } from '../../model/metrics.ts';
import { HEALTH_FIGURES, type HealthFigure, healthSlots } from './health-track.ts';
import type { Binding, BoundFigure, FigureName, FormatName, TrackData } from './model.ts';
import { intervalsOf, packTrack, type SlotFigures, type TrackNeeds, widened } from './pack-track.ts';
import { errorOf, finestThatFits, someOf, type TriedOut } from './resolution.ts';
import { NO_SAMPLES, UNDIVIDED } from './tracks.ts';

/** What a figure is made from: a metric, with one filter or several that no sample matches twice; or the load generator's health. */
export type FigureSource =
  | { readonly metric: string; readonly filter?: TagFilter; readonly anyOf?: readonly TagFilter[] }
  | { readonly health: HealthFigure };

/** A figure by what it is made from; see BoundFigure. Several sources are added up. */
export interface FigureOf {
  readonly figure: FigureName;
  readonly q?: number;
  readonly of: FigureSource | readonly FigureSource[];
  readonly per?: FigureSource | readonly FigureSource[];
  readonly format: FormatName;
}

/** Deflated bytes that all tracks of a page may take: 115 kB of base64, of the megabyte of a page. */
const MAX_BYTES = 86_000;

/** Pages that can be filtered by scenario take more. */
const DIVIDED_SHARE = 1.5;

/** Hostile scripts have thousands of metrics, checks and groups; what comes later stays as it is. */
const MOST_TRACKS = 1500;
const MOST_HISTOGRAMS = 200;

/**
 * Histograms of series and intervals that tracks of minor numbers may read together: some 15 µs each. Eight hours of fifty
 * endpoints have 24,000 per metric: there the percentiles of k6's minor times are left to the whole run.
 */
const MOST_MINOR_ROWS = 40_000;

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

export class TrackBook {
  readonly #bindings: Binding[] = [];
  readonly #entries: Entry[] = [];
  readonly #places = new Map<string, number>();
  readonly #drawn = new Map<string, number>();
  readonly #tagged = new Map<string, boolean>();
  #histograms = 0;
  #minorRows = 0;

  /** `maxBytes`: what all tracks may take, deflated. */
  constructor(
    readonly metrics: RunMetrics,
    private readonly maxBytes = MAX_BYTES,
  ) {}

  /**
   * Binds an element to a figure, or to several with `text` around them. Returns what its `data-n` is to be; '' where the page
   * has no room for it, and where none of its sources ever had a sample. Percentiles of a minor figure are left out where they
   * would take long to make.
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

  /** Keeps the distribution and the percentile lines of a source in every range, by this name; `hasBand`: from min to max too. */
  draw(name: string, source: FigureSource, hasBand = false): void {
    const track = this.#trackOf(source, {
      columns: new Set(hasBand ? (['min', 'max'] as const) : []),
      quantiles: new Set(DRAWN_QUANTILES),
      isDrawn: true,
    });
    if (track !== undefined && track >= 0) this.#drawn.set(name, track);
  }

  /** Keeps the amounts of a source, by this name. */
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

  /** Its place; -1 where it never had a sample, undefined where there is no room for it. */
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
      const minorRows = this.#minorRows + (isMinor ? this.#rowsOf(entry.source) : 0);
      if (this.#histograms >= MOST_HISTOGRAMS || minorRows > MOST_MINOR_ROWS) return undefined;
      this.#histograms++;
      this.#minorRows = minorRows;
    }
    for (const column of needs.columns) entry.columns.add(column);
    for (const q of needs.quantiles) entry.quantiles.add(q);
    entry.isDrawn ||= needs.isDrawn;
    return place;
  }

  /** Series that match, times the intervals of the run. */
  #rowsOf(source: FigureSource): number {
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
   * All that was bound, as fine as the page has room for, and the same by scenario. undefined where nothing was bound, or the run
   * has no grid of time.
   */
  pack(loadStartMs: number, scenarios: readonly string[] = []): TrackData | undefined {
    const { metrics } = this;
    const [anyMetric] = metrics.metrics.keys();
    const grid = anyMetric === undefined ? [] : metrics.timeline(anyMetric);
    const [first] = grid;
    if (first === undefined || this.#bindings.length === 0) return undefined;
    const ofRun = [...this.#entries];
    const divided = scenarios.map((scenario) => ofRun.map((entry, place) => this.#ofScenario(entry, place, scenario)));
    const { resolution, packed } = this.#resolution(grid, scenarios.length > 0 ? DIVIDED_SHARE : 1);
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

  /** The track with the samples of one scenario: see TrackData.scenarios. */
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

  /** k6 says of the metric's samples which scenario they are of. */
  #isTagged(metric: string): boolean {
    const known =
      this.#tagged.get(metric) ?? this.metrics.groupBy(metric, ['scenario']).some(({ tags }) => tags.scenario !== '');
    this.#tagged.set(metric, known);
    return known;
  }

  /** The track's figures, interval by interval. */
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

  /** As fine as the page has room for, by some of the tracks with histograms, and those tracks. */
  #resolution(grid: readonly Interval[], room: number): TriedOut<Entry> {
    const heavy = this.#entries.filter(({ quantiles, isDrawn }) => quantiles.size > 0 || isDrawn);
    const tried = someOf(heavy).map((entry) => ({ entry, intervals: this.#intervals(entry, grid) }));
    return finestThatFits(tried, {
      heavyTracks: heavy.length,
      lightTracks: this.#entries.length - heavy.length,
      intervals: grid.length,
      maxBytes: this.maxBytes * room,
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
