// Parses a source of SUT metrics, written as a text or as a map in ProjectConfig.
//
//   source   -> ( name "=" )? place ( "#" part ( "," part )* )?              no "#" after cmd: and stream:
//   place    -> "pid:" id | "port:" number | "name:" program | "machine" | ( "http" | "https" ) "://" … | path ".csv"
//             | "prometheus+" url "?" ( name "=" query "&" )* ( "step=" duration )? | "cmd:" command | "stream:" command
//   part     -> glob on names | label "=" glob                               of an exposition
//             | "offset=" duration | "time=" column                          of a CSV

import { resolve } from 'node:path';
import { z } from 'zod';
import { oneOfShapes } from '../model/alternatives.ts';
import { namedRecord } from '../model/named-record.ts';
import { durationMs } from '../system/duration.ts';
import type { CsvOptions } from './csv-rows.ts';
import type { ProcessChoice } from './find-process.ts';
import type { PrometheusOptions, PrometheusQuery } from './prometheus-source.ts';
import { DEFAULT_MAX_SERIES, type SeriesFilter } from './series-filter.ts';

/** A parsed source. `name` is undefined unless the user chose one. */
export type SourceSpec = { readonly name: string | undefined } & (
  | { readonly kind: 'process'; readonly choice: ProcessChoice }
  | { readonly kind: 'machine' }
  | {
      readonly kind: 'exposition';
      readonly url: string;
      readonly headers: Readonly<Record<string, string>>;
      readonly filter: SeriesFilter;
    }
  | ({ readonly kind: 'prometheus' } & PrometheusOptions)
  | { readonly kind: 'csv'; readonly path: string; readonly csv: CsvOptions }
  | { readonly kind: 'command'; readonly command: string; readonly filter: SeriesFilter; readonly csv: CsvOptions }
  | { readonly kind: 'stream'; readonly command: string; readonly csv: CsvOptions }
);

/** The forms of a source in a flag, for help and messages. */
export const SOURCE_FORMS =
  'pid:N, port:N, name:X, machine, http(s)://…/metrics, prometheus+http(s)://…?query=…, file.csv, cmd:… or stream:…';

const NAMED = /^([A-Za-z][\w.-]{0,39})=(.+)$/s;
const PART = /^([A-Za-z_]\w*)=(.*)$/s;
const STEP_MS = 1000;

type Written = z.infer<typeof writtenSchema>;

/** Throws an Error that says what was expected. */
function specOf(written: Written): SourceSpec {
  const named = NAMED.exec(written.source.trim());
  const place = named?.[2] ?? written.source.trim();
  const name = written.name ?? named?.[1];
  if (place === 'machine') return only(written, [], { name, kind: 'machine' });
  const [, by = '', what = ''] = /^(pid|port|name|cmd|stream):(.+)$/s.exec(place) ?? [];
  if (by === 'cmd') {
    const spec = {
      name,
      kind: 'command',
      command: what,
      filter: filterOf(written, []),
      csv: csvOf(written, []),
    } as const;
    return only(written, ['match', 'labels', 'max_series', 'offset', 'time_column'], spec);
  }
  if (by === 'stream')
    return only(written, CSV_FIELDS, { name, kind: 'stream', command: what, csv: csvOf(written, []) });
  if (by === 'pid' || by === 'port' || by === 'name')
    return only(written, [], { name, kind: 'process', choice: choiceOf(by, what) });
  const [at = '', ...fragments] = place.split('#');
  const parts = partsOf(fragments.join('#'));
  if (/^prometheus\+https?:\/\//i.test(place)) {
    return only(written, ['headers', 'max_series', 'step'], {
      name,
      kind: 'prometheus',
      ...prometheusOf(place, written),
    });
  }
  if (/^https?:\/\//i.test(place)) {
    if (!URL.canParse(at))
      throw new Error('expected the URL of a Prometheus exposition, such as http://127.0.0.1:9100/metrics');
    const spec = {
      name,
      kind: 'exposition',
      url: new URL(at).href,
      headers: written.headers ?? {},
      filter: filterOf(written, parts),
    } as const;
    return only(written, ['match', 'labels', 'max_series', 'headers'], spec);
  }
  if (/\.csv$/i.test(at))
    return only(written, CSV_FIELDS, { name, kind: 'csv', path: resolve(at), csv: csvOf(written, parts) });
  throw new Error(`expected ${SOURCE_FORMS}`);
}

const CSV_FIELDS = ['offset', 'time_column'] as const;

