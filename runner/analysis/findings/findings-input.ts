// Everything that findings are derived from.

import type { JudgedKpi } from '../../model/kpi.ts';
import type { RunMetrics, StreamFaults } from '../../model/metrics.ts';
import type { Observation } from '../../model/observation.ts';
import type { ScenarioPlan } from '../../model/plan.ts';
import type { ServerResult } from '../../model/server-result.ts';
import type { SourceFacts } from '../../model/source.ts';
import type { GeneratorVerdict } from '../generator/generator.ts';
import type { Omission } from '../load/coordinated-omission.ts';
import type { IterationCounts } from '../load/iterations.ts';
import type { Scalability } from '../load/scalability.ts';

export interface ThrownException {
  readonly message: string;
  /** file:line:column, if known. */
  readonly where: string | null;
  readonly stage: 'init' | 'setup' | 'iteration' | 'teardown';
  readonly count: number;
}

export interface FindingsInput {
  readonly kpis: readonly JudgedKpi[];
  readonly metrics: RunMetrics;
  readonly generator: GeneratorVerdict | undefined;
  readonly counts?: IterationCounts;
  readonly exceptions: readonly ThrownException[];
  /** Completed iterations, including those that threw. */
  readonly iterations: number;
  /** Faults counted by the reader of the stream; a kept archive has no bad lines itself. */
  readonly faults: Omit<StreamFaults, 'firstBadLine'> & {
    readonly firstBadLine?: StreamFaults['firstBadLine'] | undefined;
  };
  /** The monitored system under test, and the start of load, epoch milliseconds. */
  readonly watched?: { readonly server: ServerResult; readonly loadStartMs: number };
  /** Changes over the steady part, clearest first. */
  readonly observed?: readonly Observation[];
  readonly profile?: ScenarioPlan['profile'];
  /** Options of the run, if known. */
  readonly options?: ScenarioPlan['options'];
  /** Start of load, epoch milliseconds. */
  readonly loadStartMs?: number;
  /** The k6 processes of the run, if there are several. */
  readonly sources?: readonly SourceFacts[];
  /** Id of the KPI with abortOnFail that ended the run. */
  readonly abortedByKpi?: string | null;
  /** What a closed model did not send; undefined if it does not matter. */
  readonly omission?: Omission | undefined;
  readonly scalability?: Scalability | undefined;
  /** Memory of the machine with the monitored processes, bytes; undefined if it is another machine. */
  readonly machineMemoryBytes?: number | undefined;
}
