// Builds with esbuild: once, or repeatedly with a context that keeps parsed files.

import { type BuildContext, type BuildOptions, type BuildResult, build, context } from 'esbuild';
import type { OpenPaths } from './open-paths.ts';

/** Settings of a bundle that stays in memory. */
export type InMemory = BuildOptions & { metafile: true; write: false };

interface Prepared {
  readonly settings: InMemory;
  /** The plugin that reports which paths it found. */
  readonly paths: OpenPaths;
}

/** Makes a build; `prepare` is called for a key that is new. */
export type Builds = (
  key: string,
  prepare: () => Prepared,
) => Promise<{ readonly result: BuildResult<InMemory>; readonly paths: OpenPaths }>;

/** A new build each time. */
export const onceEach: Builds = async (_key, prepare) => {
  const { settings, paths } = prepare();
  return { result: await build(settings), paths };
};

/** Builds the same again in a fraction of the time: esbuild parses only what changed. */
export class IncrementalBuilds {
  readonly #contexts = new Map<string, { readonly context: BuildContext<InMemory>; readonly paths: OpenPaths }>();

  readonly builds: Builds = async (key, prepare) => {
    let known = this.#contexts.get(key);
    if (known === undefined) {
      const { settings, paths } = prepare();
      known = { context: await context(settings), paths };
      this.#contexts.set(key, known);
    }
    return { result: await known.context.rebuild(), paths: known.paths };
  };

  async dispose(): Promise<void> {
    await Promise.all([...this.#contexts.values()].map(({ context: each }) => each.dispose()));
    this.#contexts.clear();
  }
}
