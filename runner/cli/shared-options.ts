// What several commands say of the same option.

export const ASSETS_HELP =
  'inline | external: external writes CSS, script and logo as separate files, for servers that block inline ones (Jenkins)';

export const OUT_HELP = 'results folder; each run has a folder in it';

/** What <run> may be. */
export const RUN_HELP = 'a run: its folder, its name in --out, latest or previous';

export const TEMPLATE_HELP = 'folder of templates that replace those of the same file name';

export const TRIGGER_HELP = 'reason: requested | acceptance-criteria | health-check, or a sentence';

/** For an option that may be repeated. */
export function collect(value: string, all: string[] | undefined): string[] {
  return [...(all ?? []), value];
}
