import { expect } from 'chai';
import { loadFindings } from '../../../runner/analysis/findings/findings-load.ts';
import { judgeGenerator } from '../../../runner/analysis/generator/generator.ts';
import type { GeneratorHealth } from '../../../runner/model/metrics.ts';

const sound = { badLines: 0, badValues: 0, lostLines: 0, complete: true, overflow: [] };

/** Twenty seconds of a k6 with low load by its own figures. */
function calm(machine: Partial<GeneratorHealth>): GeneratorHealth[] {
  return Array.from({ length: 20 }, (_, second) => ({
    startMs: second * 1000,
    lengthMs: 1000,
    cpuCores: 0.2,
    coresAllowed: 2,
    schedP99Ms: 0.3,
    runnerCores: 0.1,
    machineCores: 2,
    ...machine,
  }));
}

const judged = (machine: Partial<GeneratorHealth>, dropped = 0) => {
  const generator = judgeGenerator(calm(machine), {
    droppedIterations: dropped,
    begunIterations: 1000,
    requestedIterations: 1000 + dropped,
    vusReached: 10,
    vusAllowed: 10,
  });
  const findings = loadFindings({
    generator,
    faults: sound,
    kpis: [],
    metrics: undefined as never,
    exceptions: [],
    iterations: 0,
  });
  return { generator, kinds: findings.map(({ kind, severity }) => `${kind} ${severity}`) };
};

describe("the load generator's machine", () => {
  const rows: ReadonlyArray<
    readonly [what: string, machine: Partial<GeneratorHealth>, machineState: string, state: string, kinds: string[]]
  > = [
    ['has cores to spare', { machineCpu: 0.3, machinePressure: 0.1 }, 'free', 'clean', []],
    ['is busy', { machineCpu: 0.9, machinePressure: 0.3 }, 'busy', 'clean', ['generator_machine low']],
    ['is saturated', { machineCpu: 0.99, machinePressure: 0.9 }, 'saturated', 'warn', ['generator_machine low']],
    ['makes tasks wait', { machineCpu: 0.6, machinePressure: 0.8 }, 'saturated', 'warn', ['generator_machine low']],
    ['has no pressure file', { machineCpu: 0.99 }, 'saturated', 'warn', ['generator_machine low']],
    ['is not known', {}, 'unknown', 'clean', []],
    ['had its clock set', { machineCpu: 0.3, clockStepMs: -500 }, 'free', 'clean', ['generator_disturbed low']],
    // A process that was stopped for 2 s measures a delay of 1.9 to 2 s.
    ['delayed the runner', { machineCpu: 0.3, runnerLagMs: 1900 }, 'free', 'clean', ['generator_disturbed low']],
    [
      'had its clock set while it was busy',
      { machineCpu: 0.99, clockStepMs: 7000 },
      'saturated',
      'warn',
      ['generator_machine low', 'generator_disturbed low'],
    ],
    ['delayed the runner a little', { machineCpu: 0.3, runnerLagMs: 400 }, 'free', 'clean', []],
  ];
  for (const [what, machine, machineState, state, kinds] of rows) {
    it(`${what}: ${machineState}, and the generator ${state}`, () => {
      const found = judged(machine);
      expect(found.generator.machine.state).to.equal(machineState);
      expect(found.generator.state).to.equal(state);
      expect(found.kinds).to.deep.equal(kinds);
    });
  }

  it('gives the CPU that other processes used', () => {
    expect(judged({ machineCpu: 0.9 }).generator.machine.otherCoresAvg).to.be.closeTo(1.8 - 0.2 - 0.1, 1e-9);
  });

  it('proves no headroom if it is saturated: the cause of dropped iterations is then unknown', () => {
    expect(judged({ machineCpu: 0.3 }, 100).generator.dropCause).to.equal('vus_exhausted');
    expect(judged({ machineCpu: 1 }, 100).generator.dropCause).to.equal('unknown');
  });
});
