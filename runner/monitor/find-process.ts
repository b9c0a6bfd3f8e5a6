// A process id, a port that something listens on, or a name becomes the processes that are meant, on Linux.

import { readdirSync, readlinkSync } from 'node:fs';
import { basename } from 'node:path';
import { listeningInodes, parseStat, readProc } from '../system/proc.ts';

/** Which processes are meant. */
export type ProcessChoice =
  | { readonly by: 'pid'; readonly pid: number }
  | { readonly by: 'port'; readonly port: number }
  | { readonly by: 'name'; readonly name: string };

/** The choice as text: `pid 4711`, `port 8080`, `name "nginx"`. */
export function choiceText(choice: ProcessChoice): string {
  if (choice.by === 'pid') return `pid ${choice.pid}`;
  return choice.by === 'port' ? `port ${choice.port}` : `name "${choice.name}"`;
}

/** Ids of all processes, ascending. */
export function allPids(): number[] {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .map(Number);
}

/** The processes that are meant; empty where there is none, or their owner does not let us see. */
export function findProcesses(choice: ProcessChoice): number[] {
  if (choice.by === 'pid') return readProc(`${choice.pid}/stat`) === undefined ? [] : [choice.pid];
  return choice.by === 'port' ? listenersOn(choice.port) : named(choice.name);
}

/** A forking server has several owners of its socket: their common ancestor's tree holds all, so all are given. */
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

/** By the name of the program, or of the script that an interpreter runs; never ourselves or those that started us. */
function named(name: string): number[] {
  const ours = ancestors(process.pid);
  return allPids().filter((pid) => {
    if (ours.has(pid)) return false;
    const stat = parseStat(readProc(`${pid}/stat`) ?? '');
    if (stat === undefined) return false;
    const [program = '', script = ''] = (readProc(`${pid}/cmdline`) ?? '').split('\0');
    // The kernel cuts a name to 15 characters.
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
