// Options of plain k6 scripts with a profile: what stays, when each scenario runs, and its share of the load.

import { expect } from 'chai';
import { z } from 'zod';
import { overrideOptions } from '../../runner/scenario/override-options.ts';

const TWO = {
  scenarios: {
    warmup: { executor: 'constant-vus', vus: 1, duration: '1s' },
    main: {
      executor: 'constant-vus',
      vus: 2,
      duration: '2s',
      startTime: '1s',
      tags: { part: 'main' },
      exec: 'pay',
      env: { A: '1' },
    },
  },
  thresholds: { 'http_req_duration{scenario:main}': ['p(95)<500'] },
  tags: { team: 'shop' },
};

const scenariosSchema = z.record(z.string(), z.looseObject({ executor: z.string() }));

function scenariosOf(own: object, asked: Parameters<typeof overrideOptions>[1]) {
  return scenariosSchema.parse(overrideOptions({ ...own }, asked).scenarios);
}

describe('the options of a plain script with a profile', () => {
  it('keep every scenario with its name, tags, function, environment and relative time', () => {
    const options = overrideOptions(TWO, { profile: 'smoke', duration: '3s' });
    expect(options.scenarios).to.deep.equal({
      warmup: { executor: 'constant-vus', vus: 1, duration: '1s', gracefulStop: '10s' },
      main: {
        executor: 'constant-vus',
        vus: 2,
        duration: '2s',
        gracefulStop: '10s',
        startTime: '1s',
        exec: 'pay',
        env: { A: '1' },
        tags: { part: 'main' },
      },
    });
    expect(options).to.deep.include({ thresholds: TWO.thresholds, tags: TWO.tags });
    expect(options.ext).to.deep.equal({
      novaperf: { override: 'smoke', phases: [{ name: 'steady', kind: 'hold', startMs: 1000, endMs: 3000 }] },
    });
  });

  it('stretch the times to the duration of the profile', () => {
    const { warmup, main } = scenariosOf(TWO, { profile: 'smoke', duration: '60s' });
    expect(warmup).to.include({ duration: '20s' });
    expect(main).to.include({ startTime: '20s', duration: '40s' });
  });

  it('keep parallel scenarios, even of the same function', () => {
    const own = {
      scenarios: {
        a: { executor: 'constant-vus', vus: 3, duration: '1m' },
        b: { executor: 'constant-vus', vus: 1, duration: '1m' },
      },
    };
    const { a, b } = scenariosOf(own, { profile: 'smoke', vus: 8 });
    expect(a).to.include({ vus: 6, duration: '10s' });
    expect(b).to.include({ vus: 2 }).and.not.to.have.property('startTime');
  });

  it('give consecutive scenarios the load of the busiest time', () => {
    const { warmup, main } = scenariosOf(TWO, { profile: 'smoke', vus: 10 });
    expect([warmup?.vus, main?.vus]).to.deep.equal([5, 10]);
  });

  it('give a scenario that ends with its iterations the whole time', () => {
    const own = {
      scenarios: {
        once: { executor: 'per-vu-iterations', vus: 1, iterations: 5 },
        open: { executor: 'constant-arrival-rate', rate: 60, timeUnit: '1m', duration: '1m', preAllocatedVUs: 5 },
      },
    };
    const { once, open } = scenariosOf(own, { profile: 'smoke' });
    expect(once).to.include({ executor: 'constant-vus', duration: '10s' });
    expect(open).to.include({ executor: 'constant-arrival-rate', rate: 1, duration: '10s' });
  });

  it('contain a single scenario from the beginning with --scenario', () => {
    expect(overrideOptions(TWO, { scenario: 'main' }).scenarios).to.deep.equal({
      main: { executor: 'constant-vus', vus: 2, duration: '2s', tags: { part: 'main' }, exec: 'pay', env: { A: '1' } },
    });
    const { main, ...others } = scenariosOf(TWO, { profile: 'smoke', scenario: 'main' });
    expect(others).to.deep.equal({});
    expect(main).to.include({ duration: '10s' }).and.not.to.have.property('startTime');
  });

  it('make one iteration of every scenario in a trial', () => {
    const trial = scenariosOf(TWO, { profile: 'load', trial: true });
    expect(Object.values(trial).map(({ executor, iterations }) => [executor, iterations])).to.deep.equal([
      ['per-vu-iterations', 1],
      ['per-vu-iterations', 1],
    ]);
  });
});
