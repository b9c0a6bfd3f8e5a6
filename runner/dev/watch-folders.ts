// One event per burst of file changes in some folders.

import { type FSWatcher, watch } from 'node:fs';
import { join } from 'node:path';

/** Editors write, rename and remove within a few milliseconds. */
const SETTLE_MS = 25;
/** Files that editors write for themselves: swap files, backups, the probe of vim. */
const OF_EDITORS = /^(\.|#|4913$)|(~|\.sw[a-z]|\.tmp|\.bak)$/;

/** Watches folders without subfolders, because most editors replace files when saving. */
export class WatchedFolders {
  readonly #watchers = new Map<string, FSWatcher>();
  readonly #onChange: (paths: ReadonlySet<string>) => void;
  #changed = new Set<string>();
  #timer: NodeJS.Timeout | undefined;

  /** `onChange` gets absolute paths. */
  constructor(onChange: (paths: ReadonlySet<string>) => void) {
    this.#onChange = onChange;
  }

  /** Sets the watched folders. One that cannot be watched is left out. */
  set(folders: Iterable<string>): void {
    const wanted = new Set(folders);
    for (const [folder, watcher] of this.#watchers) {
      if (wanted.has(folder)) continue;
      watcher.close();
      this.#watchers.delete(folder);
    }
    for (const folder of wanted) if (!this.#watchers.has(folder)) this.#watch(folder);
  }

  close(): void {
    clearTimeout(this.#timer);
    this.set([]);
  }

  #watch(folder: string): void {
    try {
      const watcher = watch(folder, (_event, name) => {
        if (name === null || OF_EDITORS.test(name)) return;
        this.#changed.add(join(folder, name));
        clearTimeout(this.#timer);
        this.#timer = setTimeout(() => {
          const changed = this.#changed;
          this.#changed = new Set();
          this.#onChange(changed);
        }, SETTLE_MS);
      });
      watcher.on('error', () => watcher.close());
      this.#watchers.set(folder, watcher);
    } catch {
      // Removed meanwhile; the next build reports it.
    }
  }
}