/** Rejects fields that this kind of source does not use: a filter without effect would mislead. */
function only(written: Written, allowed: ReadonlyArray<keyof Written>, spec: SourceSpec): SourceSpec {
  const fields = ['match', 'labels', 'max_series', 'headers', 'offset', 'time_column', 'step'] as const;
  const idle = fields.find((field) => written[field] !== undefined && !allowed.includes(field));
  if (idle !== undefined) throw new Error(`expected no ${idle} for a source of this kind`);
  return spec;
}

function choiceOf(by: string, what: string): ProcessChoice {
  if (by === 'name') return { by, name: what };
  const number = Number(what);
  const most = by === 'pid' ? 4_194_304 : 65_535;
  if (!/^\d+$/.test(what) || number < 1 || number > most) throw new Error(`expected a ${by} from 1 to ${most}`);
  return by === 'pid' ? { by, pid: number } : { by: 'port', port: number };
}

/** Filters are in the fragment, because it is never sent to a server. */
function partsOf(fragment: string): string[] {
  return decodeURIComponent(fragment)
    .split(',')
    .map((part) => part.trim())
    .filter((part) => part !== '');
}

function pairsOf(parts: readonly string[]): Array<[name: string, value: string]> {
  return parts.flatMap((part): Array<[string, string]> => {
    const [, label, value] = PART.exec(part) ?? [];
    return label === undefined || value === undefined ? [] : [[label, value]];
  });
}

function filterOf(written: Written, parts: readonly string[]): SeriesFilter {
  return {
    match: [...parts.filter((part) => !PART.test(part)), ...(written.match ?? [])],
    labels: { ...Object.fromEntries(pairsOf(parts)), ...written.labels },
    maxSeries: written.max_series ?? DEFAULT_MAX_SERIES,
  };
}

function csvOf(written: Written, parts: readonly string[]): CsvOptions {
  const pairs = new Map(pairsOf(parts));
  const unknown = parts.find((part) => !/^(offset|time)=/.test(part));
  if (unknown !== undefined) throw new Error(`expected offset=… or time=… after #, found "${unknown}"`);
  const offset = written.offset ?? pairs.get('offset');
  const offsetMs = offset === undefined ? 0 : durationMs(offset);
  if (offsetMs === undefined) throw new Error(`expected an offset such as 2s or -500ms, found "${offset}"`);
  return { offsetMs, timeColumn: written.time_column ?? pairs.get('time') };
}

function prometheusOf(place: string, written: Written): PrometheusOptions {
  const text = place.slice('prometheus+'.length);
  if (!URL.canParse(text))
    throw new Error('expected the URL of a Prometheus server, such as prometheus+http://127.0.0.1:9090?query=up');
  const url = new URL(text);
  const step = written.step ?? url.searchParams.get('step');
  const stepMs = step === null ? STEP_MS : durationMs(step);
  if (stepMs === undefined || stepMs < 1000) throw new Error(`expected a step of 1s or more, found "${step}"`);
  const queries = [...url.searchParams]
    .filter(([name, query]) => name !== 'step' && query !== '')
    .map(([name, query]): PrometheusQuery => ({ name: name === 'query' ? undefined : name, query }));
  if (queries.length === 0)
    throw new Error('expected a query, as in prometheus+http://127.0.0.1:9090?cpu=rate(process_cpu_seconds_total[1m])');
  url.search = '';
  url.hash = '';
  return {
    url: url.href,
    queries,
    stepMs,
    headers: written.headers ?? {},
    maxSeries: written.max_series ?? DEFAULT_MAX_SERIES,
  };
}

const writtenSchema = z.strictObject({
  source: z.string().min(1),
  name: z
    .string()
    .regex(/^[A-Za-z][\w.-]{0,39}$/, 'expected a name of letters, digits, - _ and .')
    .optional(),
  match: z.array(z.string().min(1)).optional(),
  labels: namedRecord(z.string()).optional(),
  max_series: z.number().int().min(1).max(20_000).optional(),
  headers: namedRecord(z.string()).optional(),
  /** Added to the times of a CSV. */
  offset: z.string().optional(),
  time_column: z.string().min(1).optional(),
  /** Resolution of a Prometheus query. */
  step: z.string().optional(),
});

const sourceText = z.string().min(1);

/**
 * A source as a flag or ProjectConfig has it: a text, or a map with `source` and its filters. Issues say what was
 * expected.
 */
export const sourceSchema = oneOfShapes([sourceText, writtenSchema], (value) =>
  typeof value === 'string' ? sourceText : writtenSchema,
).transform((value, context): SourceSpec => {
  try {
    return specOf(writtenSchema.parse(typeof value === 'string' ? { source: value } : value));
  } catch (error) {
    context.addIssue({ code: 'custom', message: error instanceof Error ? error.message : String(error) });
    return z.NEVER;
  }
});
