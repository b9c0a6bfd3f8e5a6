// Reads the payloads of a histograms stream's control lines. A reader returns undefined if the payload is not valid.

import type { GeneratorHealth, Metric, MetricType, SeriesOverflow, Tags, TimeRange } from '../../model/metrics.ts';
import { UserError } from '../../system/errors.ts';
import { isRecord } from '../../system/json.ts';
import { FIGURES_OF, HEALTH_FIGURES, WIRE_VERSION } from './histograms-format.ts';

export interface Header {
  readonly originMs: number;
  readonly windowMs: number;
  /** Identifies the stream; each k6 process writes its own. */
  readonly id: unknown;
}

/** Reads the header. Throws a UserError for another version of the format. */
export function readHeader(payload: unknown): Header | undefined {
  if (!isRecord(payload)) return undefined;
  const { v: version, origin_ms: originMs, window_ms: windowMs, id } = payload;
  if (isCount(version) && version !== WIRE_VERSION) {
    throw new UserError(`Expected a histograms stream of version ${WIRE_VERSION}, found version ${version}.`, {
      next: 'read it with the novaperf release that built this k6, or build k6 again',
    });
  }
  if (version !== WIRE_VERSION || !Number.isSafeInteger(originMs) || typeof originMs !== 'number') return undefined;
  return isCount(windowMs) && windowMs >= 1 ? { originMs, windowMs, id } : undefined;
}

/** Reads the declaration of a metric. */
export function readMetric(payload: unknown): Metric | undefined {
  if (!isRecord(payload)) return undefined;
  const { name, type, contains } = payload;
  return typeof name === 'string' && isMetricType(type) && isUnit(contains) ? { name, type, contains } : undefined;
}

/** Reads the load generator's health in the window that starts at `startMs`, epoch milliseconds. */
export function readHealth(payload: unknown, startMs: number, lengthMs: number): GeneratorHealth | undefined {
  if (!isRecord(payload)) return undefined;
  const health: { -readonly [K in keyof GeneratorHealth]: GeneratorHealth[K] } = { startMs, lengthMs };
  for (const [name, figure] of HEALTH_FIGURES) {
    const value = payload[name];
    if (value === undefined) continue;
    if (typeof value !== 'number' || !Number.isFinite(value)) return undefined;
    health[figure] = value;
  }
  return health;
}

/** Reads what samples of a metric lost beyond the cap of series. */
export function readOverflow(payload: unknown): SeriesOverflow | undefined {
  if (!isRecord(payload)) return undefined;
  const { metric, tag, values, known } = payload;
  if (typeof metric !== 'string' || typeof tag !== 'string' || !isCount(values)) return undefined;
  if (known !== undefined && !isTexts(known)) return undefined;
  return { metric, tag, values, ...(known !== undefined && { known }) };
}

/** Reads a time range, epoch milliseconds. */
export function readRange(payload: unknown): TimeRange | undefined {
  if (!isRecord(payload)) return undefined;
  const { first_ms: fromMs, last_ms: toMs } = payload;
  return typeof fromMs === 'number' && typeof toMs === 'number' ? { fromMs, toMs } : undefined;
}

/** The closing line of a stream. */
export interface Closing {
  readonly badValues: number;
  /** Number of samples by metric, as far as the line has them. */
  readonly totals: ReadonlyMap<string, number>;
}

/** Reads the closing line. */
export function readClosing(payload: unknown): Closing | undefined {
  const badValues = isRecord(payload) ? (payload.bad_values ?? 0) : undefined;
  if (!isRecord(payload) || !isCount(badValues)) return undefined;
  const totals = Object.entries(isRecord(payload.totals) ? payload.totals : {}).flatMap(
    ([metric, total]): [string, number][] => {
      const [count]: unknown[] = Array.isArray(total) ? total : [];
      return isCount(count) ? [[metric, count]] : [];
    },
  );
  return { badValues, totals: new Map(totals) };
}

/** True for a safe integer from 0 up. */
export function isCount(value: unknown): value is number {
  return typeof value === 'number' && Number.isSafeInteger(value) && value >= 0;
}

function isMetricType(value: unknown): value is MetricType {
  return typeof value === 'string' && Object.hasOwn(FIGURES_OF, value);
}

function isUnit(value: unknown): value is Metric['contains'] {
  return value === 'default' || value === 'time' || value === 'data';
}

function isTexts(value: unknown): value is readonly string[] {
  return Array.isArray(value) && value.every((item) => typeof item === 'string');
}

/** True for an object with only strings as values. */
export function isTags(value: unknown): value is Tags {
  return isRecord(value) && Object.values(value).every((tag) => typeof tag === 'string');
}
