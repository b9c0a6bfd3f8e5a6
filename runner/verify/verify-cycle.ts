// Runs the checks of an open environment and of the scenarios of a cycle, or ends the cycle before any load.

import type { K6 } from '../k6/find.ts';
import type { Environment } from '../model/environment.ts';
import { type Check, check } from '../model/preflight-check.ts';
import type { PreparedScenario } from '../scenario/prepared-scenario.ts';
import type { Interrupt } from '../system/interrupt.ts';
import type { Terminal } from '../system/terminal.ts';
import { visible } from '../text/display-text.ts';
import { type Failure, unverified } from './all-problems.ts';
import type { Permission } from './allowed.ts';
import { plausible, TRIAL_CHECK, tryOnce } from './trial.ts';
import { verifyScenario } from './verify-scenario.ts';

/** The checks of each scenario, after those of the environment. */
export type Verification = ReadonlyMap<PreparedScenario, readonly Check[]>;

/** What to verify. */
export interface CycleToVerify {
  readonly environment: Environment;
  readonly scenarios: readonly PreparedScenario[];
  readonly permission: Permission;
  /** Where the load comes from; undefined: this machine. */
  readonly loadFrom?: string | undefined;
  /** --verify: runs one iteration of every scenario with this k6. */
  readonly trial: { readonly k6: K6; readonly interrupt: Interrupt } | undefined;
  readonly terminal: Pick<Terminal, 'line' | 'warn'>;
}

/** Runs every check of the cycle and prints warnings. Throws one UserError with all failures and exit code 3. */
export async function verifyCycle({
  environment,
  scenarios,
  permission,
  loadFrom,
  trial,
  terminal,
}: CycleToVerify): Promise<Verification> {
  const verification = new Map<PreparedScenario, readonly Check[]>();
  const about = ({ plan }: PreparedScenario) => `scenario "${plan.name}"`;
  const made: Failure[] = environment.checks.map((each) => ({
    about: `environment "${environment.name}"`,
    check: each,
  }));
  for (const scenario of scenarios) {
    const own = await verifyScenario(scenario, environment.url, permission, process.env, loadFrom);
    verification.set(scenario, [...environment.checks, ...own]);
    made.push(...own.map((each) => ({ about: about(scenario), check: each })));
  }
  // No request of a script after a failed check.
  if (trial !== undefined && unverified(made) === undefined) {
    for (const scenario of scenarios) {
      const tried = await check(...TRIAL_CHECK, async () =>
        plausible(await tryOnce({ scenario, url: environment.url, ...trial })),
      );
      // An interrupted iteration is not a failure of the system. The cycle ends as interrupted: no scenario is started.
      if (trial.interrupt.isRequested) break;
      if (tried.state === 'passed') terminal.line(`verified  ${scenario.plan.name}: ${visible(tried.detail)}`);
      verification.set(scenario, [...(verification.get(scenario) ?? []), tried]);
      made.push({ about: about(scenario), check: tried });
    }
  }
  const problem = unverified(made);
  if (problem !== undefined) throw problem;
  for (const { about: what, check: each } of made) {
    if (each.state === 'warning') terminal.warn(`  ${visible(`${each.title}, ${what}: ${each.detail}`)}`);
  }
  return verification;
}
