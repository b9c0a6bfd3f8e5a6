// The sources of one run are sampled before the load, during it and after it, and what they tell goes into the run's archive.

import type { AnySource, LaterSource, Source } from '../model/server.ts';
import { messageOf } from '../system/errors.ts';
import type { Interrupt } from '../system/interrupt.ts';
import { oneLine } from '../text/display-text.ts';
import { type ServerArchive, ServerRecorder } from './recorder.ts';
import { Sampler } from './sampler.ts';

export interface WatchOptions {
  /** How long to look at the idle system before the load, and how long after it. */
  readonly baselineMs: number;
  readonly recoveryMs: number;
}

/** What is asked after the run has this long to answer. */
const LATER_TIMEOUT_MS = 15_000;

/**
 * Watches a system under test through one run: baseline(), then attach() when the archive is open, then afterwards() before it is
 * closed; stop() whenever something went wrong between. Nothing that a source does can make any of them fail. Without sources every
 * one of them returns at once.
 */
export class ServerWatch {
  readonly #recorder = new ServerRecorder();
  readonly #sampler: Sampler;
  readonly #live: readonly Source[];
  readonly #later: readonly LaterSource[];
  #beganAtMs = Date.now();

  constructor(
    readonly sources: readonly AnySource[],
    private readonly options: WatchOptions,
  ) {
    this.#live = sources.filter((source) => 'sample' in source);
    this.#later = sources.filter((source) => 'collect' in source);
    this.#sampler = new Sampler(this.#live, {
      onReadings: (source, readings) => this.#recorder.readings(source.name, readings),
      onGap: (gap) => this.#recorder.note({ about: 'gap', ...gap }),
    });
  }

  /** Time that is watched besides the load, milliseconds. */
  get aroundMs(): number {
    return this.sources.length === 0 ? 0 : this.options.baselineMs + this.options.recoveryMs;
  }

  /** Time that is watched after the load, milliseconds. */
  get recoveryMs(): number {
    return this.sources.length === 0 ? 0 : this.options.recoveryMs;
  }

  /** Begins to sample and returns when the baseline is over, at once where the user asks for the end. */
  async baseline(interrupt: Interrupt): Promise<void> {
    if (this.sources.length === 0) return;
    this.#beganAtMs = Date.now();
    for (const { name, kind, target } of this.sources) this.#recorder.note({ about: 'source', name, kind, target });
    this.#sampler.start();
    await pause(this.options.baselineMs, interrupt);
  }

  /** k6 has been started, and this is where the run's numbers go. */
  attach(archive: ServerArchive): void {
    if (this.sources.length === 0) return;
    const launchedAtMs = Date.now();
    this.#recorder.attach(archive, launchedAtMs);
    this.#recorder.note({ about: 'phase', phase: 'before', fromMs: this.#beganAtMs, toMs: launchedAtMs });
  }

  /** k6 has ended: looks on until the recovery time is over, asks what is asked afterwards, and leaves everything in the archive. */
  async afterwards(interrupt: Interrupt): Promise<void> {
    if (this.sources.length === 0) return;
    const endedAtMs = Date.now();
    this.#recorder.loadEnded(endedAtMs);
    await pause(this.options.recoveryMs, interrupt);
    const toMs = Date.now();
    this.#recorder.note({ about: 'phase', phase: 'after', fromMs: endedAtMs, toMs });
    this.stop();
    await Promise.all(this.#later.map((source) => this.#collect(source, { fromMs: this.#beganAtMs, toMs })));
    for (const { source, samples } of this.#sampler.counts()) {
      this.#recorder.note({ about: 'samples', source: source.name, samples });
    }
    this.#recorder.flush();
    for (const source of this.sources) {
      for (const text of source.remarks()) this.#recorder.note({ about: 'remark', source: source.name, text });
    }
    for (const [source, readings] of this.#recorder.strayed) {
      const text = `${readings} readings have times outside the run; if the clock differs, set offset`;
      this.#recorder.note({ about: 'remark', source, text });
    }
    this.#recorder.flush();
  }

  /** Ends all sampling. */
  stop(): void {
    this.#sampler.stop();
  }

  async #collect(source: LaterSource, range: { fromMs: number; toMs: number }): Promise<void> {
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

/** Waits, but no longer than until the user asks for the end. */
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
