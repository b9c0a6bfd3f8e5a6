import { expect } from 'chai';
import { judgeGenerator, sustained } from '../../../runner/analysis/generator/generator.ts';
import type { GeneratorHealth } from '../../../runner/model/metrics.ts';

/** One window a second, with the scheduler's p99 and the used share of one core. */
function windows(
  rows: ReadonlyArray<readonly [schedP99Ms: number | undefined, cpuCores: number | undefined]>,
): GeneratorHealth[] {
  return rows.map(([schedP99Ms, cpuCores], i) => ({
    startMs: i * 1000,
    lengthMs: 1000,
    coresAllowed: 1,
    ...(schedP99Ms === undefined ? {} : { schedP99Ms }),
    ...(cpuCores === undefined ? {} : { cpuCores }),
  }));
}

const closed = { droppedIterations: 0, begunIterations: 1000 };
const calm = new Array<readonly [number, number]>(20).fill([0.4, 0.2]);

describe('sustained', () => {
  const rows: ReadonlyArray<[Array<number | undefined>, number | undefined]> = [
    [[], undefined],
    [[9, 9], undefined],
    [[1, 2, 3], 1],
    [[0, 9, 0, 9, 0, 0], 0],
    [[0, 9, 0, 9, 0, 9, 0], 9],
    [[9, 9, 0, 0, 0, 9], 0],
    [[undefined, 5, undefined, 6, 7], 5],
    [[1, 1, 1, 8, 7, 6, 1], 6],
  ];
  for (const [values, level] of rows) {
    it(`gives ${level} for ${values.map(String).join(' ') || 'nothing'}`, () => {
      expect(sustained(values)).to.equal(level);
    });
  }
});

