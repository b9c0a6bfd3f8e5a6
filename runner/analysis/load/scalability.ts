// Finds the number of VUs from which more VUs bring no more throughput, with the universal scalability law.

import type { RunMetrics } from '../../model/metrics.ts';
import type { ScenarioPlan } from '../../model/plan.ts';

//   X(N) = λN / (1 + σ(N-1) + κN(N-1))          Gunther 1993: λ of one VU, σ serial share, κ cost of VUs to each other
//   N/X  = a + b N + c N(N-1)                    linear in a = (1-σ)/λ, b = σ/λ, c = κ/λ: least squares with b, c >= 0
//
// Windows are grouped by VUs; groups of fewer than 3 windows are left out. Throughput has stopped growing if one more
// VU at the highest level brings less than a tenth of what the first brought, and the fit explains the measurement.

const CLOSED = new Set(['constant-vus', 'ramping-vus', 'per-vu-iterations', 'shared-iterations']);
const MIN_LEVELS = 5;
const MIN_WINDOWS = 3;
const MIN_RANGE = 2.5;
const NO_GAIN = 0.1;
const MIN_EXPLAINED = 0.8;
/** Levels that differ by less than this share are one. */
const SAME = 0.05;

/** Mean throughput at one number of VUs. */
export interface Level {
  readonly vus: number;
  readonly perSecond: number;
  readonly windows: number;
}

export interface Scalability {
  readonly lambda: number;
  readonly sigma: number;
  readonly kappa: number;
  /** Share of the throughput's variance that the fit explains. */
  readonly explained: number;
  /** Gain of one more VU at the highest level, divided by that of the first: 1 = linear, below 0 = less throughput. */
  readonly gainAtMost: number;
  /** Number of VUs from which one more brings less than a tenth of the first; undefined: not in the measured range. */
  readonly stopsAtVus: number | undefined;
  readonly levels: readonly Level[];
}

/** Fits the levels (ascending VUs); undefined if there are too few or their range is too small. */
export function scalabilityOf(levels: readonly Level[]): Scalability | undefined {
  const [least, most] = [levels[0], levels.at(-1)];
  if (least === undefined || most === undefined || levels.length < MIN_LEVELS) return undefined;
  if (most.vus < MIN_RANGE * least.vus) return undefined;
  const rows = levels.map(({ vus, perSecond, windows }) => ({
    x: [1, vus, vus * (vus - 1)],
    y: vus / perSecond,
    // Weighted so that the relative error of the throughput counts.
    weight: windows * (perSecond / vus) ** 2,
  }));
  const [a, b, c] = nonNegative(rows);
  if (a + b <= 0) return undefined;
  const lambda = 1 / (a + b);
  const [sigma, kappa] = [b * lambda, c * lambda];
  const at = (n: number) => (lambda * n) / (1 + sigma * (n - 1) + kappa * n * (n - 1));
  const gainAt = (n: number) => {
    const below = 1 + sigma * (n - 1) + kappa * n * (n - 1);
    return (1 - sigma - kappa * n * n) / (below * below);
  };
  const mean = levels.reduce((sum, { perSecond }) => sum + perSecond, 0) / levels.length;
  const left = levels.reduce((sum, { vus, perSecond }) => sum + (perSecond - at(vus)) ** 2, 0);
  const all = levels.reduce((sum, { perSecond }) => sum + (perSecond - mean) ** 2, 0);
  const gainAtMost = gainAt(most.vus);
  let stopsAtVus: number | undefined;
  for (let n = least.vus; n <= most.vus && stopsAtVus === undefined; n++) if (gainAt(n) < NO_GAIN) stopsAtVus = n;
  return { lambda, sigma, kappa, explained: all <= 0 ? 0 : 1 - left / all, gainAtMost, stopsAtVus, levels };
}

