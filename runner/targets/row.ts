// A row of a record about targets: its place, and its outcome, a KPI or an unread row with proposed targets.

import type { Kpi, TargetOrigin } from '../model/kpi.ts';
import type { TagFilter } from '../model/metrics.ts';
import { isRecord } from '../system/json.ts';
import { whyNoTarget } from './about-performance.ts';
import type { Condition } from './limit.ts';
import type { Proposal } from './proposal.ts';
import { proposeTargets } from './propose.ts';

/** Names of blocks with targets only, and of blocks with targets and other requirements. */
export const TARGET_BLOCKS =
  /^(?:performance|performance_?(?:targets|criteria|requirements|goals)|kpis?|slos?|slas?)$/i;
export const MIXED_BLOCKS = /^(?:non_?-?functional(?:_?requirements|_?criteria)?|nfrs?|quality(?:_?attributes)?)$/i;

/** A row that was not read. */
export interface UnreadTarget {
  /** The keys from the record's value to the row. */
  readonly path: readonly string[];
  /** `p95_response_time: < 2 s during peak` */
  readonly text: string;
  /** The reason, as a clause. */
  readonly reason: string;
  /** Proposed targets for it, if any. */
  readonly proposals: readonly Proposal[];
}

export interface TargetsRead {
  readonly kpis: readonly Kpi[];
  readonly unread: readonly UnreadTarget[];
}

export interface RowsContext {
  readonly where: string;
  /** The profile of the run; rows below the name of another profile are left out. */
  readonly profile: string;
  readonly source: Kpi['source'];
  readonly origin: Omit<TargetOrigin, 'field'> | undefined;
}

/** A row's place in the record, with settings that apply to all rows there. */
export interface Place extends RowsContext {
  readonly path: readonly string[];
  readonly filter: TagFilter;
  /** Whether all rows are targets; otherwise only those about performance are. */
  readonly targetsOnly: boolean;
}

/** A row that was read, or one that was not. */
export type Row = { readonly kpi: Kpi } | { readonly unread: UnreadTarget };

/** A path as text: `performance[0].p95_ms`. */
export function placeText(path: readonly string[]): string {
  return path.reduce(
    (text, step) => (/^\d+$/.test(step) ? `${text}[${step}]` : text === '' ? step : `${text}.${step}`),
    '',
  );
}

/** An unread row with proposed targets. `reason`: a clause. */
export function unread(place: Place, value: unknown, reason: string): Row {
  const written = typeof value === 'object' ? 'a structure' : String(value);
  const key = place.path.at(-1) ?? '';
  const text = /^\d*$/.test(key) || TARGET_BLOCKS.test(key) ? written : `${key}: ${written}`;
  return { unread: { path: place.path, text, reason, proposals: proposeTargets(spoken(key, value)) } };
}

/** A row as a sentence: `checkout_p95_ms: 800` is "checkout p95: 800 ms"; a map of limits is a list of its parts. */
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

/** The unread row of a sentence. If no target can be proposed, the reason states what is missing. */
export function sentence(here: Place, text: string): Row {
  const row = unread(here, text, 'it is a sentence, not a target');
  if (!('unread' in row) || row.unread.proposals.length > 0) return row;
  return { unread: { ...row.unread, reason: `${row.unread.reason}: ${whyNoTarget(text)}` } };
}

type Required = Pick<Kpi, 'metric' | 'statistic' | 'comparison' | 'target' | 'unit'>;

/** The row with a KPI; empty if its condition names only other profiles. */
export function kpiRow(required: Required, place: Place, condition: Omit<Condition, 'statistic'>, id?: string): Row[] {
  const field = placeText(place.path);
  const { load, during, profiles } = condition;
  if (profiles !== undefined && !profiles.includes(place.profile)) return [];
  return [
    {
      kpi: {
        id: id ?? field,
        ...required,
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
