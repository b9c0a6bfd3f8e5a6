// A URL becomes what is asked of it: host, port, whether it is TLS; and the addresses that its name stands for.

import { lookup } from 'node:dns/promises';
import { BlockList, isIP } from 'node:net';
import { hostName } from '../model/host-pattern.ts';
import { redactUrl } from '../text/secrets.ts';

/** The system that load is meant for. */
export interface Target {
  /** For people: without user and password. */
  readonly url: string;
  /** Name or address, as hostName() gives it. */
  readonly host: string;
  readonly port: number;
  readonly isTls: boolean;
}

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

/** Asks the system for the addresses of a name, as k6 does; rejects with Node's error where there is none. */
export type Resolve = (host: string) => Promise<readonly string[]>;

export const systemResolve: Resolve = async (host) => {
  if (isIP(host) > 0) return [host];
  return (await lookup(host, { all: true })).map(({ address }) => address);
};

const LOOPBACK = new BlockList();
LOOPBACK.addSubnet('127.0.0.0', 8, 'ipv4');
LOOPBACK.addAddress('::1', 'ipv6');
// "Any address of mine": a connection to it stays on this machine.
LOOPBACK.addAddress('0.0.0.0', 'ipv4');
LOOPBACK.addAddress('::', 'ipv6');

/** Whether load on this host stays on this machine: a loopback address, or a name that RFC 6761 gives to one. */
export function isLoopback(host: string): boolean {
  const family = isIP(host);
  if (family > 0) return LOOPBACK.check(host, family === 4 ? 'ipv4' : 'ipv6');
  return host === 'localhost' || host.endsWith('.localhost');
}
