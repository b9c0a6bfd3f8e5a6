// A call of `novaperf run` becomes the plan of a cycle: k6, scenarios, target and stream. Nothing is started or written yet.

import { resolve } from 'node:path';
import { z } from 'zod';
import { type ProjectConfig, readProjectConfig } from '../../config/project-config.ts';
import { readExtensions } from '../../k6/extensions.ts';
import { findK6, type K6 } from '../../k6/find.ts';
import type { StreamKind } from '../../k6/launch.ts';
import type { BaselineChoice } from '../../model/baseline-choice.ts';
import type { Judging } from '../../model/run.ts';
import type { Presentation } from '../../report/presentation.ts';
import type { PreparedScenario } from '../../scenario/prepared-scenario.ts';
import { withSetupOnce } from '../../scenario/setup-once.ts';
import { UserError } from '../../system/errors.ts';
import { nearPath } from '../../system/near-path.ts';
import { unreadRowError } from '../../targets/unread-row.ts';
import { visible } from '../../text/display-text.ts';
import { branchOf } from './branch.ts';
import { type ClusterPlan, checkForCluster } from './cluster-run.ts';
import { type EnvironmentChoice, type PlannedSystem, plannedSystem } from './environment.ts';
import { assignments, baselineFlag, parseFlags, type RunFlags } from './flags.ts';
import { gitVersion } from './git-version.ts';
import { checkBaseline } from './named-baseline.ts';
import { prepareScenarios } from './prepare.ts';
import { presentationFor } from './presentation.ts';
import { named, onlySystem, type System, systemsOf } from './systems.ts';
import { systemOf, type TwoSystems, twoSystemsOf } from './two-systems.ts';
import { useProjectSecrets } from './without-secrets.ts';

/** A call of `novaperf run`. */
export interface CycleRequest {
  /** Names in scenarios/ or paths of scripts; empty: every scenario that has the profile. */
  readonly scenarios: readonly string[];
  readonly flags: RunFlags;
  /** The folder of scenarios/, in which relative paths start. */
  readonly projectDir: string;
}

/** What a cycle will do. */
export interface CyclePlan {
  readonly flags: RunFlags;
  readonly config: ProjectConfig;
  readonly conportDir: string;
  readonly projectDir: string;
  /** Folder of the runs' folders. */
  readonly out: string;
  readonly presentation: Presentation;
  readonly k6: K6;
  readonly stream: StreamKind;
  /** The cluster that makes the load; undefined: this machine. */
  readonly cluster: ClusterPlan | undefined;
  readonly scenarios: readonly PreparedScenario[];
  readonly systems: readonly System[];
  /** All systems as one, for places with a single line. */
  readonly target: Pick<PlannedSystem, 'name' | 'url'>;
  /** The version of the build if neither --build nor the system gives it. */
  readonly versionFromGit: string | undefined;
  readonly branch: string | undefined;
  /** undefined: no comparison. */
  readonly baseline: BaselineChoice | undefined;
  readonly judging: Judging;
  /** The system of the other build if two are compared in this cycle. */
  readonly other: OtherSystem | undefined;
}

/** The system of the build that is compared with. */
export interface OtherSystem extends TwoSystems {
  readonly choice: EnvironmentChoice;
  readonly target: PlannedSystem;
}

/** Plans a cycle. Throws the first UserError in flags, scenarios and configuration. `warn` gets progress lines while k6 is built or downloaded. */
export async function planCycle(request: CycleRequest, warn: (text: string) => void): Promise<CyclePlan> {
  const { flags, projectDir } = request;
  const conportDir = resolve(projectDir, flags.conport);
  const config = await readProjectConfig(conportDir, projectDir);
  useProjectSecrets(config, assignments(flags.scriptEnv));
  const presentation = await presentationFor(flags, config, projectDir);
  const extensions = await readExtensions(config.extensions, projectDir);
  const k6 = await findK6({ k6Flag: flags.k6, env: process.env, onProgress: warn, extensions });
  const cluster = clusterFor(flags, config);
  const prepared = await prepareScenarios({ names: request.scenarios, projectDir, conportDir, flags, k6, config });
  const scenarios = flags.setupOnce ? await Promise.all(prepared.map(withSetupOnce)) : prepared;
  if (scenarios.length === 0) throw noScenario(request);
  if (cluster !== undefined) for (const scenario of scenarios) checkForCluster(cluster, scenario);
  const unread = new Set(scenarios.flatMap((each) => each.unread.map((row) => unreadRowError(row).toText())));
  for (const userError of unread) warn(visible(userError));
  const systems = systemsOf(
    scenarios,
    flags,
    config,
    cluster === undefined ? undefined : `the cluster ${cluster.cluster.name}`,
  );
  return {
    flags,
    config,
    conportDir,
    projectDir,
    out: resolve(projectDir, flags.out),
    presentation,
    k6,
    cluster,
    stream: cluster === undefined ? streamFor(k6, flags) : 'histograms',
    scenarios,
    systems,
    target: named(systems),
    versionFromGit: await gitVersion(projectDir),
    branch: flags.branch ?? (await branchOf(projectDir, process.env)),
    baseline: await checkBaseline(baselineFor(flags, config), resolve(projectDir, flags.out)),
    judging: judgingFor(flags, config),
    other: otherSystem(flags, config, systems),
  };
}

