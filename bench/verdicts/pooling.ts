// How often verdicts by one run and by several runs are wrong, for simulated builds with variation between runs.

import { combine } from '../../runner/analysis/statistics/combine.ts';
import { decide } from '../../runner/analysis/statistics/decide.ts';
import type { GradedInterval } from '../../runner/analysis/statistics/interval.ts';
import { quantileInterval } from '../../runner/analysis/statistics/interval.ts';
import { type EarlierValue, pooledInterval } from '../../runner/analysis/statistics/pooled.ts';
import { aggregateOf, normal, PROCESSES, type Process, type Random, seeded, truthOf } from './streams.ts';

const SECONDS = 300;
const Q = 0.95;
const PER_SECOND = 10;
/** Number of runs per process to draw from; a run that is 10 % off is one of these with all times 10 % longer. */
const DRAWN_FROM = 150;

interface Run {
  readonly value: number;
  readonly interval: GradedInterval | undefined;
}

/** Rates of wrong verdicts. */
export interface PoolingRates {
  readonly spread: number;
  readonly earlier: number;
  /** Share of wrong verdicts for targets 5 % off, by one run; 0 to 1. */
  readonly wrongAlone: number;
  readonly wrong: number;
  /** For targets 20 % off. */
  readonly wrongFar: number;
  readonly decidedAlone: number;
  readonly decided: number;
}

/** `runs` judged runs of each known process for every spread (deviation of ln) and number of earlier runs of the build. */
export function poolingRates(
  runs: number,
  seed: number,
  { processes = PROCESSES.known, drawnFrom = DRAWN_FROM } = {},
): PoolingRates[] {
  const random = seeded(seed);
  const pools = processes.map((process) => ({
    truth: truthOf(process, PER_SECOND, Q, random),
    runs: drawn(process, drawnFrom, random),
  }));
  return [0, 0.05, 0.1, 0.2].flatMap((spread) =>
    [1, 2, 4, 9].map((earlier) => {
      const sums = { wrongAlone: 0, wrong: 0, wrongFar: 0, decidedAlone: 0, decided: 0 };
      for (const pool of pools) {
        for (let i = 0; i < runs; i++) {
          const draw = () =>
            shifted(pool.runs[Math.floor(random() * pool.runs.length)], Math.exp(spread * normal(random)));
          count(sums, draw(), Array.from({ length: earlier }, draw), pool.truth);
        }
      }
      const of = (sum: number) => sum / (2 * runs * pools.length);
      const { wrongAlone, wrong, wrongFar, decidedAlone, decided } = sums;
      return {
        ...{ spread, earlier, wrongAlone: of(wrongAlone), wrong: of(wrong), wrongFar: of(wrongFar) },
        ...{ decidedAlone: of(decidedAlone), decided: of(decided) },
      };
    }),
  );
}

function count(
  sums: Record<'wrongAlone' | 'wrong' | 'wrongFar' | 'decidedAlone' | 'decided', number>,
  own: Run,
  before: readonly Run[],
  truth: number,
): void {
  const earlier = before.flatMap(({ value, interval }): EarlierValue[] =>
    interval === undefined ? [] : [{ value, low: interval.low ?? null, high: interval.high ?? null }],
  );
  const pooled = own.interval && pooledInterval(own.value, own.interval, earlier, false)?.interval;
  for (const factor of [0.8, 0.95, 1.05, 1.2]) {
    const right = factor > 1 ? 'pass' : 'fail';
    const answer = (interval: GradedInterval | undefined) =>
      decide(
        { statistic: 'p(95)', comparison: '<', target: truth * factor },
        {
          ...{ value: own.value, samples: SECONDS * PER_SECOND, interval },
          windows: SECONDS,
          lengthMs: SECONDS * 1000,
        },
      ).verdict;
    const [alone, together] = [answer(own.interval), answer(pooled ?? own.interval)];
    const isWrong = (verdict: string) => Number(verdict !== 'inconclusive' && verdict !== right);
    if (Math.abs(factor - 1) < 0.1) {
      sums.wrongAlone += isWrong(alone);
      sums.wrong += isWrong(together);
    } else {
      sums.wrongFar += isWrong(together);
      sums.decidedAlone += Number(alone !== 'inconclusive');
      sums.decided += Number(together !== 'inconclusive');
    }
  }
}

function drawn(process: Process, length: number, random: Random): Run[] {
  return Array.from({ length }, () => {
    const windows = process.seconds(SECONDS, PER_SECOND, random).map(aggregateOf);
    const all = combine(windows.filter((window) => window !== undefined));
    return { value: all?.quantile(Q) ?? 0, interval: quantileInterval(windows, Q) };
  });
}

function shifted(run: Run | undefined, by: number): Run {
  if (run === undefined) throw new Error('no runs to draw from');
  const { value, interval } = run;
  const times = (end: number | undefined) => (end === undefined ? undefined : end * by);
  return {
    value: value * by,
    interval: interval && { ...interval, low: times(interval.low), high: times(interval.high) },
  };
}

/** Prints the table of both kinds of processes; returns whether at most 1 % are wrong at ±5 % with up to 10 % between runs. */
export function printPooling(runs: number, seed: number): boolean {
  return [
    printRates('Processes that other rules were chosen on', poolingRates(runs, seed)),
    printRates('Fresh processes', poolingRates(runs, seed + 1, { processes: PROCESSES.fresh })),
  ].every(Boolean);
}

function printRates(title: string, rows: readonly PoolingRates[]): boolean {
  const percent = (share: number) => `${(share * 100).toFixed(1)} %`;
  process.stdout.write(`### ${title}\n\n`);
  process.stdout.write(
    '| runs of a build lie apart | earlier runs | wrong at ±5 %, one run alone | together | wrong at ±20 %, together | ±20 % decided, alone | together |\n| --- | --- | --- | --- | --- | --- | --- |\n',
  );
  for (const row of rows) {
    process.stdout.write(
      `| ${percent(row.spread)} | ${row.earlier} | ${percent(row.wrongAlone)} | ${percent(row.wrong)} | ${percent(row.wrongFar)} | ${percent(row.decidedAlone)} | ${percent(row.decided)} |\n`,
    );
  }
  process.stdout.write('\n');
  return rows.filter(({ spread }) => spread <= 0.1).every(({ wrong }) => wrong <= 0.01);
}
