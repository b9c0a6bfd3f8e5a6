// A folder becomes the project's ConPort store: progress, decisions, links, custom data and the active context, as YAML.

import { dirname, isAbsolute, join, relative, resolve } from 'node:path';
import { CustomDataStore } from '../../config/custom-data.ts';
import {
  type ActiveContext,
  activeContextSchema,
  type Decision,
  decisionSchema,
  type Link,
  linkSchema,
  type Progress,
  progressSchema,
} from '../../config/items.ts';
import { checkValue, readYamlFile, writeRecord } from '../../config/record-file.ts';
import { UserError } from '../../system/errors.ts';
import { makeWritableFolder } from '../../system/folder.ts';
import { withLock } from '../../system/lock.ts';
import { reasonOf } from '../../system/refusals.ts';
import { NumberedRecords } from './numbered-records.ts';

export class ConportStore {
  readonly dir: string;
  readonly progress: NumberedRecords<Progress>;
  readonly decisions: NumberedRecords<Decision>;
  readonly links: NumberedRecords<Link>;
  readonly customData: CustomDataStore;
  /** Held while a record that exists is changed; making a record needs no lock. */
  readonly lockFile: string;
  /** The field that new records of a cycle carry; empty outside one. */
  readonly cycleMark: { readonly cycle_key?: string };

  constructor(dir: string, cycleKey?: string) {
    this.dir = dir;
    this.cycleMark = cycleKey === undefined ? {} : { cycle_key: cycleKey };
    const lockFile = join(dir, '.lock');
    this.lockFile = lockFile;
    this.progress = new NumberedRecords({
      folder: join(dir, 'progress'),
      schema: progressSchema,
      called: 'a progress item',
      lockFile,
    });
    this.decisions = new NumberedRecords({
      folder: join(dir, 'decisions'),
      schema: decisionSchema,
      called: 'a decision',
      lockFile,
    });
    this.links = new NumberedRecords({ folder: join(dir, 'links'), schema: linkSchema, called: 'a link', lockFile });
    this.customData = new CustomDataStore(join(dir, 'custom_data'), lockFile);
  }

  /** The same store; links that it makes carry the key of the cycle. */
  ofCycle(cycleKey: string | undefined): ConportStore {
    return new ConportStore(this.dir, cycleKey);
  }

  /** Links two items; `Category:Key` is the id of custom data. Returns the link's number. */
  async link(
    [sourceType, sourceId]: readonly [type: string, id: string | number],
    relationship: string,
    [targetType, targetId]: readonly [type: string, id: string | number],
    description: string | null = null,
  ): Promise<number> {
    return this.links.create((id) => ({
      id,
      timestamp: new Date().toISOString(),
      source_item_type: sourceType,
      source_item_id: String(sourceId),
      target_item_type: targetType,
      target_item_id: String(targetId),
      relationship_type: relationship,
      description,
      ...this.cycleMark,
    }));
  }

  /** The folder that holds the project: the one around the records. */
  get projectDir(): string {
    return dirname(resolve(this.dir));
  }

  /** A path as records hold it: from the project's folder where it lies within, with slashes; others read them elsewhere. */
  pathFromProject(path: string): string {
    const near = relative(this.projectDir, resolve(path));
    return near.startsWith('..') || isAbsolute(near) ? path : near.replaceAll('\\', '/');
  }

  get activeContextPath(): string {
    return join(this.dir, 'active_context.yaml');
  }

  /** The active context; empty where there is none yet. */
  async readActiveContext(): Promise<ActiveContext> {
    return (await this.#activeContext()).context;
  }

  /** Changes the active context, one process at a time; comments and other people's fields stay. */
  async updateActiveContext(change: (context: ActiveContext) => ActiveContext): Promise<void> {
    await withLock(this.lockFile, async () => {
      const { context, text } = await this.#activeContext();
      await writeRecord(this.activeContextPath, change(context), text);
    });
  }

  async #activeContext(): Promise<{ context: ActiveContext; text: string | undefined }> {
    const expected = 'the active context';
    const file = await readYamlFile(this.activeContextPath, expected);
    if (file === undefined) return { context: {}, text: undefined };
    const context = checkValue(file, activeContextSchema, file.value ?? {}, [], expected);
    return { context, text: file.text };
  }
}

/** Opens the store for writing, making its folder where there is none. Throws a UserError when it cannot be written to. */
export async function openStore(conportDir: string): Promise<ConportStore> {
  try {
    await makeWritableFolder(conportDir);
  } catch (error) {
    throw new UserError(`Expected a folder for the ConPort records that can be written to, found: ${reasonOf(error)}`, {
      where: conportDir,
      next: 'change its permissions, or use another folder with --conport',
      cause: error,
    });
  }
  return new ConportStore(conportDir);
}
