// Whether load may go to a host. Decided before any connection is made.

import { isIP } from 'node:net';
import { type HostPattern, matchingPattern } from '../model/host-pattern.ts';
import { type Found, failed, passed } from '../model/preflight-check.ts';
import { isLoopback } from './target.ts';

/** The project's rules on hosts. Without them any host is allowed, because the user names it. */
export interface Permission {
  /** `testing.performance.forbid`: never, overrides everything else. */
  readonly forbid: readonly HostPattern[];
  /** `testing.performance.only`: only these and this machine; undefined without such a rule. */
  readonly only: readonly HostPattern[] | undefined;
}

/** Whether load may go to `host`. `addresses`: its known addresses, none of which may be forbidden. */
export function mayLoad(host: string, addresses: readonly string[], { forbid, only }: Permission): Found {
  for (const each of [host, ...addresses]) {
    const pattern = matchingPattern(each, forbid);
    if (pattern === undefined) continue;
    const what = each === host ? host : `${host} (${each})`;
    return failed(
      `Load must not go to ${what}: testing.performance.forbid of ProjectConfig has ${pattern.text}.`,
      'use another system, or change ProjectConfig',
    );
  }
  const known = isIP(host) > 0 ? [host] : addresses;
  if (isLoopback(host) || (known.length > 0 && known.every(isLoopback))) return passed(`${host} is this machine`);
  if (only === undefined) return passed(`${host} is not forbidden`);
  const isListed =
    matchingPattern(host, only) !== undefined ||
    (known.length > 0 && known.every((address) => matchingPattern(address, only) !== undefined));
  if (isListed) return passed(`${host} is listed in testing.performance.only`);
  return failed(
    `Load must not go to ${host}: testing.performance.only of ProjectConfig does not list it.`,
    `add ${host} to testing.performance.only, or use another system`,
  );
}
