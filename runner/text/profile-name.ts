// How people read the load profile of a run: `own` is the mark of a script that runs its own load.

import { oneLine } from './display-text.ts';

/** Alone in a cell or a filter: `soak`, `script's own`. */
export function profileName(profile: string): string {
  return profile === 'own' ? "script's own" : oneLine(profile, 40);
}

/** After the name of a scenario: ` · soak`; nothing where the script runs its own load. */
export function profileAfterName(profile: string): string {
  return profile === 'own' ? '' : ` · ${oneLine(profile, 40)}`;
}
