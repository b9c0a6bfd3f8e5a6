// The real node_exporter and Prometheus server if this machine has them, by their own names or Debian's. CI installs them.

import { type ChildProcess, spawn } from 'node:child_process';
import { accessSync, constants } from 'node:fs';
import { createServer } from 'node:net';
import { delimiter, join } from 'node:path';

function onPath(...names: readonly string[]): string | undefined {
  for (const folder of (process.env.PATH ?? '').split(delimiter)) {
    for (const name of names) {
      try {
        accessSync(join(folder, name), constants.X_OK);
        return join(folder, name);
      } catch {
        // Not in this folder.
      }
    }
  }
  return undefined;
}

export const NODE_EXPORTER = onPath('node_exporter', 'prometheus-node-exporter');
export const PROMETHEUS = onPath('prometheus');

/** True if the program is missing: then prints to stderr what is skipped and how to install it. */
export function reportIfMissing(name: string, path: string | undefined): boolean {
  if (path !== undefined) return false;
  process.stderr.write(
    `SKIPPED: no ${name} on PATH, so nothing is tested against the real one (Debian: apt-get install ${name})\n`,
  );
  return true;
}

export async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  await new Promise((resolve) => server.close(resolve));
  if (typeof address !== 'object' || address === null) throw new Error('Expected a port');
  return address.port;
}

/** Starts a server and waits until its address answers 200. */
export async function startServer(command: string, args: readonly string[], readyUrl: string): Promise<ChildProcess> {
  const child = spawn(command, args, { stdio: ['ignore', 'ignore', 'pipe'] });
  let stderr = '';
  child.stderr?.on('data', (text: Buffer) => {
    stderr = (stderr + String(text)).slice(-4000);
  });
  for (let i = 0; i < 300; i++) {
    if (child.exitCode !== null) throw new Error(`${command} ended: ${stderr}`);
    const isReady = await fetch(readyUrl).then(
      async (response) => {
        await response.text();
        return response.ok;
      },
      () => false,
    );
    if (isReady) return child;
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
  child.kill('SIGKILL');
  throw new Error(`${command} did not get ready: ${stderr}`);
}
