import { expect } from 'chai';
import { progressShare, progressText } from '../../runner/live/progress.ts';

describe('the progress of a run', () => {
  for (const [what, elapsedMs, loadedMs, share, text] of [
    ['in setup()', 4000, undefined, 0, '00:04 before load'],
    ['after a setup() of 4 s', 6000, 2000, 0.25, '00:02 / 00:08'],
    ['at the end of the load, in teardown()', 13_000, 9000, 1, '00:09 / 00:08'],
  ] as const) {
    it(`counts from when the scenarios began: ${what}`, () => {
      const progress = { elapsedMs, loadedMs, plannedMs: 8000 };
      expect(progressShare(progress)).to.equal(share);
      expect(progressText(progress)).to.equal(text);
    });
  }
});
