// The three scripts of a run in which setup() and teardown() run once for several k6 processes.

import { UserError } from '../system/errors.ts';
import { type Bundle, bundleScript } from './bundle.ts';
import type { SetupPart } from './override.ts';
import type { PreparedScenario } from './prepared-scenario.ts';
import { isRaw } from './raw-script.ts';

/** Whether k6 would call this function. CommonJS does not declare exports, so a name in its code counts as one. */
export function exportsFunction({ format, exports, code }: Bundle, name: 'setup' | 'teardown'): boolean {
  return format === 'cjs' ? new RegExp(`\\b${name}\\b`).test(code) : exports.includes(name);
}

/** The same scenario with a bundle that reads the data of setup() from its environment. Throws a UserError for a script that is not bundled. */
export async function withSetupOnce(scenario: PreparedScenario): Promise<PreparedScenario> {
  const { bundle, plan } = scenario;
  if (isRaw(plan.scriptPath)) {
    throw new UserError('--setup-once: expected a script, found an archive, stdin or a URL.', {
      where: plan.scriptPath,
      next: 'give the script, or remove --setup-once',
    });
  }
  const [hasSetup, hasTeardown] = [exportsFunction(bundle, 'setup'), exportsFunction(bundle, 'teardown')];
  if (!hasSetup && !hasTeardown) {
    const warning = '--setup-once had no effect: the script has neither setup() nor teardown()';
    return { ...scenario, warnings: [...scenario.warnings, warning] };
  }
  const part = (name: SetupPart) =>
    bundleScript(plan.scriptPath, { override: { flags: bundle.flags ?? {}, of: bundle, part: name } });
  const around = {
    setup: hasSetup ? await part('setup') : undefined,
    teardown: hasTeardown ? await part('teardown') : undefined,
  };
  return { ...scenario, bundle: await part('load'), around };
}
