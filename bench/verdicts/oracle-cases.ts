// tsx bench/verdicts/oracle-cases.ts: seeded inputs and the results of runner/analysis, as JSON for oracle.py.

import { scalabilityOf } from '../../runner/analysis/load/scalability.ts';
import { correlatedStep } from '../../runner/analysis/shape/correlated-step.ts';
import { autocorrelation, theilSen } from '../../runner/analysis/shape/drift.ts';
import { stepOf } from '../../runner/analysis/shape/level-series.ts';
import { quantileInterval, shareLimits } from '../../runner/analysis/statistics/interval.ts';
import { pooledInterval } from '../../runner/analysis/statistics/pooled.ts';
import { noisySeries } from './changes.ts';
import { aggregateOf, normal, seeded } from './streams.ts';

const PHIS = [0, 0.5, 0.8, 0.95];
const seeds = Array.from({ length: 25 }, (_, i) => i + 1);

const limits = [0.001, 0.01, 0.05, 0.25, 0.5, 0.99].flatMap((share) =>
  [30.5, 317, 4001.25].map((n) => ({ share, n, ...shareLimits(share, n) })),
);

const drifts = PHIS.flatMap((phi) =>
  seeds.map((seed) => {
    const values = noisySeries(120, (i) => 100 + 0.05 * i, seed * 31, phi, 3);
    const { slope } = theilSen(values.map((value, at) => ({ at, value })));
    return { values, slope, r1: autocorrelation(values) };
  }),
);

/** By ordinary least squares; for stronger correlation generalised least squares are used, below. */
const steps = PHIS.filter((phi) => phi <= 0.5).flatMap((phi) =>
  seeds.map((seed) => {
    const values = noisySeries(120, (i) => (i < 70 ? 100 : 115), seed * 17, phi, 5);
    const step = stepOf(values);
    return { values, at: step?.until === undefined ? step?.at : undefined };
  }),
);

const correlatedSteps = [0.5, 0.8, 0.95].flatMap((r) =>
  seeds.flatMap((seed) => {
    const values = noisySeries(120, (i) => (i < 70 ? 100 : 115), seed * 17, r, 5);
    const step = correlatedStep(values, []);
    return step === undefined ? [] : [{ values, r: step.correlation, ...step }];
  }),
);

const pooled = seeds.map((seed) => {
  const random = seeded(seed * 13);
  const runs = Array.from({ length: 2 + (seed % 6) }, () => {
    const [value, half] = [100 * Math.exp(0.05 * normal(random)), 0.02 + 0.03 * random()];
    return { value, low: value * Math.exp(-half), high: value * Math.exp(half) };
  });
  const [own = { value: 1, low: 1, high: 1 }, ...earlier] = runs;
  const found = pooledInterval(own.value, { ...own, grade: 'decided' }, earlier, false);
  return { runs, low: found?.interval.low, high: found?.interval.high, agrees: found?.runs.agrees };
});

/** Windows of ten independent requests: the interval must be near the binomial one, slightly wider because of few cosines. */
const quantiles = seeds.map((seed) => {
  const random = seeded(seed * 101);
  const windows = Array.from({ length: 600 }, () =>
    Array.from({ length: 10 }, () => 100 * Math.exp(0.5 * normal(random))),
  );
  const found = [0.5, 0.95, 0.99].map((q) => {
    const interval = quantileInterval(windows.map(aggregateOf), q);
    return { q, low: interval?.low ?? null, high: interval?.high ?? null };
  });
  return { values: windows.flat(), found };
});

const scalability = [
  [2, 0.05, 0.0002],
  [10, 0.2, 0],
  [1, 0.01, 0.001],
].map(([lambda = 1, sigma = 0, kappa = 0]) => {
  const random = seeded(Math.round(lambda * 1000));
  const levels = [1, 2, 5, 10, 20, 40, 60, 80].map((vus) => ({
    vus,
    perSecond: ((lambda * vus) / (1 + sigma * (vus - 1) + kappa * vus * (vus - 1))) * (1 + 0.01 * normal(random)),
    windows: 10,
  }));
  const found = scalabilityOf(levels);
  return { levels, lambda: found?.lambda, sigma: found?.sigma, kappa: found?.kappa };
});

process.stdout.write(`${JSON.stringify({ limits, drifts, steps, correlatedSteps, pooled, quantiles, scalability })}\n`);
