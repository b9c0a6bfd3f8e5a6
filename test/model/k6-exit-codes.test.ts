import { expect } from 'chai';
import { describeK6Exit, K6_EXIT, K6_EXIT_SENTENCES } from '../../runner/model/k6-exit-codes.ts';

describe("k6's exit codes", () => {
  it('have exactly one sentence each', () => {
    const codes = K6_EXIT_SENTENCES.map(([code]) => code);
    expect(new Set(codes).size).to.equal(codes.length);
    expect(codes).to.include.members(Object.values(K6_EXIT));
  });

  const rows: ReadonlyArray<readonly [exitCode: number | null, signal: NodeJS.Signals | null, sentence: RegExp]> = [
    [0, null, /ran to its end/],
    [99, null, /threshold/],
    [105, null, /interrupted/],
    [107, null, /the script threw/],
    [108, null, /test\.abort\(\)/],
    [255, null, /wrong flag/],
    [2, null, /crashed in Go's runtime/],
    [42, null, /exit code 42, which it does not document/],
    [null, 'SIGKILL', /memory ran out/],
    [null, 'SIGSEGV', /signal SIGSEGV/],
  ];
  for (const [exitCode, signal, sentence] of rows) {
    it(`are given for ${exitCode ?? signal}`, () => expect(describeK6Exit(exitCode, signal)).to.match(sentence));
  }
});
