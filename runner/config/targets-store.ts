// A component's PerformanceTargets (highest version) and AcceptanceCriteria become the KPIs of its runs; unreadable ones are errors.

import type { Kpi } from '../model/kpi.ts';
import { PROFILES } from '../model/plan.ts';
import { traitsOf } from '../model/profile-traits.ts';
import { UserError } from '../system/errors.ts';
import { isRecord } from '../system/json.ts';
import { nearPath } from '../system/near-path.ts';
import type { UnreadTarget } from '../targets/row.ts';
import { targetsOf } from '../targets/targets.ts';
import type { UnreadRow } from '../targets/unread-row.ts';
import { readOnlyCustomData } from './config-item.ts';
import type { CustomDataStore, StoredData } from './custom-data.ts';

/** Category of targets. */
export const TARGETS_CATEGORY = 'PerformanceTargets';
/** Category of acceptance criteria. */
export const ACCEPTANCE_CATEGORY = 'AcceptanceCriteria';

/** A key without a version is older than every version. */
const TARGETS_KEY = /^(?<name>.+?)(?:_(?:Performance_?)?Targets)?(?:_v(?<version>\d+))?$/i;
const ACCEPTANCE_KEY = /^(?<name>.+?)(?:_AC)?(?:_v(?<version>\d+))?$/i;

/** The targets of a component. */
export interface Targets {
  readonly kpis: readonly Kpi[];
  /** `PerformanceTargets:Catalog_Targets_v2` */
  readonly sources: readonly string[];
  readonly unread: readonly UnreadRow[];
}

/**
 * KPIs of a component for one profile, or for all profiles if that is undefined. Throws a UserError with file and line for a
 * broken file or an entry of a list that cannot be read; a component without targets has none.
 */
export async function readTargets(
  conportDir: string,
  component: string,
  profile: string | undefined,
): Promise<Targets> {
  const data = readOnlyCustomData(conportDir);
  const items = [...(await targetItemsOf(data, component)), ...(await acceptanceOf(data, component))];
  const kpis = new Map<string, Kpi>();
  const sources: string[] = [];
  const unread: UnreadRow[] = [];
  for (const { item, value } of items) {
    const source = `${item.category}:${item.key}`;
    const found = readItem(item, value, profile);
    if (found.kpis.length > 0) sources.push(source);
    unread.push(...found.unread);
    const { isStatistical } = traitsOf(profile);
    // A run with almost no load says nothing about targets under load.
    for (const kpi of found.kpis.filter(({ load }) => load === undefined || isStatistical)) {
      // Targets and criteria are written by different people: the same id in both is two KPIs.
      const id = kpis.has(kpi.id) ? `${kpi.id} (${source})` : kpi.id;
      kpis.set(id, { ...kpi, id });
    }
  }
  return { kpis: [...kpis.values()], sources, unread };
}

function readItem(
  item: StoredData,
  value: unknown,
  profile: string | undefined,
): { kpis: readonly Kpi[]; unread: UnreadRow[] } {
  const acceptance = item.category === ACCEPTANCE_CATEGORY;
  const pattern = acceptance ? ACCEPTANCE_KEY : TARGETS_KEY;
  const version = pattern.exec(item.key)?.groups?.version;
  const origin = { item: `${item.category}:${item.key}`, version: version === undefined ? null : Number(version) };
  const source = acceptance ? 'acceptance' : 'target';
  const kpis = new Map<string, Kpi>();
  const unread = new Map<string, UnreadRow>();
  try {
    for (const each of profile === undefined ? [...PROFILES, 'own'] : [profile]) {
      const read = targetsOf(value, { profile: each, where: item.path, source, origin });
      for (const kpi of read.kpis) kpis.set(kpi.id, kpi);
      for (const row of read.unread) unread.set(row.path.join('\0'), unreadRow(item, row));
    }
  } catch (error) {
    throw error instanceof UserError ? withLine(error, item) : error;
  }
  return { kpis: [...kpis.values()], unread: [...unread.values()] };
}

function unreadRow(item: StoredData, { path, text, reason, proposals }: UnreadTarget): UnreadRow {
  const { category, key } = item;
  const place = { item: `${category}:${key}`, component: componentOf(item), where: item.placeOf(path) };
  return { ...place, text, reason, proposals };
}

/** The component of an item: for targets from the key; criteria may have a component, else it is that of the feature's name. */
function componentOf({ category, key, value }: StoredData): string {
  const [pattern, named] = category === ACCEPTANCE_CATEGORY ? [ACCEPTANCE_KEY, namedIn(value)] : [TARGETS_KEY, []];
  const [only, ...more] = named;
  return only !== undefined && more.length === 0 ? only : (pattern.exec(key)?.groups?.name ?? key);
}

/** The components of criteria as a whole. */
function namedIn(value: unknown): string[] {
  return isRecord(value) ? [value.component, value.components].flat().filter((name) => typeof name === 'string') : [];
}

/** Adds the line to an error with a field, `file: targets[2].statistic`. */
function withLine(userError: UserError, item: StoredData): UserError {
  if (userError.where === undefined || !userError.where.startsWith(item.path)) return userError;
  const field = userError.where.slice(item.path.length).replace(/^: /, '');
  const place = item.placeOf(field.split(/[.[\]]+/).filter((step) => step !== ''));
  return new UserError(userError.message, {
    where: field === '' ? place : `${place}: ${field}`,
    ...(userError.next === undefined ? {} : { next: userError.next }),
    cause: userError,
  });
}

