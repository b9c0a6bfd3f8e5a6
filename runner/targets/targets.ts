// Thresholds of a script, and PerformanceTargets or AcceptanceCriteria of a project, become the KPIs that a run is judged by.

import { z } from 'zod';
import { BUILTIN_METRICS, RESPONSE_TIMES } from '../model/builtin-metrics.ts';
import { COMPARISONS, type Kpi, SEVERITIES } from '../model/kpi.ts';
import type { TagFilter } from '../model/metrics.ts';
import type { ScriptThreshold } from '../model/plan.ts';
import { fullName, isServerMetric } from '../model/server-metrics.ts';
import { durationMs } from '../system/duration.ts';
import { UserError } from '../system/errors.ts';
import { isRecord } from '../system/json.ts';
import { kpisFromMap } from './plain-targets.ts';
import { GROWTH, isServerStatistic, SERVER_STATISTICS } from './server-unit.ts';
import {
  formatSelector,
  isStatisticOf,
  parseSelector,
  parseStatistic,
  parseThreshold,
  STATISTICS_OF,
} from './threshold.ts';
import { inK6Unit, PERCENT } from './unit.ts';

/**
 * One KPI for each threshold of the script, in its order, one for several of the same text. A threshold that may end the
 * run is critical, any other medium. Throws a UserError for an expression, a selector or a statistic that k6 refuses.
 */
