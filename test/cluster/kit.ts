// The real one-node cluster of test:cluster: scripts in a folder of their own build, start and end it.

import { execFile } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { copyFile, rm } from 'node:fs/promises';
import { homedir } from 'node:os';
import { join, resolve } from 'node:path';
import { promisify } from 'node:util';
import { packageRoot } from '../../runner/system/package-root.ts';

const run = promisify(execFile);

const FOLDER = process.env.NOVAPERF_CLUSTER_KIT ?? resolve(packageRoot, '../shared/cluster');
const CACHE = join(process.env.XDG_CACHE_HOME ?? join(homedir(), '.cache'), 'novaperf-cluster');

export const KUBECONFIG = join(CACHE, 'state/kubeconfig');

/** Why no cluster can run here; undefined if one can. */
export function absence(): string | undefined {
  if (!existsSync(join(FOLDER, 'up'))) {
    return `no scripts of a cluster in ${FOLDER}; NOVAPERF_CLUSTER_KIT names their folder`;
  }
  if (process.getuid?.() !== 0) return 'the cluster needs root';
  if (!existsSync(join(CACHE, 'target'))) return `the cluster is not built: ${join(FOLDER, 'build')} does so, once`;
  return undefined;
}

/** Runs one of its scripts; returns its output. */
export async function kit(script: string, ...args: readonly string[]): Promise<string> {
  const { stdout } = await run(join(FOLDER, script), [...args], { maxBuffer: 1 << 26 });
  return stdout.trim();
}

/** Loads an image from a tar into the cluster's node. */
export async function importImage(tar: string): Promise<void> {
  const there = join(CACHE, 'image-of-test.tar');
  await copyFile(tar, there);
  const command =
    '. "$1/paths.sh"; need_running; inside timeout 120 ctr --address /run/containerd/containerd.sock -n k8s.io images import "$2"';
  try {
    await run('bash', ['-c', command, 'bash', FOLDER, there]);
  } finally {
    await rm(there, { force: true });
  }
}

/** Requests that the target in the cluster has answered so far. */
export async function answered(): Promise<number> {
  return Number(await kit('target', 'count'));
}

/** Cuts off the API server for this long: open connections break, and new ones get no answer. */
export async function withoutApiServer(ms: number): Promise<void> {
  const [text = ''] = readFileSync(join(CACHE, 'state/forward.pid'), 'utf8').split(/\s/);
  const pid = Number(text);
  const { stdout } = await run('pgrep', ['-P', String(pid)]).catch(() => ({ stdout: '' }));
  process.kill(pid, 'SIGSTOP');
  for (const child of stdout.split('\n').filter((line) => line !== '')) process.kill(Number(child), 'SIGKILL');
  await new Promise((done) => setTimeout(done, ms));
  process.kill(pid, 'SIGCONT');
}

/** Kills k6 in one runner, as the OOM killer would. */
export async function killRunner(testRun: string, runner: number): Promise<void> {
  const { stdout } = await run('pgrep', ['-f', `k6 run .*--tag instance_id=${runner} --tag testrun_name=${testRun}`]);
  for (const pid of stdout.trim().split('\n')) process.kill(Number(pid), 'SIGKILL');
}