/** The choice of the system to compare with, of any build. */
function otherSystem(flags: RunFlags, config: ProjectConfig, systems: readonly System[]): OtherSystem | undefined {
  const two = twoSystemsOf(flags);
  if (two === undefined) return undefined;
  const own = onlySystem(systems).choice;
  const choice = { ...own, ...systemOf(two.against), build: undefined };
  const target = plannedSystem(config, choice);
  checkReadsAddress(onlySystem(systems), two.against);
  return { ...two, choice, target };
}

/** Throws a UserError for a plain script that does not read the variable with the URL. */
function checkReadsAddress({ choice, scenarios }: System, against: string): void {
  const fixed = scenarios.find((each) => !each.needsEnvironment && !each.bundle.code.includes('BASE_URL'));
  if (fixed !== undefined) {
    throw new UserError('Expected scripts that use BASE_URL, found one with a fixed URL.', {
      where: nearPath(fixed.plan.scriptPath),
      next: "use __ENV.BASE_URL in the script (or baseUrl from 'novaperf')",
    });
  }
  if (choice.needed || choice.baseUrl !== undefined || choice.env !== undefined) return;
  throw new UserError('Expected the address of the build under test, found none.', {
    where: against,
    next: 'add --base-url or --env for the new build',
  });
}

/** Flags override the configuration. */
function judgingFor(flags: RunFlags, { judging }: ProjectConfig): Judging {
  return {
    ...judging,
    thresholds: flags.verdict ?? judging.thresholds,
    inconclusive: flags.inconclusive ?? judging.inconclusive,
    warmUp: flags.warmUp ?? judging.warmUp,
  };
}

/** That of the call, else the configured one; --fail-on regression needs one in any case. */
function baselineFor({ baseline, failOn }: RunFlags, config: ProjectConfig): BaselineChoice | undefined {
  const configured =
    config.baseline === undefined
      ? undefined
      : parseFlags(z.object({ baseline: baselineFlag }), { baseline: config.baseline }).baseline;
  const choice = baseline ?? configured;
  if (choice === undefined) return failOn === undefined ? undefined : { kind: 'latest' };
  return choice.kind === 'none' ? undefined : choice;
}

function noScenario({ flags, projectDir }: CycleRequest): UserError {
  return new UserError(`Expected a scenario with the profile ${flags.profile ?? 'load'}, found none.`, {
    where: resolve(projectDir, 'scenarios'),
    next: 'novaperf list shows the profiles of each scenario; novaperf new <name> creates a scenario',
  });
}

/** Throws a UserError for an unknown cluster, and for flags that cannot be combined. */
function clusterFor(
  { cluster, parallelism, keepRaw, verify, setupOnce }: RunFlags,
  { clusters, where }: ProjectConfig,
): ClusterPlan | undefined {
  if (cluster === undefined) {
    const alone = parallelism !== undefined ? '--parallelism' : setupOnce ? '--setup-once' : undefined;
    if (alone === undefined) return undefined;
    throw new UserError(`Expected --cluster with ${alone}, found none.`, {
      next: 'choose a cluster with --cluster',
    });
  }
  const found = clusters.get(cluster);
  if (found === undefined) {
    const known = [...clusters.keys()];
    throw new UserError(
      `Expected a cluster of the configuration (${known.join(', ') || 'it has none'}), found "${cluster}".`,
      {
        where,
        next: 'add it to testing.performance.clusters; see docs/scale.md',
      },
    );
  }
  const unfit = keepRaw ? '--keep-raw' : verify ? '--verify' : undefined;
  if (unfit !== undefined) {
    throw new UserError(`Expected ${unfit} or --cluster, found both. ${unfit} needs k6 on this machine.`, {
      next: `remove ${unfit}`,
    });
  }
  if (setupOnce && found.script.kind !== 'config-map') {
    throw new UserError(
      '--setup-once: expected a script that is sent by ConfigMap, found one that is already in the cluster.',
      { where, next: `remove --setup-once, or remove volume_claim and script_in_image from the cluster ${cluster}` },
    );
  }
  return { cluster: found, parallelism: parallelism ?? 1 };
}

/** The stream: histograms if k6 has novaperf's output, unless --stream is given. */
function streamFor(k6: K6, flags: RunFlags): StreamKind {
  if (flags.stream === 'histograms' && !k6.hasHistograms) {
    throw new UserError(`--stream histograms: expected a k6 with the output "novaperf", found ${k6.path} without it.`, {
      next: 'omit --k6 and K6_BIN to build one with Go, or use --stream samples',
    });
  }
  if (flags.stream !== 'auto') return flags.stream;
  return k6.hasHistograms ? 'histograms' : 'samples';
}
