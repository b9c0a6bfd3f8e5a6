// One runner of a TestRun: its pod, its stream, and the offset of its clock.

import { SourceMeter } from '../analysis/generator/source-meter.ts';
import type { LogEntry } from '../k6/log.ts';
import { LogReader } from '../k6/log.ts';
import { HistogramsReader } from '../metrics/histograms/histograms-reader.ts';
import type { MergedStream } from '../metrics/several/merged-stream.ts';
import { tee } from '../metrics/sinks/tee.ts';
import { K6_EXIT } from '../model/k6-exit-codes.ts';
import type { StreamFaults, TimeRange } from '../model/metrics.ts';
import type { SourceFacts } from '../model/source.ts';
import type { KubeAnswer, KubeApi } from './kube-api.ts';
import { PodLog } from './pod-log.ts';
import type { RunnerPod } from './pods.ts';

/** Exit codes of a k6 that ended normally, possibly with a crossed threshold. */
const ORDINARY: readonly number[] = [0, K6_EXIT.thresholdsHaveFailed];
const STOPPED_BY_REST = K6_EXIT.scriptStoppedFromRestApi;

/** Collects the stream, the log and the clock of one runner. */
export class Runner {
  /** The last known state of the pod. */
  pod: RunnerPod;
  /** Resolves when its whole log is read; undefined: not followed yet. */
  followed: Promise<void> | undefined;
  /** Why a part of its stream is missing, if the pod is not the reason. */
  lostBecause: string | undefined;
  /** Number of lines read from its log. */
  lines = 0;
  readonly #meter = new SourceMeter();
  readonly #reader: HistogramsReader;
  readonly #log: LogReader;
  #isClosed = false;
  #ended: StreamFaults | undefined;
  #aheadLowMs = -Infinity;
  #aheadHighMs = Infinity;

  constructor(pod: RunnerPod, merged: MergedStream, onLog: (entry: LogEntry) => void) {
    this.pod = pod;
    this.#reader = new HistogramsReader(
      tee(this.#meter, merged.source()),
      (kind) => {
        if (kind === 'end') this.#isClosed = true;
      },
      { bins: 'encoded' },
    );
    this.#log = new LogReader(onLog);
  }

  get hasEnded(): boolean {
    return this.pod.state === 'ended';
  }

  /** Time range of its scenarios, epoch milliseconds; undefined until they have started. */
  get load(): TimeRange | undefined {
    return this.#reader.load;
  }

  get span(): TimeRange | undefined {
    return this.#reader.span;
  }

  /** Starts following its log; `path`: API path of the log. */
  follow(api: KubeApi, path: string, signal: AbortSignal): void {
    const log = new PodLog(
      api,
      { path, hasEnded: () => this.hasEnded, isClosed: () => this.#isClosed },
      {
        onStream: (line) => {
          this.lines++;
          this.#reader.push(line);
        },
        onOther: (line) => {
          this.lines++;
          this.#log.push(line);
        },
        onClock: (aheadMs) => {
          this.#aheadLowMs = Math.max(this.#aheadLowMs, aheadMs);
        },
      },
    );
    this.followed = log.follow(signal);
  }

  /**
   * Updates the clock offset from a response of its REST API: its Date was rounded down to a second during the
   * request.
   */
  sawClock({ dateMs }: Pick<KubeAnswer, 'dateMs'>, askedAtMs: number, answeredAtMs: number): void {
    if (dateMs === undefined) return;
    this.#aheadLowMs = Math.max(this.#aheadLowMs, dateMs - answeredAtMs);
    this.#aheadHighMs = Math.min(this.#aheadHighMs, dateMs + 1000 - askedAtMs);
  }

  /** Ends the stream and returns its faults. */
  end(): StreamFaults {
    if (this.#ended !== undefined) return this.#ended;
    this.#log.end();
    this.#ended = this.#reader.end();
    return this.#ended;
  }

  /** The facts about this runner for the result. `wasStopped`: novaperf stopped k6. */
  facts(wasStopped: boolean): SourceFacts {
    const faults = this.end();
    const { span, load, pod } = this;
    const isKnown = this.#aheadLowMs <= this.#aheadHighMs && Number.isFinite(this.#aheadHighMs - this.#aheadLowMs);
    const facts = this.#meter.facts({
      name: pod.name,
      kind: 'pod',
      faults,
      span,
      load,
      exitCode: pod.exitCode,
      problem: this.#problem(wasStopped),
      clockAheadMs: isKnown ? { low: this.#aheadLowMs, high: this.#aheadHighMs } : null,
    });
    // A k6 that the cluster ended may still close its stream, but its load was cut.
    return pod.problem === undefined ? facts : { ...facts, isComplete: false, cutAtMs: facts.cutAtMs ?? facts.lastMs };
  }

  #problem(wasStopped: boolean): string | undefined {
    const { exitCode, problem } = this.pod;
    if (problem !== undefined) return problem;
    if (this.lostBecause !== undefined) return this.lostBecause;
    if (exitCode === undefined) return 'the pod was still there when the run was ended';
    if (exitCode === null || ORDINARY.includes(exitCode)) return undefined;
    if (exitCode === STOPPED_BY_REST)
      return wasStopped ? undefined : 'k6 was stopped from outside through its REST API (exit code 103)';
    return `k6 ended with exit code ${exitCode}`;
  }
}
