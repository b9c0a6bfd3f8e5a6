import { setTimeout as sleep } from 'node:timers/promises';
import { expect } from 'chai';
import { MachineWatch } from '../../runner/system/machine-load.ts';
import { parsePressure } from '../../runner/system/proc.ts';

describe('the load of this machine', () => {
  it('is read from the pressure file of Linux', () => {
    const text =
      'some avg10=85.86 avg60=79.28 avg300=54.71 total=10026040890\nfull avg10=0.00 avg60=0.00 avg300=0.00 total=7\n';
    expect(parsePressure(text)).to.equal(10_026_040_890);
    expect(parsePressure('')).to.equal(undefined);
  });

  it('includes the CPU time of this process and the delay of its event loop', async () => {
    const watch = new MachineWatch(2);
    expect(watch.take(), 'too short for a share').to.equal(undefined);
    await sleep(100);
    const end = performance.now() + 400;
    while (performance.now() < end);
    await sleep(120);
    const load = watch.take();
    watch.stop();
    expect(load?.loopLagMs).to.be.greaterThan(250);
    expect(load?.ownCores).to.be.greaterThan(0);
    expect(Math.abs(load?.clockStepMs ?? 1e9)).to.be.lessThan(100);
    if (process.platform === 'linux') expect(load?.cpuShare).to.be.within(0, 1);
  });
});
