// Thresholds of a script, and PerformanceTargets or AcceptanceCriteria of a project → the KPIs of a run.

import { BUILTIN_METRICS, RESPONSE_TIMES } from '../model/builtin-metrics.ts';
import type { Kpi, TargetOrigin } from '../model/kpi.ts';
import type { TagFilter } from '../model/metrics.ts';
import { PROFILES, type ScriptThreshold } from '../model/plan.ts';
import { fullName, isServerMetric } from '../model/server-metrics.ts';
import { UserError } from '../system/errors.ts';
import { isRecord } from '../system/json.ts';
import { driftBase, inDriftUnit } from './drift-target.ts';
import { namedLimit, readRows } from './plain-targets.ts';
import { placeText, type RowsContext, type TargetsRead } from './row.ts';
import { GROWTH, isServerStatistic, SERVER_STATISTICS } from './server-unit.ts';
import { targetSchema } from './target-schema.ts';
import { formatSelector, isStatisticOf, parseSelector, parseThreshold, STATISTICS_OF } from './threshold.ts';
import { fitsMetric, inK6Unit, readUnit, unitOf } from './unit.ts';

/**
 * One KPI for each distinct threshold of the script, in order. Thresholds with abortOnFail are critical, all others medium. `shown` makes
 * the selector in the KPI's id. Throws a UserError for an expression, a selector or a statistic that k6 refuses.
 */
export function kpisFromThresholds(
  thresholds: readonly ScriptThreshold[],
  shown: (selector: string) => string = (selector) => selector,
): Kpi[] {
  const kpis = new Map<string, Kpi>();
  for (const { metric, expression, abortOnFail, delayAbortEvalMs } of thresholds) {
    const where = `options.thresholds['${metric}']`;
    const selector = parseSelector(metric, where);
    const parsed = parseThreshold(expression, where);
    checkStatistic(selector.metric, parsed.statistic, where);
    const written = `${metric} ${expression}`;
    const earlier = kpis.get(written)?.abort?.delayMs;
    const delayMs = earlier === undefined ? delayAbortEvalMs : Math.min(earlier, delayAbortEvalMs);
    const aborts = abortOnFail || earlier !== undefined;
    const kpi: Kpi = {
      id: `${shown(metric)} ${expression}`,
      ...selector,
      ...parsed,
      unit: '',
      severity: aborts ? 'critical' : 'medium',
      source: 'threshold',
      ...(aborts ? { abort: { delayMs: abortOnFail ? delayMs : (earlier ?? 0) } } : {}),
    };
    kpis.set(written, withBuiltinUnit(kpi));
  }
  return [...kpis.values()];
}

function checkStatistic(metric: string, statistic: string, where: string): void {
  const builtin = BUILTIN_METRICS.get(metric);
  if (builtin === undefined || isStatisticOf(builtin.type, statistic)) return;
  throw new UserError(
    `Expected ${STATISTICS_OF[builtin.type].join(', ')} for ${metric}, which is a ${builtin.type}; found ${statistic}.`,
    { where },
  );
}

function withBuiltinUnit(kpi: Kpi): Kpi {
  const builtin = BUILTIN_METRICS.get(kpi.metric);
  return builtin === undefined ? kpi : inK6Unit(kpi, builtin);
}

export interface TargetsContext {
  /** The profile of the run; targets for other profiles are left out. */
  readonly profile: string;
  /** The file or key of the value, for error messages. */
  readonly where: string;
  /** `acceptance`: the record also contains other criteria, so only those about performance are read. */
  readonly source: 'target' | 'acceptance';
  readonly origin?: Omit<TargetOrigin, 'field'>;
}

/**
 * The targets of a PerformanceTargets or AcceptanceCriteria item, in order, and the rows that were not read. Targets on response times are
 * judged over expected responses (`expected_response: true` is added to the filter), unless the filter has expected_response, status,
 * error or error_code; `expected_response: any` selects all responses. Throws a UserError that names the field for an entry that does not
 * match targetSchema, and for a PerformanceTargets item without targets.
 */
