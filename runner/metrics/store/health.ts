// Keeps the load generator's health in a bounded list: when there are too many windows, neighbours are merged.

import type { GeneratorHealth } from '../../model/metrics.ts';
import { HEALTH_FIGURES } from '../histograms/histograms-format.ts';

/** A little over an hour of one-second windows; beyond that, neighbours are merged. */
const MOST_ENTRIES = 4096;

type Figure = Exclude<keyof GeneratorHealth, 'startMs' | 'lengthMs'>;

/**
 * How two windows are merged: CPU is averaged over time, pauses and clock steps are summed, everything else keeps its
 * worst value.
 */
const MERGE: Readonly<Record<Figure, 'mean' | 'sum' | 'max'>> = {
  cpuCores: 'mean',
  coresAllowed: 'max',
  residentBytes: 'max',
  goroutines: 'max',
  gcPauseMs: 'sum',
  schedP50Ms: 'max',
  schedP95Ms: 'max',
  schedP99Ms: 'max',
  schedMaxMs: 'max',
  backlog: 'max',
  machineCpu: 'mean',
  machineCores: 'max',
  machinePressure: 'mean',
  runnerCores: 'mean',
  runnerLagMs: 'max',
  clockStepMs: 'sum',
};

const FIGURES = HEALTH_FIGURES.map(([, figure]) => figure);

/** Merges two windows into one. A figure that only one of them has is taken from that one. */
export function mergeHealth(a: GeneratorHealth, b: GeneratorHealth): GeneratorHealth {
  const startMs = Math.min(a.startMs, b.startMs);
  const endMs = Math.max(a.startMs + a.lengthMs, b.startMs + b.lengthMs);
  const merged: { -readonly [F in keyof GeneratorHealth]: GeneratorHealth[F] } = { startMs, lengthMs: endMs - startMs };
  for (const figure of FIGURES) {
    const left = a[figure];
    const right = b[figure];
    if (left === undefined || right === undefined) {
      const only = left ?? right;
      if (only !== undefined) merged[figure] = only;
    } else if (MERGE[figure] === 'max') {
      merged[figure] = Math.max(left, right);
    } else if (MERGE[figure] === 'sum') {
      merged[figure] = left + right;
    } else {
      merged[figure] = (left * a.lengthMs + right * b.lengthMs) / (a.lengthMs + b.lengthMs);
    }
  }
  return merged;
}

/** The health entries in order of arrival; when there are too many, neighbours are merged. */
export class HealthLog {
  #entries: GeneratorHealth[] = [];
  /** Number of windows merged into one entry. */
  #windowsPerEntry = 1;
  #windowsInLast = 0;

  get entries(): readonly GeneratorHealth[] {
    return this.#entries;
  }

  /** Adds one window. */
  add(health: GeneratorHealth): void {
    const last = this.#entries.at(-1);
    if (last !== undefined && this.#windowsInLast < this.#windowsPerEntry) {
      this.#entries[this.#entries.length - 1] = mergeHealth(last, health);
      this.#windowsInLast++;
      return;
    }
    if (this.#entries.length >= MOST_ENTRIES) this.#halve();
    this.#entries.push(health);
    this.#windowsInLast = 1;
  }

  #halve(): void {
    const halved: GeneratorHealth[] = [];
    for (let i = 0; i < this.#entries.length; i += 2) {
      const first = this.#entries[i];
      const second = this.#entries[i + 1];
      if (first !== undefined) halved.push(second === undefined ? first : mergeHealth(first, second));
    }
    this.#entries = halved;
    this.#windowsPerEntry *= 2;
  }
}
