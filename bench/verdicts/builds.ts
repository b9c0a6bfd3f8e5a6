// False alarms and found changes in comparisons of simulated runs of two builds with ten endpoints.

import { looksOf, oldRunsFirst } from '../../runner/analysis/differences/looks.ts';
import { type JudgedFigure, judgeFigures } from '../../runner/compare/over-runs.ts';
import type { ComparedMetric } from '../../runner/model/comparison.ts';
import { DEFAULT_PRACTICAL_SIZE } from '../../runner/model/practical-size.ts';
import type { Result } from '../../runner/model/result.ts';
import { normal, type Random, seeded } from './streams.ts';

/** Endpoints of a simulated run. */
export const ENDPOINTS = 10;
const STATISTICS = [
  ['p50', 'med', 100, 0.6],
  ['p95', 'p95', 200, 1],
  ['p99', 'p99', 300, 1.8],
] as const;

/** How runs of one build differ: `spread` is the sd of ln p95 between runs, `shared` the part of its variance that endpoints share. */
export interface Spread {
  readonly spread: number;
  readonly shared: number;
  /** Correlation of the shared part from run to run: a machine that drifts. */
  readonly drift?: number;
  /** Number of groups of endpoints, each with its own shared part; default 1. */
  readonly groups?: number;
  /** In one run of ten the endpoint's own part, or the shared part, is three times as large. */
  readonly outliers?: 'own' | 'shared';
  /** Endpoints spread differently: sd of the logarithm of their factor. */
  readonly uneven?: number;
  /** Number of endpoints that change, by 100 % down to 40 % of the change; default 1. */
  readonly changed?: number;
}

/** Simulates runs in order; the first endpoints are the changed ones. */
class Machine {
  readonly #levels: number[];
  readonly #factors: number[];
  readonly #spread: Spread;
  readonly #random: Random;
  readonly #like: Result;

  constructor(spread: Spread, random: Random, like: Result) {
    this.#spread = spread;
    this.#random = random;
    this.#like = like;
    this.#levels = Array.from({ length: spread.groups ?? 1 }, () => normal(random));
    this.#factors = Array.from({ length: ENDPOINTS }, () => Math.exp((spread.uneven ?? 0) * normal(random)));
  }

