// A binding and the tracks' sums over a range → the text of an element. Used in Node and in the browser.

import {
  bytes,
  compact,
  count,
  duration,
  type Figure,
  isFigure,
  NO_DATA,
  nextToTarget,
  percent,
  perSecond,
  plural,
  significant,
  withUnit,
} from '../../text/format.ts';
import type { Binding, BoundFigure, FormatName } from './model.ts';
import { emptySum, SlotSum } from './track.ts';

/** The tracks over a range of the run. */
export interface RangeSums {
  /** The sum of a track, given by its index, over the range. */
  readonly of: (track: number) => SlotSum;
  /** Length of the range between the first and the last sample of the run. */
  readonly seconds: number;
  /** The part of the range within another one, milliseconds since the start of the load; undefined if there is none. */
  readonly within: (span: { readonly fromMs: number; readonly toMs: number }) => RangeSums | undefined;
}

/** The text and value of a binding over a range. */
export interface Reading {
  readonly text: string;
  /** The first figure; undefined without data. */
  readonly value: number | undefined;
  readonly isBad: boolean;
}

/** The text and value of a binding over a range; the text is '–' if the binding's own part of the run lies outside the range. */
export function read(binding: Binding, range: RangeSums): Reading {
  const { figures, text = [], worst, within, bad } = binding;
  const sums = within === undefined ? range : range.within(within);
  if (sums === undefined) return { text: '–', value: undefined, isBad: false };
  let values = figures.map((figure) => figureIn(figure, sums));
  if (worst !== undefined) values = [worstOf(values.filter(isFigure), worst)];
  const [value] = values;
  const isBad = isFigure(value) && (bad === 'some' ? value > 0 : bad === 'short' ? value < 1 : false);
  const parts = values.map((each, index) => {
    const shown = written(each, figures[index]?.format ?? ['count']);
    return `${shown}${text[index + 1] ?? ''}`;
  });
  return { text: `${text[0] ?? ''}${parts.join('')}`, value, isBad };
}

function worstOf(values: readonly number[], worst: 'highest' | 'lowest'): number | undefined {
  return values.length === 0 ? undefined : worst === 'highest' ? Math.max(...values) : Math.min(...values);
}

/** A figure over the range; undefined without samples. Counts, sums and rates without samples are 0. */
export function figureIn({ figure, q = 0.5, of, per = [] }: BoundFigure, sums: RangeSums): number | undefined {
  const sum = added(of, sums);
  switch (figure) {
    case 'count':
      return sum.count;
    case 'sum':
      return sum.sum;
    case 'zeros':
      return sum.count - sum.sum;
    case 'zeroShare':
      return share(sum.count - sum.sum, sum.count);
    case 'mean':
    case 'min':
    case 'max':
    case 'last':
      return sum[figure];
    case 'q':
      return sum.quantile(q);
    case 'elapsed':
      return sums.seconds * 1000;
    case 'perSecond':
      return share(sum.sum, sums.seconds);
    case 'countPerSecond':
      return share(sum.count, sums.seconds);
    case 'share':
      return share(sum.count, added(per, sums).count);
    case 'sumShare':
      return share(sum.sum, added(per, sums).count);
    case 'missing':
      return added(per, sums).count - sum.count;
    case 'missingShare': {
      const all = added(per, sums).count;
      return share(all - sum.count, all);
    }
  }
}

function share(part: number, whole: number): number | undefined {
  return whole > 0 ? part / whole : undefined;
}

/** The sum of several tracks. With more than one it has only count and sum, which are all that such figures use. */
function added(tracks: readonly number[], sums: RangeSums): SlotSum {
  const [first, ...more] = tracks.filter((track) => track >= 0).map(sums.of);
  if (first === undefined) return emptySum();
  return more.reduce((sum, other) => new SlotSum(sum.count + other.count, sum.sum + other.sum), first);
}

/** The figure as text, made by the same functions as the page's first texts. */
function written(value: Figure, format: FormatName): string {
  switch (format[0]) {
    case 'count':
      return count(value);
    case 'duration':
      return duration(value);
    case 'percent':
      return percent(value);
    case 'perSecond':
      return perSecond(value);
    case 'compact':
      return compact(value);
    case 'bytes':
      return bytes(value);
    case 'bytesPerSecond':
      return isFigure(value) ? `${bytes(value)}/s` : NO_DATA;
    case 'cores':
      return isFigure(value) ? `${significant(value, 2)} cores` : NO_DATA;
    case 'unit':
      return withUnit(value, format[1]);
    case 'target':
      return nextToTarget(value, format[1], format[2]);
    case 'plural':
      return isFigure(value) ? plural(value, format[1]) : NO_DATA;
  }
}
