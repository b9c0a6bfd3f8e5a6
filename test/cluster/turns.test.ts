import { expect } from 'chai';
import { Turns } from '../../runner/cluster/turns.ts';

describe('turns', () => {
  it('run in the order of the calls, and let timers run in between', async () => {
    const turns = new Turns();
    const done: (number | 'timer')[] = [];
    const busy = (ms: number) => {
      const untilMs = performance.now() + ms;
      while (performance.now() < untilMs);
    };
    setTimeout(() => done.push('timer'), 1);
    const numbers = Array.from({ length: 20 }, (_, index) => index);
    await Promise.all(
      numbers.map((number) =>
        turns.do(() => {
          busy(10);
          done.push(number);
        }),
      ),
    );
    expect(done.filter((each) => each !== 'timer')).to.deep.equal(numbers);
    expect(done.indexOf('timer')).to.be.below(19);
  });

  it('reject with the error that the work throws, and continue', async () => {
    const turns = new Turns();
    const failed = turns.do(() => {
      throw new Error('no');
    });
    expect(await failed.catch((error: unknown) => String(error))).to.contain('no');
    await turns.do(() => undefined);
  });
});
