// The last minute of a figure → a row of bars for the terminal.

import sparkly from 'sparkly';
import { HISTORY_SECONDS } from './figures.ts';

/**
 * A text of `width` characters from ▁ (0) to █ (the highest value), the newest at the right; a space where there was no sample. With
 * more values than characters, a bar shows the highest of its values, so that spikes stay visible.
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
