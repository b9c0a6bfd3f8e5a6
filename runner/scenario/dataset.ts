// Distributes rows of a data file to virtual users and iterations: unique, circular, random or once. Runs inside k6. Uses k6's
// numbers of the whole test, so that several machines with execution segments divide the rows.

import { SharedArray } from 'k6/data';
import exec from 'k6/execution';

/** How rows are distributed. */
export interface DataOptions {
  /**
   * `unique`: one row per virtual user; the test is aborted if there are more users than rows.
   * `circular` (default): the next row for every iteration; after the last row, the first.
   * `random`: a random row by `seed` and the number of the iteration, so the next run has the same rows.
   * `once`: the next row for every iteration; undefined after the last.
   * All but `unique` count the iterations of each journey (each k6 scenario) from 0: two journeys get the same rows.
   */
  strategy?: 'unique' | 'circular' | 'random' | 'once';
  /** For `random`. Default 1. */
  seed?: number;
}

/** Rows with a strategy. */
export interface Dataset<T, Row = T> {
  readonly length: number;
  /** The row of this iteration, or of this virtual user with `unique`; the same for every call. */
  row(): Row;
  /** All rows, one copy for all virtual users. */
  readonly all: readonly T[];
}

/**
 * Call it in the init code: `const users = dataset('users', loadUsers, { strategy: 'unique' })`. `load` is the import of a data file or
 * any function that returns rows. Throws an Error if there are no rows.
 */
export function dataset<T>(
  name: string,
  load: () => T[],
  options: DataOptions & { strategy: 'once' },
): Dataset<T, T | undefined>;
export function dataset<T>(name: string, load: () => T[], options?: DataOptions): Dataset<T>;
export function dataset<T>(name: string, load: () => T[], options: DataOptions = {}): Dataset<T, T | undefined> {
  const { strategy = 'circular', seed = 1 } = options;
  const all = new SharedArray<T>(name, load);
  const { length } = all;
  if (length === 0) throw new Error(`dataset ${name}: expected one row or more, found none`);
  const indexOf = {
    unique: () => userOf(name, length),
    circular: () => iteration() % length,
    random: () => Math.floor(randomOf(seed, iteration()) * length),
    once: iteration,
  }[strategy];
  return { length, all, row: () => all[indexOf()] };
}

function userOf(name: string, length: number): number {
  const index = exec.vu.idInTest - 1;
  if (index >= length) exec.test.abort(`dataset ${name}: ${length} rows are too few for virtual user ${index + 1}`);
  // setup() and teardown() belong to no journey.
  return Math.max(0, index);
}

function iteration(): number {
  try {
    return exec.scenario.iterationInTest;
  } catch {
    // setup() and teardown() belong to no scenario.
    return 0;
  }
}

/** A random number from 0 to 1 for two whole numbers: mulberry32 of their mix. */
function randomOf(seed: number, index: number): number {
  let state = (Math.imul(seed, 0x9e3779b1) ^ Math.imul(index + 1, 0x85ebca6b)) >>> 0;
  state = (state + 0x6d2b79f5) >>> 0;
  let mixed = Math.imul(state ^ (state >>> 15), state | 1);
  mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
  return ((mixed ^ (mixed >>> 14)) >>> 0) / 0x1_0000_0000;
}
