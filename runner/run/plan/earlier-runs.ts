// What earlier runs of the same build, load and system under test measured for the targets of a run.

import { figureKey } from '../../analysis/statistics/pooled.ts';
import { differencesOfSetup, type SetupOfRun } from '../../compare/comparable.ts';
import { isSound, MOST_RUNS, readListed } from '../../compare/history.ts';
import { isKnownBuild } from '../../model/build.ts';
import type { VerdictReason } from '../../model/kpi.ts';
import { traitsOf } from '../../model/profile-traits.ts';
import type { Result, ResultKpi } from '../../model/result.ts';
import type { EarlierRun } from '../../model/run.ts';
import { listRuns } from '../../runs/run-list.ts';

/** Reasons that make a value depend on the run rather than on the build. */
const NOT_OF_THE_BUILD: ReadonlySet<VerdictReason> = new Set([
  'generator',
  'warming_up',
  'tags_lost',
  'wrong_unit',
  'load_short',
]);

/**
 * The newest accepted runs below `out`, at most 19, with the same scenario, script, profile, options, environment, system
 * under test, machine and k6. Empty if the build or the script is not known.
 */
export async function earlierRuns(setup: SetupOfRun, build: string, out: string): Promise<EarlierRun[]> {
  const { scenario, profile, environment } = setup.result;
  const { isStatistical, isSearch } = traitsOf(profile);
  // Each step of a search has a load of its own.
  if (!isKnownBuild(build) || setup.scriptHash === undefined || !isStatistical || isSearch) return [];
  const candidates = (await listRuns(out)).runs
    .filter((run) => run.build === build && run.scenario === scenario)
    .filter((run) => run.profile === profile && run.environment === environment)
    .sort((a, b) => b.started_at.localeCompare(a.started_at));
  const found: EarlierRun[] = [];
  for (const candidate of candidates) {
    if (found.length === MOST_RUNS - 1) break;
    const other = await readListed(out, candidate);
    if (other === undefined || !isSound(other.result) || !isWhole(other.result)) continue;
    if (other.scriptHash === undefined || differencesOfSetup(other, setup).length > 0) continue;
    found.push({ run: candidate.folder, figures: other.result.kpis.flatMap(figureOf) });
  }
  return found;
}

function isWhole({ slice, sources }: Result): boolean {
  return slice === undefined && sources === undefined;
}

function figureOf(kpi: ResultKpi): EarlierRun['figures'] {
  const { actual, reason, verdict, pooled } = kpi;
  if (actual === null || verdict === 'no_data' || (reason !== undefined && NOT_OF_THE_BUILD.has(reason))) return [];
  const low = pooled === undefined ? kpi.ci_low : pooled.own_ci_low;
  const high = pooled === undefined ? kpi.ci_high : pooled.own_ci_high;
  if (low === null && high === null) return [];
  return [{ key: figureKey({ ...kpi, over: kpi.over_ms }), value: actual, low, high }];
}
