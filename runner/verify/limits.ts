// Compares the limits of this machine (open files, local ports) with the needs of a plan's VUs.

import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { type Found, failed, passed, skipped, warning } from '../model/preflight-check.ts';

/** What a plan needs from this machine. */
export interface Demand {
  readonly maxVUs: number;
  /** Connections that one VU may hold at a time: 1, or `batchPerHost` for a script that uses http.batch. */
  readonly connectionsPerVU: number;
  /** New connections for every iteration or request: noConnectionReuse, noVUConnectionReuse. */
  readonly reconnects: boolean;
  /** Maximum iterations per second; undefined in closed models. */
  readonly peakRate: number | undefined;
  /** `localIPs`: every further address has its own ports. */
  readonly hasLocalIPs: boolean;
}

/** Open files of k6 itself: its streams, event polling, DNS, the script's data. */
const OWN_FILES = 64;

/**
 * Whether k6 may open as many files as its VUs need sockets. The hard limit counts: the Go runtime raises the soft one to it (seen:
 * k6 v2.2.0 started with 64 of 20,000 runs with 19,999). `proc`: the /proc of this system.
 */
export async function openFiles(demand: Demand, proc = '/proc'): Promise<Found> {
  const limits = await readFile(join(proc, 'self/limits'), 'utf8').catch(() => undefined);
  const [, hard] = /^Max open files\s+\S+\s+(\d+|unlimited)/m.exec(limits ?? '') ?? [];
  if (hard === undefined) return skipped('the limit of open files is not known on this system');
  if (hard === 'unlimited') return passed('the number of open files is not limited');
  const limit = Number(hard);
  const { maxVUs, connectionsPerVU } = demand;
  const said = `${sum(maxVUs, 'VU')} with a connection each need ${sum(maxVUs + OWN_FILES, 'open file')}; the limit is ${limit}`;
  const raise = 'raise the limit (ulimit -Hn, LimitNOFILE=, nofile in limits.conf), or use fewer VUs';
  if (maxVUs + OWN_FILES > limit) return failed(`Expected enough open files for the load, found that ${said}.`, raise);
  const most = maxVUs * connectionsPerVU + OWN_FILES;
  if (most > limit)
    return warning(
      `http.batch with ${connectionsPerVU} connections for each of ${maxVUs} VUs may need ${most} open files; the limit is ${limit}.`,
      raise,
    );
  return passed(`${said}`);
}

/** Time for which a closed connection keeps its port (Linux: TCP_TIMEWAIT_LEN); with tcp_tw_reuse one second. */
const TIME_WAIT_S = 60;

/** Whether there is a local port for every connection to one address of the system. */
export async function localPorts(demand: Demand, isLoopback: boolean, proc = '/proc'): Promise<Found> {
  const read = (name: string) => readFile(join(proc, 'sys/net/ipv4', name), 'utf8').catch(() => '');
  const [, from, to] = /^\s*(\d+)\s+(\d+)/.exec(await read('ip_local_port_range')) ?? [];
  if (from === undefined || to === undefined) return skipped('the range of local ports is not known on this system');
  if (demand.hasLocalIPs) return skipped('the load comes from several local addresses (localIPs)');
  const ports =
    Number(to) - Number(from) + 1 - reservedWithin(await read('ip_local_reserved_ports'), Number(from), Number(to));
  const { maxVUs, connectionsPerVU, reconnects, peakRate } = demand;
  const range = `there are ${ports} local ports (${from} to ${to})`;
  const widen = 'widen net.ipv4.ip_local_port_range, or give k6 more addresses with --local-ips';
  if (maxVUs > ports) return failed(`Expected a local port for each of ${maxVUs} VUs, found that ${range}.`, widen);
  if (maxVUs * connectionsPerVU > ports)
    return warning(
      `http.batch with ${connectionsPerVU} connections for each of ${maxVUs} VUs may need ${maxVUs * connectionsPerVU} ports to one address; ${range}.`,
      widen,
    );
  const reuse = (await read('tcp_tw_reuse')).trim();
  const isReused = reuse === '1' || (reuse === '2' && isLoopback);
  const perSecond = Math.floor(ports / TIME_WAIT_S);
  if (!reconnects || isReused) return passed(`${range} for ${sum(maxVUs, 'VU')}`);
  if (peakRate !== undefined && peakRate <= perSecond)
    return passed(`${range}: enough for ${perSecond} new connections a second`);
  return warning(
    `The script opens a new connection for each request (noConnectionReuse), and closed connections keep their port for a minute: ${range}, enough for ${perSecond} new connections a second.`,
    `${widen}; or set net.ipv4.tcp_tw_reuse=1`,
  );
}

/** Number of ports of a list such as `8080,9148,40000-40100` in the range. */
function reservedWithin(text: string, from: number, to: number): number {
  return text
    .trim()
    .split(',')
    .map((part) => /^(\d+)(?:-(\d+))?$/.exec(part))
    .reduce((all, match) => {
      if (match === null) return all;
      const first = Math.max(from, Number(match[1]));
      const last = Math.min(to, Number(match[2] ?? match[1]));
      return all + Math.max(0, last - first + 1);
    }, 0);
}

function sum(value: number, what: string): string {
  return `${value} ${what}${value === 1 ? '' : 's'}`;
}
