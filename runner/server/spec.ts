// What people write of a source, a text or a map in ProjectConfig, becomes the specification of one, checked.
//
//   source   -> ( name "=" )? place ( "#" filter )?
//   place    -> "pid:" id | "port:" number | "name:" program | "machine" | ( "http" | "https" ) "://" …
//   filter   -> part ( "," part )*       part -> glob on names | label "=" glob

import { z } from 'zod';
import type { Tags } from '../metrics/model.ts';
import type { ProcessChoice } from './find-process.ts';
import { DEFAULT_MAX_SERIES, type SeriesFilter } from './series-filter.ts';

export type SourceSpec = { readonly name: string | undefined } & (
  | { readonly kind: 'process'; readonly choice: ProcessChoice }
  | { readonly kind: 'machine' }
  | {
      readonly kind: 'exposition';
      readonly url: string;
      readonly headers: Readonly<Record<string, string>>;
      readonly filter: SeriesFilter;
    }
);

/** One source as a flag has it. */
export const SOURCE_FORMS = 'pid:N, port:N, name:X, machine or http(s)://…/metrics';

const NAMED = /^([A-Za-z][\w.-]{0,39})=(.+)$/s;
const LABEL_PART = /^([A-Za-z_]\w*)=(.*)$/s;

interface Written {
  readonly source: string;
  readonly name?: string | undefined;
  readonly match?: string[] | undefined;
  readonly labels?: Record<string, string> | undefined;
  readonly max_series?: number | undefined;
  readonly headers?: Record<string, string> | undefined;
}

/** Throws an Error with what was expected. */
function specOf(written: Written): SourceSpec {
  const named = NAMED.exec(written.source.trim());
  const place = named?.[2] ?? written.source.trim();
  const name = written.name ?? named?.[1];
  if (place === 'machine') return only(written, [], { name, kind: 'machine' });
  const [, by, what = ''] = /^(pid|port|name):(.+)$/s.exec(place) ?? [];
  if (by !== undefined) return only(written, [], { name, kind: 'process', choice: choiceOf(by, what) });
  if (/^https?:\/\//i.test(place)) {
    const { url, match, labels } = urlOf(place);
    return {
      name,
      kind: 'exposition',
      url,
      headers: written.headers ?? {},
      filter: {
        match: [...match, ...(written.match ?? [])],
        labels: { ...labels, ...written.labels },
        maxSeries: written.max_series ?? DEFAULT_MAX_SERIES,
      },
    };
  }
  throw new Error(`expected ${SOURCE_FORMS}`);
}

/** Fields that mean nothing for this kind of source would be a filter that does not filter. */
function only(written: Written, allowed: ReadonlyArray<keyof Written>, spec: SourceSpec): SourceSpec {
  const fields = ['match', 'labels', 'max_series', 'headers'] as const;
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

/** The fragment never goes to a server, so it is where the filter stands. */
function urlOf(place: string): { url: string; match: string[]; labels: Tags } {
  if (!URL.canParse(place))
    throw new Error('expected the URL of a Prometheus exposition, such as http://127.0.0.1:9100/metrics');
  const url = new URL(place);
  const parts = decodeURIComponent(url.hash.slice(1))
    .split(',')
    .map((part) => part.trim())
    .filter((part) => part !== '');
  url.hash = '';
  const labels = parts.flatMap((part) => {
    const [, label, value] = LABEL_PART.exec(part) ?? [];
    return label === undefined || value === undefined ? [] : [[label, value]];
  });
  const match = parts.filter((part) => !LABEL_PART.test(part));
  return { url: url.href, match, labels: Object.fromEntries(labels) };
}

const writtenSchema = z.strictObject({
  source: z.string().min(1),
  name: z
    .string()
    .regex(/^[A-Za-z][\w.-]{0,39}$/, 'expected a name of letters, digits, - _ and .')
    .optional(),
  match: z.array(z.string().min(1)).optional(),
  labels: z.record(z.string(), z.string()).optional(),
  max_series: z.number().int().min(1).max(20_000).optional(),
  headers: z.record(z.string(), z.string()).optional(),
});

/** A source as a flag or ProjectConfig has it: a text, or a map with `source` and its filters. */
export const sourceSchema: z.ZodType<SourceSpec> = z.unknown().transform((value, context) => {
  const written =
    typeof value === 'string' ? writtenSchema.safeParse({ source: value }) : writtenSchema.safeParse(value);
  if (!written.success) {
    for (const issue of written.error.issues) {
      const unknown = issue.code === 'unrecognized_keys' ? `, found ${issue.keys.join(', ')}` : '';
      context.addIssue({ code: 'custom', message: `${issue.message}${unknown}`, path: [...issue.path] });
    }
    return z.NEVER;
  }
  try {
    return specOf(written.data);
  } catch (error) {
    context.addIssue({ code: 'custom', message: error instanceof Error ? error.message : String(error) });
    return z.NEVER;
  }
});