describe('judgeGenerator', () => {
  // Measured steps of a light script on one core: requested rate, scheduler p99, CPU, dropped share, and the state.
  const measured: ReadonlyArray<[rps: number, schedP99Ms: number, cpu: number, dropped: number, state: string]> = [
    [200, 0.52, 0.18, 0, 'clean'],
    [1000, 0.79, 0.42, 0, 'clean'],
    [1500, 1.8, 0.44, 0, 'clean'],
    [2000, 6.3, 0.53, 0.004, 'warn'],
    [3000, 17, 0.66, 0.034, 'saturated'],
    [4000, 29, 0.73, 0.2, 'saturated'],
  ];
  for (const [rps, schedP99Ms, cpu, dropped, state] of measured) {
    it(`calls the generator ${state} at ${rps} requests a second`, () => {
      const asked = rps * 20;
      const verdict = judgeGenerator(windows(new Array(20).fill([schedP99Ms, cpu])), {
        droppedIterations: Math.round(asked * dropped),
        begunIterations: Math.round(asked * (1 - dropped)),
        requestedIterations: asked,
      });
      expect(verdict.state).to.equal(state);
    });
  }

  it('ignores a spike at the start, and two windows in five', () => {
    expect(judgeGenerator(windows([[50, 1], ...calm]), closed).state).to.equal('clean');
    expect(judgeGenerator(windows([[1, 0.1], [50, 1], [50, 1], ...calm]), closed).state).to.equal('clean');
  });

  it('counts three windows in five', () => {
    const verdict = judgeGenerator(
      windows([...calm, [12, 0.3], [1, 0.3], [15, 0.3], [1, 0.3], [30, 0.3], ...calm]),
      closed,
    );
    expect(verdict).to.include({ state: 'saturated', inflates: 'yes', schedP99Ms: 12, fellShort: false });
    expect(verdict.reasons).to.have.length(1);
    expect(verdict.reasons[0]).to.match(/12 ms.*3 of 5 s.*10 ms/);
  });

  it('uses CPU without scheduler latencies, and reports that', () => {
    const rows = [
      [0.2, 'clean'],
      [0.5, 'warn'],
      [0.8, 'saturated'],
    ] as const;
    for (const [cpu, state] of rows) {
      const verdict = judgeGenerator(windows(new Array(20).fill([undefined, cpu])), closed);
      expect(verdict.state).to.equal(state);
      expect(verdict.reasons.at(-1)).to.include('scheduler was not measured');
    }
  });

  it('measures CPU as a share of the cores that k6 may use', () => {
    const health = windows(new Array(20).fill([0.4, 0.8])).map((window) => ({ ...window, coresAllowed: 4 }));
    expect(judgeGenerator(health, closed)).to.include({ state: 'clean', coresAllowed: 4, cpuCoresMax: 0.8 });
  });

  it('gives "unknown" without any measurement, unless the load was not reached', () => {
    expect(judgeGenerator([], closed)).to.include({ state: 'unknown', inflates: 'unknown', achievedRate: undefined });
    expect(judgeGenerator([], { droppedIterations: 50, begunIterations: 950 })).to.include({
      state: 'saturated',
      fellShort: true,
    });
  });

  const busy = new Array<readonly [number, number]>(20).fill([20, 0.9]);
  const drops: ReadonlyArray<[cause: string, health: typeof calm, vusReached?: number, vusAllowed?: number]> = [
    ['vus_exhausted', calm, 20, 20],
    ['vus_not_ready', calm, 15, 20],
    ['unknown', calm],
    ['unknown', [], 20, 20],
    ['k6_busy', busy, 20, 20],
  ];
  for (const [cause, health, vusReached, vusAllowed] of drops) {
    it(`gives ${cause} as cause of dropped iterations for ${health.length} windows and ${vusReached} of ${vusAllowed} VUs`, () => {
      const figures = {
        droppedIterations: 100,
        begunIterations: 900,
        requestedIterations: 1000,
        vusReached,
        vusAllowed,
      };
      expect(judgeGenerator(windows(health), figures).dropCause).to.equal(cause);
      expect(judgeGenerator(windows(health), { ...figures, droppedIterations: 0 }).dropCause).to.equal('none');
    });
  }

  it('does not call an idle k6 saturated that dropped iterations', () => {
    const verdict = judgeGenerator(windows(calm), {
      droppedIterations: 100,
      begunIterations: 900,
      requestedIterations: 1000,
    });
    expect(verdict).to.include({ state: 'warn', inflates: 'no', fellShort: true, achievedRate: 0.9 });
  });

  it('ignores iterations lost to rounding or the end of the run', () => {
    const rows: ReadonlyArray<[number, number, boolean]> = [
      [96, 100, false],
      [94, 100, true],
      [9790, 10_000, true],
      [9810, 10_000, false],
      [10_100, 10_000, false],
    ];
    for (const [iterations, requestedIterations, fellShort] of rows) {
      expect(
        judgeGenerator(windows(calm), { droppedIterations: 0, begunIterations: iterations, requestedIterations })
          .fellShort,
      ).to.equal(fellShort);
    }
  });

  it('warns of a single dropped iteration', () => {
    expect(judgeGenerator(windows(calm), { droppedIterations: 1, begunIterations: 999 })).to.include({
      state: 'warn',
      fellShort: false,
    });
  });

  it('includes the figures of the report', () => {
    const health: GeneratorHealth[] = [
      { startMs: 0, lengthMs: 1000, cpuCores: 2, coresAllowed: 2, residentBytes: 50, goroutines: 9, backlog: 3 },
      { startMs: 1000, lengthMs: 1000, cpuCores: 0.2, coresAllowed: 2, residentBytes: 70, goroutines: 5, backlog: 8 },
      { startMs: 2000, lengthMs: 3000, cpuCores: 0.6, coresAllowed: 2, residentBytes: 60, goroutines: 7, backlog: 1 },
    ];
    expect(judgeGenerator(health, closed)).to.include({
      cpuCoresAvg: 0.5,
      cpuCoresMax: 2,
      residentBytesMax: 70,
      goroutinesMax: 9,
      backlogMax: 8,
    });
  });
});
