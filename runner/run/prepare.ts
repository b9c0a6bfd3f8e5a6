// Names and flags become scenarios that are ready to run: bundled, inspected by the real k6, planned, with their targets.
// Everything that can be wrong in what people wrote is found here, before anything is started or written.

import { existsSync } from 'node:fs';
import { join, resolve } from 'node:path';
import type { ProjectConfig } from '../config/project-config.ts';
import { readTargets } from '../config/targets-store.ts';
import type { K6 } from '../k6/find.ts';
import { inspectScript } from '../k6/inspect.ts';
import { forbidFlags } from '../model/host-pattern.ts';
import type { Kpi } from '../model/kpi.ts';
import type { Profile } from '../model/plan.ts';
import { environmentOfFolder } from '../scenario/environment-of.ts';
import { type BundledScript, type Inspect, prepareIfInProfile, prepareScenario } from '../scenario/prepare.ts';
import type { PreparedScenario } from '../scenario/prepared-scenario.ts';
import { resolveScenarios, scenariosFolderOf } from '../scenario/resolve.ts';
import { typecheckScenarios, typeError } from '../scenario/typecheck.ts';
import { kpisFromThresholds, mergeKpis } from '../targets/targets.ts';
import type { UnreadRow } from '../targets/unread-row.ts';
import { type ConfiguredCommand, loadEnvironment, readCommand } from './configured-command.ts';
import { assignments, type RunFlags } from './flags.ts';

export interface Preparation {
  readonly names: readonly string[];
  readonly projectDir: string;
  readonly conportDir: string;
  readonly flags: RunFlags;
  readonly k6: K6;
  readonly config: ProjectConfig;
}

/**
 * Prepares the named scenarios; without names what ProjectConfig's command for the profile says; without such a command every
 * scenario of the project that has the profile. Throws the first UserError: unknown name, syntax or type error, exception in
 * init code, invalid definition, unreadable targets, a command that cannot be understood.
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

async function prepareNamed(names: readonly string[], preparation: Preparation): Promise<PreparedScenario[]> {
  const { projectDir, conportDir, flags, k6, config } = preparation;
  const folder = scenariosFolderOf(config, projectDir);
  const resolved = await resolveScenarios(names, projectDir, folder);
  // Types are checked beside the bundling. Scripts from elsewhere run as they are, as k6 itself would run them.
  const checked = resolved.some(({ named }) => named) ? typecheckScenarios(projectDir, folder) : Promise.resolve([]);
  checked.catch(() => undefined);
  const inspect: Inspect = (bundle, env) => inspectScript(k6, bundle, env);
  const prepare = names.length === 0 ? prepareIfInProfile : prepareScenario;
  const prepared: PreparedScenario[] = [];
  for (const { path, named } of resolved) {
    const script = await prepare({
      scriptPath: path,
      flags: {
        profile: flags.profile,
        duration: flags.duration,
        vus: flags.vus,
        rate: flags.rate,
        scenario: flags.scenario,
      },
      component: flags.component,
      baseUrl: flags.baseUrl,
      scriptEnv: assignments(flags.scriptEnv),
      inspect,
    });
    if (script === undefined) continue;
    const problem = named ? typeError(await checked, script.bundle) : undefined;
    if (problem !== undefined) throw problem;
    const { kpis, unread } = await targetsFor(script, conportDir);
    const k6Args = forbidFlags(config.forbid, { options: script.plan.options, k6Args: [] });
    const environment = script.plan.environment ?? environmentOfFolder(path, projectDir, config.environmentOf);
    const needsEnvironment = script.plan.typed || environment !== undefined;
    prepared.push({ ...script, kpis, needsEnvironment, environment, k6Args, warnings: [], unread });
  }
  return prepared;
}

/** As the command has it, or in the folder of `testing.paths.performance_scripts`. */
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
  const env = { ...process.env, ...loadEnvironment(command.k6Args) };
  const [script] = await resolveScenarios([scriptOf(command.script, projectDir, config)], projectDir);
  const prepared = await prepareScenario({
    scriptPath: script?.path ?? command.script,
    // --duration, --vus and --rate of this call win over the command's own; they make the run one of the profile's shape.
    flags: { duration: flags.duration, vus: flags.vus, rate: flags.rate },
    component: flags.component,
    baseUrl: flags.baseUrl,
    scriptEnv: { ...command.variables, ...assignments(flags.scriptEnv) },
    inspect: (bundle, variables) => inspectScript(k6, bundle, variables, { env }),
  });
  const plan = { ...prepared.plan, profile };
  const { kpis, unread } = await targetsFor({ plan }, conportDir);
  // The project that names the command names the system it is for; the demo is nobody's.
  const environment = plan.environment ?? environmentOfFolder(plan.scriptPath, projectDir, config.environmentOf);
  const hasDefault = config.defaultEnvironment !== undefined && config.defaultEnvironment !== 'demo';
  const needsEnvironment = plan.typed || environment !== undefined || hasDefault;
  const k6Args = [...command.k6Args, ...forbidFlags(config.forbid, { options: plan.options, k6Args: command.k6Args })];
  return { ...prepared, plan, kpis, needsEnvironment, environment, k6Args, warnings: command.warnings, unread };
}

/** What a plan is judged by: the script's own thresholds and the targets of its component for its profile; and what was not read. */
export async function targetsFor(
  { plan }: Pick<BundledScript, 'plan'>,
  conportDir: string,
): Promise<{ kpis: Kpi[]; unread: readonly UnreadRow[] }> {
  const { kpis, unread } = await readTargets(conportDir, plan.component, plan.profile);
  return { kpis: mergeKpis(kpisFromThresholds(plan.thresholds), kpis), unread };
}
