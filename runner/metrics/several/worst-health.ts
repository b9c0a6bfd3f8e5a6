// Combines the health of several k6 processes into that of the worst one, window by window.

import type { GeneratorHealth } from '../../model/metrics.ts';
import { HEALTH_FIGURES } from '../histograms/histograms-format.ts';
import type { StreamSink } from '../sinks/sink.ts';

/**
 * All figures but two that belong together: cores used and cores allowed come from the process with the higher CPU
 * share.
 */
const FIGURES = HEALTH_FIGURES.map(([, figure]) => figure).filter(
  (figure) => figure !== 'cpuCores' && figure !== 'coresAllowed',
);

/** Collects health from several processes; flush() passes it on in order of time. */
export class WorstHealth {
  readonly #waiting = new Map<number, GeneratorHealth>();
  #flushedMs = -Infinity;

  add(health: GeneratorHealth): void {
    // The source's own figures still include health that comes too late.
    if (health.startMs < this.#flushedMs) return;
    const known = this.#waiting.get(health.startMs);
    this.#waiting.set(health.startMs, known === undefined ? health : worseOf(known, health));
  }

  flush(sink: StreamSink, beforeMs: number): void {
    const starts = [...this.#waiting.keys()].filter((startMs) => startMs < beforeMs).sort((a, b) => a - b);
    for (const startMs of starts) {
      const health = this.#waiting.get(startMs);
      this.#waiting.delete(startMs);
      if (health !== undefined) sink.health(health);
    }
    this.#flushedMs = Math.max(this.#flushedMs, beforeMs);
  }
}

function worseOf(a: GeneratorHealth, b: GeneratorHealth): GeneratorHealth {
  const worst: { -readonly [F in keyof GeneratorHealth]: GeneratorHealth[F] } = {
    startMs: a.startMs,
    lengthMs: Math.max(a.lengthMs, b.lengthMs),
  };
  const busier = share(b) > share(a) ? b : a;
  if (busier.cpuCores !== undefined) worst.cpuCores = busier.cpuCores;
  if (busier.coresAllowed !== undefined) worst.coresAllowed = busier.coresAllowed;
  for (const figure of FIGURES) {
    const values = [a[figure], b[figure]].filter((value) => value !== undefined);
    if (values.length > 0) worst[figure] = Math.max(...values);
  }
  return worst;
}

function share({ cpuCores = -1, coresAllowed = 1 }: GeneratorHealth): number {
  return coresAllowed > 0 ? cpuCores / coresAllowed : cpuCores;
}
