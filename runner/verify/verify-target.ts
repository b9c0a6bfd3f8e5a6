// The checks of a system under test: first whether it may get load, then whether it is reachable and healthy.

import { isIP } from 'node:net';
import {
  CHECK_TIMEOUT_MS,
  type Check,
  check,
  type Found,
  failed,
  passed,
  skipped,
  within,
} from '../model/preflight-check.ts';
import { errorCode, messageOf } from '../system/errors.ts';
import { mayLoad, type Permission } from './allowed.ts';
import { type Answer, ask, buildMatches, clockDifference, health, versionIn } from './answer.ts';
import { accepts, certificate, type TrustOfScripts } from './connection.ts';
import { proxyVariable } from './proxy.ts';
import { type Resolve, systemResolve, type Target, targetOf } from './target.ts';

/** The system to check. */
export interface TargetToVerify {
  readonly url: string;
  /** Path of the health page; undefined if none is known. */
  readonly healthPath: string | undefined;
  /** The build that must be under test. */
  readonly build: string | undefined;
  readonly permission: Permission;
  readonly trust: TrustOfScripts;
  readonly env: NodeJS.ProcessEnv;
  /** Where the load comes from, if not from this machine: only that place must reach the system. */
  readonly loadFrom?: string | undefined;
  /** Default: the system's. */
  readonly resolve?: Resolve;
}

/** The checks of a system, and what they found. */
export interface VerifiedTarget {
  readonly checks: readonly Check[];
  /** The version that the system reports. */
  readonly version: string | undefined;
}

/** The checks of a system, in order, for --dry-run and the documentation. */
export const TARGET_CHECKS = [
  ['name', 'Name resolves'],
  ['allowed', 'Host is allowed'],
  ['tcp', 'Accepts connections'],
  ['tls', 'Certificate'],
  ['health', 'Health'],
  ['build', 'Build'],
  ['clock', 'Clock'],
] as const;

type TargetCheckId = (typeof TARGET_CHECKS)[number][0];

/**
 * Runs every check. A forbidden host gets no connection. Checks that need a failed one are skipped; all other failures are reported
 * together.
 */
export async function verifyTarget(request: TargetToVerify): Promise<VerifiedTarget> {
  const target = targetOf(request.url);
  const { addresses, check: name } = await resolved(target, request.resolve ?? systemResolve);
  const allowed = await made('allowed', () => mayLoad(target.host, addresses, request.permission));
  const proxy = proxyVariable(target, request.env);
  const { loadFrom } = request;
  const reason =
    allowed.state === 'failed'
      ? 'the host is not allowed'
      : loadFrom !== undefined
        ? `the load comes from ${loadFrom}`
        : proxy !== undefined
          ? `k6 uses the proxy of ${proxy}`
          : name.state === 'failed'
            ? 'the name does not resolve'
            : undefined;
  const rest = reason === undefined ? await connected(target, request) : without(reason, 'tcp');
  const isAskedElsewhere = proxy !== undefined || loadFrom !== undefined;
  const nameOrProxy = isAskedElsewhere && name.state === 'failed' ? { ...name, ...skipped(reason ?? '') } : name;
  return { checks: [nameOrProxy, allowed, ...rest.checks], version: rest.version };
}

async function connected(
  target: Target,
  { url, healthPath, build, trust, env }: TargetToVerify,
): Promise<VerifiedTarget> {
  const tcp = await made('tcp', () => accepts(target));
  if (tcp.state === 'failed') {
    const rest = without('it does not accept connections', 'tls');
    return { ...rest, checks: [tcp, ...rest.checks] };
  }
  const asked = healthPath === undefined ? new URL(url) : new URL(healthPath, `${url}/`);
  let answer: Answer = { kind: 'error', message: 'not asked' };
  const [tls, healthy] = await Promise.all([
    made('tls', () => certificate(target, trust, env)),
    made('health', async () => {
      answer = await ask(asked);
      return health(answer, asked, healthPath !== undefined);
    }),
  ]);
  const version = healthPath === undefined ? undefined : versionIn(answer);
  const checks = {
    tcp,
    tls,
    health: healthy,
    build: await made('build', () => buildMatches(version, build)),
    clock: await made('clock', () => clockDifference(answer)),
  } satisfies Record<Exclude<TargetCheckId, 'name' | 'allowed'>, Check>;
  return { checks: Object.values(checks), version };
}

/** The name's addresses and its check; an address needs no name. */
async function resolved({ host }: Target, resolve: Resolve): Promise<{ addresses: readonly string[]; check: Check }> {
  let addresses: readonly string[] = [];
  const named = await made('name', async () => {
    if (isIP(host) > 0) {
      addresses = [host];
      return skipped('the URL has an address, not a name');
    }
    const found = await within(CHECK_TIMEOUT_MS, resolve(host)).catch((error: unknown) => noName(host, error));
    if (found === undefined)
      return failed(`Expected ${host} to resolve, found no answer within ${CHECK_TIMEOUT_MS / 1000} s.`, NEXT_OF_NAME);
    if ('state' in found) return found;
    addresses = found;
    return passed(shown(found));
  });
  return { addresses, check: named };
}

const NEXT_OF_NAME = 'check the name, and whether this machine needs a VPN to resolve it';

function noName(host: string, error: unknown): Found {
  return failed(`Expected ${host} to resolve, found: ${errorCode(error) ?? messageOf(error)}.`, NEXT_OF_NAME);
}

function shown(addresses: readonly string[]): string {
  return `${addresses.slice(0, 4).join(', ')}${addresses.length > 4 ? `, ${addresses.length - 4} more` : ''}`;
}

function made(id: TargetCheckId, work: () => Found | Promise<Found>): Promise<Check> {
  return check(id, titleOf(id), work);
}

function titleOf(id: TargetCheckId): string {
  return TARGET_CHECKS.find(([known]) => known === id)?.[1] ?? id;
}

/** Skips all checks from this one on, with the reason. */
function without(reason: string, from: TargetCheckId): VerifiedTarget {
  const at = TARGET_CHECKS.findIndex(([id]) => id === from);
  const checks = TARGET_CHECKS.slice(at).map(([id, title]) => ({ id, title, ...skipped(reason), durationMs: 0 }));
  return { checks, version: undefined };
}
