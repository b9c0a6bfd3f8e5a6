import { expect } from 'chai';
import { ThresholdWatch } from '../../../runner/analysis/verdict/watch.ts';
import type { Kpi } from '../../../runner/model/kpi.ts';
import { metricsOf, type Sample } from '../samples.ts';

const base: Kpi = {
  id: 'k',
  metric: 'http_req_duration',
  filter: {},
  statistic: 'max',
  comparison: '<',
  target: 250,
  unit: 'ms',
  severity: 'high',
  source: 'threshold',
};

/** A watch over a run in which a request of `value(t)` ms ends every second so far. */
function watching(kpis: readonly Kpi[], value: (second: number) => number) {
  const samples: Sample[] = [];
  const live = { total: (metric: string, filter?: Kpi['filter']) => metricsOf(samples).total(metric, filter) };
  const watch = new ThresholdWatch(kpis, live);
  return (second: number) => {
    samples.push({ metric: 'http_req_duration', value: value(second), timeMs: second * 1000 });
    const { crossed, abort } = watch.check(second * 1000);
    return { crossed: crossed.map(({ id }) => id), abort: abort?.id };
  };
}

describe('ThresholdWatch', () => {
  it('evaluates every 2 s as k6 does, and keeps its result in between', () => {
    const at = watching([base], (second) => (second >= 1 ? 300 : 1));
    expect([1, 2, 3].map((second) => at(second).crossed)).to.deep.equal([[], ['k'], ['k']]);
  });

  it('lets a threshold recover', () => {
    const at = watching([{ ...base, statistic: 'med' }], (second) => (second <= 2 ? 300 : 1));
    expect([1, 2, 3, 4, 5, 6].map((second) => at(second).crossed.length)).to.deep.equal([0, 1, 1, 0, 0, 0]);
  });

  it('ends the run at the first evaluation that crosses, without a delay', () => {
    const at = watching([{ ...base, abort: { delayMs: 0 } }], (second) => (second >= 3 ? 300 : 1));
    expect([1, 2, 3, 4].map((second) => at(second).abort)).to.deep.equal([undefined, undefined, undefined, 'k']);
  });

  it('waits for the delay, and ends the run only if it is crossed then', () => {
    const still = watching([{ ...base, abort: { delayMs: 4000 } }], () => 300);
    expect([2, 4, 6].map((second) => still(second).abort)).to.deep.equal([undefined, undefined, 'k']);
    const recovers = watching([{ ...base, statistic: 'med', abort: { delayMs: 4000 } }], (second) =>
      second <= 2 ? 300 : 1,
    );
    expect([1, 2, 3, 4, 5, 6, 7, 8].map((second) => recovers(second).abort)).to.deep.equal(
      new Array(8).fill(undefined),
    );
  });

  it('keeps ending the run once it has', () => {
    const at = watching([{ ...base, statistic: 'med', abort: { delayMs: 0 } }], (second) => (second <= 2 ? 300 : 1));
    expect([1, 2, 3, 4, 5, 6].map((second) => at(second).abort)).to.deep.equal([undefined, 'k', 'k', 'k', 'k', 'k']);
  });

  it('skips targets without samples yet, and those for a part of the run', () => {
    const kpis = [
      { ...base, id: 'none', filter: { name: 'x' }, abort: { delayMs: 0 } },
      { ...base, id: 'over', overMs: 1000 },
      { ...base, id: 'during', during: 'steady' },
    ];
    const at = watching(kpis, () => 300);
    expect([2, 4].map(at)).to.deep.equal([
      { crossed: [], abort: undefined },
      { crossed: [], abort: undefined },
    ]);
  });
});
