// The payloads of a histograms stream's control lines become data; undefined where one is not as the writers make it.

import type { GeneratorHealth, Metric, MetricType, SeriesOverflow, Tags, TimeRange } from '../model/metrics.ts';
import { UserError } from '../system/errors.ts';
import { isRecord } from '../system/json.ts';
import { FIGURES_OF, HEALTH_FIGURES, WIRE_VERSION } from './histograms-format.ts';

export interface Header {
  readonly originMs: number;
  readonly windowMs: number;
  /** Distinguishes the streams of several k6 processes. */
  readonly id: unknown;
}

/** Throws a UserError for a stream of another version of the format. */
export function readHeader(payload: unknown): Header | undefined {
  if (!isRecord(payload)) return undefined;
  const { v: version, origin_ms: originMs, window_ms: windowMs, id } = payload;
  if (isCount(version) && version !== WIRE_VERSION) {
    throw new UserError(`Expected a histograms stream of version ${WIRE_VERSION}, found version ${version}.`, {
      next: 'read it with the release of novaperf whose k6 wrote it, or build k6 again',
    });
  }
  if (version !== WIRE_VERSION || !Number.isSafeInteger(originMs) || typeof originMs !== 'number') return undefined;
  return isCount(windowMs) && windowMs >= 1 ? { originMs, windowMs, id } : undefined;
}

export function readMetric(payload: unknown): Metric | undefined {
  if (!isRecord(payload)) return undefined;
  const { name, type, contains } = payload;
  return typeof name === 'string' && isMetricType(type) && isUnit(contains) ? { name, type, contains } : undefined;
}

/** Health of the window from `startMs` on. */
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

export function readOverflow(payload: unknown): SeriesOverflow | undefined {
  if (!isRecord(payload)) return undefined;
  const { metric, tag, values, known } = payload;
  if (typeof metric !== 'string' || typeof tag !== 'string' || !isCount(values)) return undefined;
  if (known !== undefined && !isTexts(known)) return undefined;
  return { metric, tag, values, ...(known !== undefined && { known }) };
}

export function readRange(payload: unknown): TimeRange | undefined {
  if (!isRecord(payload)) return undefined;
  const { first_ms: fromMs, last_ms: toMs } = payload;
  return typeof fromMs === 'number' && typeof toMs === 'number' ? { fromMs, toMs } : undefined;
}

export interface Closing {
  readonly badValues: number;
  /** Samples by metric, as far as the line gives them. */
  readonly totals: ReadonlyMap<string, number>;
}

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

export function isTags(value: unknown): value is Tags {
  return isRecord(value) && Object.values(value).every((tag) => typeof tag === 'string');
}
