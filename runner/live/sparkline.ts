// The last minute of a figure becomes a row of bars.

import sparkly from 'sparkly';
import { HISTORY_SECONDS } from './figures.ts';

/**
 * `width` characters from ▁ to █, from 0 to the highest value, the newest at the right; a space where there was no sample. Where
 * there are more values than characters a bar is the highest of those that it stands for: a spike stays to be seen.
 */
export function sparkline(history: ReadonlyArray<number | undefined>, width: number): string {
  const perBar = Math.ceil(HISTORY_SECONDS / Math.max(1, width));
  const bars: number[] = [];
  for (let end = history.length; end > 0; end -= perBar) {
    const values = history.slice(Math.max(0, end - perBar), end).filter((value) => value !== undefined);
    bars.unshift(values.length === 0 ? Number.NaN : Math.max(...values));
  }
  return sparkly(bars, { minimum: 0 }).padStart(width);
}
