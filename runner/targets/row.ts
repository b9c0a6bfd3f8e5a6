// A row of a record about targets: its place, and what it becomes, a KPI or an unread row with the targets that would say it.

import type { Kpi, TargetOrigin } from '../model/kpi.ts';
import type { TagFilter } from '../model/metrics.ts';
import { isRecord } from '../system/json.ts';
import { whyNoTarget } from './about-performance.ts';
import type { Condition } from './limit.ts';
import type { Proposal } from './proposal.ts';
import { proposeTargets } from './propose.ts';

/** Blocks that hold targets. In the second group among other things. */
export const TARGET_BLOCKS =
  /^(?:performance|performance_?(?:targets|criteria|requirements|goals)|kpis?|slos?|slas?)$/i;
export const MIXED_BLOCKS = /^(?:non_?-?functional(?:_?requirements|_?criteria)?|nfrs?|quality(?:_?attributes)?)$/i;

/** A row that was not read. */
export interface UnreadTarget {
  /** From the record's value to the row. */
  readonly path: readonly string[];
  /** `p95_response_time: < 2 s during peak` */
  readonly text: string;
  /** A clause. */
  readonly reason: string;
  /** Targets that would say it; none where nothing can be guessed. */
  readonly proposals: readonly Proposal[];
}

export interface TargetsRead {
  readonly kpis: readonly Kpi[];
  readonly unread: readonly UnreadTarget[];
}

export interface RowsContext {
  readonly where: string;
  /** Rows under the name of another profile are left out. */
  readonly profile: string;
  readonly source: Kpi['source'];
  readonly origin: Omit<TargetOrigin, 'field'> | undefined;
}

/** A row's place in the record, and what holds for all rows there. */
export interface Place extends RowsContext {
  readonly path: readonly string[];
  readonly filter: TagFilter;
  /** Every row is about performance; otherwise only those that say so. */
  readonly targetsOnly: boolean;
}

/** A row that was read, or one that was not. */
export type Row = { readonly kpi: Kpi } | { readonly unread: UnreadTarget };

/** `performance[0].p95_ms` */
export function placeText(path: readonly string[]): string {
  return path.reduce(
    (text, step) => (/^\d+$/.test(step) ? `${text}[${step}]` : text === '' ? step : `${text}.${step}`),
    '',
  );
}

/** The row as unread, with the targets that would say it. */
export function unread(place: Place, value: unknown, reason: string): Row {
  const written = typeof value === 'object' ? 'a structure' : String(value);
  const key = place.path.at(-1) ?? '';
  const text = /^\d*$/.test(key) || TARGET_BLOCKS.test(key) ? written : `${key}: ${written}`;
  return { unread: { path: place.path, text, reason, proposals: proposeTargets(spoken(key, value)) } };
}

/** A row as a person would say it: `checkout_p95_ms: 800` is "checkout p95: 800 ms"; a map of limits is its parts. */
export function spoken(key: string, value: unknown): string {
  const name = /^\d+$/.test(key) ? '' : key.replace(/[_-]+/g, ' ').replace(/([a-z])([A-Z])/g, '$1 $2');
  if (isRecord(value)) {
    const { unit = '', ...parts } = value;
    return `${name}: ${Object.entries(parts)
      .map(([word, part]) => `${word} ${String(part)} ${String(unit)}`)
      .join(', ')}`.trim();
  }
  if (/\busers$/i.test(name) && typeof value === 'number') return `${value} ${name}`;
  const [, words = name, unit = ''] =
    typeof value === 'number' ? (/^(.*) (ms|s|sec|seconds|percent|rps|rpm)$/i.exec(name) ?? []) : [];
  return `${words}${words === '' ? '' : ': '}${String(value)} ${unit}`.trim();
}

/** A sentence is no target; where nothing can be proposed, it says what is missing. */
export function sentence(here: Place, text: string): Row {
  const row = unread(here, text, 'it is a sentence, not a target');
  if (!('unread' in row) || row.unread.proposals.length > 0) return row;
  return { unread: { ...row.unread, reason: `${row.unread.reason}: ${whyNoTarget(text)}` } };
}

type Asked = Pick<Kpi, 'metric' | 'statistic' | 'comparison' | 'target' | 'unit'>;

/** The KPI of a row; none where its condition names other profiles. */
export function kpiRow(asked: Asked, place: Place, condition: Omit<Condition, 'statistic'>, id?: string): Row[] {
  const field = placeText(place.path);
  const { load, during, profiles } = condition;
  if (profiles !== undefined && !profiles.includes(place.profile)) return [];
  return [
    {
      kpi: {
        id: id ?? field,
        ...asked,
        filter: place.filter,
        severity: 'medium',
        source: place.source,
        ...(load === undefined ? {} : { load }),
        ...(during === undefined ? {} : { during }),
        ...(place.origin === undefined ? {} : { origin: { ...place.origin, field } }),
      },
    },
  ];
}
