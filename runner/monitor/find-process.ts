// Finds processes on Linux by id, by a port they listen on, or by name.

import { readdirSync, readlinkSync } from 'node:fs';
import { basename } from 'node:path';
import { listeningInodes, parseStat, readProc } from '../system/proc.ts';

/** How processes are chosen. */
export type ProcessChoice =
  | { readonly by: 'pid'; readonly pid: number }
  | { readonly by: 'port'; readonly port: number }
  | { readonly by: 'name'; readonly name: string };

/** The choice as text: `pid 4711`, `port 8080`, `name "nginx"`. */
export function choiceText(choice: ProcessChoice): string {
  if (choice.by === 'pid') return `pid ${choice.pid}`;
  return choice.by === 'port' ? `port ${choice.port}` : `name "${choice.name}"`;
}

/** Ids of all processes, in the order of /proc. */
export function allPids(): number[] {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .map(Number);
}

/** Ids of the chosen processes; empty if there is none or its owner does not allow reading it. */
export function findProcesses(choice: ProcessChoice): number[] {
  if (choice.by === 'pid') return readProc(`${choice.pid}/stat`) === undefined ? [] : [choice.pid];
  return choice.by === 'port' ? listenersOn(choice.port) : named(choice.name);
}

/**
 * Returns every owner of the socket: a forking server has several, and the tree of their common parent includes all of
 * them.
 */
function listenersOn(port: number): number[] {
  const inodes = new Set(['net/tcp', 'net/tcp6'].flatMap((table) => listeningInodes(readProc(table) ?? '', port)));
  if (inodes.size === 0) return [];
  const links = new Set([...inodes].map((inode) => `socket:[${inode}]`));
  return allPids().filter((pid) => descriptorsOf(pid).some((fd) => links.has(linkOf(`/proc/${pid}/fd/${fd}`))));
}

function descriptorsOf(pid: number): string[] {
  try {
    return readdirSync(`/proc/${pid}/fd`);
  } catch {
    return [];
  }
}

function linkOf(path: string): string {
  try {
    return readlinkSync(path);
  } catch {
    return '';
  }
}

/** Matches the program's name or the script that an interpreter runs, but never this process or its parents. */
function named(name: string): number[] {
  const ownProcesses = ancestors(process.pid);
  return allPids().filter((pid) => {
    if (ownProcesses.has(pid)) return false;
    const stat = parseStat(readProc(`${pid}/stat`) ?? '');
    if (stat === undefined) return false;
    const [program = '', script = ''] = (readProc(`${pid}/cmdline`) ?? '').split('\0');
    // The kernel cuts a process name to 15 characters.
    return stat.name === name.slice(0, 15) || basename(program) === name || basename(script) === name;
  });
}

function ancestors(pid: number): Set<number> {
  const found = new Set<number>();
  for (let at = pid; at > 0 && !found.has(at); ) {
    found.add(at);
    at = parseStat(readProc(`${at}/stat`) ?? '')?.parent ?? 0;
  }
  return found;
}
