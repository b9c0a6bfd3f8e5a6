// What one working copy has sent to which server, and under which ids it stands there: .server-sync.json next to the records.

import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import { errorCode } from '../../system/errors.ts';
import { writeWholeFile } from '../../system/whole-file.ts';

/**
 * The base of a three-way comparison: `sent` is the hash of our version, `there` of the server's, as they were when both sides
 * last agreed. They differ where somebody decided that the server's version stays.
 */
const base = { sent: z.string(), there: z.string() };

/** A numbered record: its moment tells it from a later one of the same number. */
const sentRecord = z.object({
  timestamp: z.string(),
  server_id: z.number().int(),
  server_timestamp: z.string(),
  ...base,
});
const sentData = z.object({ server_key: z.string(), ...base });

const serverSchema = z.object({
  progress: z.record(z.string(), sentRecord).default({}),
  decisions: z.record(z.string(), sentRecord).default({}),
  links: z.record(z.string(), sentRecord).default({}),
  /** By `Category:Key`. */
  custom_data: z.record(z.string(), sentData).default({}),
  /** Entries of `open_issues` that were sent, as they stand on the server. */
  open_issues: z.array(z.string()).default([]),
  /** Hashes of pulled items by `Category:Key`, as they were when both sides were the same. */
  pulled: z.record(z.string(), z.string()).default({}),
});

const fileSchema = z.object({ schema_version: z.literal(2), servers: z.record(z.string(), serverSchema) });

export type SyncMap = z.infer<typeof serverSchema>;
export type SentRecord = z.infer<typeof sentRecord>;
export interface Base {
  readonly sent: string;
  readonly there: string;
}

/** An empty memory: nothing was sent yet. */
export function emptySyncMap(): SyncMap {
  return serverSchema.parse({});
}

const SAVE_EVERY_MS = 250;

/** The memory of one server; `changed` keeps it on disk, at most some times a second, `save` at once. */
export class SyncMemory {
  readonly #path: string;
  readonly #identity: string;
  readonly #servers: Record<string, SyncMap>;
  #savedAtMs = 0;
  map: SyncMap;

  private constructor(path: string, identity: string, servers: Record<string, SyncMap>) {
    this.#path = path;
    this.#identity = identity;
    this.#servers = servers;
    this.map = servers[identity] ?? emptySyncMap();
  }

  /** A lost or broken file only costs time: every record carries its mark and its base on the server. */
  static async open(conportDir: string, identity: string): Promise<SyncMemory> {
    const path = join(conportDir, '.server-sync.json');
    let servers: Record<string, SyncMap> = {};
    try {
      const parsed = fileSchema.safeParse(JSON.parse(await readFile(path, 'utf8')));
      servers = parsed.data?.servers ?? {};
    } catch (error) {
      if (errorCode(error) !== 'ENOENT' && !(error instanceof SyntaxError)) throw error;
    }
    return new SyncMemory(path, identity, servers);
  }

  /** Something was sent. What is lost between two saves is found again on the server by its mark. */
  async changed(): Promise<void> {
    if (Date.now() - this.#savedAtMs >= SAVE_EVERY_MS) await this.save();
  }

  async save(): Promise<void> {
    this.#savedAtMs = Date.now();
    const file = { schema_version: 2, servers: { ...this.#servers, [this.#identity]: this.map } };
    await writeWholeFile(this.#path, `${JSON.stringify(file, null, 1)}\n`);
  }
}

/** The same for the same JSON value, whatever the order of its keys: the server may change that. */
export function hashOf(value: unknown): string {
  return createHash('sha256').update(canonical(value)).digest('hex').slice(0, 24);
}

function canonical(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(canonical).join(',')}]`;
  if (typeof value !== 'object' || value === null) return JSON.stringify(value) ?? 'null';
  const entries = Object.entries(value).filter(([, below]) => below !== undefined);
  entries.sort(([a], [b]) => (a < b ? -1 : 1));
  return `{${entries.map(([key, below]) => `${JSON.stringify(key)}:${canonical(below)}`).join(',')}}`;
}
