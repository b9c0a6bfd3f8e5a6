// Checks the load once a second: it ends on the user's request, on a crossed threshold with abortOnFail, or once all is decided.

import { loadStartOf } from '../../analysis/load/load-start.ts';
import { DecisionWatch } from '../../analysis/verdict/until-decided.ts';
import { ThresholdWatch } from '../../analysis/verdict/watch.ts';
import type { MetricsStore } from '../../metrics/store/store.ts';
import type { Kpi } from '../../model/kpi.ts';
import type { RunMetrics, TimeRange } from '../../model/metrics.ts';
import { DEFAULT_JUDGING, type Outcome, type RunFacts } from '../../model/run.ts';
import { formatSelector } from '../../targets/threshold.ts';
import { oneLine } from '../../text/display-text.ts';
import { duration } from '../../text/format.ts';
import { watchDisk } from './disk-watch.ts';
import type { Execution } from './execution.ts';
import type { RunLog } from './run-log.ts';

/** The running load. */
export interface WatchedLoad {
  /** Adds everything received so far to the live numbers, including unfinished windows. */
  flush(): void;
  /** From the first to the last iteration so far; undefined before the first. */
  range(): TimeRange | undefined;
  /** Start of delays of abortOnFail, epoch milliseconds; undefined before the load. */
  startedAtMs(): number | undefined;
  /** Ends the load gracefully. */
  stop(): void;
}

/** The numbers so far. */
interface Numbers {
  /** Totals, and the last minute. */
  readonly live: MetricsStore;
  /** Since the first sample. */
  readonly whole: RunMetrics;
  readonly log: RunLog;
}

const TICK_MS = 1000;

/** Checks the load from construction until loadEnded(), and the disk until close(). */
export class LoadWatch {
  readonly #execution: Execution;
  readonly #load: WatchedLoad;
  readonly #numbers: Numbers;
  readonly #thresholds: ThresholdWatch;
  readonly #decisions: DecisionWatch | undefined;
  readonly #isEnough: (() => boolean) | undefined;
  readonly #disk: { stop(): void };
  readonly #timer: NodeJS.Timeout;
  readonly #stopListening: () => void;
  #loadFromMs: number | undefined;
  #stoppedBy: Outcome['stoppedBy'] = null;
  #abortedByKpi: string | null = null;

  /** `facts`: the execution's, with k6's command. */
  constructor(execution: Execution, facts: RunFacts, numbers: Numbers, load: WatchedLoad) {
    const { scenario, folder, archive, listener, interrupt } = execution;
    this.#execution = execution;
    this.#load = load;
    this.#numbers = numbers;
    this.#thresholds = new ThresholdWatch(scenario.kpis, numbers.live);
    this.#decisions = execution.untilDecided ? decisionWatch(scenario.kpis, facts, numbers.whole) : undefined;
    this.#isEnough = execution.endsEarly?.(scenario.kpis, numbers.whole);
    const exceptions = () => numbers.log.exceptions();
    listener({ kind: 'load', facts, kpis: scenario.kpis, soFar: { metrics: numbers.whole, exceptions } });
    this.#disk = watchDisk({
      folder,
      problem: () => archive.problem,
      onTrouble: (text) => listener({ kind: 'trouble', text }),
    });
    this.#stopListening = interrupt.onRequest(() => this.#stop('user'));
    this.#timer = setInterval(() => this.#tick(), TICK_MS);
  }

  /** Why the load ended early, as far as known. */
  get end(): Pick<Outcome, 'stoppedBy' | 'abortedByKpi'> {
    return { stoppedBy: this.#stoppedBy, abortedByKpi: this.#abortedByKpi };
  }

  /** Ends the checks of the load; the SUT may still be monitored. */
  loadEnded(): void {
    clearInterval(this.#timer);
    this.#stopListening();
    const { listener, server } = this.#execution;
    listener({ kind: 'load-ended', recoveryMs: server.recoveryMs });
  }

  close(): void {
    this.#disk.stop();
  }

  #tick(): void {
    const startedAtMs = this.#load.startedAtMs();
    if (startedAtMs === undefined) return;
    const { scenario, archive, listener } = this.#execution;
    const { live, log } = this.#numbers;
    const elapsedMs = Math.max(0, Date.now() - startedAtMs);
    // As in k6, thresholds with abortOnFail do not wait for the end of a window.
    this.#load.flush();
    const range = this.#load.range();
    if (range !== undefined && range.fromMs !== this.#loadFromMs) {
      this.#loadFromMs = range.fromMs;
      archive.load(range);
    }
    const { abort, standings } = this.#thresholds.check(elapsedMs);
    if (abort !== undefined && this.#stoppedBy === null) {
      this.#abortedByKpi = abort.id;
      this.#stop('threshold');
    }
    if (this.#stoppedBy === null && this.#decisions?.isDecided(elapsedMs)) {
      const { unmatched } = this.#decisions;
      if (unmatched.length > 0) listener({ kind: 'trouble', text: whyNotDecided(unmatched, elapsedMs) });
      this.#stop('decided');
    }
    if (this.#stoppedBy === null && this.#isEnough?.()) this.#stop('decided');
    const loadStart = loadStartOf({ load: range }, scenario.plan.k6Scenarios, undefined);
    const loadedMs = loadStart === undefined ? undefined : Date.now() - loadStart;
    const tick = { elapsedMs, loadedMs, metrics: live, standings, exceptions: log.iterationExceptions };
    listener({ kind: 'tick', tick });
  }

  #stop(reason: NonNullable<Outcome['stoppedBy']>): void {
    this.#stoppedBy ??= reason;
    this.#load.stop();
  }
}

/** The reason why the load ends although these targets are undecided. */
function whyNotDecided(unmatched: readonly Kpi[], elapsedMs: number): string {
  const names = unmatched.map(({ metric, filter }) => oneLine(formatSelector({ metric, filter }), 120)).join(', ');
  return `no sample matched ${names} in ${duration(elapsedMs, { trim: true })}; more load would not decide ${unmatched.length === 1 ? 'this target' : 'these targets'}, so the run ends`;
}

function decisionWatch(
  kpis: Execution['scenario']['kpis'],
  { plan, judging = DEFAULT_JUDGING, earlier }: RunFacts,
  metrics: RunMetrics,
): DecisionWatch {
  return new DecisionWatch(kpis, metrics, {
    phases: plan.phases,
    loadStartMs: undefined,
    elapsedMs: undefined,
    generator: undefined,
    profile: plan.profile,
    judging,
    earlier,
  });
}
