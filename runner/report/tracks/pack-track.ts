// The intervals of a metric → a packed track: slots of whole intervals, with histograms that are fine only where a percentile of the
// page can lie.

import { combine } from '../../analysis/statistics/combine.ts';
import { copyOfBins, sumOfBins } from '../../metrics/buckets/bin-accumulator.ts';
import type { Aggregate, Bins, RunMetrics, TagFilter } from '../../model/metrics.ts';
import { ColumnWriter, packColumn, writeShares, writeSteps } from './column.ts';
import type { PackedTrack } from './model.ts';
import { DENSE, SPARSE } from './track.ts';

/** The samples of a track: those that match any of the filters. No sample may match two. */
export interface TrackSource {
  readonly metric: string;
  readonly filters: readonly TagFilter[];
}

/** What a track must contain. */
export interface TrackNeeds {
  readonly columns: ReadonlySet<'sum' | 'min' | 'max' | 'last'>;
  /** Quantiles, 0 to 1. */
  readonly quantiles: ReadonlySet<number>;
  /** Whether its distribution is drawn. */
  readonly isDrawn: boolean;
}

/** The resolution of tracks. */
export interface Resolution {
  /** Whole intervals of the run's grid per slot. */
  readonly intervalsPerSlot: number;
  /** Histogram keys per bin where a percentile can lie: 1 (error of 0.1 %), 2, 4 … */
  readonly fineKeys: number;
  /** Histogram keys per bin elsewhere, for tracks that are drawn; other tracks have one bin between two percentiles. */
  readonly coarseKeys: number;
}

/** The figures of one slot, before they are packed. */
export interface SlotFigures {
  count: number;
  sum: number;
  min: number;
  max: number;
  last: number;
  /** Aggregates of its intervals; the sum of their histograms is that of the slot. */
  readonly parts: Aggregate[];
  /** A cache of that sum, because several resolutions are tried with the same slots. */
  bins?: Bins;
}

/** The intervals of a source as slots. Histograms are read only if `needs` requires them, because they take most of the time. */
export function intervalsOf(metrics: RunMetrics, source: TrackSource, needs: TrackNeeds): SlotFigures[] {
  const hasBins = needs.quantiles.size > 0 || needs.isDrawn;
  const slots: SlotFigures[] = [];
  for (const filter of source.filters) {
    metrics.timeline(source.metric, filter).forEach(({ aggregate }, interval) => {
      const figures = slots[interval] ?? emptySlot();
      slots[interval] = figures;
      if (aggregate === undefined) return;
      const { count, sum, min = Infinity, max = -Infinity, last = figures.last } = aggregate;
      addFigures(figures, count, sum, min, max, last);
      if (hasBins && aggregate.type === 'trend') figures.parts.push(aggregate);
    });
  }
  return slots;
}

/** Slots of `per` neighbouring slots each. */
export function widened(slots: readonly SlotFigures[], per: number): readonly SlotFigures[] {
  if (per === 1) return slots;
  const wide = Array.from({ length: Math.ceil(slots.length / per) }, emptySlot);
  slots.forEach((slot, index) => {
    const into = wide[Math.floor(index / per)];
    if (into !== undefined && slot.count > 0) addTo(into, slot);
  });
  return wide;
}

/** A slot without samples. */
export function emptySlot(): SlotFigures {
  return { count: 0, sum: 0, min: Infinity, max: -Infinity, last: 0, parts: [] };
}

function addTo(slot: SlotFigures, more: SlotFigures): void {
  addFigures(slot, more.count, more.sum, more.min, more.max, more.last);
  slot.parts.push(...more.parts);
}

/** Takes numbers instead of an object, because a page makes about 100,000 of these calls. */
function addFigures(slot: SlotFigures, count: number, sum: number, min: number, max: number, last: number): void {
  slot.count += count;
  slot.sum += sum;
  slot.min = Math.min(slot.min, min);
  slot.max = Math.max(slot.max, max);
  slot.last = last;
}

