// The version of the build under test, as results carry it.

/** The version where no flag, no system under test and no git says it. */
export const UNKNOWN_BUILD = 'unknown';

/** Whether a result names the build that it measured. */
export function isKnownBuild(build: string): boolean {
  return build !== '' && build !== UNKNOWN_BUILD;
}
