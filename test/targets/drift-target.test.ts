import { expect } from 'chai';
import { driftBase, isOverTime, parseDrift, parseDriftExpression } from '../../runner/targets/drift-target.ts';
import { targetsOf } from '../../runner/targets/targets.ts';

const CONTEXT = { profile: 'soak', where: 'a test', source: 'target' } as const;
const kpisFromTargets = (value: unknown, of: typeof CONTEXT) => targetsOf(value, of).kpis;

describe('the grammar of drift', () => {
  const rows: ReadonlyArray<[text: string, statistic: string | undefined, base: string | undefined]> = [
    ['p(95) drift', 'p(95) drift', 'p(95)'],
    [' p(99.90)   drift ', 'p(99.9) drift', 'p(99.9)'],
    ['med drift', 'med drift', 'med'],
    ['avg drift', 'avg drift', 'avg'],
    ['max drift', undefined, undefined],
    ['rate drift', undefined, undefined],
    ['p(95)', undefined, undefined],
    ['drift', undefined, undefined],
    ['p(101) drift', undefined, undefined],
    ['p(95) drift drift', undefined, undefined],
  ];
  for (const [text, statistic, base] of rows) {
    it(`reads ${JSON.stringify(text)} as ${statistic ?? 'no drift'}`, () => {
      expect(parseDrift(text)).to.equal(statistic);
      expect(driftBase(text)).to.equal(base);
    });
  }

  it('distinguishes what can be judged only after the run', () => {
    expect(['p(95) drift', 'degradation', 'med degradation', 'p(95)', 'rate'].map(isOverTime)).to.deep.equal([
      true,
      true,
      true,
      false,
      false,
    ]);
  });

  it('reads a whole expression', () => {
    expect(parseDriftExpression('p(95) drift < 10 %/h')).to.deep.equal({
      statistic: 'p(95) drift',
      comparison: '<',
      target: 10,
      unit: '%/h',
    });
    expect(parseDriftExpression('p(95)<10')).to.equal(undefined);
  });

  const units: ReadonlyArray<[unit: string, target: number, own: string]> = [
    ['', 10, '%/h'],
    ['%/h', 10, '%/h'],
    ['% per hour', 10, '%/h'],
    ['%/min', 600, '%/h'],
    ['ms/h', 10, 'ms/h'],
    ['s/day', 10_000 / 24, 'ms/h'],
  ];
  for (const [unit, target, own] of units) {
    it(`converts 10 ${unit === '' ? 'without a unit' : unit} to ${target} ${own}`, () => {
      const [kpi] = kpisFromTargets(
        { targets: [{ metric: 'http_req_duration', statistic: 'p(95) drift', comparison: '<', target: 10, unit }] },
        CONTEXT,
      );
      expect(kpi).to.include({ unit: own });
      expect(kpi?.target).to.be.closeTo(target, 1e-6);
      expect(kpi?.filter).to.deep.equal({ expected_response: 'true' });
    });
  }

  it('rejects a unit that is not a rate of change, and a metric without percentiles', () => {
    const read = (metric: string, unit: string) => () =>
      kpisFromTargets({ targets: [{ metric, statistic: 'p(95) drift', comparison: '<', target: 10, unit }] }, CONTEXT);
    expect(read('http_req_duration', 'ms')).to.throw('Expected a drift per hour');
    expect(read('http_reqs', '')).to.throw('Expected count, rate for http_reqs');
  });

  it('reads the short form of a map', () => {
    const [kpi] = kpisFromTargets({ 'http_req_duration{name:GET /search}': ['p(95) drift < 10 %/h'] }, CONTEXT);
    expect(kpi).to.include({ metric: 'http_req_duration', statistic: 'p(95) drift', target: 10, unit: '%/h' });
    expect(kpi?.filter).to.include({ name: 'GET /search' });
  });
});