  #outlier(of: Spread['outliers']): number {
    return this.#spread.outliers === of && this.#random() < 0.1 ? 3 : 1;
  }

  run(change: number): Result {
    const { spread, shared, drift = 0, changed = 1 } = this.#spread;
    for (const [index, level] of this.#levels.entries()) {
      this.#levels[index] = drift * level + Math.sqrt(1 - drift ** 2) * normal(this.#random);
    }
    const sharedFactor = spread * Math.sqrt(shared) * this.#outlier('shared');
    const [template] = this.#like.endpoints;
    if (template === undefined) throw new Error('a sample run without endpoints');
    const endpoints = Array.from({ length: ENDPOINTS }, (_, index) => {
      const common = sharedFactor * (this.#levels[index % this.#levels.length] ?? 0);
      const factorOfOwn = (this.#factors[index] ?? 1) * this.#outlier('own');
      const own = spread * Math.sqrt(1 - shared) * factorOfOwn * normal(this.#random);
      const part = 1 - (0.6 * index) / Math.max(1, changed - 1);
      const factor = index < changed ? 1 + (change - 1) * part : 1;
      const time = (of: number, share: number) =>
        of * factor * Math.exp((common + own) * Math.min(1, share) + 0.3 * spread * share * normal(this.#random));
      const times = Object.fromEntries(STATISTICS.map(([, field, value, share]) => [field, time(value, share)]));
      return { ...template, name: `GET /${index}`, ...times, error_rate: 0, requests: 1000 };
    });
    return { ...this.#like, endpoints };
  }
}

const side = { value: 100, ci_low: null, ci_high: null, samples: 1000 };
const METRICS: readonly ComparedMetric[] = Array.from({ length: ENDPOINTS }, (_, index) =>
  STATISTICS.map(
    ([statistic]): ComparedMetric => ({
      ...{ kind: 'latency', endpoint: `GET /${index}`, statistic, metric: 'http_req_duration', unit: 'ms' },
      ...{ a: side, b: side, change: null, ci_low: null, ci_high: null, verdict: 'unknown', reason: null },
      ...{ superiority: null, over_runs: null },
    }),
  ),
).flat();

/** How runs are taken and compared. */
export interface Design {
  readonly name: string;
  /** It ends with the first decided figure, so that any figure of the changed endpoint counts as found, not only p95. */
  readonly stops?: boolean;
  /** Compares a build that is `change` times as slow in one endpoint; the figures that were judged. */
  compare(machine: { run(change: number): Result }, change: number): readonly JudgedFigure[];
}

/** `a` runs of the old build, then one of the new, as with --baseline. */
export function historyDesign(a: number): Design {
  return {
    name: `${a} runs of the baseline and 1 new`,
    compare: (machine, change) => {
      const before = Array.from({ length: a }, () => machine.run(1));
      return judgeFigures(METRICS, { a: before, b: [machine.run(change)], inBlocks: true }, DEFAULT_PRACTICAL_SIZE);
    },
  };
}

/** `k` runs of each build, alternating. */
export function turnsDesign(k: number): Design {
  return {
    name: `${k} runs of each, in turn`,
    compare: (machine, change) => {
      const [a, b]: [Result[], Result[]] = [[], []];
      for (let pair = 0; pair < k; pair++) {
        a.push(machine.run(1));
        b.push(machine.run(change));
      }
      return judgeFigures(METRICS, { a, b, inBlocks: false }, DEFAULT_PRACTICAL_SIZE);
    },
  };
}

/** At most `most` pairs, a b b a …, that stop once something is decided, as with --against. */
export function pairsDesign(most: number): Design {
  return {
    name: most === 3 ? '3 pairs, a b b a' : `at most ${most} pairs, a b b a, stopping when decided`,
    stops: most > 3,
    compare: (machine, change) => {
      const [a, b]: [Result[], Result[]] = [[], []];
      let judged: readonly JudgedFigure[] = [];
      for (const { pairs, alarms } of looksOf(most)) {
        while (a.length < pairs) {
          const isOldFirst = oldRunsFirst(a.length + 1, most);
          const [first, second] = [machine.run(isOldFirst ? 1 : change), machine.run(isOldFirst ? change : 1)];
          a.push(isOldFirst ? first : second);
          b.push(isOldFirst ? second : first);
        }
        judged = judgeFigures(METRICS, { a, b, inBlocks: false, inPairs: true }, DEFAULT_PRACTICAL_SIZE, alarms);
        if (judged.some(isDifferent)) break;
      }
      return judged;
    },
  };
}

function isDifferent({ verdict }: JudgedFigure): boolean {
  return verdict === 'worse' || verdict === 'better';
}

/** Rates of a design. */
export interface BuildRates {
  /** Share of comparisons in which any unchanged figure was called slower or faster. */
  readonly alarms: number;
  /** Share of comparisons in which the changed endpoint was called slower, by its p95: see Design.stops. */
  readonly found: number;
  readonly comparisons: number;
}

/** Simulates comparisons and counts false alarms and found changes. */
export function buildRates(
  design: Design,
  spread: Spread,
  change: number,
  like: Result,
  options: { readonly comparisons: number; readonly seed: number },
): BuildRates {
  const random = seeded(options.seed);
  let [alarms, found] = [0, 0];
  for (let comparison = 0; comparison < options.comparisons; comparison++) {
    const judged = design.compare(new Machine(spread, random, like), change);
    const differs = judged.filter(isDifferent);
    const isUnchanged = ({ metric: { endpoint } }: JudgedFigure) =>
      change === 1 || Number(endpoint?.slice('GET /'.length)) >= (spread.changed ?? 1);
    if (differs.some(isUnchanged)) alarms++;
    const isFound = ({ metric: { endpoint, statistic }, verdict }: JudgedFigure) =>
      endpoint === 'GET /0' && (design.stops === true || statistic === 'p95') && verdict === 'worse';
    if (differs.some(isFound)) found++;
  }
  const { comparisons } = options;
  return { alarms: alarms / comparisons, found: found / comparisons, comparisons };
}

/**
 * How often the smallest detectable change that a comparison of equal builds printed is found by another comparison that has this change
 * in p95 of one endpoint; and the median of the printed changes.
 */
export function smallestRate(
  design: Design,
  spread: Spread,
  like: Result,
  { comparisons, seed }: { readonly comparisons: number; readonly seed: number },
): { readonly found: number; readonly usual: number } {
  const random = seeded(seed);
  const printed: number[] = [];
  let found = 0;
  for (let comparison = 0; comparison < comparisons; comparison++) {
    const machine = new Machine(spread, random, like);
    const ofP95 = (change: number) =>
      design
        .compare(machine, change)
        .find(({ metric: { endpoint, statistic } }) => endpoint === 'GET /0' && statistic === 'p95');
    const smallest = ofP95(1)?.smallest() ?? 0;
    printed.push(smallest);
    if (ofP95(1 + smallest)?.verdict === 'worse') found++;
  }
  return { found: found / comparisons, usual: printed.sort((x, y) => x - y)[Math.floor(comparisons / 2)] ?? 0 };
}
