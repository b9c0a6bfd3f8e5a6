// Runs a test on a cluster: creates its objects, follows the runners until all have ended, and removes the objects.

import { setMaxListeners } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';
import type { LogEntry } from '../k6/log.ts';
import type { MergedStream } from '../metrics/several/merged-stream.ts';
import { mergeFaults } from '../metrics/sinks/faults.ts';
import { K6_EXIT } from '../model/k6-exit-codes.ts';
import type { StreamFaults, TimeRange } from '../model/metrics.ts';
import type { SourceFacts } from '../model/source.ts';
import { unionOf } from '../model/time-range.ts';
import { formatDuration } from '../system/duration.ts';
import { UserError } from '../system/errors.ts';
import { type KubeApi, KubeUnreachable } from './kube-api.ts';
import { KubeObjects } from './kube-objects.ts';
import type { ClusterRun } from './objects.ts';
import { pendingReasons, type RunnerPod, runnerPods } from './pods.ts';
import { Runner } from './runner.ts';
import { probeClock, type RunnersApi, stopRunner } from './runners-api.ts';

const POLL_MS = 1000;
/** Number of answers of each runner from which its clock is estimated. */
const CLOCK_PROBES = 12;
/** Time without an answer of the API server after which the user is informed, and after which the run is given up. */
const OUTAGE_REPORTED_MS = 5000;
const MOST_OUTAGE_MS = 300_000;
/** If a runner ends before the load starts, the others wait forever; the run ends after this time. */
const START_GRACE_MS = 20_000;
/** Allowance beyond the planned time, for teardown and a slow start. */
const OVERRUN = 1.1;
const OVERRUN_MS = 120_000;
/** Time limit after the first stop request; teardown may take 60 s. */
const GRACEFUL_STOP_MS = 90_000;
/** Once all runners have ended, waiting for their logs ends after this many checks in a row without a new line. */
const LAST_LOGS_MS = 1000;
const LAST_LOGS_LOOKS = 60;

/**
 * k6's exit codes that are no failure of the whole run: success, a threshold crossed on one runner, ended by the
 * cluster.
 */
const NOT_THE_RUNS: readonly number[] = [0, K6_EXIT.thresholdsHaveFailed, K6_EXIT.externalAbort];

export interface ClusterLoadOptions {
  readonly api: KubeApi;
  readonly run: ClusterRun;
  /** Planned duration of the whole run. */
  readonly plannedMs: number;
  readonly merged: MergedStream;
  readonly onLog: (entry: LogEntry) => void;
  /** Called with a sentence about the progress, for people. */
  readonly onProgress: (text: string) => void;
  /** Time between two requests for the pods. Default 1 s. */
  readonly pollMs?: number;
}

/** How the runners ended. Times are epoch milliseconds. */
export interface ClusterEnd {
  readonly sources: readonly SourceFacts[];
  readonly faults: StreamFaults;
  readonly span: TimeRange | undefined;
  readonly load: TimeRange | undefined;
  /** The exit code of the first runner that failed; otherwise 0. */
  readonly exitCode: number;
  readonly endedAtMs: number;
  readonly warnings: readonly string[];
}

/** The load of one run on a cluster, from run() to its end. */
export class ClusterLoad {
  readonly #options: ClusterLoadOptions;
  readonly #objects: KubeObjects;
  readonly #runners = new Map<number, Runner>();
  readonly #ended = new AbortController();
  readonly #restApi: RunnersApi;
  readonly #warnings: string[] = [];
  #stops = 0;
  /** When the first of consecutive unanswered requests was sent. */
  #outageSinceMs: number | undefined;
  #isOutageReported = false;
  #saidPending = '';
  #probes = 0;

