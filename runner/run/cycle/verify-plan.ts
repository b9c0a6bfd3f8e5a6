// The stage that opens the systems under test of a cycle and checks them before any load.

import type { Environment } from '../../model/environment.ts';
import type { Check } from '../../model/preflight-check.ts';
import type { Recorder } from '../../records/cycle/recorder.ts';
import type { PreparedScenario } from '../../scenario/prepared-scenario.ts';
import { messageOf, UserError } from '../../system/errors.ts';
import { EXIT } from '../../system/exit-codes.ts';
import type { Interrupt } from '../../system/interrupt.ts';
import type { Terminal } from '../../system/terminal.ts';
import { redactText } from '../../text/secrets.ts';
import { type Verification, verifyCycle } from '../../verify/verify-cycle.ts';
import { type EnvironmentChoice, openEnvironment } from '../plan/environment.ts';
import type { CyclePlan } from '../plan/plan-cycle.ts';
import { errorWithoutSecrets } from '../plan/without-secrets.ts';
import { NOTHING_RAN, publish } from '../results/publish.ts';
import { componentOf } from './begin-records.ts';
import type { OtherVerified } from './repeats.ts';

/** The opened and checked systems of a cycle. */
export interface Verified {
  /** The environment of each scenario. */
  readonly environments: ReadonlyMap<PreparedScenario, Environment>;
  readonly verification: Verification;
  /** The system of the other build, also verified. */
  readonly other: OtherVerified | undefined;
  /** Ends everything that was started for them. */
  stop(): Promise<void>;
}

/** Opens the environments and runs every check. If one fails, the records have the reason for no load. */
export async function verifyPlan(
  plan: CyclePlan,
  records: Recorder,
  interrupt: Interrupt,
  terminal: Terminal,
  beganAtMs: number,
): Promise<Verified> {
  const { config, systems, scenarios, flags, k6 } = plan;
  const opened: Environment[] = [];
  const open = async (asked: EnvironmentChoice) => {
    const environment = await openEnvironment(config, asked);
    opened.push(environment);
    return environment;
  };
  try {
    const trial = flags.verify ? { k6, interrupt } : undefined;
    const environments = new Map<PreparedScenario, Environment>();
    const checks: (readonly [PreparedScenario, readonly Check[]])[] = [];
    for (const { choice, scenarios: loading } of systems) {
      const environment = await open(choice);
      for (const scenario of loading) environments.set(scenario, environment);
      const { loadFrom } = choice;
      const about = { environment, scenarios: loading, permission: config, loadFrom, trial, terminal };
      checks.push(...(await verifyCycle(about)));
    }
    const verification: Verification = new Map(checks);
    const stop = async () => void (await Promise.all(opened.map((each) => each.stop())));
    if (plan.other === undefined) return { environments, verification, other: undefined, stop };
    const second = await open(plan.other.choice);
    const about = { environment: second, scenarios, permission: config, trial, terminal };
    const other = { environment: second, verification: await verifyCycle(about) };
    return { environments, verification, other, stop };
  } catch (thrown) {
    await Promise.all(opened.map((each) => each.stop()));
    const error = thrown instanceof UserError ? errorWithoutSecrets(thrown) : thrown;
    const testExecutionReport = await records.abandon(redactText(messageOf(error)), EXIT.environment);
    if (error instanceof UserError) await notVerified(plan, records, error, testExecutionReport, beganAtMs, terminal);
    throw error;
  }
}

/** Publishes the completion of a cycle after failed checks (exit code 3). */
async function notVerified(
  plan: CyclePlan,
  { progressId, decisionId }: Recorder,
  error: UserError,
  testExecutionReport: string | null,
  beganAtMs: number,
  terminal: Terminal,
): Promise<void> {
  const { flags, scenarios, target } = plan;
  const records =
    progressId === null ? null : { directory: flags.conport, progressId, decisionId, testExecutionReport };
  await publish(
    plan,
    {
      ...NOTHING_RAN,
      ...{ component: componentOf(plan), environment: target.name, buildVersion: flags.build ?? '' },
      ...{ trigger: flags.trigger, beganAtMs, endedAtMs: Date.now(), exitCode: error.exitCode, error, records },
      notRun: scenarios.map(({ plan: { name } }) => ({ scenario: name, reason: 'not started' })),
      openCycle: flags.cycle ?? null,
    },
    terminal,
  );
}
