// Host, port, TLS and addresses of a URL.

import { lookup } from 'node:dns/promises';
import { BlockList, isIP } from 'node:net';
import { hostName } from '../model/host-pattern.ts';
import { redactUrl } from '../text/secrets.ts';

/** The system under test. */
export interface Target {
  /** For people: without user and password. */
  readonly url: string;
  /** Name or address, as hostName() gives it. */
  readonly host: string;
  readonly port: number;
  readonly isTls: boolean;
}

/** The parts of the URL of a system under test. */
export function targetOf(url: string): Target {
  const { hostname, port, protocol } = new URL(url);
  const isTls = protocol === 'https:' || protocol === 'wss:';
  return {
    url: redactUrl(url),
    host: hostName(hostname),
    port: port === '' ? (isTls ? 443 : 80) : Number(port),
    isTls,
  };
}

/** Resolves a name with the system's resolver, as k6 does; rejects with Node's error. */
export type Resolve = (host: string) => Promise<readonly string[]>;

/** The system's resolver. */
export const systemResolve: Resolve = async (host) => {
  if (isIP(host) > 0) return [host];
  return (await lookup(host, { all: true })).map(({ address }) => address);
};

const LOOPBACK = new BlockList();
LOOPBACK.addSubnet('127.0.0.0', 8, 'ipv4');
LOOPBACK.addAddress('::1', 'ipv6');
// The unspecified address: a connection to it stays on this machine.
LOOPBACK.addAddress('0.0.0.0', 'ipv4');
LOOPBACK.addAddress('::', 'ipv6');

/** Whether load on this host stays on this machine: a loopback address, or a loopback name by RFC 6761. */
export function isLoopback(host: string): boolean {
  const family = isIP(host);
  if (family > 0) return LOOPBACK.check(host, family === 4 ? 'ipv4' : 'ipv6');
  return host === 'localhost' || host.endsWith('.localhost');
}
