// Ties process groups to this process, so that they end with it however it ends, even if it is killed.

import { type ChildProcess, spawn } from 'node:child_process';

// A shell reads the groups from a pipe that only this process holds open. When the pipe closes, this process has ended:
// the shell then interrupts every group, so that k6 runs its teardown(), and kills what is left after 10 s.
const SCRIPT = `groups=""
while read -r verb group; do
  case $verb in
    add) groups="$groups $group" ;;
    remove) left=""; for g in $groups; do [ "$g" = "$group" ] || left="$left $g"; done; groups=$left ;;
  esac
done
for g in $groups; do kill -INT -"$g" 2>/dev/null; done
n=0
while [ $n -lt 10 ]; do
  alive=""
  for g in $groups; do kill -0 -"$g" 2>/dev/null && alive=yes; done
  [ -n "$alive" ] || exit 0
  sleep 1
  n=$((n+1))
done
for g in $groups; do kill -KILL -"$g" 2>/dev/null; done`;

/**
 * Windows has no process groups: only the process itself is killed there, and only while this process can still act.
 */
const HAS_GROUPS = process.platform !== 'win32';

const groups = new Set<number>();
let shell: ChildProcess | undefined;

/** Options for a child process that leads its own group, as tieGroup() requires. */
export const GROUP_LEADER = { detached: HAS_GROUPS, windowsHide: true } as const;

/**
 * Ties the group of this leader to this process. Returns a function that unties it; call that when the group has ended.
 */
export function tieGroup(leader: number): () => void {
  groups.add(leader);
  send(`add ${leader}\n`);
  return () => {
    if (!groups.delete(leader)) return;
    send(`remove ${leader}\n`);
  };
}

/** Sends a signal to a whole group, as a terminal does. Does nothing if it has ended. */
export function signalGroup(leader: number, signal: NodeJS.Signals): void {
  try {
    process.kill(HAS_GROUPS ? -leader : leader, signal);
  } catch {
    // Already ended.
  }
}

function send(line: string): void {
  if (!HAS_GROUPS) return;
  shell ??= startShell();
  shell.stdin?.write(line);
}

/** Costs one sleeping shell. If it cannot start, groups still end whenever this process can act on its own end. */
function startShell(): ChildProcess {
  const child = spawn('/bin/sh', ['-c', SCRIPT, 'novaperf-lifeline'], {
    stdio: ['pipe', 'ignore', 'ignore'],
    detached: true, // Ctrl-C in the terminal must not end it before us.
  });
  child.on('error', () => undefined);
  child.stdin.on('error', () => undefined);
  child.unref();
  // The open pipe must not keep this process alive.
  if ('unref' in child.stdin && typeof child.stdin.unref === 'function') child.stdin.unref();
  process.on('exit', () => {
    for (const leader of groups) signalGroup(leader, 'SIGKILL');
  });
  return child;
}
