// The list of kept runs → how each figure of one scenario went from run to run, and at which build it changed.

import { runChanges } from '../analysis/differences/run-changes.ts';
import { FALSE_ALARMS } from '../analysis/differences/runs-difference.ts';
import { isKnownBuild } from '../model/build.ts';
import { changeKey } from '../report/index-trends.ts';
import { type ListedRun, p95Target } from '../report/listed-run.ts';
import { signedPercent } from '../text/format.ts';

export interface HistoryPoint {
  readonly folder: string;
  readonly startedAt: string;
  readonly build: string;
  /** undefined: that run had no such figure. */
  readonly value: number | undefined;
  /** Its 95 % interval; undefined where the run gives none. */
  readonly low: number | undefined;
  readonly high: number | undefined;
}

export interface HistoryChange {
  /** The first run at the new level, the build that it measured, and the build before it. */
  readonly folder: string;
  readonly build: string;
  readonly before: string;
  /** The new level against the one before: 0.1 = 10 % more. */
  readonly change: number;
}

export interface FigureHistory {
  /** Of the KPI in the list of runs; `p95` and `capacity` for those of the whole run. */
  readonly key: string;
  /** `p95 of http_req_duration`, or the name of the whole-run figure. */
  readonly name: string;
  readonly filter: string;
  /** As format.ts reads units. */
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

/** Runs that ended early measured something else. */
const SOUND = ['pass', 'fail', 'inconclusive', 'unjudged'];

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

/** Where a change may lie: at a run whose build differs from that of the run before; anywhere where builds are not known. */
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
 * One history per profile and environment of the scenario, the most recently run first; figures are those of the newest run. A scenario
 * that never changed shows a change in any of its figures in at most 5 of 100 histories.
 */
export function scenarioHistories(runs: readonly ListedRun[], scenario: string): ScenarioHistory[] {
  const groups = new Map<string, ListedRun[]>();
  const own = runs.filter((run) => run.scenario === scenario && SOUND.includes(run.status));
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
  // Split evenly: all figures of a scenario together raise few false alarms.
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

/** Every change of every scenario, for the list of runs: `changeKey` → the runs at which the figure changed, in words. */
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
