// Begun, completed, interrupted and dropped iterations, and those that maxDuration left out, from the samples that k6 writes.

import { expect } from 'chai';
import { countIterations } from '../../../runner/analysis/load/iterations.ts';
import { metricsOf, type Sample } from '../samples.ts';

type Tags = Readonly<Record<string, string>>;

function ended(count: number, tags: Tags, metric = 'data_sent'): Sample[] {
  return Array.from({ length: count }, (_, i) => ({ metric, value: 1, timeMs: 1000 + i, tags }));
}

const open = { executor: 'constant-arrival-rate', rate: 10, duration: '4s', preAllocatedVUs: 40 };
const ramp = {
  executor: 'ramping-arrival-rate',
  startRate: 10,
  preAllocatedVUs: 9,
  stages: [{ duration: '4s', target: 10 }],
};
const closed = { executor: 'constant-vus', vus: 2, duration: '4s' };
const shared = { executor: 'shared-iterations', vus: 2, iterations: 500, maxDuration: '3s' };
const perVu = { executor: 'per-vu-iterations', vus: 2, iterations: 10, maxDuration: '3s' };
const inA = { group: '', scenario: 'a' };
const inB = { group: '', scenario: 'b' };

describe('the iterations of a run', () => {
  const rows = [
    ['cut at the end', { a: open }, [...ended(40, inA), ...ended(20, inA, 'iterations')], {}],
    [
      'with setup and teardown',
      { a: open },
      [
        ...ended(40, inA),
        ...ended(20, inA, 'iterations'),
        ...ended(1, { group: '::setup' }),
        ...ended(1, { group: '::teardown' }),
      ],
      {},
    ],
    [
      'of a rate that found no free VU',
      { a: ramp },
      [...ended(30, inA), ...ended(30, inA, 'iterations'), ...ended(10, inA, 'dropped_iterations')],
      { begun: 30, completed: 30, interrupted: 0, dropped: 10, open: { asked: 40, begun: 30 } },
    ],
    [
      'of a rate next to VUs',
      { a: open, b: closed },
      [...ended(40, inA), ...ended(40, inA, 'iterations'), ...ended(100, inB), ...ended(99, inB, 'iterations')],
      { begun: 140, completed: 139, interrupted: 1, open: { asked: 40, begun: 40 } },
    ],
    [
      'that maxDuration left out',
      { a: shared },
      [
        ...ended(60, inA),
        ...ended(58, inA, 'iterations'),
        { metric: 'dropped_iterations', value: 440, timeMs: 1, tags: inA },
      ],
      { begun: 60, completed: 58, interrupted: 2, notBegun: 440, completedOfThem: 58, open: undefined },
    ],
    [
      'of three kinds',
      { a: open, b: perVu },
      [
        ...ended(39, inA),
        ...ended(39, inA, 'iterations'),
        ...ended(1, inA, 'dropped_iterations'),
        ...ended(6, inB),
        ...ended(6, inB, 'iterations'),
        ...ended(14, inB, 'dropped_iterations'),
      ],
      {
        begun: 45,
        completed: 45,
        interrupted: 0,
        dropped: 1,
        notBegun: 14,
        completedOfThem: 6,
        open: { asked: 40, begun: 39 },
      },
    ],
    [
      'of a stream with unknown scenarios, left out by maxDuration',
      {},
      [
        ...ended(2, inA),
        ...ended(2, inA, 'iterations'),
        { metric: 'dropped_iterations', value: 9, timeMs: 1, tags: inA },
      ],
      { begun: 2, completed: 2, interrupted: 0, notBegun: 9, completedOfThem: 2, open: undefined },
    ],
    [
      'with neither scenario nor group in the tags',
      { a: open },
      [...ended(41, {}), ...ended(40, {}, 'iterations')],
      { begun: undefined, completed: 40, interrupted: undefined, open: undefined },
    ],
  ] as const;
  for (const [title, scenarios, samples, expected] of rows) {
    it(`are counted in a run ${title}`, () => {
      expect(countIterations(metricsOf(samples), { scenarios, options: {}, elapsedMs: 4000 })).to.deep.equal({
        begun: 40,
        completed: 20,
        interrupted: 20,
        dropped: 0,
        notBegun: 0,
        completedOfThem: 0,
        open: { asked: 40, begun: 40 },
        ...expected,
      });
    });
  }

  it('are not compared with a rate if the run was cut', () => {
    const metrics = metricsOf([...ended(3, inA), ...ended(3, inA, 'iterations')]);
    expect(countIterations(metrics, { scenarios: { a: open }, options: {}, elapsedMs: undefined }).open).to.equal(
      undefined,
    );
  });
});