export function kpisFromThresholds(thresholds: readonly ScriptThreshold[]): Kpi[] {
  const kpis = new Map<string, Kpi>();
  for (const { metric, expression, abortOnFail, delayAbortEvalMs } of thresholds) {
    const where = `options.thresholds['${metric}']`;
    const selector = parseSelector(metric, where);
    const parsed = parseThreshold(expression, where);
    checkStatistic(selector.metric, parsed.statistic, where);
    const id = `${metric} ${expression}`;
    const earlier = kpis.get(id)?.abort?.delayMs;
    const delayMs = earlier === undefined ? delayAbortEvalMs : Math.min(earlier, delayAbortEvalMs);
    const aborts = abortOnFail || earlier !== undefined;
    const kpi: Kpi = {
      id,
      ...selector,
      ...parsed,
      unit: '',
      severity: aborts ? 'critical' : 'medium',
      source: 'threshold',
      ...(aborts ? { abort: { delayMs: abortOnFail ? delayMs : (earlier ?? 0) } } : {}),
    };
    kpis.set(id, withBuiltinUnit(kpi));
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

/** A tag value as YAML may hold it: `status: 200` is the text 200. */
const tagValue = z.union([z.string(), z.number(), z.boolean()]).transform(String);

const over = z.union([z.string(), z.number()]).transform((value, context) => {
  const ms = durationMs(String(value));
  if (ms !== undefined && ms > 0) return ms;
  context.addIssue({ code: 'custom', message: 'Expected a duration such as 30s or 2m' });
  return z.NEVER;
});

/** One entry of the list `targets` of a PerformanceTargets item, or of `performance_targets` of AcceptanceCriteria. */
export const targetSchema = z.looseObject({
  /** Default: the target as text. */
  id: z.string().min(1).optional(),
  /** k6's name or `server.*`; may carry tags, as in `http_req_duration{name:x}`. */
  metric: z.string().min(1),
  filter: z.record(z.string(), tagValue).default({}),
  /** k6's: p(95), avg, med, min, max, rate, count, value; of `server.*` also growth, the change per hour. */
  statistic: z.string().transform((text, context) => {
    const statistic = text.trim() === GROWTH ? GROWTH : parseStatistic(text.trim());
    if (statistic !== undefined) return statistic;
    context.addIssue({ code: 'custom', message: 'Expected p(N), avg, med, min, max, rate, count, value or growth' });
    return z.NEVER;
  }),
  comparison: z.enum(COMPARISONS),
  target: z.number(),
  /** ms, s, %, rps, …; default: what k6 measures in. */
  unit: z.string().default(''),
  severity: z.enum(SEVERITIES).default('medium'),
  /** Profiles that it holds for; default: all. */
  profiles: z.array(z.string()).optional(),
  /** `steady`, or the name of a phase. */
  during: z.string().min(1).optional(),
  /** A duration that every window of must meet the target. */
  over: over.optional(),
});

export interface TargetsContext {
  /** Targets that name other profiles only are left out. */
  readonly profile: string;
  /** File or key that the value came from, for letters. */
  readonly where: string;
  /** Default: `acceptance` for a value with `performance_targets`, `target` for any other. */
  readonly source?: Kpi['source'];
}

/**
 * KPIs of the value of a PerformanceTargets or AcceptanceCriteria item, in its order. Targets for the parts of a request's
 * time that a response ends are judged over expected responses (`expected_response: true` is added to the filter)
 * unless the filter already speaks of expected_response, status, error or error_code; `expected_response: any` asks for
 * all of them. Throws a UserError that names the field for anything that cannot be read; AcceptanceCriteria without
 * performance targets give none.
 */
export function kpisFromTargets(value: unknown, context: TargetsContext): Kpi[] {
  const { list, at, source } = listOf(value, context);
  if (list === undefined) return [];
  const kpis = Array.isArray(list)
    ? kpisFromList(list, at, context, source)
    : kpisFromMap(list, at, context.where, context.profile).map((kpi) => ({ ...kpi, source }));
  if (!Array.isArray(list) && kpis.length === 0) {
    throw new UserError('Expected targets, found none that can be read.', {
      where: at === '' ? context.where : `${context.where}: ${at}`,
      next: 'Write a list `targets` with metric, statistic, comparison and target, or limits such as p95_ms: 300.',
    });
  }
  const seen = new Set<string>();
  return kpis.map((kpi) => {
    if (seen.has(kpi.id)) {
      throw new UserError(`Expected every target to have an id of its own, found "${kpi.id}" twice.`, {
        where: context.where,
      });
    }
    seen.add(kpi.id);
    return finished(kpi, context.where);
  });
}

/**
 * KPIs of several sources in one list, in order, each with an id of its own: one whose id is taken is called
 * `<id> (<source>)`, then `<id> (<source> 2)` and so on.
 */
export function mergeKpis(...lists: ReadonlyArray<readonly Kpi[]>): Kpi[] {
  const taken = new Set<string>();
  return lists.flat().map((kpi) => {
    let { id } = kpi;
    for (let n = 1; taken.has(id); n++) id = `${kpi.id} (${kpi.source}${n === 1 ? '' : ` ${n}`})`;
    taken.add(id);
    return id === kpi.id ? kpi : { ...kpi, id };
  });
}

function listOf(value: unknown, context: TargetsContext) {
  const source = context.source ?? (isRecord(value) && 'performance_targets' in value ? 'acceptance' : 'target');
  if (Array.isArray(value)) return { list: value, at: '', source };
  if (!isRecord(value)) {
    throw new UserError(`Expected a map with targets, found ${value === null ? 'nothing' : typeof value}.`, {
      where: context.where,
    });
  }
  for (const at of ['performance_targets', 'targets']) {
    const list = value[at];
    if (Array.isArray(list) || isRecord(list)) return { list, at, source };
    if (list !== undefined && list !== null) {
      throw new UserError(`Expected a list or a map of targets, found ${typeof list}.`, {
        where: `${context.where}: ${at}`,
      });
    }
  }
  return source === 'acceptance' ? { list: undefined, at: '', source } : { list: value, at: '', source };
}

function kpisFromList(list: readonly unknown[], at: string, context: TargetsContext, source: Kpi['source']): Kpi[] {
  return list.flatMap((entry, index) => {
    const field = at === '' ? `[${index}]` : `${at}[${index}]`;
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
    const { statistic, comparison } = target;
    const id =
      target.id ?? `${formatSelector({ metric: selector.metric, filter })} ${statistic}${comparison}${target.target}`;
    return {
      id,
      metric: selector.metric,
      filter,
      statistic,
      comparison,
      target: target.target,
      unit: target.unit,
      severity: target.severity,
      source,
      ...(target.during === undefined ? {} : { during: target.during }),
      ...(target.over === undefined ? {} : { overMs: target.over }),
    };
  });
}

/** `, found "x"` for what stands at a path of a parsed value; '' where zod's message says it already. */
function foundAt(entry: unknown, path: readonly PropertyKey[]): string {
  const found = path.reduce<unknown>(
    (value, key) => (typeof value === 'object' && value !== null ? Reflect.get(value, key) : undefined),
    entry,
  );
  return typeof found === 'string' || typeof found === 'number' ? `, found ${JSON.stringify(found)}` : '';
}

/** What every target gets, however it was written: k6's unit, a statistic that can exist, the default of responses. */
function finished(kpi: Kpi, where: string): Kpi {
  const place = `${where}: ${kpi.id}`;
  if (isServerMetric(kpi.metric)) return serverTarget(kpi, place);
  if (kpi.statistic === GROWTH) {
    throw new UserError(`Expected growth of a metric of the system under test (server.*), found ${kpi.metric}.`, {
      where: place,
    });
  }
  const builtin = BUILTIN_METRICS.get(kpi.metric);
  if (builtin?.type === 'gauge' && ['avg', 'min', 'max'].includes(kpi.statistic)) return withResponses(kpi);
  checkStatistic(kpi.metric, kpi.statistic, place);
  if (builtin?.type === 'rate' && Math.abs(kpi.target) > 1 && !PERCENT.includes(kpi.unit.trim().toLowerCase())) {
    throw new UserError(`Expected a share from 0 to 1 for ${kpi.metric}, found ${kpi.target}.`, {
      where: place,
      next: `Write ${kpi.target / 100}, or give the unit: "%".`,
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

const SPEAKS_OF_RESPONSES = ['expected_response', 'status', 'error', 'error_code'];

function withResponses(kpi: Kpi): Kpi {
  if (!RESPONSE_TIMES.has(kpi.metric)) return kpi;
  if (kpi.filter.expected_response === 'any') {
    const { expected_response: _any, ...filter }: TagFilter = kpi.filter;
    return { ...kpi, filter };
  }
  if (SPEAKS_OF_RESPONSES.some((tag) => Object.hasOwn(kpi.filter, tag))) return kpi;
  return { ...kpi, filter: { ...kpi.filter, expected_response: 'true' } };
}
