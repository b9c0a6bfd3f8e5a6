// Monitors the sources of one run before, during and after the load and writes their readings into the run's archive.

import type { AfterRunSource, AnySource, Source } from '../model/server.ts';
import { messageOf } from '../system/errors.ts';
import type { Interrupt } from '../system/interrupt.ts';
import { oneLine } from '../text/display-text.ts';
import { type ServerArchive, ServerRecorder } from './recorder.ts';
import { Sampler } from './sampler.ts';

export interface WatchOptions {
  /** Monitoring time before the load and after it, milliseconds. */
  readonly idleMs: number;
  readonly recoveryMs: number;
}

/** Time limit for sources that are collected after the run. */
const LATER_TIMEOUT_MS = 15_000;

/**
 * Monitors a system under test during one run. Call watchIdle(), attach() when the archive is open, then afterwards()
 * before it is closed, and stop() if anything goes wrong in between. A failing source never makes these fail. Without
 * sources they return at once.
 */
export class ServerWatch {
  readonly #recorder = new ServerRecorder();
  readonly #sampler: Sampler;
  readonly #live: readonly Source[];
  readonly #afterRun: readonly AfterRunSource[];
  #beganAtMs = Date.now();

  constructor(
    readonly sources: readonly AnySource[],
    private readonly options: WatchOptions,
  ) {
    this.#live = sources.filter((source) => 'sample' in source);
    this.#afterRun = sources.filter((source) => 'collect' in source);
    this.#sampler = new Sampler(this.#live, {
      onReadings: (source, readings) => this.#recorder.readings(source.name, readings),
      onGap: (gap) => this.#recorder.note({ about: 'gap', ...gap }),
    });
  }

  /** Monitoring time in addition to the load, milliseconds. */
  get extraMs(): number {
    return this.sources.length === 0 ? 0 : this.options.idleMs + this.options.recoveryMs;
  }

  /** Monitoring time after the load, milliseconds. */
  get recoveryMs(): number {
    return this.sources.length === 0 ? 0 : this.options.recoveryMs;
  }

  /** Starts sampling and returns when the idle time is over, or at once if the user stops the run. */
  async watchIdle(interrupt: Interrupt): Promise<void> {
    if (this.sources.length === 0) return;
    this.#beganAtMs = Date.now();
    for (const { name, kind, target } of this.sources) this.#recorder.note({ about: 'source', name, kind, target });
    this.#sampler.start();
    await pause(this.options.idleMs, interrupt);
  }

  /** Call when k6 was started: sets the archive that the readings go into. */
  attach(archive: ServerArchive): void {
    if (this.sources.length === 0) return;
    const launchedAtMs = Date.now();
    this.#recorder.attach(archive, launchedAtMs);
    this.#recorder.note({ about: 'phase', phase: 'before', fromMs: this.#beganAtMs, toMs: launchedAtMs });
  }

  /**
   * After the end of k6: waits for the recovery time, stops sampling, collects the remaining sources and writes
   * everything to the archive.
   */
  async afterwards(interrupt: Interrupt): Promise<void> {
    if (this.sources.length === 0) return;
    const endedAtMs = Date.now();
    this.#recorder.loadEnded(endedAtMs);
    await pause(this.options.recoveryMs, interrupt);
    const toMs = Date.now();
    this.#recorder.note({ about: 'phase', phase: 'after', fromMs: endedAtMs, toMs });
    this.stop();
    await Promise.all(this.#afterRun.map((source) => this.#collect(source, { fromMs: this.#beganAtMs, toMs })));
    for (const { source, samples } of this.#sampler.counts()) {
      this.#recorder.note({ about: 'samples', source: source.name, samples });
    }
    this.#recorder.flush();
    for (const source of this.sources) {
      for (const text of source.remarks()) this.#recorder.note({ about: 'remark', source: source.name, text });
    }
    for (const [source, readings] of this.#recorder.droppedReadings) {
      const text = `${readings} readings have times outside the run; if the clock differs, set offset`;
      this.#recorder.note({ about: 'remark', source, text });
    }
    this.#recorder.flush();
  }

  /** Ends all sampling. */
  stop(): void {
    this.#sampler.stop();
  }

  async #collect(source: AfterRunSource, range: { fromMs: number; toMs: number }): Promise<void> {
    const { name } = source;
    const answer = source.collect(range, AbortSignal.timeout(LATER_TIMEOUT_MS)).then(
      (readings) => ({ readings }),
      (error: unknown) => ({ reason: oneLine(messageOf(error), 300) }),
    );
    const late = new Promise<{ reason: string }>((resolve) => {
      setTimeout(
        () => resolve({ reason: `no answer within ${LATER_TIMEOUT_MS / 1000} s` }),
        LATER_TIMEOUT_MS + 500,
      ).unref();
    });
    const outcome = await Promise.race([answer, late]);
    if ('reason' in outcome) {
      this.#recorder.note({ about: 'gap', source: name, ...range, reason: outcome.reason });
      return;
    }
    const within = outcome.readings.filter(({ atMs }) => atMs >= range.fromMs && atMs <= range.toMs);
    const moments = new Set(within.map(({ atMs }) => Math.floor(atMs / 1000)));
    this.#recorder.note({ about: 'samples', source: name, samples: moments.size });
    if (within.length === 0) {
      this.#recorder.note({ about: 'gap', source: name, ...range, reason: 'it has no values for the time of the run' });
    }
    this.#recorder.readings(name, within);
  }
}

/** Waits until the time is over or the user stops the run. */
function pause(ms: number, interrupt: Interrupt): Promise<void> {
  if (ms <= 0 || interrupt.isRequested) return Promise.resolve();
  return new Promise((resolve) => {
    const timer = setTimeout(done, ms);
    const stopListening = interrupt.onRequest(done);
    function done() {
      clearTimeout(timer);
      stopListening();
      resolve();
    }
  });
}
