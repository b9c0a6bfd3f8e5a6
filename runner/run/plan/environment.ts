// The system that gets the load, and the checks of it before any load.

import type { ProjectConfig } from '../../config/project-config.ts';
import { startDemo } from '../../demo/start.ts';
import { type Environment, type EnvironmentSource, UNNAMED_ENVIRONMENTS } from '../../model/environment.ts';
import { UserError } from '../../system/errors.ts';
import { nearest } from '../../system/nearest.ts';
import type { TrustOfScripts } from '../../verify/connection.ts';
import { verifyTarget } from '../../verify/verify-target.ts';

/** Which environment a call asks for. */
export interface EnvironmentChoice {
  readonly env: string | undefined;
  readonly baseUrl: string | undefined;
  /** Some scenario reads BASE_URL. Otherwise an environment is only opened if it was asked for. */
  readonly needed: boolean;
  /** The build that must be under test; a system that reports another one fails the checks. */
  readonly build: string | undefined;
  readonly trust: TrustOfScripts;
  /** Where the load comes from, if not from this machine. */
  readonly loadFrom?: string | undefined;
}

const NOTHING_TO_STOP = () => Promise.resolve();

/** The system that gets the load. `url` is '' if only the script has it, and for the demo: its port is chosen when it starts. */
export interface PlannedSystem {
  readonly source: EnvironmentSource;
  readonly name: string;
  readonly url: string;
}

/** The system, without starting anything, for --dry-run. */
export function plannedSystem(config: ProjectConfig, choice: EnvironmentChoice): PlannedSystem {
  if (choice.baseUrl !== undefined)
    return { source: 'base-url', name: UNNAMED_ENVIRONMENTS['base-url'], url: trimSlash(choice.baseUrl) };
  if (choice.env === undefined && !choice.needed)
    return { source: 'as-scripted', name: UNNAMED_ENVIRONMENTS['as-scripted'], url: '' };
  const { name, environment } = pick(config, choice.env);
  return { source: 'configured', name, url: environment.kind === 'demo' ? '' : trimSlash(environment.url) };
}

/**
 * Opens the environment of --base-url, --env or ProjectConfig's default: starts the demo if it is that, and verifies the
 * system. A forbidden host gets no connection. Throws a UserError for an unknown environment.
 */
export async function openEnvironment(config: ProjectConfig, choice: EnvironmentChoice): Promise<Environment> {
  const target = plannedSystem(config, choice);
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
  // The demo reports the build given by --build, unless its configuration has one.
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
  target: PlannedSystem,
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

/** The error without an environment: the demo is not a default, because other scenarios would only get 404s there. */
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