/** Packs a track at a resolution, with the columns that `needs` requires. */
export function packTrack(slots: readonly SlotFigures[], needs: TrackNeeds, resolution: Resolution): PackedTrack {
  const counts = new ColumnWriter();
  writeSteps(
    counts,
    slots.map(({ count }) => count),
  );
  const used = slots.filter(({ count }) => count > 0);
  const weights = used.map(({ count }) => count);
  const has = (column: 'sum' | 'min' | 'max' | 'last') => needs.columns.has(column) && used.length > 0;
  const hasBins = used.some(({ parts }) => parts.length > 0);
  return {
    count: counts.text,
    ...(has('sum')
      ? {
          sum: packColumn(
            used.map(({ sum }) => sum),
            weights,
          ),
        }
      : {}),
    ...(has('min') || hasBins ? { min: packColumn(used.map(({ min }) => min)) } : {}),
    ...(has('max') || hasBins ? { max: packColumn(used.map(({ max }) => max)) } : {}),
    ...(has('last') ? { last: packColumn(used.map(({ last }) => last)) } : {}),
    ...(hasBins ? { bins: packBins(used, weights, needs, resolution) } : {}),
  };
}

/** First and last histogram key of each bin, ascending. */
interface Layout {
  readonly firstKeys: number[];
  readonly lastKeys: number[];
}

const NO_BINS: Bins = { keys: new Int32Array(0), counts: new Float64Array(0) };

function binsOf(slot: SlotFigures): Bins {
  slot.bins ??= combine(slot.parts)?.bins() ?? NO_BINS;
  return slot.bins;
}

function packBins(used: readonly SlotFigures[], weights: number[], needs: TrackNeeds, resolution: Resolution): string {
  const rows = used.map(binsOf);
  const { keys } = copyOfBins(sumOfBins([], rows));
  const layout = layoutOf(keys, rows, weights, needs, resolution);
  const table = tableOf(rows, keys, layout);
  const writer = new ColumnWriter();
  writeLayout(writer, layout);
  const filled = table.reduce((sum, { bins }) => sum + bins.length, 0);
  const size = layout.firstKeys.length;
  if (filled < MOSTLY_EMPTY * size * rows.length) {
    writer.write(SPARSE);
    for (const row of table) writeSparse(writer, row);
    return writer.text;
  }
  writer.write(DENSE);
  // All slots of the first bin, then all of the next.
  const amounts = new Float64Array(size * rows.length);
  for (const [slot, row] of table.entries()) {
    for (let i = 0; i < row.bins.length; i++) amounts[(row.bins[i] ?? 0) * rows.length + slot] = row.amounts[i] ?? 0;
  }
  for (let bin = 0; bin < size; bin++) {
    writeShares(writer, amounts.subarray(bin * rows.length, (bin + 1) * rows.length), weights);
  }
  return writer.text;
}

/** The bins of a slot that have samples, ascending, and their numbers of samples. */
interface FilledBins {
  readonly bins: Uint32Array;
  readonly amounts: Float64Array;
}

function tableOf(rows: readonly Bins[], keys: Int32Array, { lastKeys }: Layout): FilledBins[] {
  const base = keys[0] ?? 0;
  const binOfKey = new Uint32Array((keys.at(-1) ?? base) - base + 1);
  let bin = 0;
  for (const key of keys) {
    while (key > (lastKeys[bin] ?? Infinity)) bin++;
    binOfKey[key - base] = bin;
  }
  const [bins, amounts] = [new Uint32Array(keys.length), new Float64Array(keys.length)];
  return rows.map((row) => {
    let size = 0;
    let open = -1;
    for (let i = 0; i < row.keys.length; i++) {
      const place = binOfKey[(row.keys[i] ?? base) - base] ?? 0;
      if (place !== open) {
        bins[size] = place;
        amounts[size++] = 0;
        open = place;
      }
      amounts[size - 1] = (amounts[size - 1] ?? 0) + (row.counts[i] ?? 0);
    }
    return { bins: bins.slice(0, size), amounts: amounts.slice(0, size) };
  });
}

