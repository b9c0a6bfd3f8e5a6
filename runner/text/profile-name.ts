// The name of a run's load profile for people; `own` means that the script defines its own load.

import { oneLine } from './display-text.ts';

/** For a cell or a filter: `soak`, `script's own`. */
export function profileName(profile: string): string {
  return profile === 'own' ? "script's own" : oneLine(profile, 40);
}

/** For use after a scenario's name: ` · soak`; empty if the script defines its own load. */
export function profileAfterName(profile: string): string {
  return profile === 'own' ? '' : ` · ${oneLine(profile, 40)}`;
}
