// Names and flags become scenarios that are ready to run: bundled, inspected by k6, planned, with their targets.
// All mistakes of users are found here, before anything is started or written.

import { existsSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { type ProjectConfig, readProjectConfig } from '../../config/project-config.ts';
import { readTargets, unusedTargets } from '../../config/targets-store.ts';
import type { K6 } from '../../k6/find.ts';
import { inspectScript } from '../../k6/inspect.ts';
import type { LogEntry } from '../../k6/log.ts';
import type { Kpi } from '../../model/kpi.ts';
import type { Profile } from '../../model/plan.ts';
import type { Bundle } from '../../scenario/bundle.ts';
import { isTyped } from '../../scenario/derive-plan.ts';
import { environmentOfFolder } from '../../scenario/environment-of.ts';
import { asksForLoad } from '../../scenario/override.ts';
import { type BundledScript, type Inspect, prepareIfInProfile, prepareScenario } from '../../scenario/prepare.ts';
import type { PreparedScenario } from '../../scenario/prepared-scenario.ts';
import { isRaw } from '../../scenario/raw-script.ts';
import { resolveScenarios, scenariosFolderOf } from '../../scenario/resolve.ts';
import { typecheckScenarios, typeError } from '../../scenario/typecheck.ts';
import { kpisFromThresholds, mergeKpis } from '../../targets/targets.ts';
import type { UnreadRow } from '../../targets/unread-row.ts';
import { redactSelector } from '../../text/secrets.ts';
import { hostFlags } from '../../verify/enforced-hosts.ts';
import { type ConfiguredCommand, readCommand } from './configured-command.ts';
import { assignments, type RunFlags } from './flags.ts';
import { callsHandleSummary } from './handle-summary.ts';
import {
  flagOptions,
  givenK6Flags,
  inspectEnvironment,
  inspectFlags,
  loadVariablesIn,
  withAbsolutePaths,
  withoutLoadVariables,
} from './k6-flags.ts';
import { kpiWithoutSecrets, learnScenarioSecrets } from './without-secrets.ts';

/** Which scenarios to prepare, and how. */
export interface Preparation {
  readonly names: readonly string[];
  readonly projectDir: string;
  readonly conportDir: string;
  readonly flags: RunFlags;
  readonly k6: K6;
  readonly config: ProjectConfig;
}

/**
 * Prepares the named scenarios; without names those of ProjectConfig's command for the profile; without such a command every
 * scenario of the project that has the profile. Throws the first UserError: unknown name, syntax or type error, exception in
 * init code, invalid definition, unreadable targets, invalid command.
 */
export async function prepareScenarios(preparation: Preparation): Promise<PreparedScenario[]> {
  const { names, flags, config } = preparation;
  const profile = flags.profile ?? DEFAULT_PROFILE;
  const command = names.length === 0 ? config.commands.get(profile) : undefined;
  if (command === undefined) return prepareNamed(names, preparation);
  const configured = readCommand(command, profile, `${config.where}: testing.commands.performance_${profile}_test`);
  if (configured.kind === 'k6') return [await prepareCommand(configured, profile, preparation)];
  return prepareNamed(configured.names, { ...preparation, flags: { ...flags, profile: configured.profile } });
}

const DEFAULT_PROFILE: Profile = 'load';

/** The maximum of --until-decided replaces --duration. */
function durationOf({ untilDecided, duration }: RunFlags): string | undefined {
  return typeof untilDecided === 'string' ? untilDecided : duration;
}

async function prepareNamed(names: readonly string[], preparation: Preparation): Promise<PreparedScenario[]> {
  const { projectDir, conportDir, flags, k6, config } = preparation;
  const given = givenK6Flags(flags.k6Args);
  const folder = scenariosFolderOf(config, projectDir);
  const resolved = await resolveScenarios(names, projectDir, folder);
  // Types are checked while bundling. Scripts from elsewhere are not type-checked, as in k6.
  const checked = resolved.some(({ named }) => named) ? typecheckScenarios(projectDir, folder) : Promise.resolve([]);
  checked.catch(() => undefined);
  const prepare = names.length === 0 ? prepareIfInProfile : prepareScenario;
  const prepared: PreparedScenario[] = [];
  const notInProfile: string[] = [];
  for (const { path, name, named } of resolved) {
    const asked = {
      profile: flags.profile,
      duration: durationOf(flags),
      vus: flags.vus,
      rate: flags.rate,
      scenario: flags.scenario,
      hold: flags.isHeld ? true : undefined,
    };
    const k6Environment = new K6Environment(k6, given.k6Args, asksForLoad(asked), config.loadTimeoutMs);
    const script = await prepare({
      scriptPath: path,
      name: isRaw(path) ? undefined : name,
      flags: asked,
      component: flags.component,
      baseUrl: flags.baseUrl,
      scriptEnv: { ...assignments(flags.scriptEnv), ...given.variables },
      inspect: k6Environment.inspect,
    });
    if (!('plan' in script)) {
      notInProfile.push(script.component);
      continue;
    }
    const problem = named ? typeError(await checked, script.bundle) : undefined;
    if (problem !== undefined) throw problem;
    const { kpis, unread } = await targetsFor(script, conportDir);
    const own = { options: script.plan.options, k6Args: given.k6Args };
    const environment = script.plan.environment ?? environmentOfFolder(path, projectDir, config.environmentOf);
    prepared.push({
      ...script,
      kpis,
      needsEnvironment: script.plan.typed || environment !== undefined,
      environment,
      k6Args: [...given.k6Args, ...(await hostFlags(config, own))],
      k6Env: k6Environment.env,
      callsSummary: callsHandleSummary(script.plan, flags.handleSummary),
      needsOtherK6: k6Environment.needsOtherK6,
      warnings: k6Environment.notes,
      unread,
    });
  }
  const components = [...prepared.map(({ plan }) => plan.component), ...notInProfile];
  // Without names every scenario is prepared, so targets of other components are never judged.
  const unused = await unusedTargets(conportDir, names.length === 0 ? components : undefined);
  return prepared.map((each) => ({ ...each, warnings: [...each.warnings, ...unused] }));
}

/**
 * The environment in which a scenario is inspected and run, so that the plan is that of the run. Load from its definition or from
 * flags of the call overrides K6_VUS and similar variables, as flags do in k6.
 */
class K6Environment {
  env: NodeJS.ProcessEnv = withAbsolutePaths(process.env);
  readonly notes: string[] = [];
  /** k6 logged that it downloads another k6 with the extensions of the script. */
  needsOtherK6 = false;

  constructor(
    private readonly k6: K6,
    private readonly k6Args: readonly string[],
    ownsLoad: boolean,
    private readonly timeoutMs: number,
  ) {
    if (ownsLoad) this.#leaveLoadOut();
  }

  readonly inspect: Inspect = async (bundle, variables) => {
    const seen = await this.#ask(bundle, variables);
    if (!isTyped(seen) || loadVariablesIn(this.env).length === 0) return seen;
    this.#leaveLoadOut();
    return this.#ask(bundle, variables);
  };

  async #ask(bundle: Bundle, variables: Readonly<Record<string, string>>) {
    const env = inspectEnvironment(this.env, this.k6Args);
    const inspected = await inspectScript(this.k6, bundle, variables, {
      env,
      args: inspectFlags(this.k6Args),
      timeoutMs: this.timeoutMs,
    });
    this.#noteOtherK6(inspected.log);
    return { ...inspected, options: { ...inspected.options, ...flagOptions(this.k6Args) } };
  }

  #noteOtherK6(log: readonly LogEntry[]): void {
    const deps = log.find(({ fields }) => fields.deps !== undefined)?.fields.deps;
    if (deps === undefined || this.needsOtherK6) return;
    this.needsOtherK6 = true;
    const needed =
      deps
        .split(';')
        .filter((name) => name !== 'k6')
        .join(', ') || 'another version';
    this.notes.push(
      `k6 downloaded another k6 for this script (${needed}) without novaperf's output, so its samples were read one by one, which uses more CPU`,
    );
  }

  #leaveLoadOut(): void {
    const names = loadVariablesIn(this.env);
    if (names.length === 0) return;
    this.notes.push(`${names.join(', ')} of the environment had no effect: the load is that of the profile`);
    this.env = withoutLoadVariables(this.env);
  }
}

