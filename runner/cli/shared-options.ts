// What several commands say of the same option.

export const ASSETS_HELP =
  'inline | external: external writes style, script and logo as files next to the pages, for servers that forbid inline ones (Jenkins)';

/** For an option that may be repeated. */
export function collect(value: string, all: string[] | undefined): string[] {
  return [...(all ?? []), value];
}