export function targetsOf(value: unknown, context: TargetsContext): TargetsRead {
  const read = joined(partsOf(value, context));
  if (context.source === 'target' && read.kpis.length + read.unread.length === 0 && !holdsOtherProfiles(value)) {
    throw new UserError('Expected targets, found none.', {
      where: context.where,
      next: 'write a list `targets` with metric, statistic, comparison and target, or limits such as p95_ms: 300',
    });
  }
  const seen = new Set<string>();
  const kpis = read.kpis.map((kpi) => {
    if (seen.has(kpi.id)) {
      throw new UserError(`Expected every target to have a unique id, found "${kpi.id}" twice.`, {
        where: context.where,
      });
    }
    seen.add(kpi.id);
    return finished(kpi, context.where);
  });
  return { kpis, unread: read.unread };
}

const LISTS = ['performance_targets', 'targets'];

/** Reads the list of targets of a record, and the record's other fields. */
function partsOf(value: unknown, context: TargetsContext): TargetsRead[] {
  const all = context.source === 'target';
  if (!isRecord(value)) {
    if (Array.isArray(value)) return [fromList(value, [], context, all)];
    if (typeof value === 'string') return [readRows(value, [], rowsContext(context), all)];
    throw new UserError(`Expected a map with targets, found ${value === null ? 'nothing' : typeof value}.`, {
      where: context.where,
    });
  }
  const at = LISTS.find((name) => value[name] !== undefined && value[name] !== null);
  if (at === undefined) return [readRows(value, [], rowsContext(context), all)];
  const { [at]: list, ...rest } = value;
  const main = Array.isArray(list)
    ? fromList(list, [at], context, true)
    : readRows(list, [at], rowsContext(context), true);
  return [main, readRows(rest, [], rowsContext(context), false)];
}

function joined(parts: readonly TargetsRead[]): TargetsRead {
  return { kpis: parts.flatMap(({ kpis }) => kpis), unread: parts.flatMap(({ unread }) => unread) };
}

function rowsContext({ where, profile, source, origin }: TargetsContext): RowsContext {
  return { where, profile, source, origin };
}

/** Reads a list: entries with a statistic, a comparison or a metric are targets in full, all others are read like rows. */
function fromList(
  list: readonly unknown[],
  path: readonly string[],
  context: TargetsContext,
  all: boolean,
): TargetsRead {
  const isEntry = (entry: unknown) =>
    isRecord(entry) &&
    ('statistic' in entry || 'comparison' in entry || ('metric' in entry && namedLimit(entry) === undefined));
  return joined(
    list.map((entry, index) => {
      const place = [...path, String(index)];
      if (isEntry(entry)) return { kpis: kpisFromEntry(entry, placeText(place), context), unread: [] };
      return readRows(entry, place, rowsContext(context), all);
    }),
  );
}

/** Whether a record has targets for other profiles, so that having none for this profile is no error. */
function holdsOtherProfiles(value: unknown): boolean {
  const list = isRecord(value) ? (value.targets ?? value.performance_targets ?? value) : value;
  if (Array.isArray(list)) return list.some((entry) => isRecord(entry) && Array.isArray(entry.profiles));
  return isRecord(list) && [...PROFILES, 'profiles'].some((name) => isRecord(list[name]));
}

/** KPIs of several sources in one list, with unique ids: duplicates become `<id> (<source>)`, then `<id> (<source> 2)` and so on. */
export function mergeKpis(...lists: ReadonlyArray<readonly Kpi[]>): Kpi[] {
  const taken = new Set<string>();
  return lists.flat().map((kpi) => {
    let { id } = kpi;
    for (let n = 1; taken.has(id); n++) id = `${kpi.id} (${kpi.source}${n === 1 ? '' : ` ${n}`})`;
    taken.add(id);
    return id === kpi.id ? kpi : { ...kpi, id };
  });
}

