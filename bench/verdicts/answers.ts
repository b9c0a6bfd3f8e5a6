// How often verdicts are right, wrong and undecided for simulated runs with targets near the truth.

import { combine } from '../../runner/analysis/statistics/combine.ts';
import { decide, type Evidence } from '../../runner/analysis/statistics/decide.ts';
import { quantileInterval, shareInterval } from '../../runner/analysis/statistics/interval.ts';
import { aggregateOf, type Process, type Random, seeded, truthOf } from './streams.ts';

/** Rates of verdicts. */
export interface Rates {
  /** Share of wrong verdicts for targets 5 % off the truth, on both sides; 0 to 1. */
  readonly wrongNear: number;
  readonly wrongFar: number;
  readonly rightFar: number;
  /** Share of wrong verdicts by the value alone, for targets 5 % off. */
  readonly wrongByValue: number;
  /** Share of decided intervals that contain the truth, and the share of runs with one. */
  readonly coverage: number | undefined;
  readonly decided: number;
}

/** Targets as multiples of the truth: near ones are 5 % off. */
const NEAR_AND_FAR = [0.8, 0.95, 1.05, 1.2];
const NEAR_AND_FAR_ERRORS = [0.5, 0.95, 1.05, 2];

class Tally {
  readonly #sums = { wrongNear: 0, wrongFar: 0, rightFar: 0, wrongByValue: 0, covered: 0, decided: 0 };
  #runs = 0;

  /** Adds a run: its evidence for targets at `factors` times the truth. */
  add(statistic: string, truth: number, factors: readonly number[], evidence: Evidence): void {
    const sums = this.#sums;
    this.#runs++;
    const { interval, value } = evidence;
    if (interval?.grade === 'decided') {
      sums.decided++;
      if ((interval.low ?? 0) <= truth && truth <= (interval.high ?? Number.POSITIVE_INFINITY)) sums.covered++;
    }
    for (const factor of factors) {
      const target = truth * factor;
      const { verdict } = decide({ statistic, comparison: '<', target }, evidence);
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

  rates(): Rates {
    const { wrongNear, wrongFar, rightFar, wrongByValue, covered, decided } = this.#sums;
    const of = (sum: number) => sum / (2 * this.#runs);
    return {
      wrongNear: of(wrongNear),
      wrongFar: of(wrongFar),
      rightFar: of(rightFar),
      wrongByValue: of(wrongByValue),
      coverage: decided === 0 ? undefined : covered / decided,
      decided: decided / this.#runs,
    };
  }
}

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
  const tally = new Tally();
  for (let run = 0; run < runs; run++) {
    const windows = process.seconds(seconds, perSecond, random).map(aggregateOf);
    const all = combine(windows.filter((window) => window !== undefined));
    tally.add(`p(${q * 100})`, truth, NEAR_AND_FAR, {
      value: all?.quantile(q) ?? 0,
      samples: all?.count ?? 0,
      interval: quantileInterval(windows, q),
      windows: seconds,
      lengthMs: seconds * 1000,
    });
  }
  return tally.rates();
}

/** Rates of runs with --until-decided. */
export interface UntilDecidedRates {
  /** Share of runs that ended with a wrong verdict for a target 5 % off. */
  readonly wrongNear: number;
  /** For a target 20 % off: share of wrong runs, of runs decided in time, and their mean duration in seconds. */
  readonly wrongFar: number;
  readonly decidedFar: number;
  readonly meanSecondsFar: number;
}

/** `--until-decided` as in run/load/execute.ts: looks at 120 s and every 60 s, until two in a row agree or the time is over. */
export function untilDecidedRates(
  process: Process,
  q: number,
  mostSeconds: number,
  runs: number,
  seed: number,
): UntilDecidedRates {
  const random = seeded(seed);
  const truth = truthOf(process, 10, q, random);
  const sums = { wrongNear: 0, wrongFar: 0, decidedFar: 0, secondsFar: 0 };
  for (let run = 0; run < runs; run++) {
    const windows = process.seconds(mostSeconds, 10, random).map(aggregateOf);
    const looks = Array.from({ length: Math.floor((mostSeconds - 120) / 60) + 1 }, (_, i) => 120 + 60 * i).map(
      (seconds) => {
        const seen = windows.slice(0, seconds);
        const all = combine(seen.filter((window) => window !== undefined));
        const interval = quantileInterval(seen, q);
        return {
          value: all?.quantile(q) ?? 0,
          samples: all?.count ?? 0,
          interval,
          windows: seconds,
          lengthMs: seconds * 1000,
        };
      },
    );
    for (const factor of NEAR_AND_FAR) {
      const answers = looks.map(
        (look) => decide({ statistic: `p(${q * 100})`, comparison: '<', target: truth * factor }, look).verdict,
      );
      const at = answers.findIndex((answer, i) => i > 0 && answer !== 'inconclusive' && answer === answers[i - 1]);
      const last = answers[at < 0 ? answers.length - 1 : at] ?? 'inconclusive';
      const isWrong = last !== 'inconclusive' && (last === 'pass') !== factor > 1;
      if (Math.abs(factor - 1) < 0.1) sums.wrongNear += Number(isWrong);
      else {
        sums.wrongFar += Number(isWrong);
        sums.decidedFar += Number(at >= 0);
        if (at >= 0) sums.secondsFar += looks[at]?.windows ?? 0;
      }
    }
  }
  const of = (sum: number) => sum / (2 * runs);
  return {
    wrongNear: of(sums.wrongNear),
    wrongFar: of(sums.wrongFar),
    decidedFar: of(sums.decidedFar),
    meanSecondsFar: sums.decidedFar === 0 ? 0 : sums.secondsFar / sums.decidedFar,
  };
}

/** Errors in bursts of `burstS` seconds in which half of the requests fail, so that `share` of all requests fail; 1: single errors. */
export function errorSeconds(seconds: number, perSecond: number, share: number, burstS: number, random: Random) {
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

/** Verdicts on an error rate of 1 % with targets 5 % and 100 % off. */
export function errorAnswers(seconds: number, perSecond: number, burstS: number, runs: number, seed: number): Rates {
  const random = seeded(seed);
  const share = 0.01;
  const tally = new Tally();
  for (let run = 0; run < runs; run++) {
    const windows = errorSeconds(seconds, perSecond, share, burstS, random);
    const samples = seconds * perSecond;
    tally.add('rate', share, NEAR_AND_FAR_ERRORS, {
      value: windows.reduce((sum, { events }) => sum + events, 0) / samples,
      samples,
      interval: shareInterval(windows, seconds >= 600),
      windows: seconds,
      lengthMs: seconds * 1000,
    });
  }
  return tally.rates();
}
