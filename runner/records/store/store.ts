// The project's ConPort store: a folder with progress, decisions, links, custom data and the active context as YAML.

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

/** The ConPort store in one folder. */
export class ConportStore {
  readonly dir: string;
  readonly progress: NumberedRecords<Progress>;
  readonly decisions: NumberedRecords<Decision>;
  readonly links: NumberedRecords<Link>;
  readonly customData: CustomDataStore;
  /** Locked while an existing record is changed; creating a record needs no lock. */
  readonly lockFile: string;
  /** The field with the cycle's key for new records; empty outside a cycle. */
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

  /** The same store for one cycle. It adds the key of the cycle to new links. */
  ofCycle(cycleKey: string | undefined): ConportStore {
    return new ConportStore(this.dir, cycleKey);
  }

  /** Links two items and returns the link's number. The id of custom data is `Category:Key`. */
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

  /** The project's folder, which contains the store. */
  get projectDir(): string {
    return dirname(resolve(this.dir));
  }

  /** A path for records: relative to the project's folder if it is within, with slashes, so that it is valid on other machines. */
  pathFromProject(path: string): string {
    const near = relative(this.projectDir, resolve(path));
    return near.startsWith('..') || isAbsolute(near) ? path : near.replaceAll('\\', '/');
  }

  /** The file of the active context. */
  get activeContextPath(): string {
    return join(this.dir, 'active_context.yaml');
  }

  /** The active context; empty if there is none yet. */
  async readActiveContext(): Promise<ActiveContext> {
    return (await this.#activeContext()).context;
  }

  /** Changes the active context, locked for other processes. Comments and fields of others stay. */
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

/** Opens the store for writing, and creates its folder if needed. Throws a UserError if the folder is not writable. */
export async function openStore(conportDir: string): Promise<ConportStore> {
  try {
    await makeWritableFolder(conportDir);
  } catch (error) {
    throw new UserError(`Expected a writable folder for the ConPort records, found: ${reasonOf(error)}`, {
      where: conportDir,
      next: 'change its permissions, or use another folder with --conport',
      cause: error,
    });
  }
  return new ConportStore(conportDir);
}
