// Simulated runs and targets near their truth become the rates at which verdicts are right, wrong and open.

import { combine } from '../../runner/analysis/combine.ts';
import { decide } from '../../runner/analysis/decide.ts';
import { quantileInterval, shareInterval } from '../../runner/analysis/interval.ts';
import { aggregateOf, type Process, type Random, seeded, truthOf } from './streams.ts';

export interface Rates {
  /** Of verdicts against targets 5 % and 20 % off the truth, to both sides; 0 to 1. */
  readonly wrongNear: number;
  readonly wrongFar: number;
  readonly rightFar: number;
  /** Of verdicts by the value alone, against targets 5 % off. */
  readonly wrongByValue: number;
  /** Of the decided intervals, those that hold the truth, and how many runs have one. */
  readonly coverage: number | undefined;
  readonly decided: number;
}

const OFFSETS = [-0.2, -0.05, 0.05, 0.2];

/** Runs of `seconds` of the process at `perSecond` requests, judged by the q-quantile. */
export function answersOf(
  process: Process,
  seconds: number,
  perSecond: number,
  q: number,
  runs: number,
  seed: number,
): Rates {
  const random = seeded(seed);
  const truth = truthOf(process, perSecond, q, random);
  const sums = { wrongNear: 0, wrongFar: 0, rightFar: 0, wrongByValue: 0, covered: 0, decided: 0 };
  for (let run = 0; run < runs; run++) {
    const windows = process.seconds(seconds, perSecond, random).map(aggregateOf);
    const all = combine(windows.filter((window) => window !== undefined));
    const value = all?.quantile(q) ?? 0;
    const interval = quantileInterval(windows, q);
    if (interval?.grade === 'decided') {
      sums.decided++;
      if ((interval.low ?? 0) <= truth && truth <= (interval.high ?? Number.POSITIVE_INFINITY)) sums.covered++;
    }
    for (const off of OFFSETS) {
      const target = truth * (1 + off);
      const evidence = { value, samples: all?.count ?? 0, interval, windows: seconds, lengthMs: seconds * 1000 };
      const { verdict } = decide({ statistic: `p(${q * 100})`, comparison: '<', target }, evidence);
      const right = off > 0 ? 'pass' : 'fail';
      const isWrong = verdict !== 'inconclusive' && verdict !== right;
      if (Math.abs(off) < 0.1) {
        sums.wrongNear += Number(isWrong);
        sums.wrongByValue += Number(value < target !== off > 0);
      } else {
        sums.wrongFar += Number(isWrong);
        sums.rightFar += Number(verdict === right);
      }
    }
  }
  const of = (sum: number) => sum / (2 * runs);
  return {
    wrongNear: of(sums.wrongNear),
    wrongFar: of(sums.wrongFar),
    rightFar: of(sums.rightFar),
    wrongByValue: of(sums.wrongByValue),
    coverage: sums.decided === 0 ? undefined : sums.covered / sums.decided,
    decided: sums.decided / runs,
  };
}

/** Errors in bursts of `burstS` seconds in which half of the requests fail, so rare that `share` of all do; 1: one at a time. */
function errorSeconds(seconds: number, perSecond: number, share: number, burstS: number, random: Random) {
  const within = burstS > 1 ? 0.5 : share;
  const start = burstS > 1 ? share / within / burstS : 0;
  let left = 0;
  return Array.from({ length: seconds }, () => {
    if (left === 0 && random() < start) left = burstS;
    const isBurst = left > 0;
    if (isBurst) left--;
    let events = 0;
    for (let i = 0; i < perSecond; i++) if ((burstS === 1 || isBurst) && random() < within) events++;
    return { events, samples: perSecond };
  });
}

/** Verdicts on an error rate of 1 % against targets 5 % and 100 % off. */
export function errorAnswers(seconds: number, perSecond: number, burstS: number, runs: number, seed: number): Rates {
  const random = seeded(seed);
  const share = 0.01;
  const sums = { wrongNear: 0, wrongFar: 0, rightFar: 0, wrongByValue: 0, covered: 0, decided: 0 };
  for (let run = 0; run < runs; run++) {
    const windows = errorSeconds(seconds, perSecond, share, burstS, random);
    const samples = seconds * perSecond;
    const value = windows.reduce((sum, { events }) => sum + events, 0) / samples;
    const interval = shareInterval(windows, seconds >= 600);
    if (interval?.grade === 'decided') {
      sums.decided++;
      if ((interval.low ?? 0) <= share && share <= (interval.high ?? 1)) sums.covered++;
    }
    for (const factor of [0.5, 0.95, 1.05, 2]) {
      const target = share * factor;
      const evidence = { value, samples, interval, windows: seconds, lengthMs: seconds * 1000 };
      const { verdict } = decide({ statistic: 'rate', comparison: '<', target }, evidence);
      const right = factor > 1 ? 'pass' : 'fail';
      const isWrong = verdict !== 'inconclusive' && verdict !== right;
      if (Math.abs(factor - 1) < 0.1) {
        sums.wrongNear += Number(isWrong);
        sums.wrongByValue += Number(value < target !== factor > 1);
      } else {
        sums.wrongFar += Number(isWrong);
        sums.rightFar += Number(verdict === right);
      }
    }
  }
  const of = (sum: number) => sum / (2 * runs);
  return {
    wrongNear: of(sums.wrongNear),
    wrongFar: of(sums.wrongFar),
    rightFar: of(sums.rightFar),
    wrongByValue: of(sums.wrongByValue),
    coverage: sums.decided === 0 ? undefined : sums.covered / sums.decided,
    decided: sums.decided / runs,
  };
}
