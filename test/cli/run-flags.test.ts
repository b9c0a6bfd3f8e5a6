import { expect } from 'chai';
import { runCommand } from '../../runner/cli/run.ts';
import { runFlagsSchema } from '../../runner/run/plan/flags.ts';

/** Set by the program, or given after --. */
const NO_OPTIONS = ['k6Args', 'isSideBySide', 'isHeld'];

describe('the options of novaperf run', () => {
  it('are those of the schema that checks them: an unknown one would have no effect', () => {
    const options = runCommand(() => undefined).options.map((option) => option.attributeName());
    const checked = Object.keys(runFlagsSchema.shape).filter((name) => !NO_OPTIONS.includes(name));
    expect(new Set(options)).to.have.all.keys(...checked);
  });
});
