// The memory of what this working copy has sent to which server, with the ids there: .server-sync.json next to the records.

import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import { errorCode } from '../../system/errors.ts';
import { writeWholeFile } from '../../system/whole-file.ts';

/**
 * The base of a three-way comparison: the hashes of our version (`sent`) and of the server's (`there`) when both sides last agreed. They
 * differ if the user chose to keep the server's version.
 */
const base = { sent: z.string(), there: z.string() };

/** A numbered record; its timestamp distinguishes it from a later record with the same number. */
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
  /** Entries of `open_issues` that were sent, as they are on the server. */
  open_issues: z.array(z.string()).default([]),
  /** Hashes of pulled items by `Category:Key`, from when both sides were the same. */
  pulled: z.record(z.string(), z.string()).default({}),
});

const fileSchema = z.object({ schema_version: z.literal(2), servers: z.record(z.string(), serverSchema) });

export type SyncMap = z.infer<typeof serverSchema>;
export type SentRecord = z.infer<typeof sentRecord>;
export interface Base {
  readonly sent: string;
  readonly there: string;
}

/** A memory of nothing sent. */
export function emptySyncMap(): SyncMap {
  return serverSchema.parse({});
}

const SAVE_EVERY_MS = 250;

/** The memory of one server: `changed` saves it at most four times a second, `save` immediately. */
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

  /** Reads the memory. A lost or broken file costs only time, because marks on the server contain the same. */
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

  /** To be called after sending. What is lost between two saves is found again by its mark on the server. */
  async changed(): Promise<void> {
    if (Date.now() - this.#savedAtMs >= SAVE_EVERY_MS) await this.save();
  }

  /** Writes the memory to disk. */
  async save(): Promise<void> {
    this.#savedAtMs = Date.now();
    const file = { schema_version: 2, servers: { ...this.#servers, [this.#identity]: this.map } };
    await writeWholeFile(this.#path, `${JSON.stringify(file, null, 1)}\n`);
  }
}

/** A hash of a JSON value that does not depend on the order of keys, which the server may change. */
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
