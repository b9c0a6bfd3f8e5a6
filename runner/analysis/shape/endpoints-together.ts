// Combines the medians of all endpoints into one series, in which a common drift shows earlier than in any single one.

import type { Interval, TimeRange } from '../../model/metrics.ts';
import { thinned } from './thinned.ts';

/**
 * The medians of all endpoints as one series: the geometric mean of each endpoint's median, relative to its median over
 * the run and weighted by requests, so that a changed mix of requests has no effect. A common drift shows here minutes
 * before it shows in a single endpoint.
 */
export class Together {
  readonly #cells: number;
  readonly #endpoints: Array<{
    readonly name: string;
    /** Weight times ln of the median relative to that of the run; and the weight. */
    readonly sums: Float64Array;
    readonly weights: Float64Array;
    readonly usual: number;
    readonly weight: number;
  }> = [];

  constructor(intervalMs: number, { fromMs, toMs }: TimeRange) {
    this.#cells = Math.max(0, Math.round((toMs - fromMs) / Math.max(1, intervalMs)));
  }

  add(name: string, cells: readonly Interval[]): void {
    const [sums, weights] = [new Float64Array(this.#cells), new Float64Array(this.#cells)];
    let [weight, total] = [0, 0];
    const { every } = thinned(cells);
    for (const [i, { aggregate }] of cells.entries()) {
      if (i % every !== 0) continue;
      const median = aggregate?.quantile(0.5);
      if (i >= this.#cells || aggregate === undefined || median === undefined || median <= 0) continue;
      weights[i] = aggregate.count;
      sums[i] = aggregate.count * Math.log(median);
      weight += aggregate.count;
      total += sums[i] ?? 0;
    }
    if (weight === 0) return;
    const usual = total / weight;
    for (let i = 0; i < this.#cells; i++) sums[i] = (sums[i] ?? 0) - (weights[i] ?? 0) * usual;
    this.#endpoints.push({ name, sums, weights, usual, weight });
  }

  /** The series of all endpoints except `left`. */
  values(left?: string): ReadonlyArray<number | undefined> {
    const endpoints = this.#endpoints.filter(({ name }) => name !== left);
    const all = endpoints.reduce((sum, { weight }) => sum + weight, 0);
    const level = endpoints.reduce((sum, { weight, usual }) => sum + weight * usual, 0) / Math.max(1, all);
    return Array.from({ length: this.#cells }, (_, i) => {
      let [sum, weight] = [0, 0];
      for (const { sums, weights } of endpoints) {
        sum += sums[i] ?? 0;
        weight += weights[i] ?? 0;
      }
      return weight === 0 ? undefined : Math.exp(level + sum / weight);
    });
  }

  /**
   * The endpoint that contributes most to the change from the first third to the last, to check whether the others
   * change without it.
   */
  changedMost(): string | undefined {
    const third = Math.floor(this.#cells / 3);
    let best: { name: string; change: number } | undefined;
    for (const { name, sums, weights, weight } of this.#endpoints) {
      const mean = (from: number, to: number) => sumOf(sums, from, to) / Math.max(1e-9, sumOf(weights, from, to));
      const change = Math.abs(mean(this.#cells - third, this.#cells) - mean(0, third)) * weight;
      if (best === undefined || change > best.change) best = { name, change };
    }
    return best?.name;
  }
}

function sumOf(values: Float64Array, from: number, to: number): number {
  let sum = 0;
  for (let i = from; i < to; i++) sum += values[i] ?? 0;
  return sum;
}
