// The table of profiles on closed and open loads: shapes, phases, rescaling, and the table that docs/profiles.md prints.

import { expect } from 'chai';
import { profilesTable } from '../../docs/profiles-table.ts';
import { PROFILES, type Profile } from '../../runner/model/plan.ts';
import { PROFILE_SHAPES } from '../../runner/scenario/profile-shapes.ts';
import { type BaseLoad, capBase, deriveLoad, deriveShares } from '../../runner/scenario/profiles.ts';

const CLOSED: BaseLoad = { model: 'closed', vus: 20 };
const OPEN: BaseLoad = { model: 'open', rate: 50 };

describe('profiles', () => {
  for (const profile of PROFILES) {
    for (const base of [CLOSED, OPEN]) {
      it(`gives ${profile} (${base.model}) unique phases without gaps, as long as its stages`, () => {
        const { phases } = deriveLoad(profile, base);
        let endMs = 0;
        for (const phase of phases) {
          expect(phase.startMs).to.equal(endMs);
          expect(phase.endMs).to.be.greaterThan(phase.startMs);
          endMs = phase.endMs;
        }
        expect(new Set(phases.map(({ name }) => name)).size).to.equal(phases.length);
        expect(endMs).to.equal(PROFILE_SHAPES[profile].steps.reduce((sum, { seconds }) => sum + seconds * 1000, 0));
      });

      for (const totalMs of [1000, 7001, 90_000, 86_400_000]) {
        it(`rescales ${profile} (${base.model}) to exactly ${totalMs} ms in the same proportions`, () => {
          const whole = deriveLoad(profile, base).phases;
          const wholeMs = whole.at(-1)?.endMs ?? 0;
          const { phases } = deriveLoad(profile, base, { totalMs });
          expect(phases.at(-1)?.endMs).to.equal(totalMs);
          phases.forEach((phase, index) => {
            expect(phase.startMs).to.be.closeTo(((whole[index]?.startMs ?? 0) / wholeMs) * totalMs, 0.5);
          });
        });
      }
    }
  }

  const perSecond = (scenario: Readonly<Record<string, unknown>>, target: number) =>
    scenario.timeUnit === '1m' ? target / 60 : target;
  const targetsOf = (scenario: Readonly<Record<string, unknown>>): number[] => {
    const { stages, vus, rate } = scenario;
    const targets = Array.isArray(stages) ? stages.map(({ target }) => Number(target)) : [Number(vus ?? rate)];
    return targets.map((target) => perSecond(scenario, target));
  };
  for (const profile of PROFILES) {
    for (const base of [CLOSED, OPEN, { model: 'open', rate: 0.7 } satisfies BaseLoad]) {
      it(`divides ${profile} (${base.model}) by 7:3 into parts that add up at every stage`, () => {
        const { scenario, phases } = deriveLoad(profile, base);
        const shares = deriveShares(profile, base, [7, 3]);
        expect(shares.phases).to.deep.equal(phases);
        const [browse = [], buy = []] = shares.scenarios.map(targetsOf);
        targetsOf(scenario).forEach((whole, index) => {
          const parts = [browse[index] ?? 0, buy[index] ?? 0];
          expect((parts[0] ?? 0) + (parts[1] ?? 0)).to.be.closeTo(whole, 1e-9);
          if (base !== CLOSED || whole >= 10)
            expect(parts[0]).to.be.closeTo(whole * 0.7, base.model === 'closed' ? 1 : 1 / 60);
        });
      });
    }
  }

  const shapes: [Profile, BaseLoad, object][] = [
    ['smoke', CLOSED, { executor: 'constant-vus', vus: 20, duration: '10s', gracefulStop: '10s' }],
    [
      'load',
      CLOSED,
      {
        executor: 'ramping-vus',
        startVUs: 0,
        stages: [
          { duration: '30s', target: 20 },
          { duration: '3m', target: 20 },
          { duration: '30s', target: 0 },
        ],
        gracefulRampDown: '10s',
        gracefulStop: '10s',
      },
    ],
    [
      'smoke',
      { model: 'open', rate: 0.5 },
      {
        executor: 'constant-arrival-rate',
        rate: 30,
        timeUnit: '1m',
        duration: '10s',
        preAllocatedVUs: 2,
        maxVUs: 10,
        gracefulStop: '10s',
      },
    ],
    [
      'spike',
      { model: 'open', rate: 10, maxVUs: 40 },
      {
        executor: 'ramping-arrival-rate',
        startRate: 0,
        timeUnit: '1s',
        stages: [
          { duration: '15s', target: 10 },
          { duration: '45s', target: 10 },
          { duration: '5s', target: 50 },
          { duration: '30s', target: 50 },
          { duration: '5s', target: 10 },
          { duration: '1m5s', target: 10 },
          { duration: '15s', target: 0 },
        ],
        preAllocatedVUs: 50,
        maxVUs: 200,
        gracefulStop: '10s',
      },
    ],
  ];
  for (const [profile, base, scenario] of shapes) {
    it(`makes the expected k6 scenario for ${profile} of ${JSON.stringify(base)}`, () => {
      expect(deriveLoad(profile, base).scenario).to.deep.equal(scenario);
    });
  }

  it("limits a scenario's own base load in smoke, but not in other profiles", () => {
    expect(capBase('smoke', CLOSED)).to.deep.equal({ model: 'closed', vus: 2 });
    expect(capBase('smoke', OPEN)).to.deep.equal({ model: 'open', rate: 2 });
    expect(capBase('smoke', { model: 'closed', vus: 1 })).to.deep.equal({ model: 'closed', vus: 1 });
    for (const profile of PROFILES.filter((name) => name !== 'smoke'))
      expect(capBase(profile, CLOSED)).to.deep.equal(CLOSED);
  });

  it('has only whole users and iterations, and at least one before the ramp-down', () => {
    for (const profile of PROFILES) {
      for (const base of [
        { model: 'closed', vus: 1 },
        { model: 'open', rate: 0.01 },
        { model: 'open', rate: 3.3 },
      ] as const) {
        const { scenario, phases } = deriveLoad(profile, base);
        const targets = Array.isArray(scenario.stages)
          ? scenario.stages.map(({ target }) => target)
          : [scenario.vus ?? scenario.rate];
        targets.forEach((target, index) => {
          expect(target % 1).to.equal(0);
          if (phases[index]?.kind !== 'ramp-down') expect(target).to.be.greaterThan(0);
        });
      }
    }
  });

  it('limits the pre-allocated virtual users at any rate', () => {
    const { scenario } = deriveLoad('breakpoint', { model: 'open', rate: 1000 });
    expect(scenario).to.include({ preAllocatedVUs: 200, maxVUs: 2000 });
  });

  it('uses given stages unchanged, with phases named after them', () => {
    const stages = [
      { duration: '10s', target: 5 },
      { duration: '1m', target: 5 },
      { duration: '5s', target: 2 },
    ];
    const { scenario, phases } = deriveLoad('load', CLOSED, { stages, totalMs: 150_000 });
    expect(scenario.stages).to.deep.equal([
      { duration: '20s', target: 5 },
      { duration: '2m', target: 5 },
      { duration: '10s', target: 2 },
    ]);
    expect(phases.map(({ name, kind }) => [name, kind])).to.deep.equal([
      ['stage 1: 5 VUs', 'ramp-up'],
      ['stage 2: 5 VUs', 'hold'],
      ['stage 3: 2 VUs', 'ramp-down'],
    ]);
  });

  it('are documented in a table with one row each', () => {
    const rows = profilesTable().split('\n').slice(2);
    expect(rows.map((row) => row.split('`')[1])).to.deep.equal([...PROFILES]);
    expect(rows[4]).to.equal(
      '| `soak` | does it stay stable over time: leaks, drift, exhaustion | to 100 % in 3m, 100 % for 55m, to 0 % in 2m | ramping-vus, ramping-arrival-rate | 1h |',
    );
  });
});
