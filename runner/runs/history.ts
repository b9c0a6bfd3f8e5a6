// The list of runs → the history of each figure of a scenario, and the builds at which it changed.

import { runChanges } from '../analysis/differences/run-changes.ts';
import { FALSE_ALARMS } from '../analysis/differences/runs-difference.ts';
import { isKnownBuild } from '../model/build.ts';
import { isCompleted } from '../model/result.ts';
import { changeKey } from '../report/index-trends.ts';
import { type ListedRun, p95Target } from '../report/listed-run.ts';
import { signedPercent } from '../text/format.ts';

export interface HistoryPoint {
  readonly folder: string;
  readonly startedAt: string;
  readonly build: string;
  /** undefined: the run does not have the figure. */
  readonly value: number | undefined;
  /** The 95 % interval; undefined if the run has none. */
  readonly low: number | undefined;
  readonly high: number | undefined;
}

export interface HistoryChange {
  /** The first run at the new level, its build, and the build before. */
  readonly folder: string;
  readonly build: string;
  readonly before: string;
  /** The new level relative to the old one: 0.1 = 10 % higher. */
  readonly change: number;
}

export interface FigureHistory {
  /** The key of the KPI in the list of runs; `p95` or `capacity` for figures of the whole run. */
  readonly key: string;
  /** `p95 of http_req_duration`, or the name of a figure of the whole run. */
  readonly name: string;
  readonly filter: string;
  /** A unit of text/format.ts. */
  readonly unit: string;
  readonly points: readonly HistoryPoint[];
  readonly changes: readonly HistoryChange[];
}

export interface ScenarioHistory {
  readonly scenario: string;
  readonly profile: string;
  readonly environment: string;
  /** Oldest first. */
  readonly runs: readonly ListedRun[];
  readonly figures: readonly FigureHistory[];
}

interface Figure {
  readonly key: string;
  readonly name: string;
  readonly filter: string;
  readonly unit: string;
  readonly valueIn: (run: ListedRun) => number | null | undefined;
  readonly intervalIn?: (run: ListedRun) => Pick<ListedRun['kpis'][number], 'ci_low' | 'ci_high'> | undefined;
}

function figuresOf(runs: readonly ListedRun[]): Figure[] {
  const latest = runs.at(-1);
  const ofKpis = (latest?.kpis ?? []).map(({ key, name, filter, unit }) => ({
    key,
    name,
    filter,
    unit,
    valueIn: (run: ListedRun) => run.kpis.find((kpi) => kpi.key === key)?.actual,
    intervalIn: (run: ListedRun) => run.kpis.find((kpi) => kpi.key === key),
  }));
  const whole: Figure = {
    key: 'p95',
    name: 'p95 of response times',
    filter: '',
    unit: 'ms',
    valueIn: ({ p95_ms }) => p95_ms,
  };
  const capacity: Figure = {
    key: 'capacity',
    name: 'sustained load',
    filter: '',
    unit: '1/s',
    valueIn: ({ capacity_per_s: perSecond }) => perSecond,
  };
  const hasCapacity = runs.some(({ capacity_per_s: perSecond }) => perSecond !== null);
  return [...(hasCapacity ? [capacity] : []), ...(p95Target(runs) === undefined ? [whole] : []), ...ofKpis];
}

/** The indices at which a change is possible: runs with another build than the run before; all runs if a build is unknown. */
function placesOf(points: readonly HistoryPoint[]): number[] {
  const all = points.map((_, index) => index).slice(1);
  if (!points.every(({ build }) => isKnownBuild(build))) return all;
  return all.filter((index) => points[index]?.build !== points[index - 1]?.build);
}

function changesOf(points: readonly HistoryPoint[], level: number): HistoryChange[] {
  const known = points.filter((point): point is HistoryPoint & { value: number } => point.value !== undefined);
  return runChanges(
    known.map(({ value }) => value),
    { places: placesOf(known), level },
  ).flatMap(({ at, change }) => {
    const [point, before] = [known[at], known[at - 1]];
    if (point === undefined || before === undefined) return [];
    return [{ folder: point.folder, build: point.build, before: before.build, change }];
  });
}

/**
 * One history per profile and environment of the scenario, the one with the newest run first, with the figures of its newest run. For a
 * scenario without changes, at most 5 % of the histories report a change in any figure.
 */
export function scenarioHistories(runs: readonly ListedRun[], scenario: string): ScenarioHistory[] {
  const groups = new Map<string, ListedRun[]>();
  const own = runs.filter((run) => run.scenario === scenario && isCompleted(run.status));
  for (const run of [...own].sort((a, b) => a.started_at.localeCompare(b.started_at))) {
    const key = JSON.stringify([run.profile, run.environment]);
    groups.set(key, [...(groups.get(key) ?? []), run]);
  }
  return [...groups.values()]
    .flatMap((group): ScenarioHistory[] => {
      const [first] = group;
      return first === undefined ? [] : [historyOf(group, first)];
    })
    .sort((a, b) => (b.runs.at(-1)?.started_at ?? '').localeCompare(a.runs.at(-1)?.started_at ?? ''));
}

function historyOf(runs: readonly ListedRun[], { scenario, profile, environment }: ListedRun): ScenarioHistory {
  const figures = figuresOf(runs);
  // Split evenly, so that all figures of a scenario together stay within FALSE_ALARMS.
  const level = FALSE_ALARMS / Math.max(1, figures.length);
  return {
    scenario,
    profile,
    environment,
    runs,
    figures: figures.map(({ key, name, filter, unit, valueIn, intervalIn }) => {
      const points = runs.map((run) => ({
        folder: run.folder,
        startedAt: run.started_at,
        build: run.build,
        value: valueIn(run) ?? undefined,
        low: intervalIn?.(run)?.ci_low ?? undefined,
        high: intervalIn?.(run)?.ci_high ?? undefined,
      }));
      return { key, name, filter, unit, points, changes: changesOf(points, level) };
    }),
  };
}

/** All changes of all scenarios: `changeKey` → folder of the run at which the figure changed → `+12 % at build 1.4.2`. */
export function allChanges(runs: readonly ListedRun[]): ReadonlyMap<string, ReadonlyMap<string, string>> {
  const found = new Map<string, Map<string, string>>();
  for (const scenario of new Set(runs.map((run) => run.scenario))) {
    for (const { profile, figures } of scenarioHistories(runs, scenario)) {
      for (const { key, changes } of figures) {
        const name = changeKey({ scenario, profile }, key);
        const known = found.get(name) ?? new Map<string, string>();
        for (const { folder, build, change } of changes) {
          const at = isKnownBuild(build) ? `build ${build}` : folder;
          known.set(folder, `${signedPercent(change * 100)} at ${at}`);
        }
        if (known.size > 0) found.set(name, known);
      }
    }
  }
  return found;
}
