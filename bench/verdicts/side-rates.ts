// How often a percentile is called different in simulated side-by-side runs of two builds, on a machine with varying speed.

import { judgeRuns } from '../../runner/analysis/differences/runs-difference.ts';
import { estimateSideBySide } from '../../runner/analysis/differences/side-by-side.ts';
import type { Change } from '../../runner/model/comparison.ts';
import type { Interval } from '../../runner/model/metrics.ts';
import { aggregateOf, normal, type Random, seeded } from './streams.ts';

/** Both builds of one run; the second is `change` times as slow. */
export interface SideRun {
  readonly seconds: number;
  /** Requests a second of each build. */
  readonly perSecond: number;
  /** sd of the logarithm of the machine's speed, and its correlation from second to second. */
  readonly level: number;
  readonly correlation: number;
  readonly change: number;
}

const MEDIAN_MS = 50;
const REQUEST_SD = 0.5;

/** The intervals of both sides of a run. */
export function simulateSides(run: SideRun, random: Random): [Interval[], Interval[]] {
  const { seconds, perSecond, level: sd, correlation, change } = run;
  const sides: [Interval[], Interval[]] = [[], []];
  let level = sd * normal(random);
  for (let second = 0; second < seconds; second++) {
    level = correlation * level + sd * Math.sqrt(1 - correlation ** 2) * normal(random);
    for (const [index, factor] of [1, change].entries()) {
      const one = () => MEDIAN_MS * factor * Math.exp(level + REQUEST_SD * normal(random));
      const aggregate = aggregateOf(Array.from({ length: perSecond }, one));
      sides[index]?.push({ startMs: second * 1000, lengthMs: 1000, aggregate });
    }
  }
  return sides;
}

/** Number of runs per verdict for the percentile `q`, 0 to 1; runs without a comparison have none. */
export function sideVerdicts(run: SideRun, q: number, runs: number, seed: number): Record<Change, number> {
  const random = seeded(seed);
  const found = { worse: 0, better: 0, same: 0, unknown: 0 };
  for (let each = 0; each < runs; each++) {
    const estimate = estimateSideBySide(...simulateSides(run, random), q);
    if (estimate !== undefined) found[judgeRuns(estimate).verdict]++;
  }
  return found;
}
