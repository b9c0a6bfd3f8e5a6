// How many wrong verdicts come from runs without any of a service's error bursts or slow states, and the effect of earlier runs of
// the build.

import { combine } from '../../runner/analysis/statistics/combine.ts';
import { decide } from '../../runner/analysis/statistics/decide.ts';
import type { GradedInterval } from '../../runner/analysis/statistics/interval.ts';
import { quantileInterval, shareInterval } from '../../runner/analysis/statistics/interval.ts';
import { type EarlierValue, pooledInterval } from '../../runner/analysis/statistics/pooled.ts';
import { errorSeconds } from './answers.ts';
import { aggregateOf, PROCESSES, type Random, seeded, stateSeconds, truthOf } from './streams.ts';

/** Numbers of earlier runs that are pooled. */
export const EARLIER = [1, 2, 4] as const;

interface Run {
  readonly value: number;
  readonly samples: number;
  readonly interval: GradedInterval | undefined;
  /** Seconds with the burst or slow state. */
  readonly had: number;
}

/** Rates by presence of the effect. */
export interface UnseenRates {
  /** Share of runs without the effect, and with less than 6 s of it. */
  readonly without: number;
  /** Share of wrong verdicts for targets 5 % off, 0 to 1: in all runs, in runs without the effect, and with less than 6 s of it. */
  readonly wrong: number;
  readonly wrongWithout: number;
  readonly wrongWithLittle: number;
  /** Share of wrong verdicts with earlier runs, in the order of EARLIER. */
  readonly wrongTogether: readonly number[];
}

/** Seconds below which a run hardly shows the effect: two bursts, or a part of one slow state. */
const LITTLE_S = 6;

function unseenRates(
  { statistic, truth, seconds }: { readonly statistic: string; readonly truth: number; readonly seconds: number },
  runs: readonly Run[],
): UnseenRates {
  let [wrong, wrongWithout, wrongWithLittle] = [0, 0, 0];
  const together = EARLIER.map(() => 0);
  for (const [index, run] of runs.entries()) {
    for (const factor of [0.95, 1.05]) {
      const isWrong = (interval: GradedInterval | undefined) => {
        const evidence = { ...run, interval, windows: seconds, lengthMs: seconds * 1000 };
        const { verdict } = decide({ statistic, comparison: '<', target: truth * factor }, evidence);
        return verdict !== 'inconclusive' && (verdict === 'pass') !== factor > 1;
      };
      if (isWrong(run.interval)) {
        wrong++;
        if (run.had === 0) wrongWithout++;
        else if (run.had < LITTLE_S) wrongWithLittle++;
      }
      for (const [place, count] of EARLIER.entries()) {
        const earlier = Array.from({ length: count }, (_, i) => runs[(index + 1 + i) % runs.length]);
        const pooled = pooledOf(run, earlier, statistic === 'rate');
        if (isWrong(pooled ?? run.interval)) together[place] = (together[place] ?? 0) + 1;
      }
    }
  }
  const of = (count: number) => count / (2 * runs.length);
  return {
    without: runs.filter(({ had }) => had === 0).length / runs.length,
    wrong: of(wrong),
    wrongWithout: of(wrongWithout),
    wrongWithLittle: of(wrongWithLittle),
    wrongTogether: together.map(of),
  };
}

function pooledOf(
  { value, interval }: Run,
  runs: ReadonlyArray<Run | undefined>,
  isShare: boolean,
): GradedInterval | undefined {
  if (interval === undefined) return undefined;
  const earlier = runs.flatMap((run): EarlierValue[] =>
    run?.interval === undefined
      ? []
      : [{ value: run.value, low: run.interval.low ?? null, high: run.interval.high ?? null }],
  );
  return pooledInterval(value, interval, earlier, isShare)?.interval;
}

/** Runs with an error rate of 1 %, all of it in bursts of 3 s in which half of the requests fail. */
export function unseenBursts(seconds: number, count: number, seed: number): UnseenRates {
  const random = seeded(seed);
  const share = 0.01;
  const runs = Array.from({ length: count }, (): Run => {
    const windows = errorSeconds(seconds, 10, share, 3, random);
    const samples = seconds * 10;
    const value = windows.reduce((sum, { events }) => sum + events, 0) / samples;
    const had = windows.filter(({ events }) => events > 0).length;
    return { value, samples, interval: shareInterval(windows, seconds >= 600), had };
  });
  return unseenRates({ statistic: 'rate', truth: share, seconds }, runs);
}

/** Runs of a service that is 50 % slower for 20 s of every 80 s, judged by p95. */
export function unseenStates(seconds: number, count: number, seed: number): UnseenRates {
  const random: Random = seeded(seed);
  const process = PROCESSES.fresh.at(-1);
  if (process === undefined) throw new Error('no process with two states');
  const truth = truthOf(process, 10, 0.95, random);
  const runs = Array.from({ length: count }, (): Run => {
    const drawn = stateSeconds(60, 20, seconds, 10, random);
    const windows = drawn.seconds.map(aggregateOf);
    const all = combine(windows.filter((window) => window !== undefined));
    return {
      value: all?.quantile(0.95) ?? 0,
      samples: all?.count ?? 0,
      interval: quantileInterval(windows, 0.95),
      had: drawn.bad.filter(Boolean).length,
    };
  });
  return unseenRates({ statistic: 'p(95)', truth, seconds }, runs);
}

/** Prints both, for runs of 120, 300 and 600 s. */
export function printUnseen(runs: number, seed: number): void {
  const percent = (value: number) => `${(value * 100).toFixed(1)} %`;
  const head = ['service, run', 'runs without any', 'wrong at ±5 %', 'of runs without any', 'of runs with under 6 s'];
  const columns = [...head, ...EARLIER.map((count) => `wrong with ${count} earlier`)];
  process.stdout.write(`| ${columns.join(' | ')} |\n|${columns.map(() => ' --- ').join('|')}|\n`);
  for (const seconds of [120, 300, 600]) {
    for (const [name, rates] of [
      ['errors in bursts', unseenBursts(seconds, runs, seed)],
      ['two states, p95', unseenStates(seconds, runs, seed)],
    ] as const) {
      const { without, wrong, wrongWithout, wrongWithLittle, wrongTogether } = rates;
      const cells = [without, wrong, wrongWithout, wrongWithLittle, ...wrongTogether].map(percent);
      process.stdout.write(`| ${name}, ${seconds} s | ${cells.join(' | ')} |\n`);
    }
  }
  process.stdout.write('\n');
}
