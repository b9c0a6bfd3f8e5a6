// Help texts of options that several commands have.

/** Help of --assets. */
export const ASSETS_HELP =
  'inline | external: external writes CSS, script and logo as separate files, for servers that block inline ones (Jenkins)';

/** Help of --out. */
export const OUT_HELP = 'results folder; each run has a folder in it';

/** Help of the argument <run>. */
export const RUN_HELP = 'a run: its folder, its name in --out, latest or previous';

/** Help of --template. */
export const TEMPLATE_HELP = 'folder of templates that replace those of the same file name';

/** Help of --trigger. */
export const TRIGGER_HELP = 'reason: requested | acceptance-criteria | health-check, or a sentence';

/** Collects the values of an option that may be repeated. */
export function collect(value: string, all: string[] | undefined): string[] {
  return [...(all ?? []), value];
}
