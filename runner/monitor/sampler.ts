// Samples sources once a second and reports gaps without a reading. A slow source does not delay the others.

import type { Gap, Reading, Source } from '../model/server.ts';
import { messageOf } from '../system/errors.ts';
import { compileEarly, compileLate } from '../system/v8-settings.ts';
import { oneLine } from '../text/display-text.ts';
import { duration } from '../text/format.ts';

export interface SamplerOptions {
  /** Time between two samples. Default: one second. */
  readonly intervalMs?: number;
  /** A sample that takes longer has failed; the source is sampled again once it has returned. Default: 3 s. */
  readonly timeoutMs?: number;
  readonly onReadings: (source: Source, readings: readonly Reading[]) => void;
  /** Called when a gap ends, or at stop() for one that lasts until then. */
  readonly onGap: (gap: Gap) => void;
}

/** Number of samples of one source. */
export interface SourceCount {
  readonly source: Source;
  readonly samples: number;
}

interface Watched {
  readonly source: Source;
  /** Aborted when a sample takes too long, and then replaced. */
  late: AbortController;
  /** Aborted with `late`, and by stop(). */
  signal: AbortSignal;
  samples: number;
  isBusy: boolean;
  lastGoodAtMs: number | undefined;
  gap: { fromMs: number; reason: string } | undefined;
}

/** A source without a reading for more than this many intervals has a gap, even if it answered in the end. */
const LATE_INTERVALS = 2.5;
/** A shorter delay is jitter of a busy machine, however short the interval is. */
const LATE_MS = 1000;

/**
 * From this many readings per sample and this many samples on, parsing and recording are most of a run's cost and worth
 * compiling.
 */
const MANY_READINGS = 100;
const SAMPLES_TO_COMPILE = 2;

/** Calls sample() of each source until stop(). Failures of a source become gaps. */
export class Sampler {
  readonly #watched: readonly Watched[];
  readonly #options: SamplerOptions;
  readonly #intervalMs: number;
  readonly #over = new AbortController();
  #timer: NodeJS.Timeout | undefined;
  #compilesEarly = false;

  constructor(sources: readonly Source[], options: SamplerOptions) {
    this.#options = options;
    this.#intervalMs = options.intervalMs ?? 1000;
    this.#watched = sources.map((source) => ({
      source,
      ...this.#newSignal(),
      samples: 0,
      isBusy: false,
      lastGoodAtMs: undefined,
      gap: undefined,
    }));
  }

  /** Samples at once, then in the middle of every interval of the wall clock, until stop(). */
  start(): void {
    const tick = () => {
      for (const watched of this.#watched) if (!watched.isBusy) void this.#sample(watched);
      this.#timer = setTimeout(tick, this.#untilNextMs(Date.now()));
      this.#timer.unref();
    };
    tick();
  }

  /**
   * Milliseconds until the middle of the next interval. Readings are stored by the second: near its border, jitter
   * would put two into one second and none into the next. From the middle they may be late by half a second.
   */
  #untilNextMs(nowMs: number): number {
    const half = this.#intervalMs / 2;
    const untilMiddle =
      (((half - (nowMs % this.#intervalMs)) % this.#intervalMs) + this.#intervalMs) % this.#intervalMs;
    // Not sooner than half an interval: a rate over a few milliseconds means nothing.
    return untilMiddle < half ? untilMiddle + this.#intervalMs : untilMiddle;
  }

  /** Stops sampling at once and reports the open gaps. Later answers of sources are ignored. */
  stop(): void {
    if (this.#over.signal.aborted) return;
    clearTimeout(this.#timer);
    this.#over.abort();
    if (this.#compilesEarly) compileLate();
    const atMs = Date.now();
    for (const watched of this.#watched) {
      this.#closeGap(watched, atMs);
      watched.source.close?.();
    }
  }

  /** Number of samples of each source. */
  counts(): SourceCount[] {
    return this.#watched.map(({ source, samples }) => ({ source, samples }));
  }

  async #sample(watched: Watched): Promise<void> {
    watched.isBusy = true;
    const beganAtMs = Date.now();
    const { source } = watched;
    const outcome = await this.#sampleOnce(watched);
    if (this.#over.signal.aborted) return;
    if ('reason' in outcome) {
      watched.gap ??= { fromMs: watched.lastGoodAtMs ?? beganAtMs, reason: outcome.reason };
      return;
    }
    const atMs = Date.now();
    const quietMs = atMs - (watched.lastGoodAtMs ?? atMs);
    if (watched.gap === undefined && quietMs > Math.max(LATE_INTERVALS * this.#intervalMs, LATE_MS)) {
      const tookMs = atMs - beganAtMs;
      const reason =
        tookMs > quietMs / 2
          ? `slow: the answer took ${duration(tookMs)}`
          : 'this machine was too busy to read it in time';
      watched.gap = { fromMs: watched.lastGoodAtMs ?? beganAtMs, reason };
    }
    this.#closeGap(watched, atMs);
    watched.lastGoodAtMs = atMs;
    watched.samples++;
    if (!this.#compilesEarly && watched.samples >= SAMPLES_TO_COMPILE && outcome.readings.length >= MANY_READINGS) {
      this.#compilesEarly = true;
      compileEarly();
    }
    this.#options.onReadings(source, outcome.readings);
  }

  /** Never rejects. Ends with the timeout even if the source ignores its signal. */
  async #sampleOnce(watched: Watched): Promise<{ readings: readonly Reading[] } | { reason: string }> {
    const timeoutMs = this.#options.timeoutMs ?? 3000;
    const { late, signal } = watched;
    const answer = Promise.resolve()
      .then(() => watched.source.sample(signal))
      .then(
        (readings) => ({ readings }),
        (error: unknown) => ({ reason: oneLine(messageOf(error), 300) }),
      )
      // Only now may the source be sampled again, so that its samples never overlap.
      .finally(() => {
        watched.isBusy = false;
      });
    let timer: NodeJS.Timeout | undefined;
    const timeout = new Promise<{ reason: string }>((resolve) => {
      timer = setTimeout(() => {
        resolve({ reason: `no answer within ${timeoutMs / 1000} s` });
        late.abort();
        Object.assign(watched, this.#newSignal());
      }, timeoutMs);
      timer.unref();
    });
    const first = await Promise.race([answer, timeout]);
    clearTimeout(timer);
    return first;
  }

  /**
   * Reused for many samples: combined signals are expensive and stay registered with the signal that ends all sampling.
   */
  #newSignal(): Pick<Watched, 'late' | 'signal'> {
    const late = new AbortController();
    return { late, signal: AbortSignal.any([late.signal, this.#over.signal]) };
  }

  #closeGap(watched: Watched, toMs: number): void {
    if (watched.gap === undefined) return;
    const { fromMs, reason } = watched.gap;
    watched.gap = undefined;
    this.#options.onGap({ source: watched.source.name, fromMs, toMs, reason });
  }
}
