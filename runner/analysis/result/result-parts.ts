// Converts parts of the analysis to the form of result.json: undefined becomes null, names become snake_case.

import type { Finding, JudgedKpi, PooledRuns } from '../../model/kpi.ts';
import type { ScenarioPlan } from '../../model/plan.ts';
import type { Result, ResultFinding, ResultKpi } from '../../model/result.ts';
import type { Outcome, RunFacts } from '../../model/run.ts';
import { expressionOf } from '../../targets/expression.ts';
import { redactValue } from '../../text/secrets.ts';
import { severityOf } from '../findings/findings-kpis.ts';
import type { GeneratorVerdict } from '../generator/generator.ts';
import type { IterationCounts } from '../load/iterations.ts';
import { runsToDecide } from '../statistics/pooled.ts';
import { marginPercent } from '../verdict/judge.ts';

/** The options of a run in result.json. */
export function resultOptions({ options }: Pick<ScenarioPlan, 'options'>): Result['options'] {
  return Object.fromEntries(Object.entries(options).map(([name, value]) => [name, redactValue(value, name)]));
}

/** The load generator's machine in result.json. */
export function resultMachine({ os, cpu, cores, memoryBytes, node }: RunFacts['machine']): Result['machine'] {
  return { os, cpu, cores, memory_bytes: memoryBytes, node };
}

/** A finding in result.json. */
export function resultFinding({
  kind,
  severity,
  title,
  detail,
  kpis,
  probableCause,
  movedWith,
}: Finding): ResultFinding {
  return {
    ...{ kind, severity, title, detail, kpis: [...kpis], probable_cause: probableCause ?? null },
    ...(movedWith === undefined ? {} : { moved_with: [...movedWith] }),
  };
}

/** A judged target in result.json. */
export function resultKpi(kpi: JudgedKpi): ResultKpi {
  return {
    id: kpi.id,
    ...(kpi.overMs === undefined ? {} : { over_ms: kpi.overMs }),
    ...(kpi.during === undefined ? {} : { during: kpi.during }),
    metric: kpi.metric,
    filter: { ...kpi.filter },
    statistic: kpi.statistic,
    comparison: kpi.comparison,
    target: kpi.target,
    actual: kpi.actual ?? null,
    ci_low: kpi.ciLow ?? null,
    ci_high: kpi.ciHigh ?? null,
    ...(kpi.pooled === undefined ? {} : { pooled: resultPool(kpi, kpi.pooled) }),
    ...(kpi.intervalAbsence === undefined ? {} : { interval_absence: kpi.intervalAbsence }),
    confidence: kpi.confidence,
    method: kpi.method,
    reason: kpi.reason,
    decides_after_ms: kpi.decidesAfterMs ?? null,
    unit: kpi.unit,
    samples: kpi.samples,
    verdict: kpi.verdict,
    ...(kpi.noDataPasses === true ? { no_data_passes: true } : {}),
    severity: severityOf(kpi),
    ...(kpi.severityIsDeclared === true ? { severity_is_declared: true } : {}),
    source: kpi.source,
    origin: kpi.origin === undefined ? null : { ...kpi.origin },
    expression: expressionOf(kpi),
    margin_percent: marginPercent(kpi, kpi.actual) ?? null,
    note: kpi.note ?? null,
  };
}

function resultPool(kpi: JudgedKpi, { runs, mean, agrees, ownLow, ownHigh }: PooledRuns): ResultKpi['pooled'] {
  const more = kpi.verdict === 'inconclusive' ? runsToDecide(kpi) : undefined;
  return { runs, mean, agrees, own_ci_low: ownLow, own_ci_high: ownHigh, decides_after_runs: more ?? null };
}

/** The iterations in result.json, including those that threw. */
export function resultIterations(counts: IterationCounts, exceptions: Outcome['exceptions']): Result['iterations'] {
  return {
    asked: counts.open?.asked ?? null,
    begun: counts.begun ?? null,
    completed: counts.completed,
    interrupted: counts.interrupted ?? null,
    dropped: counts.dropped,
    not_begun: counts.notBegun,
    exceptions: exceptions.reduce((sum, { count }) => sum + count, 0),
  };
}

/** The load generator's health in result.json. */
export function resultGenerator(generator: GeneratorVerdict, droppedIterations: number): Result['generator'] {
  return {
    state: generator.state,
    reasons: [...generator.reasons],
    cpu_cores_avg: generator.cpuCoresAvg ?? null,
    cpu_cores_max: generator.cpuCoresMax ?? null,
    cores_allowed: generator.coresAllowed ?? null,
    resident_bytes_max: generator.residentBytesMax ?? null,
    sched_p99_ms: generator.schedP99Ms ?? null,
    goroutines_max: generator.goroutinesMax ?? null,
    dropped_iterations: droppedIterations,
    achieved_rate: generator.achievedRate ?? null,
    backlog_max: generator.backlogMax ?? null,
    machine: {
      state: generator.machine.state,
      cores: generator.machine.cores ?? null,
      cpu_avg: generator.machine.cpuAvg ?? null,
      cpu_sustained: generator.machine.cpuSustained ?? null,
      pressure_sustained: generator.machine.pressureSustained ?? null,
      other_cores_avg: generator.machine.otherCoresAvg ?? null,
      runner_lag_max_ms: generator.machine.runnerLagMaxMs ?? null,
      clock_step_ms: generator.machine.clockStepMs ?? null,
    },
  };
}
