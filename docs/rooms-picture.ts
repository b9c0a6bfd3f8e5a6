// The imports between the rooms of runner/, read by dependency-cruiser, become the picture of docs/architecture.md: Mermaid text.

import { join } from 'node:path';
import { z } from 'zod';
import { capture } from '../runner/system/capture.ts';
import { packageRoot } from '../runner/system/package-root.ts';

/** Every room may import these, so their arrows would cover the picture. */
const FOUNDATION = ['system', 'text', 'model'];

const cruised = z.object({
  modules: z.array(z.object({ source: z.string(), dependencies: z.array(z.object({ resolved: z.string() })) })),
});

/** Room → the rooms that its files import, without the foundation. */
export async function importsOfRooms(): Promise<ReadonlyMap<string, ReadonlySet<string>>> {
  const program = join(packageRoot, 'node_modules/dependency-cruiser/bin/dependency-cruise.mjs');
  const asked = ['--config', '.dependency-cruiser.mjs', '--collapse', '^runner/[^/]+/', '--include-only', '^runner/'];
  const { stdout, stderr, exitCode } = await capture(
    process.execPath,
    [program, 'runner', ...asked, '--output-type', 'json', '--progress', 'none'],
    { cwd: packageRoot, timeoutMs: 120_000 },
  );
  if (exitCode !== 0) throw new Error(`dependency-cruiser ended with ${exitCode}: ${stderr}`);
  const nameOf = (path: string) => /^runner\/([^/.]+)/.exec(path)?.[1];
  const rooms = new Map<string, Set<string>>();
  for (const { source, dependencies } of cruised.parse(JSON.parse(stdout)).modules) {
    const room = nameOf(source);
    if (room === undefined || FOUNDATION.includes(room)) continue;
    const targets = rooms.get(room) ?? new Set<string>();
    rooms.set(room, targets);
    for (const { resolved } of dependencies) {
      const target = nameOf(resolved);
      if (target !== undefined && target !== room && !FOUNDATION.includes(target)) targets.add(target);
    }
  }
  return rooms;
}

/** A Mermaid flowchart with an arrow for each import, without those that a longer path implies. */
export function picture(rooms: ReadonlyMap<string, ReadonlySet<string>>): string {
  const reaches = (from: string, to: string): boolean =>
    from === to || [...(rooms.get(from) ?? [])].some((next) => reaches(next, to));
  const arrows = [...rooms].sort().flatMap(([from, targets]) =>
    [...targets]
      .sort()
      .filter((to) => ![...targets].some((other) => other !== to && reaches(other, to)))
      .map((to) => `  ${from} --> ${to}`),
  );
  return ['```mermaid', 'flowchart TD', ...arrows, '```'].join('\n');
}