function kpisFromEntry(entry: unknown, field: string, context: TargetsContext): Kpi[] {
  const parsed = targetSchema.safeParse(entry);
  if (!parsed.success) {
    const [issue] = parsed.error.issues;
    const path = [field, ...(issue?.path.map(String) ?? [])].join('.');
    throw new UserError(`${issue?.message ?? 'Expected a target'}${foundAt(entry, issue?.path ?? [])}.`, {
      where: `${context.where}: ${path}`,
    });
  }
  const target = parsed.data;
  if (target.profiles !== undefined && !target.profiles.includes(context.profile)) return [];
  const selector = parseSelector(target.metric, `${context.where}: ${field}.metric`);
  const filter = { ...selector.filter, ...target.filter };
  const { statistic, comparison, load } = target;
  const id =
    target.id ?? `${formatSelector({ metric: selector.metric, filter })} ${statistic}${comparison}${target.target}`;
  return [
    {
      id,
      metric: selector.metric,
      filter,
      statistic,
      comparison,
      target: target.target,
      unit: target.unit,
      severity: target.severity ?? 'medium',
      source: context.source,
      ...(target.severity === undefined ? {} : { severityIsDeclared: true }),
      ...(target.during === undefined ? {} : { during: target.during }),
      ...(target.over === undefined ? {} : { overMs: target.over }),
      ...(load === undefined ? {} : { load }),
      ...(context.origin === undefined ? {} : { origin: { ...context.origin, field } }),
    },
  ];
}

/** `, found "x"` for the text or number at a path of a value; '' for other values. */
function foundAt(entry: unknown, path: readonly PropertyKey[]): string {
  const found = path.reduce<unknown>(
    (value, key) => (typeof value === 'object' && value !== null ? Reflect.get(value, key) : undefined),
    entry,
  );
  return typeof found === 'string' || typeof found === 'number' ? `, found ${JSON.stringify(found)}` : '';
}

/** A target with k6's unit and the default filter for responses. Throws a UserError if statistic, unit or share do not fit the metric. */
function finished(kpi: Kpi, where: string): Kpi {
  const place = `${where}: ${kpi.id}`;
  if (isServerMetric(kpi.metric)) return serverTarget(kpi, place);
  if (kpi.statistic === GROWTH) {
    throw new UserError(`Expected growth of a metric of the system under test (server.*), found ${kpi.metric}.`, {
      where: place,
    });
  }
  const builtin = BUILTIN_METRICS.get(kpi.metric);
  const drifting = driftBase(kpi.statistic);
  if (drifting !== undefined) {
    checkStatistic(kpi.metric, drifting, place);
    return withResponses(inDriftUnit(kpi, place));
  }
  if (builtin?.type === 'gauge' && ['avg', 'min', 'max'].includes(kpi.statistic)) return withResponses(kpi);
  checkStatistic(kpi.metric, kpi.statistic, place);
  if (builtin !== undefined && !fitsMetric(kpi.unit, builtin, kpi.statistic)) {
    const own = unitOf(builtin, kpi.statistic);
    throw new UserError(
      `Expected a unit for ${kpi.metric} ${kpi.statistic}, which k6 measures ${own === '' ? 'without a unit' : `in ${own}`}; found "${kpi.unit}".`,
      {
        where: place,
        next: 'units are ns, us, ms, s, min, h; B, kB, MB, GB, KiB, MiB, GiB; /s, /min, /h, rps; %',
      },
    );
  }
  if (builtin?.type === 'rate' && Math.abs(kpi.target) > 1 && readUnit(kpi.unit)?.of !== 'share') {
    throw new UserError(`Expected a share from 0 to 1 for ${kpi.metric}, found ${kpi.target}.`, {
      where: place,
      next: `write ${kpi.target / 100}, or give the unit: "%"`,
    });
  }
  return withResponses(builtin === undefined ? kpi : inK6Unit(kpi, builtin));
}

function serverTarget(kpi: Kpi, place: string): Kpi {
  if (isServerStatistic(kpi.statistic)) return { ...kpi, metric: fullName(kpi.metric) };
  throw new UserError(
    `Expected ${SERVER_STATISTICS.join(', ')} for ${kpi.metric}, a metric of the system under test; found ${kpi.statistic}.`,
    { where: place },
  );
}

/** Tags that select responses; a filter with one of them gets no default. */
const RESPONSE_TAGS = ['expected_response', 'status', 'error', 'error_code'];

function withResponses(kpi: Kpi): Kpi {
  if (!RESPONSE_TIMES.has(kpi.metric)) return kpi;
  if (kpi.filter.expected_response === 'any') {
    const { expected_response: _any, ...filter }: TagFilter = kpi.filter;
    return { ...kpi, filter };
  }
  if (RESPONSE_TAGS.some((tag) => Object.hasOwn(kpi.filter, tag))) return kpi;
  return { ...kpi, filter: { ...kpi.filter, expected_response: 'true' } };
}
