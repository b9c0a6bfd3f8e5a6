// Process groups that end when this process does, however it ends: by itself, by a signal, or killed without a chance to act.

import { type ChildProcess, spawn } from 'node:child_process';

// A shell reads which groups there are from a pipe that only this process holds open. The end of the pipe means that we are gone:
// then every group is interrupted, so that k6 runs its teardown(), and what is left of it after 10 s is killed.
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

/** Windows has no process groups: there a process is killed alone, and only while this one can still act. */
const HAS_GROUPS = process.platform !== 'win32';

const groups = new Set<number>();
let shell: ChildProcess | undefined;

/** Options of a child that tieGroup() can tie: it leads a group of its own. */
export const GROUP_LEADER = { detached: HAS_GROUPS, windowsHide: true } as const;

/** From here on the group of this leader ends with this process. Returns the way to let it go, once it has ended. */
export function tieGroup(leader: number): () => void {
  groups.add(leader);
  say(`add ${leader}\n`);
  return () => {
    if (!groups.delete(leader)) return;
    say(`remove ${leader}\n`);
  };
}

/** Sends a signal to a whole group, as a terminal does. Harmless where it is gone. */
export function signalGroup(leader: number, signal: NodeJS.Signals): void {
  try {
    process.kill(HAS_GROUPS ? -leader : leader, signal);
  } catch {
    // It is gone already.
  }
}

function say(line: string): void {
  if (!HAS_GROUPS) return;
  shell ??= startShell();
  shell.stdin?.write(line);
}

/** Costs one sleeping shell. Without a shell the groups still end with every end that this process can act on. */
function startShell(): ChildProcess {
  const child = spawn('/bin/sh', ['-c', SCRIPT, 'novaperf-lifeline'], {
    stdio: ['pipe', 'ignore', 'ignore'],
    detached: true, // A Ctrl-C in the terminal must not end it before us.
  });
  child.on('error', () => undefined);
  child.stdin.on('error', () => undefined);
  child.unref();
  // A pipe that is open must not keep this process from ending.
  if ('unref' in child.stdin && typeof child.stdin.unref === 'function') child.stdin.unref();
  process.on('exit', () => {
    for (const leader of groups) signalGroup(leader, 'SIGKILL');
  });
  return child;
}
