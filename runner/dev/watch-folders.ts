// Changes of files in some folders become one event after each burst of them.

import { type FSWatcher, watch } from 'node:fs';
import { join } from 'node:path';

/** An editor writes, renames and removes within a few milliseconds. */
const SETTLE_MS = 25;
/** Files that editors write for themselves: swap files, backups, the probe of vim. */
const OF_EDITORS = /^(\.|#|4913$)|(~|\.sw[a-z]|\.tmp|\.bak)$/;

/** Watches folders without their sub-folders: a file that is replaced, as most editors save it, is seen as well. */
export class WatchedFolders {
  readonly #watchers = new Map<string, FSWatcher>();
  readonly #onChange: (paths: ReadonlySet<string>) => void;
  #changed = new Set<string>();
  #timer: NodeJS.Timeout | undefined;

  /** `onChange` gets absolute paths. */
  constructor(onChange: (paths: ReadonlySet<string>) => void) {
    this.#onChange = onChange;
  }

  /** Watches these folders from now on and no others. One that cannot be watched is left out. */
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
      // Removed meanwhile; the next build says what is missing.
    }
  }
}