/** With a smaller share of bins that have samples, the sparse form is shorter. */
const MOSTLY_EMPTY = 0.3;

function writeSparse(writer: ColumnWriter, { bins, amounts }: FilledBins): void {
  writer.write(bins.length);
  let next = 0;
  for (let i = 0; i < bins.length; i++) {
    const bin = bins[i] ?? 0;
    writer.write(bin - next);
    writer.write((amounts[i] ?? 0) - 1);
    next = bin + 1;
  }
}

function writeLayout(writer: ColumnWriter, { firstKeys, lastKeys }: Layout): void {
  writer.write(firstKeys.length);
  let next = firstKeys[0] ?? 0;
  writer.writeSigned(next);
  firstKeys.forEach((firstKey, bin) => {
    const lastKey = lastKeys[bin] ?? firstKey;
    writer.write(firstKey - next);
    writer.write(lastKey - firstKey);
    next = lastKey + 1;
  });
}

/**
 * The range of keys in which quantile q of any stretch of slots can lie. Of n sorted samples, the ranks floor(q(n-1)) and ceil(q(n-1))
 * determine it. Let lo be the least, over all slots, of the keys at rank floor(q(n-1)), and hi the greatest of the keys at rank
 * min(n-1, ceil(qn)). In slots of n1, n2 … samples, at most floor(q(n1-1)) + floor(q(n2-1)) + … <= floor(q(n-1)) samples lie below
 * lo, and at least ceil(q n1)+1 + … >= ceil(q(n-1))+1 lie at or below hi, unless hi is the greatest key of all. So both ranks lie
 * between lo and hi.
 */
function reachOf(q: number, rows: readonly Bins[], weights: readonly number[]): readonly [number, number] {
  let lowest = Infinity;
  let highest = -Infinity;
  rows.forEach(({ keys, counts }, slot) => {
    const n = weights[slot] ?? 0;
    const [low, high] = [Math.floor(q * (n - 1)), Math.min(n - 1, Math.ceil(q * n))];
    let below = 0;
    let lowKey: number | undefined;
    for (let i = 0; i < keys.length; i++) {
      below += counts[i] ?? 0;
      if (lowKey === undefined && below > low) {
        lowKey = keys[i] ?? 0;
        lowest = Math.min(lowest, lowKey);
      }
      if (below > high) {
        highest = Math.max(highest, keys[i] ?? 0);
        break;
      }
    }
  });
  return [lowest, highest];
}

function layoutOf(
  keys: Int32Array,
  rows: readonly Bins[],
  weights: readonly number[],
  needs: TrackNeeds,
  { fineKeys, coarseKeys }: Resolution,
): Layout {
  const reaches = [...needs.quantiles].map((q) => reachOf(q, rows, weights));
  // Extended to whole bins, so that no bin is fine in part.
  const fine = reaches.map(([low, high]) => [floorTo(low, fineKeys), floorTo(high, fineKeys) + fineKeys - 1] as const);
  const isFine = (key: number) => fine.some(([low, high]) => key >= low && key <= high);
  const layout: Layout = { firstKeys: [], lastKeys: [] };
  let wasFine = false;
  let was = Number.NaN;
  for (const key of keys) {
    const start = floorTo(key, fineKeys);
    const inFine = isFine(key);
    const group = inFine ? start : needs.isDrawn ? floorTo(key, coarseKeys) : 0;
    if (group !== was || inFine !== wasFine) {
      layout.firstKeys.push(inFine ? start : key);
      layout.lastKeys.push(key);
      [was, wasFine] = [group, inFine];
    }
    layout.lastKeys[layout.lastKeys.length - 1] = inFine ? start + fineKeys - 1 : key;
  }
  return layout;
}

function floorTo(key: number, width: number): number {
  return Math.floor(key / width) * width;
}
