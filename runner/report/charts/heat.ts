// Counts of a heatmap → shades, and many columns → fewer. Used in Node and in the browser.

import type { HeatmapColumn } from './figure.ts';
import type { Ink } from './ink.ts';

/** Shades from few samples to many. */
export const HEAT_INKS = [
  'heat0',
  'heat1',
  'heat2',
  'heat3',
  'heat4',
  'heat5',
  'heat6',
  'heat7',
] as const satisfies readonly Ink[];

/** Index of the shade for a count above 0. It grows with the square root, so that rare slow requests stay visible. */
export function heatLevel(count: number, most: number): number {
  return Math.min(Math.floor(Math.sqrt(count / most) * HEAT_INKS.length), HEAT_INKS.length - 1);
}

/** The highest count of any cell, at least 1. */
export function highestCount(columns: readonly HeatmapColumn[]): number {
  return columns.reduce((top, { counts }) => Math.max(top, ...counts), 1);
}

/** At most `atMost` columns, each the sum of neighbouring ones. */
export function mergedColumns(columns: readonly HeatmapColumn[], atMost: number): readonly HeatmapColumn[] {
  const per = Math.ceil(columns.length / atMost);
  if (per <= 1) return columns;
  const merged: HeatmapColumn[] = [];
  for (let first = 0; first < columns.length; first += per) {
    const group = columns.slice(first, first + per);
    const rows = group[0]?.counts ?? [];
    merged.push({
      fromMs: group[0]?.fromMs ?? 0,
      toMs: group.at(-1)?.toMs ?? 0,
      counts: rows.map((_, row) => group.reduce((sum, { counts }) => sum + (counts[row] ?? 0), 0)),
    });
  }
  return merged;
}
