// What carrying out a run needs and what it leaves, wherever its load comes from: k6 on this machine, or runners on a cluster.

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

export interface Execution {
  readonly scenario: PreparedScenario;
  readonly k6: K6;
  readonly stream: StreamKind;
  /** Variables of the script, besides the process's own. */
  readonly env: Readonly<Record<string, string>>;
  /** With a k6 that has no command yet. */
  readonly facts: RunFacts;
  /** Takes all that the run says; is closed at its end. */
  readonly archive: ArchiveWriter;
  readonly folder: string;
  readonly keepRaw: boolean;
  /** Whether the load ends as soon as every target is decided. */
  readonly untilDecided: boolean;
  /** Asked every second whether the load is to end, given the numbers so far: a step of a search that misses by far. */
  readonly endsEarly: EarlyEnd | undefined;
  /** Problems that are known before the run; they become warnings of the outcome. */
  readonly warnings: readonly string[];
  /** Monitors the system under test; its idle time is over. What it reads goes into the archive. */
  readonly server: ServerWatch;
  /** The user's way to ask for the end: the run then stops gracefully, at a second request at once. */
  readonly interrupt: Interrupt;
  readonly listener: RunListener;
}

/** Given the numbers of a run, a question that is asked every second: is it to end now? */
export type EarlyEnd = (kpis: readonly Kpi[], metrics: RunMetrics) => () => boolean;

/** A run that is over. */
export interface Executed {
  readonly facts: RunFacts;
  readonly outcome: Outcome;
  /** From the archive, as `novaperf report` will read it again; from memory, coarser, where it could not be written. */
  readonly metrics: RunMetrics;
  /** Why the archive is not whole; undefined where it is. */
  readonly archiveProblem: string | undefined;
}
