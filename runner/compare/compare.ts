// Two runs → their Comparison: reasons for differences other than the build, and the difference of each figure.

import { COMPARISON_SCHEMA_VERSION, type Comparison } from '../model/comparison.ts';
import { DEFAULT_PRACTICAL_SIZE } from '../model/practical-size.ts';
import type { Result, ResultKpi } from '../model/result.ts';
import type { PracticalSize } from '../model/run.ts';
import { packageVersion } from '../system/package-root.ts';
import { comparabilityNotes, notesOfBoth } from './comparable.ts';
import type { History } from './history.ts';
import type { KeptRun } from './kept-run.ts';
import { compareMetrics } from './measure.ts';
import { historyOf, withHistory } from './over-runs.ts';

/** Rules of a comparison. */
export interface CompareRules {
  /** The smallest change that counts; default 5 % and 5 ms. */
  readonly size?: PracticalSize;
  /** The chance of any false alarm, all figures together, from 0 to 1; default 0.05. */
  readonly alarms?: number;
  /** True if both builds were loaded in one cycle, each at its own address. */
  readonly isTogether?: boolean;
}

/** Compares run b with run a, the baseline. `history`: further runs of both builds. */
export function compareRuns(a: KeptRun, b: KeptRun, history?: History, rules: CompareRules = {}): Comparison {
  const { size = DEFAULT_PRACTICAL_SIZE, alarms } = rules;
  const notes = rules.isTogether === true ? notesOfBoth(a, b) : comparabilityNotes(a, b);
  const alike = notes.every(({ level }) => level !== 'differs');
  // Differences between runs that are not comparable say nothing about the builds, however many runs there are.
  const further = alike ? history : undefined;
  const figures = compareMetrics(a, b, size);
  const metrics = further === undefined ? figures : withHistory(figures, further, size, alarms);
  return {
    schema_version: COMPARISON_SCHEMA_VERSION,
    novaperf_version: packageVersion,
    a: comparedRun(a),
    b: comparedRun(b),
    alike,
    notes,
    history: (further && historyOf(metrics, further)) ?? null,
    metrics,
    targets: targetsOf(a.result, b.result),
    findings: {
      new: titlesOnlyIn(b.result, a.result),
      gone: titlesOnlyIn(a.result, b.result),
    },
  };
}

function comparedRun({ folder, result }: KeptRun): Comparison['a'] {
  return {
    run: folder,
    scenario: result.scenario,
    profile: result.profile,
    environment: result.environment,
    build_version: result.build_version,
    started_at: result.started_at,
    duration_ms: result.duration_ms,
    status: result.status,
    status_reason: result.status_reason,
  };
}

/** A key that is equal for the same target in two runs. Another limit is another target. */
function targetKey(kpi: ResultKpi): string {
  const filter = Object.entries(kpi.filter).sort(([x], [y]) => x.localeCompare(y));
  return JSON.stringify([kpi.metric, filter, kpi.statistic, kpi.comparison, kpi.source, kpi.target]);
}

/** The targets of b in its order, then those that only a has. */
function targetsOf(a: Result, b: Result): Comparison['targets'] {
  const side = (kpi: ResultKpi | undefined) =>
    kpi === undefined ? null : { target: kpi.target, actual: kpi.actual, verdict: kpi.verdict };
  const known = new Map(a.kpis.map((kpi) => [targetKey(kpi), kpi]));
  const inB = new Set(b.kpis.map(targetKey));
  return [
    ...b.kpis.map((kpi) => ({ expression: kpi.expression, a: side(known.get(targetKey(kpi))), b: side(kpi) })),
    ...a.kpis
      .filter((kpi) => !inB.has(targetKey(kpi)))
      .map((kpi) => ({ expression: kpi.expression, a: side(kpi), b: null })),
  ];
}

/** A key that is equal for the same finding in two runs. Titles contain figures, so the key has the kind and the targets. */
function findingKey({ kind, kpis }: Result['findings'][number]): string {
  return JSON.stringify([kind, [...kpis].sort()]);
}

function titlesOnlyIn(run: Result, other: Result): string[] {
  const known = new Set(other.findings.map(findingKey));
  return run.findings.filter((finding) => !known.has(findingKey(finding))).map(({ title }) => title);
}
