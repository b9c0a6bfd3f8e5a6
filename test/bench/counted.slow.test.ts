// CPU time as the kernel counts it: of a whole process tree and of every stage of a pipeline.

import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'chai';
import { cpuSecondsOfChildren, runCounted } from '../../bench/counted.ts';

/** Uses this many seconds of CPU, as the process itself counts them. */
const BURN = `const burn = (seconds) => { while (process.cpuUsage().user / 1e6 < seconds); };`;
const NODE = process.execPath;

describe('bench CPU time', () => {
  let folder = '';
  before(async () => {
    folder = await mkdtemp(join(tmpdir(), 'novaperf-counted-'));
  });
  after(async () => {
    await rm(folder, { recursive: true });
  });

  const TIMES: ReadonlyArray<readonly [shell: string, text: string, seconds: number]> = [
    ['dash', '0m0.000000s 0m0.000000s\n0m1.230000s 0m0.260000s\n', 1.49],
    ['bash', '0m0.001s 0m0.002s\n2m3.250s 1m0.750s\n', 184],
  ];
  for (const [shell, text, seconds] of TIMES) {
    it(`reads what ${shell} prints`, () => {
      expect(cpuSecondsOfChildren(text)).to.be.closeTo(seconds, 1e-9);
    });
  }

  it("rejects output that is not from the shell's times", () => {
    expect(() => cpuSecondsOfChildren('0m0.0s 0m0.0s\n')).to.throw('times');
  });

  it('includes grandchildren', async () => {
    const script = `${BURN} require('child_process').execFileSync(process.execPath, ['-e', ${JSON.stringify(`${BURN} burn(0.4)`)}]); burn(0.2)`;
    const { cpuSeconds, exitCode } = await runCounted({ stages: [[NODE, '-e', script]] }, folder);
    expect(exitCode).to.equal(0);
    expect(cpuSeconds).to.be.greaterThan(0.55);
  });

  it('counts every stage of a pipeline, and returns the output and exit code of the last', async () => {
    const first = [NODE, '-e', `${BURN} burn(0.3); console.log("it's", process.env.WHAT)`];
    const second = [NODE, '-e', `${BURN} burn(0.3); process.stdin.pipe(process.stdout); process.exitCode = 7`];
    const { cpuSeconds, exitCode, stdout } = await runCounted(
      { stages: [first, second], env: { WHAT: 'piped' } },
      folder,
    );
    expect(stdout).to.equal("it's piped\n");
    expect(exitCode).to.equal(7);
    expect(cpuSeconds).to.be.greaterThan(0.55);
  });
});
