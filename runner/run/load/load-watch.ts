// A load under way is looked at once a second: it ends when its user asks, a threshold with abortOnFail is crossed, or all is decided.

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

/** Where the load comes from. */
export interface WatchedLoad {
  /** Brings what has come so far into the live numbers, windows that are not over included. */
  flush(): void;
  /** From the first to the last iteration so far; undefined before the first. */
  range(): TimeRange | undefined;
  /** What delays of abortOnFail count from, epoch milliseconds; undefined while nothing runs yet. */
  startedAtMs(): number | undefined;
  /** Ends the load gracefully. */
  stop(): void;
}

/** What the run has come to so far. */
interface Numbers {
  /** Totals and the last minute. */
  readonly live: MetricsStore;
  /** From the first sample. */
  readonly whole: RunMetrics;
  readonly log: RunLog;
}

const TICK_MS = 1000;

/** Ticks from its construction until loadEnded(); the disk is watched until close(). */
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

  /** Why the load ended before its time, as far as it is known. */
  get end(): Pick<Outcome, 'stoppedBy' | 'abortedByKpi'> {
    return { stoppedBy: this.#stoppedBy, abortedByKpi: this.#abortedByKpi };
  }

  /** The load is over; the system under test may still be monitored. */
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
    // Thresholds with abortOnFail must not wait for windows to be over: k6's own do not.
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

/** Why the load ends although these targets are not decided. */
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
