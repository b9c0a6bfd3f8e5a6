// All that is known of a run when its findings are made.

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
  /** file:line:column, where known. */
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
  /** Completed ones, those that threw included. */
  readonly iterations: number;
  /** Of the reader of the stream: a kept archive has no bad lines of its own. */
  readonly faults: Omit<StreamFaults, 'firstBadLine'> & {
    readonly firstBadLine?: StreamFaults['firstBadLine'] | undefined;
  };
  /** The system under test, where it was watched, and when load began, epoch milliseconds. */
  readonly watched?: { readonly server: ServerResult; readonly loadStartMs: number };
  /** What changed over the steady part, clearest first. */
  readonly observed?: readonly Observation[];
  readonly profile?: ScenarioPlan['profile'];
  /** Of the run, as far as they are known. */
  readonly options?: ScenarioPlan['options'];
  /** When load began, epoch milliseconds. */
  readonly loadStartMs?: number;
  /** The k6 processes that make up the run, where they are several. */
  readonly sources?: readonly SourceFacts[];
  /** Id of the KPI with abortOnFail that ended the run. */
  readonly abortedByKpi?: string | null;
  /** What a closed model did not send; undefined where it matters not. */
  readonly omission?: Omission | undefined;
  readonly scalability?: Scalability | undefined;
  /** Memory of the machine whose processes were watched, bytes; undefined: they are on another one. */
  readonly machineMemoryBytes?: number | undefined;
}
