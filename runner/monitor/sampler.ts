// Sources go in; their readings come out once a second each, and the gaps in which one gave no reading. No source can delay another.

import type { Gap, Reading, Source } from '../model/server.ts';
import { messageOf } from '../system/errors.ts';
import { compileEarly, compileLate } from '../system/v8-settings.ts';
import { oneLine } from '../text/display-text.ts';
import { duration } from '../text/format.ts';

export interface SamplerOptions {
  /** Default one second. */
  readonly intervalMs?: number;
  /** After this long a sample has failed; its source is asked again once it has let go. Default 3 s. */
  readonly timeoutMs?: number;
  readonly onReadings: (source: Source, readings: readonly Reading[]) => void;
  /** A gap that is over, or that lasts until the end. */
  readonly onGap: (gap: Gap) => void;
}

/** What a sampler knows of one source. */
export interface SourceCount {
  readonly source: Source;
  readonly samples: number;
}

interface Watched {
  readonly source: Source;
  /** Aborted when a sample takes too long; then the next one gets another. */
  late: AbortController;
  /** Aborted with `late`, and when all sampling ends. */
  signal: AbortSignal;
  samples: number;
  isBusy: boolean;
  lastGoodAtMs: number | undefined;
  gap: { fromMs: number; reason: string } | undefined;
}

/** A source that is late by more than this many intervals has left a gap, though it answered in the end. */
const LATE_INTERVALS = 2.5;
/** Less than this is a busy machine's jitter, however short the interval is. */
const LATE_MS = 1000;

/** So many readings at once, for so many samples: parsing and recording them is then most of what a run costs, and worth compiling. */
const MANY_READINGS = 100;
const SAMPLES_TO_COMPILE = 2;

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
      ...this.#patience(),
      samples: 0,
      isBusy: false,
      lastGoodAtMs: undefined,
      gap: undefined,
    }));
  }

  /** Samples at once and then in the middle of every interval of the wall clock, until stop(). */
  start(): void {
    const tick = () => {
      for (const watched of this.#watched) if (!watched.isBusy) void this.#sample(watched);
      this.#timer = setTimeout(tick, this.#untilNextMs(Date.now()));
      this.#timer.unref();
    };
    tick();
  }

  /**
   * Readings are kept by the second. Those taken near its border fell into the one or the other, as a busy machine would have it,
   * and left seconds without any; from the middle they may be late by half a second.
   */
  #untilNextMs(nowMs: number): number {
    const half = this.#intervalMs / 2;
    const untilMiddle =
      (((half - (nowMs % this.#intervalMs)) % this.#intervalMs) + this.#intervalMs) % this.#intervalMs;
    // Rates over a few milliseconds say nothing.
    return untilMiddle < half ? untilMiddle + this.#intervalMs : untilMiddle;
  }

  /** Ends all sampling at once; what a source answers after this is not heard. Tells the gaps that are still open. */
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

  counts(): SourceCount[] {
    return this.#watched.map(({ source, samples }) => ({ source, samples }));
  }

  async #sample(watched: Watched): Promise<void> {
    watched.isBusy = true;
    const beganAtMs = Date.now();
    const { source } = watched;
    const outcome = await this.#ask(watched);
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

  /** Never rejects, and ends with the timeout even where the source does not heed its signal. */
  async #ask(watched: Watched): Promise<{ readings: readonly Reading[] } | { reason: string }> {
    const timeoutMs = this.#options.timeoutMs ?? 3000;
    const { late, signal } = watched;
    const answer = Promise.resolve()
      .then(() => watched.source.sample(signal))
      .then(
        (readings) => ({ readings }),
        (error: unknown) => ({ reason: oneLine(messageOf(error), 300) }),
      )
      // Not sooner: samples of one source never overlap.
      .finally(() => {
        watched.isBusy = false;
      });
    let timer: NodeJS.Timeout | undefined;
    const timeout = new Promise<{ reason: string }>((resolve) => {
      timer = setTimeout(() => {
        resolve({ reason: `no answer within ${timeoutMs / 1000} s` });
        late.abort();
        Object.assign(watched, this.#patience());
      }, timeoutMs);
      timer.unref();
    });
    const first = await Promise.race([answer, timeout]);
    clearTimeout(timer);
    return first;
  }

  /** One for many samples: composed signals are costly, and those that are done stay with the one that ends all sampling. */
  #patience(): Pick<Watched, 'late' | 'signal'> {
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
