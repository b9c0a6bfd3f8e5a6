// Chooses the next load of a capacity search from the steps so far, until the highest sustained load is known.

// 1. Up from the base load, doubling each time, until targets are missed; down if the base load already misses them.
// 2. Then the middle between the highest load that met them and the lowest that missed, until both are within
// RESOLUTION. A miss this close to the knee may be chance, so it counts only if a second step at the same load misses
// too. The same applies to a miss of the very first step, when the system may have been cold.
// 3. The highest load that met them is repeated CONFIRMATIONS times. If a repetition fails, this load counts as missed
// and the search continues.

/** The search ends when the highest load that met and the lowest that missed are within this ratio. */
const RESOLUTION = 1.06;
const CONFIRMATIONS = 2;
/** A miss at or above this multiple of a load that met needs no second step. */
const FAR = 1.5;
const MOST_STEPS = 30;
const LEAST_SHARE = 1 / 16;

export interface HeldStep {
  readonly load: number;
  readonly isMet: boolean;
}

export interface SearchRules {
  readonly base: number;
  /** The load never exceeds this. */
  readonly most: number;
  /** True if loads must be whole numbers, as for virtual users. */
  readonly isWhole: boolean;
}

export interface CapacityFound {
  /** The highest load that always met the targets; undefined: even the lowest one tried did not. */
  readonly load: number | undefined;
  /** The lowest load that missed them; undefined: none did up to the limit. */
  readonly missedAt: number | undefined;
  /** True if the load met the targets in `CONFIRMATIONS` further steps. */
  readonly isConfirmed: boolean;
}

export type NextStep =
  | { readonly kind: 'hold'; readonly load: number; readonly why: 'up' | 'down' | 'between' | 'again' | 'confirm' }
  | { readonly kind: 'done'; readonly found: CapacityFound };

interface Bracket {
  readonly low: number | undefined;
  readonly high: number | undefined;
  /** Missed once, close to `low`, so it is tried again. */
  readonly doubtful: number | undefined;
  readonly confirmations: number;
}

function bracketOf(steps: readonly HeldStep[]): Bracket {
  const at = new Map<number, { met: number; missed: number }>();
  for (const { load, isMet } of steps) {
    const found = at.get(load) ?? { met: 0, missed: 0 };
    at.set(load, isMet ? { ...found, met: found.met + 1 } : { ...found, missed: found.missed + 1 });
  }
  const loads = [...at.keys()].sort((x, y) => x - y);
  const counts = (load: number) => at.get(load) ?? { met: 0, missed: 0 };
  const missedFor = (load: number) => {
    const { met, missed } = counts(load);
    return missed > 0 && missed >= met;
  };
  const high = loads.find((load) => {
    if (!missedFor(load)) return false;
    const { missed } = counts(load);
    const below = loads.filter((each) => each < load && !missedFor(each)).at(-1);
    return missed > 1 || (below === undefined ? load !== steps[0]?.load : load / below >= FAR);
  });
  const isBelow = (load: number) => high === undefined || load < high;
  const low = loads.filter((load) => isBelow(load) && counts(load).met > counts(load).missed).at(-1);
  const doubtful = loads.find((load) => isBelow(load) && missedFor(load) && (low === undefined || load > low));
  const { met, missed } = counts(low ?? -1);
  return { low, high, doubtful, confirmations: met - missed - 1 };
}

/** The next step after `steps`, which are in order of time. */
export function nextStep(steps: readonly HeldStep[], { base, most, isWhole }: SearchRules): NextStep {
  const rounded = (load: number) =>
    Math.min(most, isWhole ? Math.max(1, Math.round(load)) : Number(load.toPrecision(4)));
  const hold = (load: number, why: 'up' | 'down' | 'between' | 'again' | 'confirm'): NextStep => ({
    kind: 'hold',
    load,
    why,
  });
  const { low, high, doubtful, confirmations } = bracketOf(steps);
  const done = (): NextStep => ({
    kind: 'done',
    found: { load: low, missedAt: high, isConfirmed: low !== undefined && confirmations >= CONFIRMATIONS },
  });
  if (steps.length === 0) return hold(rounded(base), 'up');
  if (steps.length >= MOST_STEPS) return done();
  if (doubtful !== undefined) return hold(doubtful, 'again');
  if (low === undefined) {
    const lowest = Math.min(...steps.map(({ load }) => load));
    const lower = rounded(lowest / 2);
    return lower >= lowest || lower < base * LEAST_SHARE ? done() : hold(lower, 'down');
  }
  if (high === undefined && low < most) {
    const twice = rounded(low * 2);
    return twice > low ? hold(twice, 'up') : done();
  }
  const middle = high === undefined ? low : rounded((low + high) / 2);
  const isClose = high === undefined || high / low <= RESOLUTION || middle <= low || middle >= high;
  if (!isClose) return hold(middle, 'between');
  return confirmations >= CONFIRMATIONS ? done() : hold(low, 'confirm');
}
