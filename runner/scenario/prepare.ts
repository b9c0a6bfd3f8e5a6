// A script and the flags of the command line become the bundle that will run and the plan of its run.

import type { ScenarioPlan } from '../model/plan.ts';
import { UserError } from '../system/errors.ts';
import { nearPath } from '../system/near-path.ts';
import { nearest } from '../system/nearest.ts';
import type { Builds } from './builds.ts';
import { type Bundle, bundleScript } from './bundle.ts';
import { definitionError, hasProfile, type InspectedScript, isTyped, planScenario } from './derive-plan.ts';
import { asksForLoad, type LoadFlags } from './override.ts';
import { isRaw, rawScript } from './raw-script.ts';

/** Inspects a bundle with k6, in the environment of its run. */
export type Inspect = (bundle: Bundle, env: Readonly<Record<string, string>>) => Promise<InspectedScript>;

/** The script and the flags of its run. */
export interface PrepareOptions {
  readonly scriptPath: string;
  readonly flags: LoadFlags;
  readonly component?: string | undefined;
  /** The name of the run; default: that of the file. */
  readonly name?: string | undefined;
  /** `__ENV.BASE_URL` of the script. */
  readonly baseUrl?: string | undefined;
  /** Further variables of `__ENV`, set by the user. */
  readonly scriptEnv?: Readonly<Record<string, string>>;
  readonly inspect: Inspect;
  /** See BundleOptions. */
  readonly builds?: Builds;
}

/** A bundle with the plan of its run. */
export interface BundledScript {
  readonly bundle: Bundle;
  readonly plan: ScenarioPlan;
  /** Variables of `k6 run -e`, with which the run is the planned one. */
  readonly env: Readonly<Record<string, string>>;
}

interface InspectedScenario {
  readonly bundle: Bundle;
  readonly inspected: InspectedScript;
  readonly env: Readonly<Record<string, string>>;
}

/** What defineScenario() and baseUrl read from `__ENV`; see api.ts. */
export function scenarioEnv(flags: LoadFlags, baseUrl: string | undefined): Record<string, string> {
  return {
    NOVAPERF_PROFILE: flags.profile ?? 'load',
    ...(flags.duration === undefined ? {} : { NOVAPERF_DURATION: flags.duration }),
    ...(flags.vus === undefined ? {} : { NOVAPERF_VUS: String(flags.vus) }),
    ...(flags.rate === undefined ? {} : { NOVAPERF_RATE: String(flags.rate) }),
    ...(flags.hold === true ? { NOVAPERF_HOLD: '1' } : {}),
    ...(baseUrl === undefined ? {} : { BASE_URL: baseUrl }),
  };
}

/** If set, scripts with our API report failed requests; see failed-request.ts. */
const SAMPLES = 'NOVAPERF_SAMPLES';

function samplesEnv({ code }: Bundle): Record<string, string> {
  return code.includes(`__ENV.${SAMPLES}`) ? { [SAMPLES]: '1' } : {};
}

/**
 * Bundles the script and plans its run. A plain script runs with its own load, or if a flag sets another, in the
 * shape of the profile. Throws UserErrors: see bundleScript and planScenario.
 */
export async function prepareScenario(options: PrepareOptions): Promise<BundledScript> {
  const prepared = await inspectScenario(options);
  return {
    bundle: prepared.bundle,
    env: prepared.env,
    plan: planOf(prepared, options),
  };
}

function planOf(
  { bundle, inspected }: InspectedScenario,
  options: PrepareOptions & { readonly evenIfDisabled?: boolean },
): ScenarioPlan {
  const plan = planScenario(bundle, inspected, options);
  return options.name === undefined ? plan : { ...plan, name: options.name };
}

/** Like prepareScenario, but returns only the component of a scenario that disables the profile, for running all others. */
export async function prepareIfInProfile(
  options: PrepareOptions,
): Promise<BundledScript | { readonly component: string }> {
  const prepared = await inspectScenario(options);
  if (!hasProfile(prepared.inspected)) {
    const { component } = planOf(prepared, { ...options, evenIfDisabled: true });
    return { component };
  }
  return {
    bundle: prepared.bundle,
    env: prepared.env,
    plan: planOf(prepared, options),
  };
}

/** Bundle, k6's view of it, and the environment for both; with the load replaced if flags set another for a plain script. */
export async function inspectScenario(options: Omit<PrepareOptions, 'component'>): Promise<InspectedScenario> {
  const { scriptPath, flags, baseUrl, scriptEnv, inspect } = options;
  const building = options.builds === undefined ? {} : { builds: options.builds };
  const bundle = await (isRaw(scriptPath) ? rawScript(scriptPath) : bundleScript(scriptPath, building));
  const env = { ...samplesEnv(bundle), ...scriptEnv, ...scenarioEnv(flags, baseUrl) };
  const inspected = await inspectOrExplain(bundle, env, inspect);
  if (flags.scenario !== undefined) assertScenario(flags.scenario, bundle, inspected);
  if (isTyped(inspected) || !asksForLoad(flags)) return { bundle, inspected, env };
  if (isRaw(scriptPath)) throw ownLoadOnly(scriptPath);
  const overridden = await bundleScript(scriptPath, { override: { flags, of: bundle }, ...building });
  return { bundle: overridden, inspected: await inspect(overridden, env), env };
}

function ownLoadOnly(scriptPath: string): UserError {
  return new UserError('Expected no profile for an archive, stdin or a URL: they run with their own load.', {
    where: scriptPath,
    next: 'change the load with k6 flags, as in novaperf run shop.tar -- --vus 5 --duration 1m',
  });
}

/** Throws a UserError if --scenario is not a k6 scenario of the plain script. */
function assertScenario(name: string, { scriptPath }: Bundle, inspected: InspectedScript): void {
  const names = Object.keys(inspected.scenarios);
  const where = nearPath(scriptPath);
  if (isTyped(inspected)) {
    throw new UserError('--scenario: expected a plain k6 script, found a scenario made by defineScenario.', {
      where,
      next: 'remove --scenario; the journeys of such a scenario always run together',
    });
  }
  if (names.includes(name)) return;
  const [near] = nearest(name, names, 1);
  throw new UserError(`--scenario: expected one of ${names.join(', ')}, found "${name}".`, {
    where,
    ...(near === undefined ? {} : { next: `did you mean ${near}?` }),
  });
}

/** Exports that k6 does not run as a scenario. */
const NOT_RUN = new Set(['options', 'setup', 'teardown', 'handleSummary']);

/** If k6 rejects the options, inspects only the definition, so that the error names the invalid field. */
async function inspectOrExplain(
  bundle: Bundle,
  env: Record<string, string>,
  inspect: Inspect,
): Promise<InspectedScript> {
  try {
    return await inspect(bundle, env);
  } catch (error) {
    const exported = bundle.exports.find((name) => !NOT_RUN.has(name)) ?? 'default';
    const bare = await inspect(bundle, { ...env, NOVAPERF_DEFINITION_ONLY: exported }).catch(() => undefined);
    throw (bare && definitionError(bundle, bare.ext.novaperf)) ?? error;
  }
}