/** The path as in the command, or in the folder of `testing.paths.performance_scripts`. */
function scriptOf(script: string, projectDir: string, { scriptsPath }: ProjectConfig): string {
  if (scriptsPath === undefined || existsSync(resolve(projectDir, script))) return script;
  const below = join(scriptsPath, script);
  return existsSync(resolve(projectDir, below)) ? below : script;
}

/** A plain k6 command of ProjectConfig: its script with its own load and flags, judged by the targets of the profile. */
async function prepareCommand(
  command: ConfiguredCommand & { readonly kind: 'k6' },
  profile: Profile,
  { projectDir, conportDir, flags, k6, config }: Preparation,
): Promise<PreparedScenario> {
  const given = givenK6Flags(flags.k6Args);
  const ownArgs = [...command.k6Args, ...given.k6Args];
  const asked = { duration: durationOf(flags), vus: flags.vus, rate: flags.rate };
  const k6Environment = new K6Environment(k6, ownArgs, asksForLoad(asked), config.loadTimeoutMs);
  const [script] = await resolveScenarios([scriptOf(command.script, projectDir, config)], projectDir);
  const prepared = await prepareScenario({
    scriptPath: script?.path ?? command.script,
    name: script?.name,
    // --duration, --vus and --rate of this call override those of the command, and give the run the profile's shape.
    flags: asked,
    component: flags.component,
    baseUrl: flags.baseUrl,
    scriptEnv: { ...command.variables, ...assignments(flags.scriptEnv), ...given.variables },
    inspect: k6Environment.inspect,
  });
  const plan = { ...prepared.plan, profile };
  const { kpis, unread } = await targetsFor({ plan }, conportDir);
  // A project with such a command has its own system; the demo is not used.
  const environment = plan.environment ?? environmentOfFolder(plan.scriptPath, projectDir, config.environmentOf);
  const hasDefault = config.defaultEnvironment !== undefined && config.defaultEnvironment !== 'demo';
  const needsEnvironment = plan.typed || environment !== undefined || hasDefault;
  const k6Args = [...ownArgs, ...(await hostFlags(config, { options: plan.options, k6Args: ownArgs }))];
  const warnings = [...command.warnings, ...k6Environment.notes];
  const callsSummary = callsHandleSummary(plan, flags.handleSummary);
  const { env: k6Env, needsOtherK6 } = k6Environment;
  return {
    ...{ ...prepared, plan, kpis, needsEnvironment, environment, k6Args, k6Env, callsSummary, needsOtherK6 },
    warnings,
    unread,
  };
}

/** The targets of a plan: the script's thresholds and the targets of its component and profile; and rows that could not be read. */
export async function targetsFor(
  { plan }: Pick<BundledScript, 'plan'>,
  conportDir: string,
): Promise<{ kpis: Kpi[]; unread: readonly UnreadRow[] }> {
  const { kpis, unread } = await readTargets(conportDir, plan.component, plan.profile);
  const { noData } = await readProjectConfig(conportDir);
  learnScenarioSecrets(plan);
  // Before they are merged, because redacted ones may become equal and need unique ids.
  const own = [kpisFromThresholds(plan.thresholds, redactSelector), kpis].map((each) => each.map(kpiWithoutSecrets));
  const all = mergeKpis(...own);
  return { kpis: noData === 'fail' ? all.map((kpi) => ({ ...kpi, noData })) : all, unread };
}