  constructor(options: ClusterLoadOptions) {
    this.#options = options;
    this.#objects = new KubeObjects(options.api, options.run);
    // One listener per followed log.
    setMaxListeners(0, this.#ended.signal);
    const pathOf = (runner: number) => this.#objects.statusPath(runner);
    this.#restApi = { api: options.api, pathOf, signal: this.#ended.signal };
  }

  /** From the first iteration of any runner to the last; undefined before the first. */
  get load(): TimeRange | undefined {
    return unionOf([...this.#runners.values()].map(({ load }) => load));
  }

  /**
   * First call: k6 ends gracefully in every runner, through the service proxy. Second: everything is removed at once.
   */
  stop(): void {
    this.#stops++;
    if (this.#stops > 1 || this.#runners.size === 0) this.#ended.abort();
    else for (const runner of this.#runners.values()) void stopRunner(this.#restApi, runner);
  }

  /**
   * Creates the objects, and resolves once all runners have ended and their logs are read, or after the second stop().
   * The objects are removed by then. Rejects with a UserError if the run cannot be created or its pods do not start.
   */
  async run(): Promise<ClusterEnd> {
    try {
      await this.#objects.create();
      await this.#watch();
      await this.#readLastLogs();
      return this.#end();
    } finally {
      this.#ended.abort();
      this.#warnings.push(...(await this.#objects.remove()));
    }
  }

  async #watch(): Promise<void> {
    const { run, plannedMs } = this.#options;
    const beganAtMs = Date.now();
    let startedAtMs: number | undefined;
    let diedAtMs: number | undefined;
    let stoppedAtMs: number | undefined;
    while (!this.#ended.signal.aborted) {
      await this.#look();
      this.#checkStarted();
      const runners = [...this.#runners.values()];
      if (runners.length === run.parallelism && runners.every(({ hasEnded }) => hasEnded)) return;
      const now = Date.now();
      if (this.load !== undefined) startedAtMs ??= now;
      if (startedAtMs === undefined) {
        this.#checkPending(now - beganAtMs);
        if (runners.some(({ hasEnded }) => hasEnded)) diedAtMs ??= now;
        // The operator waits for all runners and reports nothing.
        if (diedAtMs !== undefined && now - diedAtMs > START_GRACE_MS) return;
      } else if (now - startedAtMs > plannedMs * OVERRUN + OVERRUN_MS && this.#stops === 0) {
        const lateMs = Math.round((now - startedAtMs - plannedMs) / 1000) * 1000;
        this.#warnings.push(
          `the runners were stopped because they still ran ${formatDuration(lateMs)} after the planned end`,
        );
        this.stop();
      }
      if (this.#stops > 0) stoppedAtMs ??= now;
      if (stoppedAtMs !== undefined && now - stoppedAtMs > GRACEFUL_STOP_MS) return;
      if (this.#isGivenUp(now)) return;
      await sleep(this.#options.pollMs ?? POLL_MS, undefined, { signal: this.#ended.signal }).catch(() => undefined);
    }
  }

  async #look(): Promise<void> {
    const { api, run, merged, onLog } = this.#options;
    let pods: RunnerPod[] | undefined;
    const askedAtMs = Date.now();
    try {
      const answer = await api.request('GET', this.#objects.podsPath);
      pods = answer.status === 200 ? runnerPods(answer.body, run.name) : undefined;
    } catch (error) {
      if (!(error instanceof KubeUnreachable)) throw error;
    }
    if (pods === undefined) {
      this.#outageSinceMs ??= askedAtMs;
      return;
    }
    this.#outageSinceMs = undefined;
    if (this.#isOutageReported) this.#options.onProgress('The API server responds again.');
    this.#isOutageReported = false;
    for (const pod of pods) {
      const known = this.#runners.get(pod.runner);
      const runner = known ?? new Runner(pod, merged, onLog);
      if (known === undefined) this.#runners.set(pod.runner, runner);
      runner.pod = pod;
      if (pod.state !== 'pending' && runner.followed === undefined) {
        runner.follow(api, this.#objects.logPath(pod.name, pod.container), this.#ended.signal);
      }
    }
    this.#missAbsent(pods);
    if (this.load !== undefined && this.#probes < CLOCK_PROBES) {
      this.#probes++;
      for (const runner of this.#runners.values()) if (!runner.hasEnded) void probeClock(this.#restApi, runner);
    }
  }

  /** A pod that is missing was removed: evicted, on a drained node, or deleted by a person. */
  #missAbsent(pods: readonly RunnerPod[]): void {
    for (const runner of this.#runners.values()) {
      if (runner.hasEnded || pods.some(({ name }) => name === runner.pod.name)) continue;
      runner.pod = { ...runner.pod, state: 'ended', exitCode: null, problem: 'the pod was removed from the cluster' };
    }
  }

  /** Throws a UserError for a container that cannot start, because the others will fail too. */
  #checkStarted(): void {
    const { cluster } = this.#options.run;
    const failed = [...this.#runners.values()].find(({ pod }) => pod.startError !== undefined);
    if (failed === undefined) return;
    throw new UserError(`Expected the image to start k6, found: ${failed.pod.startError}`, {
      where: `${cluster.image} in the pod ${failed.pod.name}`,
      next:
        cluster.script.kind === 'in-image'
          ? 'script_in_image needs an image with a shell, such as the one of the Dockerfile in docs/scale.md'
          : 'the image needs k6 on its PATH; novaperf cluster image builds such an image',
    });
  }

  #checkPending(waitedMs: number): void {
    const { run, onProgress } = this.#options;
    const runners = [...this.#runners.values()];
    const pods = runners.map(({ pod }) => pod);
    const waiting = run.parallelism - pods.filter(({ state }) => state !== 'pending').length;
    if (waiting === 0) return;
    const reasons = pods.length === 0 ? ['the k6-operator has made no runner yet'] : pendingReasons(pods);
    const text = `${waiting} of ${run.parallelism} runners wait: ${reasons.join('; ')}`;
    if (waitedMs > run.cluster.pendingTimeoutMs) {
      throw new UserError(
        `Expected ${run.parallelism} runners within ${formatDuration(run.cluster.pendingTimeoutMs)}, found that ${text}.`,
        {
          where: `namespace ${run.cluster.namespace}`,
          next:
            pods.length === 0
              ? 'check in the log of the k6-operator that it is running and watches this namespace'
              : 'free resources in the cluster, reduce --parallelism or the resources of a runner, or raise pending_timeout',
        },
      );
    }
    if (waitedMs > OUTAGE_REPORTED_MS && text !== this.#saidPending) {
      this.#saidPending = text;
      onProgress(`${text}.`);
    }
  }

  #isGivenUp(now: number): boolean {
    const outageMs = this.#outageSinceMs === undefined ? 0 : now - this.#outageSinceMs;
    if (outageMs > OUTAGE_REPORTED_MS && !this.#isOutageReported) {
      this.#isOutageReported = true;
      this.#options.onProgress(
        'The API server does not respond; the runners continue, and their logs are read when it responds again.',
      );
    }
    if (outageMs <= MOST_OUTAGE_MS) return false;
    for (const runner of this.#runners.values()) {
      if (!runner.hasEnded) runner.lostBecause = `the API server did not respond for ${formatDuration(MOST_OUTAGE_MS)}`;
    }
    return true;
  }

  /** Waits while lines arrive: a slow reader loses nothing, because the logs exist as long as their pods. */
  async #readLastLogs(): Promise<void> {
    const runners = [...this.#runners.values()];
    let isRead = false;
    const all = Promise.all(runners.map(({ followed }) => followed)).then(() => {
      isRead = true;
    });
    let lines = 0;
    for (let looks = 0; looks < LAST_LOGS_LOOKS && !isRead && !this.#ended.signal.aborted; looks++) {
      await Promise.race([all, sleep(LAST_LOGS_MS, undefined, { signal: this.#ended.signal }).catch(() => undefined)]);
      const now = runners.reduce((sum, runner) => sum + runner.lines, 0);
      if (now === lines) continue;
      lines = now;
      looks = 0;
    }
  }

  #end(): ClusterEnd {
    const { run } = this.#options;
    const runners = [...this.#runners.values()].sort((a, b) => a.pod.runner - b.pod.runner);
    const sources = runners.map((runner) => runner.facts(this.#stops > 0));
    if (runners.length < run.parallelism) {
      this.#warnings.push(`${run.parallelism - runners.length} of ${run.parallelism} runners were never created`);
    }
    const faults = runners.map((runner) => runner.end());
    this.#options.merged.end();
    return {
      sources,
      faults: faults.reduce(mergeFaults, { ...NO_FAULTS, complete: runners.length === run.parallelism }),
      span: unionOf(runners.map(({ span }) => span)),
      load: this.load,
      exitCode: this.#exitCode(sources),
      endedAtMs: Date.now(),
      warnings: this.#warnings,
    };
  }

  /**
   * The exit code of the run. A runner that was killed or ended by the cluster makes the run incomplete, but does not
   * fail it.
   */
  #exitCode(sources: readonly SourceFacts[]): number {
    const isVerdict = (code: number | null) => code !== null && !NOT_THE_RUNS.includes(code) && code < 128;
    const found = sources.find(
      ({ exitCode }) => isVerdict(exitCode) && !(exitCode === K6_EXIT.scriptStoppedFromRestApi && this.#stops > 0),
    );
    return found?.exitCode ?? 0;
  }
}

const NO_FAULTS: StreamFaults = { badLines: 0, badValues: 0, lostLines: 0, complete: true, overflow: [] };
