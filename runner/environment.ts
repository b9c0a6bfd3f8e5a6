// Which system the load goes to, and whether it answers before any load is put on it.

import { connect } from 'node:net';
import type { ProjectConfig } from './conport/project-config.ts';
import { startDemo } from './demo/start.ts';
import { Letter, messageOf } from './errors.ts';
import { EXIT } from './exit-codes.ts';
import { nearest } from './nearest.ts';

/** The system under test of one cycle. `stop` ends what the toolkit itself started for it. */
export interface Environment {
  readonly name: string;
  /** Empty: a plain script that knows its own target. */
  readonly url: string;
  /** What the target says its version is; undefined when it was not asked or does not tell. */
  readonly version: string | undefined;
  /** Process of the demo target, where that is it. */
  readonly demoPid?: number;
  stop(): Promise<void>;
}

export interface EnvironmentChoice {
  readonly env: string | undefined;
  readonly baseUrl: string | undefined;
  /** Some scenario takes its target from BASE_URL. Without one, no environment is opened unless it was asked for. */
  readonly needed: boolean;
  /** The build that must be under test; a target that tells another one does not verify. */
  readonly build: string | undefined;
}

const NOTHING_TO_STOP = () => Promise.resolve();
const VERIFY_TIMEOUT_MS = 10_000;

/** The target's URL without starting anything: what --dry-run prints. Undefined: none is needed; `demo`: a port is chosen at start. */
export function plannedTarget(config: ProjectConfig, choice: EnvironmentChoice): { name: string; url: string } {
  if (choice.baseUrl !== undefined) return { name: 'base-url', url: trimSlash(choice.baseUrl) };
  if (choice.env === undefined && !choice.needed) return { name: 'as scripted', url: '' };
  const { name, environment } = pick(config, choice.env);
  return { name, url: environment.kind === 'demo' ? '' : trimSlash(environment.url) };
}

/**
 * Opens the environment of --base-url, --env or ProjectConfig's default: starts the demo target where that is it, and
 * verifies that the target answers. Throws a Letter with exit code 3 when it does not; no load has been put on it then.
 */
export async function openEnvironment(config: ProjectConfig, choice: EnvironmentChoice): Promise<Environment> {
  const planned = plannedTarget(config, choice);
  if (choice.baseUrl !== undefined)
    return verified(planned.name, planned.url, undefined, choice.build, NOTHING_TO_STOP);
  if (choice.env === undefined && !choice.needed) {
    return { name: planned.name, url: '', version: undefined, stop: NOTHING_TO_STOP };
  }
  const { name, environment } = pick(config, choice.env);
  if (environment.kind === 'url')
    return verified(name, planned.url, environment.healthPath, choice.build, NOTHING_TO_STOP);
  // The demo stands for whatever build is named, unless its configuration names one.
  const demo = await startDemo(choice.build === undefined ? environment : { version: choice.build, ...environment });
  try {
    const environment = await verified(name, demo.url, '/health', choice.build, () => demo.stop());
    return { ...environment, demoPid: demo.pid };
  } catch (error) {
    await demo.stop();
    throw error;
  }
}

function pick(config: ProjectConfig, asked: string | undefined) {
  const name = asked ?? config.defaultEnvironment;
  const environment = config.environments.get(name);
  if (environment !== undefined) return { name, environment };
  const known = [...config.environments.keys()];
  const close = nearest(name, known);
  throw new Letter(`No environment is called "${name}"; ProjectConfig knows ${known.join(', ')}.`, {
    where: config.where,
    next:
      close.length > 0
        ? `did you mean --env ${close[0]}?`
        : 'add it under testing.performance.environments, or use --base-url',
  });
}

function trimSlash(url: string): string {
  return url.replace(/\/+$/, '');
}

async function verified(
  name: string,
  url: string,
  healthPath: string | undefined,
  build: string | undefined,
  stop: () => Promise<void>,
): Promise<Environment> {
  await mustConnect(name, url);
  if (healthPath === undefined) await mustAnswer(name, url);
  const version = healthPath === undefined ? undefined : await mustBeHealthy(name, new URL(healthPath, `${url}/`));
  mustBeBuild(name, version, build);
  return { name, url, version, stop };
}

function mustConnect(name: string, url: string): Promise<void> {
  const { hostname, port, protocol } = new URL(url);
  const host = hostname.replace(/^\[|\]$/g, '');
  const portNumber = port === '' ? (protocol === 'https:' ? 443 : 80) : Number(port);
  return new Promise((resolve, reject) => {
    const socket = connect({ host, port: portNumber, timeout: VERIFY_TIMEOUT_MS });
    const fail = (found: string) => {
      socket.destroy();
      reject(
        unverified(
          name,
          `Expected ${url} to accept connections, found: ${found}.`,
          'start the target, or name another with --base-url or --env',
        ),
      );
    };
    socket.once('connect', () => {
      socket.destroy();
      resolve();
    });
    socket.once('timeout', () => fail(`no answer within ${VERIFY_TIMEOUT_MS / 1000} s`));
    socket.once('error', (error) => fail(messageOf(error) || 'connection failed'));
  });
}

/** A target that tells its version must tell the build that was named; one that tells none is taken at --build's word. */
function mustBeBuild(name: string, told: string | undefined, build: string | undefined): void {
  if (build === undefined || told === undefined || told === build) return;
  throw unverified(
    name,
    `Expected build ${build} under test, found ${told}.`,
    'deploy that build, or name the one that is there with --build',
  );
}

/** Any answer will do, also an error or a certificate that only the script trusts: what hangs is found before the load does. */
async function mustAnswer(name: string, url: string): Promise<void> {
  try {
    const response = await fetch(url, { signal: AbortSignal.timeout(VERIFY_TIMEOUT_MS), redirect: 'manual' });
    await response.body?.cancel();
  } catch (error) {
    if (!(error instanceof Error) || error.name !== 'TimeoutError') return;
    throw unverified(
      name,
      `Expected ${url} to answer, found: it accepts connections, but says nothing for ${VERIFY_TIMEOUT_MS / 1000} s.`,
      'see whether the target is up, or hangs',
    );
  }
}

/** Asks the health endpoint; returns the version it tells, when it tells one. */
async function mustBeHealthy(name: string, url: URL): Promise<string | undefined> {
  let response: Response;
  try {
    response = await fetch(url, { signal: AbortSignal.timeout(VERIFY_TIMEOUT_MS), redirect: 'manual' });
  } catch (error) {
    throw unverified(
      name,
      `Expected ${url.href} to answer, found: ${messageOf(error)}.`,
      'see whether the target is up',
    );
  }
  const body = (await response.text()).slice(0, 10_000);
  if (!response.ok) {
    throw unverified(
      name,
      `Expected ${url.href} to answer 2xx, found ${response.status}.`,
      'wait until the target is ready',
    );
  }
  return versionIn(body);
}

function versionIn(body: string): string | undefined {
  try {
    const value: unknown = JSON.parse(body);
    if (typeof value === 'object' && value !== null && 'version' in value && typeof value.version === 'string') {
      return value.version;
    }
  } catch {
    // A health page need not be JSON: it answered, and that is what was asked.
  }
  return undefined;
}

function unverified(name: string, message: string, next: string): Letter {
  return new Letter(message, { where: `environment "${name}"`, next, exitCode: EXIT.environment });
}
