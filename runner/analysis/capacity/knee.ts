// Finds the load from which latency rises steeply.

/** Minimum number of points on each side of a knee. */
const LEAST_SIDE = 4;
/** A bend must reduce the squared distances of a straight line to this share. */
const BETTER = 0.6;
/** Above the knee, latency must rise at least this many times as steeply as below it. */
const STEEPER = 3;
/** Latency at the highest load must be at least this many times that at the knee. */
const RISES_BY = 1.3;

export interface Knee {
  /** Load and latency at the knee. */
  readonly x: number;
  readonly y: number;
}

interface Line {
  readonly level: number;
  readonly slope: number;
  /** Change of the slope at the bend. */
  readonly bend: number;
  readonly error: number;
}

/**
 * Fits two lines that meet by least squares, with the bend at every point in turn. `points` are in order of x.
 * undefined if one line fits as well, if latency does not rise above the bend, or if there are too few points.
 */
export function kneeOf(points: ReadonlyArray<readonly [x: number, y: number]>): Knee | undefined {
  if (points.length < 2 * LEAST_SIDE) return undefined;
  const straight = bentLine(points, Number.POSITIVE_INFINITY);
  let best: { line: Line; x: number } | undefined;
  for (const [x] of points.slice(LEAST_SIDE, points.length - LEAST_SIDE + 1)) {
    const line = bentLine(points, x);
    if (line !== undefined && (best === undefined || line.error < best.line.error)) best = { line, x };
  }
  if (straight === undefined || best === undefined || best.line.error > straight.error * BETTER) return undefined;
  const { line, x } = best;
  const after = line.slope + line.bend;
  const y = line.level + line.slope * x;
  const last = points.at(-1)?.[0] ?? x;
  const rises = after > 0 && after >= STEEPER * Math.max(line.slope, 0);
  return rises && y > 0 && y + after * (last - x) >= RISES_BY * y ? { x, y } : undefined;
}

/**
 * Least squares of level + slope·x + bend·max(0, x - at), by the normal equations; undefined without a unique solution.
 */
function bentLine(points: ReadonlyArray<readonly [number, number]>, at: number): Line | undefined {
  const size = Number.isFinite(at) ? 3 : 2;
  const rows = points.map(([x, y]) => ({ terms: [1, x, Math.max(0, x - at)].slice(0, size), y }));
  const matrix = Array.from({ length: size }, (_, i) => [
    ...Array.from({ length: size }, (_, j) => sum(rows.map(({ terms }) => (terms[i] ?? 0) * (terms[j] ?? 0)))),
    sum(rows.map(({ terms, y }) => (terms[i] ?? 0) * y)),
  ]);
  const solved = solve(matrix);
  if (solved === undefined) return undefined;
  const [level = 0, slope = 0, bend = 0] = solved;
  const error = sum(rows.map(({ terms, y }) => (y - sum(terms.map((term, i) => term * (solved[i] ?? 0)))) ** 2));
  return { level, slope, bend, error };
}

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0);
}

/** Gaussian elimination; each row ends with its right-hand side. undefined if the equations are dependent. */
function solve(matrix: number[][]): number[] | undefined {
  const size = matrix.length;
  for (let column = 0; column < size; column++) {
    const pivot = matrix.slice(column).reduce((a, b) => (Math.abs(b[column] ?? 0) > Math.abs(a[column] ?? 0) ? b : a));
    const lead = pivot[column] ?? 0;
    if (Math.abs(lead) < 1e-12) return undefined;
    matrix.splice(matrix.indexOf(pivot), 1);
    matrix.splice(column, 0, pivot);
    matrix.forEach((row, index) => {
      if (index === column) return;
      const factor = (row[column] ?? 0) / lead;
      row.forEach((value, place) => {
        row[place] = value - factor * (pivot[place] ?? 0);
      });
    });
  }
  return matrix.map((row, index) => (row[size] ?? 0) / (row[index] ?? 1));
}
