// Names and flags become scenarios that are ready to run: bundled, inspected by the real k6, planned, with their targets.
// Everything that can be wrong in what people wrote is found here, before anything is started or written.

import { readTargets } from './conport/targets-store.ts';
import type { RunFlags } from './flags.ts';
import type { K6 } from './k6/find.ts';
import { inspectScript } from './k6/inspect.ts';
import {
  type Inspect,
  type PreparedScenario as PreparedScript,
  prepareIfInProfile,
  prepareScenario,
} from './scenario/prepare.ts';
import { resolveScenarios } from './scenario/resolve.ts';
import { typecheckScenarios, typeLetter } from './scenario/typecheck.ts';
import type { Kpi } from './verdict/model.ts';
import { kpisFromThresholds, mergeKpis } from './verdict/targets.ts';

/** One scenario, ready to be executed. */
export interface PreparedScenario extends PreparedScript {
  /** The script's thresholds first, then the component's targets. */
  readonly kpis: readonly Kpi[];
}

export interface Preparation {
  readonly names: readonly string[];
  readonly projectDir: string;
  readonly conportDir: string;
  readonly flags: RunFlags;
  readonly k6: K6;
}

/**
 * Prepares the named scenarios, or every scenario of the project that has the profile. Throws the first Letter: unknown name,
 * syntax or type error, exception in init code, invalid definition, unreadable targets.
 */
export async function prepareScenarios(preparation: Preparation): Promise<PreparedScenario[]> {
  const { names, projectDir, conportDir, flags, k6 } = preparation;
  const resolved = await resolveScenarios(names, projectDir);
  // Types are checked beside the bundling. Scripts from elsewhere run as they are, as k6 itself would run them.
  const checked = resolved.some(({ named }) => named) ? typecheckScenarios(projectDir) : Promise.resolve([]);
  checked.catch(() => undefined);
  const inspect: Inspect = (bundle, env) => inspectScript(k6, bundle, env);
  const prepare = names.length === 0 ? prepareIfInProfile : prepareScenario;
  const prepared: PreparedScenario[] = [];
  for (const { path, named } of resolved) {
    const script = await prepare({
      scriptPath: path,
      flags: { profile: flags.profile, duration: flags.duration, vus: flags.vus, rate: flags.rate },
      component: flags.component,
      baseUrl: flags.baseUrl,
      scriptEnv: assignments(flags.scriptEnv),
      inspect,
    });
    if (script === undefined) continue;
    const letter = named ? typeLetter(await checked, script.bundle) : undefined;
    if (letter !== undefined) throw letter;
    prepared.push({ ...script, kpis: await kpisOf(script, conportDir) });
  }
  return prepared;
}

/** What a plan is judged by: the script's own thresholds and the targets of its component for its profile. */
export async function kpisOf({ plan }: Pick<PreparedScript, 'plan'>, conportDir: string): Promise<Kpi[]> {
  const targets = await readTargets(conportDir, plan.component, plan.profile);
  return mergeKpis(kpisFromThresholds(plan.thresholds), targets.kpis);
}

function assignments(texts: readonly string[]): Record<string, string> {
  return Object.fromEntries(
    texts.map((text) => {
      const equals = text.indexOf('=');
      return [text.slice(0, equals), text.slice(equals + 1)];
    }),
  );
}
