// Which system the load goes to, and what the checks made before any load find out about it.

import type { ProjectConfig } from '../../config/project-config.ts';
import { startDemo } from '../../demo/start.ts';
import { type Environment, type EnvironmentSource, UNNAMED_ENVIRONMENTS } from '../../model/environment.ts';
import { UserError } from '../../system/errors.ts';
import { nearest } from '../../system/nearest.ts';
import type { TrustOfScripts } from '../../verify/connection.ts';
import { verifyTarget } from '../../verify/verify-target.ts';

export interface EnvironmentChoice {
  readonly env: string | undefined;
  readonly baseUrl: string | undefined;
  /** Some scenario takes its target from BASE_URL. Without one, no environment is opened unless it was asked for. */
  readonly needed: boolean;
  /** The build that must be under test; a target that reports another one does not verify. */
  readonly build: string | undefined;
  readonly trust: TrustOfScripts;
  /** Where the load comes from, where that is not this machine. */
  readonly loadFrom?: string | undefined;
}

const NOTHING_TO_STOP = () => Promise.resolve();

/** Which system the load is for. `url` is '' where only the script knows it, and for the demo, whose port is chosen at its start. */
export interface PlannedTarget {
  readonly source: EnvironmentSource;
  readonly name: string;
  readonly url: string;
}

/** The target without starting anything: what --dry-run prints. */
export function plannedTarget(config: ProjectConfig, choice: EnvironmentChoice): PlannedTarget {
  if (choice.baseUrl !== undefined)
    return { source: 'base-url', name: UNNAMED_ENVIRONMENTS['base-url'], url: trimSlash(choice.baseUrl) };
  if (choice.env === undefined && !choice.needed)
    return { source: 'as-scripted', name: UNNAMED_ENVIRONMENTS['as-scripted'], url: '' };
  const { name, environment } = pick(config, choice.env);
  return { source: 'configured', name, url: environment.kind === 'demo' ? '' : trimSlash(environment.url) };
}

/**
 * Opens the environment of --base-url, --env or ProjectConfig's default: starts the demo target where that is it, and
 * verifies it. Nothing is connected to where load may not go. Throws a UserError where there is no such environment.
 */
export async function openEnvironment(config: ProjectConfig, choice: EnvironmentChoice): Promise<Environment> {
  const target = plannedTarget(config, choice);
  if (target.source === 'as-scripted') return { ...target, version: undefined, checks: [], stop: NOTHING_TO_STOP };
  if (target.source === 'base-url') return verified(config, choice, target, undefined);
  const { environment } = pick(config, choice.env);
  if (environment.kind === 'url') return verified(config, choice, target, environment.healthPath);
  if (choice.loadFrom !== undefined) {
    throw new UserError(
      `Expected a system under test that ${choice.loadFrom} can reach, found the demo shop, which runs on this machine.`,
      {
        next: 'choose one with --env or --base-url',
      },
    );
  }
  // The demo stands for whatever build is named, unless its configuration names one.
  const demo = await startDemo(choice.build === undefined ? environment : { version: choice.build, ...environment });
  try {
    const stop = () => demo.stop();
    const environment = await verified(config, choice, { ...target, url: demo.url }, '/health', stop);
    return { ...environment, demoPid: demo.pid };
  } catch (error) {
    await demo.stop();
    throw error;
  }
}

async function verified(
  config: ProjectConfig,
  choice: EnvironmentChoice,
  target: PlannedTarget,
  healthPath: string | undefined,
  stop: () => Promise<void> = NOTHING_TO_STOP,
): Promise<Environment> {
  const { build, trust, loadFrom } = choice;
  const { url } = target;
  const { version, checks } = await verifyTarget({
    url,
    healthPath,
    build,
    permission: config,
    trust,
    env: process.env,
    loadFrom,
  });
  return { ...target, version, checks, stop };
}

function pick(config: ProjectConfig, asked: string | undefined) {
  const name = asked ?? config.defaultEnvironment;
  if (name === undefined) throw noEnvironment(config);
  const environment = config.environments.get(name);
  if (environment !== undefined) return { name, environment };
  const known = [...config.environments.keys()];
  const close = nearest(name, known);
  throw new UserError(`Expected one of the environments ${known.join(', ')}, found "${name}".`, {
    where: config.where,
    next:
      close.length > 0
        ? `did you mean --env ${close[0]}?`
        : 'add it under testing.performance.environments, or use --base-url',
  });
}

/** The demo does not replace the user's system: their scenarios would only get 404s there. */
function noEnvironment({ environments, where }: ProjectConfig): UserError {
  const names = [...environments].flatMap(([name, { kind }]) => (kind === 'demo' ? [] : [name]));
  const known = names.length === 0 ? '' : `; ${names.join(', ')} ${names.length === 1 ? 'is' : 'are'} configured`;
  return new UserError(`Expected a system under test, found none${known}.`, {
    where,
    next:
      names[0] === undefined
        ? 'use --base-url, or add it to environments in novaperf.config.ts; --env demo uses the demo shop'
        : `use --env ${names[0]}, or set default_environment in the configuration`,
  });
}

function trimSlash(url: string): string {
  return url.replace(/\/+$/, '');
}