/** True if throughput stopped growing in the measured range and the fit is good enough to say so. */
export function hasStoppedGrowing({ stopsAtVus, explained }: Scalability): boolean {
  return stopsAtVus !== undefined && explained >= MIN_EXPLAINED;
}

/** Mean requests per second at each number of VUs; empty for open models: their rate is configured. */
export function levelsOf(metrics: RunMetrics, k6Scenarios: ScenarioPlan['k6Scenarios']): Level[] {
  const executors = Object.values(k6Scenarios).map(({ executor }) => executor);
  if (executors.length === 0 || executors.some((executor) => !CLOSED.has(executor))) return [];
  const vus = metrics.timeline('vus');
  const requests = metrics.timeline('http_reqs');
  const cells = vus.flatMap(({ aggregate, lengthMs }, i) => {
    const [low, high] = [aggregate?.min, aggregate?.max];
    const sum = requests[i]?.aggregate?.sum;
    // The last window is incomplete; a window in which VUs change belongs to no level.
    if (low === undefined || high === undefined || high <= 0 || sum === undefined || i === vus.length - 1) return [];
    return [{ vus: (low + high) / 2, perSecond: (sum * 1000) / lengthMs }];
  });
  const groups: Array<{ first: number; vus: number; perSecond: number; windows: number }> = [];
  for (const cell of cells.toSorted((a, b) => a.vus - b.vus)) {
    const last = groups.at(-1);
    if (last !== undefined && cell.vus - last.first <= SAME * Math.max(last.first, 10)) {
      last.vus += cell.vus;
      last.perSecond += cell.perSecond;
      last.windows++;
    } else groups.push({ first: cell.vus, ...cell, windows: 1 });
  }
  return groups
    .filter(({ windows, perSecond }) => windows >= MIN_WINDOWS && perSecond > 0)
    .map(({ vus, perSecond, windows }) => ({ vus: vus / windows, perSecond: perSecond / windows, windows }));
}

interface Row {
  readonly x: readonly number[];
  readonly y: number;
  readonly weight: number;
}

/** Weighted least squares, with b and c set to 0 where they would be negative. */
function nonNegative(rows: readonly Row[]): [number, number, number] {
  for (const used of [[0, 1, 2], [0, 1], [0, 2], [0]]) {
    const found = solve(rows, used);
    if (found?.every((value, place) => place === 0 || value >= 0)) {
      const full: [number, number, number] = [0, 0, 0];
      used.forEach((column, i) => {
        full[column] = found[i] ?? 0;
      });
      return full;
    }
  }
  return [0, 0, 0];
}

/** Solves the normal equations by Gaussian elimination; undefined without a unique solution. */
function solve(rows: readonly Row[], used: readonly number[]): number[] | undefined {
  const size = used.length;
  const matrix = used.map((i) => [
    ...used.map((j) => rows.reduce((sum, { x, weight }) => sum + weight * (x[i] ?? 0) * (x[j] ?? 0), 0)),
    rows.reduce((sum, { x, y, weight }) => sum + weight * (x[i] ?? 0) * y, 0),
  ]);
  for (let column = 0; column < size; column++) {
    const pivot = matrix.slice(column).reduce((best, row, i) => {
      const than = matrix[best];
      return Math.abs(row[column] ?? 0) > Math.abs(than?.[column] ?? 0) ? column + i : best;
    }, column);
    const [top, other] = [matrix[column], matrix[pivot]];
    if (top === undefined || other === undefined || Math.abs(other[column] ?? 0) < 1e-12) return undefined;
    matrix[column] = other;
    matrix[pivot] = top;
    for (const [i, row] of matrix.entries()) {
      if (i === column) continue;
      const factor = (row[column] ?? 0) / (other[column] ?? 1);
      for (let j = column; j <= size; j++) row[j] = (row[j] ?? 0) - factor * (other[j] ?? 0);
    }
  }
  return matrix.map((row, i) => (row[size] ?? 0) / (row[i] ?? 1));
}
