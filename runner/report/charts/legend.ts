// The legend at the top of an SVG: a sample and the name of each line and area, in as many rows as needed.

import { ink } from './ink.ts';
import { dotsPath } from './line-path.ts';
import { labels, path } from './svg.ts';
import { textWidth } from './text-width.ts';

export interface LegendItem {
  readonly name: string;
  readonly ink: Parameters<typeof ink>[0];
  readonly isFilled: boolean;
  readonly dash: readonly number[];
}

interface Size {
  readonly width: number;
  readonly isNarrow: boolean;
}

/** Distance of two rows of a legend in pixels. */
export const LEGEND_ROW = 16;

const FIRST_ROW_Y = 11;
const GAP = 5;

function measures({ isNarrow }: Size) {
  return isNarrow
    ? { left: 5, sample: 16, between: 10, fontSize: 11 }
    : { left: 65, sample: 24, between: 16, fontSize: 12 };
}

/** Where each item begins. An item longer than a row has its own row. */
function placesOf(items: readonly LegendItem[], size: Size): Array<{ readonly x: number; readonly row: number }> {
  const { left, sample, between, fontSize } = measures(size);
  let x = left;
  let row = 0;
  return items.map(({ name }) => {
    const width = sample + GAP + textWidth(name, fontSize);
    if (x > left && x + width > size.width - GAP) {
      x = left;
      row++;
    }
    const place = { x, row };
    x += width + between;
    return place;
  });
}

/** The number of rows that a legend needs. */
export function legendRows(items: readonly LegendItem[], size: Size): number {
  return (placesOf(items, size).at(-1)?.row ?? -1) + 1;
}

/** The legend as SVG marks. */
export function legend(items: readonly LegendItem[], size: Size): string {
  const { sample, fontSize } = measures(size);
  const places = placesOf(items, size).map(({ x, row }) => ({ x, y: FIRST_ROW_Y + row * LEGEND_ROW }));
  const samples = items.map(({ isFilled, ...item }, index) => {
    const { x, y } = places[index] ?? { x: 0, y: 0 };
    const colour = ink(item.ink);
    if (isFilled) {
      const straight = sample - 4;
      const shape = `M${round(x + 2)} ${y - 4}h${straight}a2 2 0 0 1 2 2v4a2 2 0 0 1-2 2h${-straight}a2 2 0 0 1-2-2v-4a2 2 0 0 1 2-2z`;
      return path(shape, { fill: colour });
    }
    const dasharray = item.dash.length > 0 ? item.dash.join() : undefined;
    const line = { stroke: colour, 'stroke-width': 2, 'stroke-dasharray': dasharray };
    const dot = { stroke: colour, 'stroke-width': 6.4, 'stroke-linecap': 'round' };
    return path(`M${round(x)} ${y}h${sample}`, line) + path(dotsPath([[x + sample / 2, y]]), dot);
  });
  const names = items.map(({ name }, index) => ({
    x: (places[index]?.x ?? 0) + sample + GAP,
    y: places[index]?.y ?? 0,
    text: name,
  }));
  return samples.join('') + labels(names, { 'font-size': fontSize, fill: ink('text') });
}

function round(value: number): number {
  return Math.round(value * 10) / 10;
}
