// Two kept runs → the Comparison: what may differ for other reasons, and what each figure did.

import { DEFAULT_SIZE } from '../analysis/differences/practical-size.ts';
import { COMPARISON_SCHEMA_VERSION, type Comparison } from '../model/comparison.ts';
import type { Result, ResultKpi } from '../model/result.ts';
import type { PracticalSize } from '../model/run.ts';
import { packageVersion } from '../system/package-root.ts';
import { comparabilityNotes, notesOfBoth } from './comparable.ts';
import type { History } from './history.ts';
import type { KeptRun } from './kept-run.ts';
import { compareMetrics } from './measure.ts';
import { historyOf, withHistory } from './over-runs.ts';

/** How runs are compared. */
export interface CompareRules {
  /** The least change that is called one; default 5 % and 5 ms. */
  readonly size?: PracticalSize;
  /** The chance of a false alarm that the figures have together; default 5 %. */
  readonly alarms?: number;
  /** Both builds were loaded in one cycle, each at its own address. */
  readonly isTogether?: boolean;
}

/** Compares run b with run a, the baseline; with further runs of their builds where there are some. */
export function compareRuns(a: KeptRun, b: KeptRun, history?: History, rules: CompareRules = {}): Comparison {
  const { size = DEFAULT_SIZE, alarms } = rules;
  const notes = rules.isTogether === true ? notesOfBoth(a, b) : comparabilityNotes(a, b);
  const alike = notes.every(({ level }) => level !== 'differs');
  // Runs that did something else say nothing about the builds, however many there are.
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

/** The same target of two runs, though its limit may have changed in between. */
function sameTarget(kpi: ResultKpi): string {
  const filter = Object.entries(kpi.filter).sort(([x], [y]) => x.localeCompare(y));
  return JSON.stringify([kpi.metric, filter, kpi.statistic, kpi.comparison, kpi.source, kpi.target]);
}

/** b's targets in its order, then those that only a has. Targets of one text and different limits are two targets. */
function targetsOf(a: Result, b: Result): Comparison['targets'] {
  const side = (kpi: ResultKpi | undefined) =>
    kpi === undefined ? null : { target: kpi.target, actual: kpi.actual, verdict: kpi.verdict };
  const known = new Map(a.kpis.map((kpi) => [sameTarget(kpi), kpi]));
  const inB = new Set(b.kpis.map(sameTarget));
  return [
    ...b.kpis.map((kpi) => ({ expression: kpi.expression, a: side(known.get(sameTarget(kpi))), b: side(kpi) })),
    ...a.kpis
      .filter((kpi) => !inB.has(sameTarget(kpi)))
      .map((kpi) => ({ expression: kpi.expression, a: side(kpi), b: null })),
  ];
}

/** Findings carry figures in their titles: they are the same when their kind and targets are. */
function sameFinding({ kind, kpis }: Result['findings'][number]): string {
  return JSON.stringify([kind, [...kpis].sort()]);
}

function titlesOnlyIn(run: Result, other: Result): string[] {
  const known = new Set(other.findings.map(sameFinding));
  return run.findings.filter((finding) => !known.has(sameFinding(finding))).map(({ title }) => title);
}
