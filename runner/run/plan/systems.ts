// The systems that the scenarios of a cycle load, one after another.

import type { ProjectConfig } from '../../config/project-config.ts';
import type { PreparedScenario } from '../../scenario/prepared-scenario.ts';
import { UserError } from '../../system/errors.ts';
import { trustOf } from '../../verify/verify-scenario.ts';
import { type EnvironmentChoice, type PlannedSystem, plannedSystem } from './environment.ts';
import type { RunFlags } from './flags.ts';

/** A system under test, and the scenarios that load it. */
export interface System {
  readonly choice: EnvironmentChoice;
  readonly target: PlannedSystem;
  readonly scenarios: readonly PreparedScenario[];
}

/** The systems in the order of the scenarios. Throws a UserError with the name of a scenario without a system. */
export function systemsOf(
  scenarios: readonly PreparedScenario[],
  flags: Pick<RunFlags, 'env' | 'baseUrl' | 'build'>,
  config: ProjectConfig,
  loadFrom?: string,
): System[] {
  const asked = flags.env ?? flags.baseUrl;
  const groups = new Map<string | undefined, PreparedScenario[]>();
  for (const scenario of scenarios) {
    const name = asked === undefined ? environmentFor(scenario, scenarios, config) : undefined;
    groups.set(name, [...(groups.get(name) ?? []), scenario]);
  }
  return [...groups].map(([name, group]) => {
    const choice: EnvironmentChoice = {
      env: flags.env ?? name,
      baseUrl: flags.baseUrl,
      needed: group.some(({ needsEnvironment }) => needsEnvironment),
      build: flags.build,
      trust: trustOf(group),
      ...(loadFrom !== undefined && { loadFrom }),
    };
    try {
      return { choice, target: plannedSystem(config, choice), scenarios: group };
    } catch (error) {
      if (!(error instanceof UserError) || groups.size < 2) throw error;
      // The scenario's name, if there are several.
      const names = group.map(({ plan }) => plan.name).join(', ');
      const options = { ...(error.where === undefined ? {} : { where: error.where }) };
      throw new UserError(`${names}: ${error.message}`, {
        ...options,
        ...(error.next === undefined ? {} : { next: error.next }),
      });
    }
  });
}

/**
 * The environment of the scenario, else that of the project. A script that may have its own URL uses the system of the others if
 * there is only one.
 */
function environmentFor(
  { environment, needsEnvironment }: PreparedScenario,
  all: readonly PreparedScenario[],
  config: ProjectConfig,
): string | undefined {
  if (environment !== undefined) return environment;
  if (needsEnvironment) return config.defaultEnvironment;
  const needed = new Set(
    all.filter((each) => each.needsEnvironment).map((each) => each.environment ?? config.defaultEnvironment),
  );
  return needed.size === 1 ? [...needed][0] : undefined;
}

/** The systems as one, for places with a single line. Has a URL only if there is one system. */
export function named(systems: readonly Pick<System, 'target'>[]): Pick<PlannedSystem, 'name' | 'url'> {
  const [first, ...others] = systems.map(({ target }) => target);
  const names = [...new Set(systems.map(({ target }) => target.name))];
  return { name: names.join(', '), url: others.length === 0 ? (first?.url ?? '') : '' };
}

/** The only system, for flags that compare it with another one. Throws a UserError for several. */
export function onlySystem(systems: readonly System[]): System {
  const [first, ...others] = systems;
  if (first !== undefined && others.length === 0) return first;
  const each = systems.flatMap(({ target, scenarios }) => scenarios.map(({ plan }) => `${plan.name} (${target.name})`));
  throw new UserError(
    `Expected scenarios of one environment to compare, found ${systems.length}: ${each.join(', ')}.`,
    {
      next: 'use one environment for all with --env, or run them separately',
    },
  );
}
