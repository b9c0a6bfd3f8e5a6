import { expect } from 'chai';
import { parseFlags, runFlagsSchema } from '../../runner/run/plan/flags.ts';
import { twoSystemsOf, withSides } from '../../runner/run/plan/two-systems.ts';
import { UserError } from '../../runner/system/errors.ts';

const flags = (more: Record<string, unknown>) =>
  parseFlags(runFlagsSchema, { out: 'out', conport: 'conport', stream: 'auto', ...more });

describe('flags that name two systems', () => {
  it('side by side: the second is the system under test, and further arguments are scenarios', () => {
    const { scenarios, flags: found } = withSides(['a'], flags({ sideBySide: ['old', 'http://new:8080', 'b'] }));
    expect(scenarios).to.deep.equal(['a', 'b']);
    expect(found).to.include({ baseUrl: 'http://new:8080', env: undefined });
    expect(twoSystemsOf(found)).to.deep.equal({ against: 'old', mode: 'side_by_side' });
  });

  it('against: alternating pairs of runs, with or without --interleave', () => {
    for (const interleave of [true, false])
      expect(twoSystemsOf(flags({ against: 'old', interleave }))).to.deep.equal({ against: 'old', mode: 'interleave' });
    expect(twoSystemsOf(flags({}))).to.equal(undefined);
  });

  for (const [what, more] of [
    ['--interleave alone', { interleave: true }],
    ['--side-by-side with --against', { sideBySide: ['a', 'b'], against: 'c' }],
    ['--side-by-side with --env', { sideBySide: ['a', 'b'], env: 'c' }],
    ['--side-by-side with --repeat', { sideBySide: ['a', 'b'], repeat: '3' }],
  ] as const) {
    it(`are rejected for ${what}`, () => {
      expect(() => withSides([], flags(more))).to.throw(UserError);
    });
  }
});
