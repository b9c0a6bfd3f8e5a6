// What a load profile means for watching and judging its runs. The load itself is in scenario/profile-shapes.ts.

import type { Profile } from './plan.ts';

interface ProfileTraits {
  /**
   * Whether a run has enough load and time for statistics. Without: targets are judged by their values alone, those that
   * hold at a certain load are left out, the warm-up counts, and the system under test is watched only briefly while idle.
   */
  readonly isStatistical: boolean;
  /** Whether the run tests if the system gets worse with time: degradation gets verdicts, and growth is more severe. */
  readonly isEndurance: boolean;
  /** Whether it searches for the highest load that meets the targets, step by step. */
  readonly isSearch: boolean;
}

const ORDINARY: ProfileTraits = { isStatistical: true, isEndurance: false, isSearch: false };

const PROFILE_TRAITS: Readonly<Record<Profile, ProfileTraits>> = {
  smoke: { ...ORDINARY, isStatistical: false },
  load: ORDINARY,
  stress: ORDINARY,
  spike: ORDINARY,
  soak: { ...ORDINARY, isEndurance: true },
  breakpoint: { ...ORDINARY, isSearch: true },
};

const BY_NAME: ReadonlyMap<string, ProfileTraits> = new Map(Object.entries(PROFILE_TRAITS));

/** The traits of a profile by its name in a result or a plan; ordinary ones for `own`, for none and for an unknown name. */
export function traitsOf(profile: string | undefined): ProfileTraits {
  return (profile === undefined ? undefined : BY_NAME.get(profile)) ?? ORDINARY;
}
