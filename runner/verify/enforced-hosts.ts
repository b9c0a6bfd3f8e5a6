// The project's rules on hosts become k6 flags, which k6 enforces when it connects, for any URL of a script; and a check
// reports rules that k6 cannot enforce.

import { isIP } from 'node:net';
import { complementOf, forbidFlags, type HostPattern, k6Understands, type OwnBlocks } from '../model/host-pattern.ts';
import { type Found, passed, skipped, warning } from '../model/preflight-check.ts';
import { messageOf, UserError } from '../system/errors.ts';
import type { Permission } from './allowed.ts';
import { anyProxy } from './proxy.ts';
import { type Resolve, systemResolve } from './target.ts';

/** This machine may always get load, so that the demo and local services work with `only`. */
const LOOPBACK: readonly HostPattern[] = [
  { kind: 'range', text: '127.0.0.0/8', address: '127.0.0.0', prefix: 8, family: 'ipv4' },
  { kind: 'range', text: '::1', address: '::1', prefix: 128, family: 'ipv6' },
];

/** The k6 flags for these rules. k6 compares addresses, so names of `only` are resolved to addresses. */
export async function hostFlags(
  { forbid, only }: Permission,
  own: OwnBlocks,
  resolve: Resolve = systemResolve,
): Promise<string[]> {
  if (only === undefined) return forbidFlags(forbid, own);
  const allowed = await Promise.all(only.map((pattern) => rangesOf(pattern, resolve)));
  return forbidFlags([...forbid, ...complementOf([...LOOPBACK, ...allowed.flat()])], own);
}

/** The addresses of a line of `only`, resolved now. */
async function rangesOf(pattern: HostPattern, resolve: Resolve): Promise<HostPattern[]> {
  if (pattern.kind === 'range') return [pattern];
  try {
    return (await resolve(pattern.glob)).map((address) => {
      const isV4 = isIP(address) === 4;
      const range = { address, prefix: isV4 ? 32 : 128, family: isV4 ? 'ipv4' : 'ipv6' } as const;
      return { kind: 'range', text: address, ...range };
    });
  } catch (error) {
    throw new UserError(
      `testing.performance.only: expected ${pattern.text} to resolve, so that k6 can be limited to its addresses, found: ${messageOf(error)}`,
      { next: 'correct the name, or use addresses such as 10.20.0.0/16' },
    );
  }
}

/** The check of which rules k6 enforces and which it cannot enforce. */
export function enforcedHosts({ forbid, only }: Permission, env: NodeJS.ProcessEnv): Found {
  if (forbid.length === 0 && only === undefined) return skipped('ProjectConfig forbids no hosts');
  const proxy = anyProxy(env);
  if (proxy !== undefined) {
    return warning(
      `${proxy} is set: k6 connects to the proxy, so it cannot block hosts.`,
      'add the hosts to NO_PROXY: k6 then connects to them directly and can block them',
    );
  }
  const loose = forbid.filter((pattern) => !k6Understands(pattern)).map(({ text }) => text);
  const except = loose.length === 0 ? '' : `; k6 cannot block ${loose.join(', ')}`;
  const rules = [
    ...(forbid.length === 0 ? [] : [`never ${forbid.map(({ text }) => text).join(', ')}`]),
    ...(only === undefined ? [] : [`only ${only.map(({ text }) => text).join(', ')} and this machine`]),
  ];
  return passed(`k6 connects to ${rules.join('; ')}${except}`.replace('connects to never', 'never connects to'));
}