interface Source {
  readonly item: StoredData;
  readonly value: unknown;
}

async function targetItemsOf(data: CustomDataStore, component: string): Promise<Source[]> {
  const keys = (await data.keys(TARGETS_CATEGORY)).filter((key) =>
    isSame(TARGETS_KEY.exec(key)?.groups?.name ?? '', component),
  );
  const key = newest(keys, TARGETS_KEY);
  const item = key === undefined ? undefined : await data.read(TARGETS_CATEGORY, key);
  return item === undefined ? [] : [{ item, value: item.value }];
}

/** Keys are hand-written: Catalog and catalog, and "Product Catalog", Product_Catalog and ProductCatalog, are equal. */
function isSame(name: string, component: string): boolean {
  const letters = (text: string) =>
    text
      .normalize('NFC')
      .toLowerCase()
      .replace(/[\s_.-]+/g, '');
  return letters(name) !== '' && letters(name) === letters(component);
}

function newest(keys: readonly string[], pattern: RegExp): string | undefined {
  const version = (key: string) => Number(pattern.exec(key)?.groups?.version ?? 0);
  return keys.reduce<string | undefined>(
    (best, key) => (best === undefined || version(key) > version(best) ? key : best),
    undefined,
  );
}

/** The newest criteria of each feature for the component. */
async function acceptanceOf(data: CustomDataStore, component: string): Promise<Source[]> {
  const byFeature = new Map<string, string[]>();
  for (const key of await data.keys(ACCEPTANCE_CATEGORY)) {
    const feature = ACCEPTANCE_KEY.exec(key)?.groups?.name ?? key;
    byFeature.set(feature, [...(byFeature.get(feature) ?? []), key]);
  }
  const sources: Source[] = [];
  for (const [feature, keys] of byFeature) {
    const key = newest(keys, ACCEPTANCE_KEY);
    const item = key === undefined ? undefined : await data.read(ACCEPTANCE_CATEGORY, key);
    if (item === undefined || item.value === null || item.value === undefined) continue;
    const value = partFor(item.value, feature, component);
    if (value !== undefined) sources.push({ item, value });
  }
  return sources;
}

/**
 * Criteria may have `component` (or `components`) as a whole or per target; those without belong to the component with the feature's
 * name.
 */
function partFor(value: unknown, feature: string, component: string): unknown {
  const named = namedIn(value);
  const fits = named.length === 0 ? isSame(feature, component) : named.some((name) => isSame(name, component));
  const targets = isRecord(value) ? value.performance_targets : undefined;
  if (!isRecord(value) || !Array.isArray(targets)) return fits ? value : undefined;
  // Positions stay those of the record, so that errors have the right line.
  const mine = targets.map((target: unknown) => {
    const own = isRecord(target) ? target.component : undefined;
    return (typeof own === 'string' ? isSame(own, component) : fits) ? target : null;
  });
  if (mine.every((target) => target === null)) return fits ? { ...value, performance_targets: undefined } : undefined;
  return fits ? { ...value, performance_targets: mine } : { performance_targets: mine };
}

/** Unreadable rows of an item of targets or criteria, for all profiles. Throws a UserError for an invalid entry. */
export function checkTargetItem(item: StoredData): readonly UnreadRow[] {
  return item.value === null || item.value === undefined ? [] : readItem(item, item.value, undefined).unread;
}

/** The result of checking all targets. */
export interface TargetsCheck {
  /** Files and entries that cannot be used. */
  readonly broken: readonly UserError[];
  readonly unread: readonly UnreadRow[];
}

/** Reads every item of targets and criteria, for all profiles. */
export async function checkTargets(conportDir: string): Promise<TargetsCheck> {
  const data = readOnlyCustomData(conportDir);
  const broken: UserError[] = [];
  const unread: UnreadRow[] = [];
  for (const category of [TARGETS_CATEGORY, ACCEPTANCE_CATEGORY]) {
    const found = await data.readable(category);
    broken.push(...found.broken);
    for (const item of found.items) {
      try {
        unread.push(...checkTargetItem(item));
      } catch (error) {
        if (!(error instanceof UserError)) throw error;
        broken.push(error);
      }
    }
  }
  return { broken, unread };
}

/**
 * A sentence without full stop on each item of targets or criteria that no run uses: an invalid one, and, if the components of all
 * scenarios are known, one for another component.
 */
export async function unusedTargets(conportDir: string, components: readonly string[] | undefined): Promise<string[]> {
  const { broken } = await checkTargets(conportDir);
  const unreadable = broken.map(
    ({ message, where }) => `Nothing is judged by ${where === undefined ? 'an item' : nearPath(where)}: ${message}`,
  );
  const orphans = components === undefined ? [] : await orphanTargets(conportDir, components);
  return [...unreadable, ...orphans].map((text) => text.replace(/\.$/, ''));
}

/** A sentence on each item of PerformanceTargets that is for none of these components. */
export async function orphanTargets(conportDir: string, components: readonly string[]): Promise<string[]> {
  const keys = await readOnlyCustomData(conportDir).keys(TARGETS_CATEGORY);
  return keys.flatMap((key) => {
    const name = TARGETS_KEY.exec(key)?.groups?.name ?? key;
    if (components.some((component) => isSame(name, component))) return [];
    return [`${TARGETS_CATEGORY}:${key} is never judged: no scenario has the component ${name}.`];
  });
}
