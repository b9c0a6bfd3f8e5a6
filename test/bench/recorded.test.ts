import { expect } from 'chai';
import { type BenchRun, withEarlier } from '../../bench/recorded.ts';

const run = (began_at: string, medians: Record<string, number>): BenchRun => ({
  schema_version: 1,
  began_at,
  quick: false,
  machine: 'm',
  versions: 'v',
  load_average: { before: 0, after: 0 },
  figures: Object.entries(medians).map(([id, median]) => ({
    id,
    title: id,
    unit: 's',
    median,
    min: median,
    max: median,
  })),
});

describe('a recorded run of the bench', () => {
  it('keeps figures of sections that a later run did not measure, with the time they are from', () => {
    const first = run('2026-11-01T00:00:00Z', { a: 1, b: 2, c: 3 });
    const second = withEarlier(run('2026-11-02T00:00:00Z', { b: 20 }), first);
    const third = withEarlier(run('2026-11-03T00:00:00Z', { c: 30, d: 40 }), second);
    expect(third.began_at).to.equal('2026-11-03T00:00:00Z');
    expect(third.figures.map(({ id, median, earlier }) => [id, median, earlier?.began_at])).to.deep.equal([
      ['a', 1, '2026-11-01T00:00:00Z'],
      ['b', 20, '2026-11-02T00:00:00Z'],
      ['c', 30, undefined],
      ['d', 40, undefined],
    ]);
  });

  it('is this run if none was recorded before', () => {
    const only = run('2026-11-01T00:00:00Z', { a: 1 });
    expect(withEarlier(only, undefined)).to.equal(only);
  });
});
