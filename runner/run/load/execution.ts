// Input and result of running a scenario, with k6 on this machine or with runners on a cluster.

import type { K6 } from '../../k6/find.ts';
import type { StreamKind } from '../../k6/launch.ts';
import type { RunListener } from '../../live/run-event.ts';
import type { ArchiveWriter } from '../../metrics/archive/archive.ts';
import type { Kpi } from '../../model/kpi.ts';
import type { RunMetrics } from '../../model/metrics.ts';
import type { Outcome, RunFacts } from '../../model/run.ts';
import type { ServerWatch } from '../../monitor/watch.ts';
import type { PreparedScenario } from '../../scenario/prepared-scenario.ts';
import type { Interrupt } from '../../system/interrupt.ts';

/** What running a scenario needs. */
export interface Execution {
  readonly scenario: PreparedScenario;
  readonly k6: K6;
  readonly stream: StreamKind;
  /** Variables of the script, in addition to those of the process. */
  readonly env: Readonly<Record<string, string>>;
  /** Facts of the run, without k6's command line. */
  readonly facts: RunFacts;
  /** The archive of the run, closed at its end. */
  readonly archive: ArchiveWriter;
  readonly folder: string;
  readonly keepRaw: boolean;
  /** Whether the load ends once every target is decided. */
  readonly untilDecided: boolean;
  /** Called every second with the numbers so far; true ends the load, as for a step of a capacity search that misses by far. */
  readonly endsEarly: EarlyEnd | undefined;
  /** Problems known before the run, which become warnings of the outcome. */
  readonly warnings: readonly string[];
  /** Monitors the SUT into the archive; its idle time is over. */
  readonly server: ServerWatch;
  /** The user's request to stop: gracefully at first, at once the second time. */
  readonly interrupt: Interrupt;
  readonly listener: RunListener;
}

/** Makes, for the numbers of a run, a function that is called every second and returns true to end the load. */
export type EarlyEnd = (kpis: readonly Kpi[], metrics: RunMetrics) => () => boolean;

/** A finished run. */
export interface Executed {
  readonly facts: RunFacts;
  readonly outcome: Outcome;
  /** From the archive, as `novaperf report` reads it; or from memory, with longer intervals, if it could not be written. */
  readonly metrics: RunMetrics;
  /** Why the archive is incomplete; undefined if it is complete. */
  readonly archiveProblem: string | undefined;
}
