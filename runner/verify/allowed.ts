// The guard: a host becomes the answer whether load may go there at all. It decides before any connection is made.

import { type Found, failed, passed } from '../model/check.ts';
import { type HostPattern, hostName, matchingPattern } from '../model/host-pattern.ts';
import { isLoopback } from './target.ts';

/** Where load may go, and where never. */
export interface Permission {
  /** `testing.performance.forbid`: never, whatever else is said. */
  readonly forbid: readonly HostPattern[];
  /** Hosts of the environments that ProjectConfig lists. */
  readonly listed: readonly string[];
  /** Hosts of --allow-target. */
  readonly allowed: readonly string[];
}

/**
 * Whether load may go to `host`. `addresses`: what the name stands for, as far as that is known; none of them may be forbidden.
 */
export function mayLoad(host: string, addresses: readonly string[], { forbid, listed, allowed }: Permission): Found {
  for (const each of [host, ...addresses]) {
    const pattern = matchingPattern(each, forbid);
    if (pattern === undefined) continue;
    const what = each === host ? host : `${host} (${each})`;
    return failed(
      `Expected a target that is not forbidden, found ${what}: ${pattern.text} stands in testing.performance.forbid of ProjectConfig.`,
      'name another target; what is forbidden there stays so, with --allow-target as well',
    );
  }
  if (isLoopback(host)) return passed(`${host} is this machine`);
  if (addresses.length > 0 && addresses.every(isLoopback)) return passed(`${host} (${addresses[0]}) is this machine`);
  const isOneOf = (hosts: readonly string[]) => hosts.some((each) => hostName(each) === host);
  if (isOneOf(listed)) return passed(`${host} is an environment of ProjectConfig`);
  if (isOneOf(allowed)) return passed(`${host} is allowed by --allow-target`);
  return failed(
    `Expected a target that is this machine or an environment of ProjectConfig, found ${host}.`,
    `if load may go there: --allow-target ${host}, or list it under testing.performance.environments`,
  );
}
