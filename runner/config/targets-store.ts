// A component's PerformanceTargets (highest version) and AcceptanceCriteria become the KPIs that its runs are judged by.

import type { Kpi } from '../model/kpi.ts';
import { PROFILES } from '../model/plan.ts';
import { UserError } from '../system/errors.ts';
import { isRecord } from '../system/json.ts';
import { kpisFromTargets } from '../targets/targets.ts';
import type { CustomDataStore, StoredData } from './custom-data.ts';
import { readOnlyCustomData } from './project-config.ts';

export const TARGETS_CATEGORY = 'PerformanceTargets';
export const ACCEPTANCE_CATEGORY = 'AcceptanceCriteria';

const TARGETS_KEY = /^(?<name>.+)_Targets_v(?<version>\d+)$/i;
const ACCEPTANCE_KEY = /^(?<name>.+)_AC_v(?<version>\d+)$/i;

export interface Targets {
  readonly kpis: Kpi[];
  /** `PerformanceTargets:Catalog_Targets_v2` */
  readonly sources: string[];
}

/**
 * KPIs of a component for one profile, or for any profile when that is undefined. Throws a UserError with file and line for a
 * broken file or a target that cannot be read; a component without targets has none.
 */
export async function readTargets(
  conportDir: string,
  component: string,
  profile: string | undefined,
): Promise<Targets> {
  const data = readOnlyCustomData(conportDir);
  const items = [...(await targetsOf(data, component)), ...(await acceptanceOf(data, component))];
  const kpis = new Map<string, Kpi>();
  const sources: string[] = [];
  for (const { item, value } of items) {
    const source = `${item.category}:${item.key}`;
    const found = kpisFor(item, value, profile);
    if (found.length > 0) sources.push(source);
    for (const kpi of found) {
      // Targets and criteria are written by different people: the same id in both is two KPIs.
      const id = kpis.has(kpi.id) ? `${kpi.id} (${source})` : kpi.id;
      kpis.set(id, { ...kpi, id });
    }
  }
  return { kpis: [...kpis.values()], sources };
}

function kpisFor(item: StoredData, value: unknown, profile: string | undefined): Kpi[] {
  const where = item.path;
  try {
    if (profile !== undefined) return kpisFromTargets(value, { profile, where });
    const byId = new Map<string, Kpi>();
    for (const each of [...PROFILES, 'own']) {
      for (const kpi of kpisFromTargets(value, { profile: each, where })) byId.set(kpi.id, kpi);
    }
    return [...byId.values()];
  } catch (error) {
    throw error instanceof UserError ? withLine(error, item) : error;
  }
}

/** The stage that reads targets knows the field, `file: targets[2].statistic`; the store knows its line. */
function withLine(letter: UserError, item: StoredData): UserError {
  if (letter.where === undefined || !letter.where.startsWith(item.path)) return letter;
  const field = letter.where.slice(item.path.length).replace(/^: /, '');
  const place = item.placeOf(field.split(/[.[\]]+/).filter((step) => step !== ''));
  return new UserError(letter.message, {
    where: field === '' ? place : `${place}: ${field}`,
    ...(letter.next === undefined ? {} : { next: letter.next }),
    cause: letter,
  });
}

interface Source {
  readonly item: StoredData;
  readonly value: unknown;
}

async function targetsOf(data: CustomDataStore, component: string): Promise<Source[]> {
  const keys = (await data.keys(TARGETS_CATEGORY)).filter((key) =>
    isSame(TARGETS_KEY.exec(key)?.groups?.name ?? '', component),
  );
  const key = newest(keys, TARGETS_KEY);
  const item = key === undefined ? undefined : await data.read(TARGETS_CATEGORY, key);
  return item === undefined ? [] : [{ item, value: item.value }];
}

/** Keys are written by hand: Catalog, catalog and "Product Catalog" as Product_Catalog or ProductCatalog are the same. */
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

/** The newest criteria of each feature, as far as they speak of the component. */
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
    if (item === undefined || !isRecord(item.value) || item.value.performance_targets === undefined) continue;
    const value = partFor(item.value, feature, component);
    if (value !== undefined) sources.push({ item, value });
  }
  return sources;
}

/**
 * Criteria may name their `component` (or `components`) as a whole or target by target; those that name none belong to the
 * component that is called like the feature.
 */
function partFor(
  value: Record<string, unknown>,
  feature: string,
  component: string,
): Record<string, unknown> | undefined {
  const named = [value.component, value.components].flat().filter((name) => typeof name === 'string');
  const targets = value.performance_targets;
  const fits = named.length === 0 ? isSame(feature, component) : named.some((name) => isSame(name, component));
  if (!Array.isArray(targets)) return fits ? value : undefined;
  const mine = targets.filter((target: unknown) => {
    const own = isRecord(target) ? target.component : undefined;
    return typeof own === 'string' ? isSame(own, component) : fits;
  });
  return mine.length === 0 ? undefined : { ...value, performance_targets: mine };
}

/** Throws a UserError when an item of targets or criteria cannot be read for some profile. */
export function checkTargetItem(item: StoredData): void {
  const { category, value } = item;
  if (category === ACCEPTANCE_CATEGORY && !(isRecord(value) && 'performance_targets' in value)) return;
  kpisFor(item, value, undefined);
}

/** Reads every item of targets and criteria, for all profiles; returns what is wrong, letter by letter. */
export async function checkTargets(conportDir: string): Promise<UserError[]> {
  const data = readOnlyCustomData(conportDir);
  const letters: UserError[] = [];
  for (const category of [TARGETS_CATEGORY, ACCEPTANCE_CATEGORY]) {
    const { items, broken } = await data.readable(category);
    letters.push(...broken);
    for (const item of items) {
      try {
        checkTargetItem(item);
      } catch (error) {
        if (!(error instanceof UserError)) throw error;
        letters.push(error);
      }
    }
  }
  return letters;
}
