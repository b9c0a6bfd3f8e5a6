// A sink that keeps everything, with windows added up by series and second, and a naive reader of points as reference:
// split at newlines, JSON.parse, times as whole nanoseconds.

import { keyOf } from '../../runner/metrics/buckets/histogram.ts';
import type { StreamSink } from '../../runner/metrics/sinks/sink.ts';
import type { GeneratorHealth, Metric, Series, SeriesOverflow, SeriesWindow } from '../../runner/model/metrics.ts';

export interface Cell {
  count: number;
  sum: number;
  min: number;
  max: number;
  bins: Record<number, number>;
}

const emptyCell = (): Cell => ({ count: 0, sum: 0, min: Infinity, max: -Infinity, bins: {} });

const cellName = (metric: string, tags: object, startMs: number) =>
  `${metric} ${JSON.stringify(Object.entries(tags).sort(([a], [b]) => (a < b ? -1 : 1)))} ${startMs}`;

export class CollectedStream implements StreamSink {
  readonly metrics: Metric[] = [];
  readonly seriesSeen: Series[] = [];
  readonly windows: SeriesWindow[] = [];
  readonly overflows: SeriesOverflow[] = [];
  readonly cells = new Map<string, Cell>();

  metric(metric: Metric): void {
    this.metrics.push(metric);
  }

  series(series: Series): void {
    if (series.id !== this.seriesSeen.length)
      throw new Error(`Expected series ${this.seriesSeen.length}, got ${series.id}`);
    if (!this.metrics.includes(series.metric)) throw new Error(`${series.metric.name} was not declared`);
    this.seriesSeen.push(series);
  }

  window(window: SeriesWindow): void {
    if (this.seriesSeen[window.series.id] !== window.series) throw new Error(`Series ${window.series.id} is unknown`);
    this.windows.push(window);
    const name = cellName(window.series.metric.name, window.series.tags, window.startMs);
    const cell = this.cells.get(name) ?? emptyCell();
    this.cells.set(name, cell);
    cell.count += window.count;
    cell.sum += window.sum;
    cell.min = Math.min(cell.min, window.min);
    cell.max = Math.max(cell.max, window.max);
    window.bins?.keys.forEach((key, i) => {
      cell.bins[key] = (cell.bins[key] ?? 0) + (window.bins?.counts[i] ?? 0);
    });
  }

  health(_health: GeneratorHealth): void {
    throw new Error('the samples stream has no health');
  }

  overflow(overflow: SeriesOverflow): void {
    this.overflows.push(overflow);
  }

  /** Samples of a metric over the whole stream. */
  countOf(metric: string): number {
    return this.windows
      .filter(({ series }) => series.metric.name === metric)
      .reduce((sum, { count }) => sum + count, 0);
  }
}

export interface NaiveReading {
  readonly cells: Map<string, Cell>;
  /** Line number and text of each bad line. */
  readonly bad: [line: number, text: string][];
  readonly badValues: number;
  readonly samples: number;
}

const TIME = /^(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d)(\.\d+)?(Z|[+-]\d\d:\d\d)$/;

/** Start of the second of a time, in whole nanoseconds. */
function secondStart(text: unknown): number | undefined {
  const match = typeof text === 'string' ? TIME.exec(text) : null;
  if (match === null) return undefined;
  const ms = Date.parse(`${match[1]}Z`);
  if (Number.isNaN(ms)) return undefined;
  const zone = match[3] ?? 'Z';
  const minutes = zone === 'Z' ? 0 : Number(zone.slice(1, 3)) * 60 + Number(zone.slice(4));
  const nanos = BigInt(ms - (zone.startsWith('-') ? -minutes : minutes) * 60_000) * 1_000_000n;
  const whole = nanos + BigInt((match[2] ?? '.').slice(1, 10).padEnd(9, '0'));
  const second = 1_000_000_000n;
  return Number((whole - (((whole % second) + second) % second)) / 1_000_000n);
}

export function readNaively(stream: Buffer): NaiveReading {
  const reading = { cells: new Map<string, Cell>(), bad: [] as [number, string][], badValues: 0, samples: 0 };
  const types = new Map<string, string>();
  let lineNumber = 0;
  for (let at = 0; at < stream.length; ) {
    const newline = stream.indexOf(10, at);
    const end = newline < 0 ? stream.length : newline;
    const text = stream.toString('utf8', at, end);
    at = end + 1;
    lineNumber++;
    if (text.trim() === '') continue;
    const bad = () => reading.bad.push([lineNumber, text.trim().slice(0, 200)]);
    let line: unknown;
    try {
      line = JSON.parse(text);
    } catch {
      bad();
      continue;
    }
    const isObject = (value: unknown): value is Record<string, unknown> =>
      typeof value === 'object' && value !== null && !Array.isArray(value);
    if (!isObject(line) || !isObject(line.data)) {
      bad();
      continue;
    }
    const { data } = line;
    if (line.type === 'Metric') {
      const name = data.name ?? line.metric;
      const type = String(data.type);
      if (typeof name !== 'string' || !['counter', 'gauge', 'rate', 'trend'].includes(type)) bad();
      else if ((types.get(name) ?? type) !== type) bad();
      else types.set(name, type);
      continue;
    }
    const startMs = secondStart(data.time);
    const tags = data.tags ?? {};
    if (line.type !== 'Point' || typeof line.metric !== 'string' || startMs === undefined || !isObject(tags)) {
      bad();
      continue;
    }
    const type = types.get(line.metric) ?? 'trend';
    types.set(line.metric, type);
    const { value } = data;
    if (typeof value !== 'number' || !Number.isFinite(value)) {
      reading.badValues++;
      continue;
    }
    reading.samples++;
    const texts = Object.entries(tags).map(([tag, of]) => [tag, typeof of === 'string' ? of : JSON.stringify(of)]);
    const name = cellName(line.metric, Object.fromEntries(texts), startMs);
    const cell = reading.cells.get(name) ?? emptyCell();
    reading.cells.set(name, cell);
    cell.count++;
    cell.sum += type === 'rate' ? Number(value !== 0) : value;
    cell.min = Math.min(cell.min, value);
    cell.max = Math.max(cell.max, value);
    if (type === 'trend') cell.bins[keyOf(value)] = (cell.bins[keyOf(value)] ?? 0) + 1;
  }
  return reading;
}
