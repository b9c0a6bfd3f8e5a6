// Parses one line of k6's JSON output: a metric declaration or a sample. The slow, general parser, with JSON.parse.
//
//   k6 v1 and v2:  {"metric":"http_reqs","type":"Point","data":{"time":"2026-11-23T14:52:34.42136912Z","value":1,"tags":{…}}}
//                  with metadata: … "tags":{…},"metadata":{…}}}
//   before v0.30:  {"type":"Point","data":{…},"metric":"http_reqs"}
//   every version: {"type":"Metric","data":{"name":"http_reqs","type":"counter","contains":"default", …},"metric":"http_reqs"}
//                  once, before the first sample of a metric

import type { Metric, MetricType, Tags } from '../../model/metrics.ts';
import { isRecord, parseJson } from '../../system/json.ts';
import { type PointTime, pointTimeOf } from './samples-time.ts';

/**
 * A declaration or a sample (`value` undefined if it was not a finite number); undefined for a line that k6 never
 * writes.
 */
export type SamplesLine =
  /** `thresholds`: the expressions on the whole metric. k6 does not write those with a tag filter. */
  | { readonly kind: 'metric'; readonly metric: Metric; readonly thresholds: readonly string[] }
  | {
      readonly kind: 'sample';
      readonly metric: string;
      readonly time: PointTime;
      readonly value: number | undefined;
      readonly tags: Tags;
    }
  | undefined;

type Json = Readonly<Record<string, unknown>>;

const TYPES: readonly MetricType[] = ['counter', 'gauge', 'rate', 'trend'];
const CONTENTS: ReadonlyArray<Metric['contains']> = ['default', 'time', 'data'];

/** Parses one line. Never throws: returns undefined if it is not JSON or has another shape. */
export function parseSamplesLine(text: string): SamplesLine {
  const line = parseJson(text);
  if (!isRecord(line) || !isRecord(line.data)) return undefined;
  if (line.type === 'Point') return sampleOf(line.metric, line.data);
  if (line.type === 'Metric') return metricOf(line.data.name ?? line.metric, line.data);
  return undefined;
}

/** Parses the tags of a sample, a JSON object; undefined for any other text. */
export function parseTags(text: string): Tags | undefined {
  const tags = parseJson(text);
  return isRecord(tags) ? tagsOf(tags) : undefined;
}

function sampleOf(metric: unknown, data: Json): SamplesLine {
  const time = typeof data.time === 'string' ? pointTimeOf(data.time) : undefined;
  const tags = data.tags ?? {};
  if (typeof metric !== 'string' || time === undefined || !isRecord(tags)) return undefined;
  const value = typeof data.value === 'number' && Number.isFinite(data.value) ? data.value : undefined;
  return { kind: 'sample', metric, time, value, tags: tagsOf(tags) };
}

function metricOf(name: unknown, data: Json): SamplesLine {
  const type = TYPES.find((known) => known === data.type);
  if (typeof name !== 'string' || type === undefined) return undefined;
  const contains = CONTENTS.find((known) => known === data.contains) ?? 'default';
  const thresholds = Array.isArray(data.thresholds) ? data.thresholds.filter((each) => typeof each === 'string') : [];
  return { kind: 'metric', metric: { name, type, contains }, thresholds };
}

/** k6 writes strings only; another value is kept as its JSON text. */
function tagsOf(tags: Json): Tags {
  // fromEntries, because assigning a tag called __proto__ would lose it.
  return Object.fromEntries(
    Object.entries(tags).map(([name, value]) => [name, typeof value === 'string' ? value : JSON.stringify(value)]),
  );
}
