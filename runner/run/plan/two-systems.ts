// Flags that compare the systems of two builds, the old and the new one.

import { UserError } from '../../system/errors.ts';
import type { RunFlags } from './flags.ts';

/** Two systems compared in one cycle: a is given here by URL or name, b by the flags of the load. */
export interface TwoSystems {
  readonly against: string;
  readonly mode: 'interleave' | 'side_by_side';
}

/** The comparison of --against or --side-by-side; undefined: one system. Throws a UserError for flags that cannot be combined. */
export function twoSystemsOf(flags: RunFlags): TwoSystems | undefined {
  const { against, interleave, isSideBySide, sideBySide, baseUrl, env, repeat } = flags;
  if (sideBySide === undefined) {
    if (against !== undefined) return { against, mode: isSideBySide ? 'side_by_side' : 'interleave' };
    if (!interleave) return undefined;
    throw new UserError('--interleave: expected --against <url|environment>, found none.', {
      next: 'add the system with the other build: --against http://old:8080 --interleave',
    });
  }
  const [a = ''] = sideBySide;
  const other = [against, baseUrl, env, interleave ? 'interleave' : undefined, repeat].some(
    (each) => each !== undefined,
  );
  if (other) {
    throw new UserError(
      '--side-by-side cannot be combined with --against, --interleave, --repeat, --base-url or --env.',
      {
        next: 'give both systems as --side-by-side <old> <new>',
      },
    );
  }
  return { against: a, mode: 'side_by_side' };
}

/** A system given by a flag: a URL, or an environment of the configuration. */
export function systemOf(text: string): { readonly baseUrl: string | undefined; readonly env: string | undefined } {
  return /^https?:\/\//i.test(text) ? { baseUrl: text, env: undefined } : { baseUrl: undefined, env: text };
}

/** The flags with the second system of --side-by-side as the one under test; further arguments are scenarios. */
export function withSides(
  scenarios: readonly string[],
  flags: RunFlags,
): { scenarios: readonly string[]; flags: RunFlags } {
  twoSystemsOf(flags);
  if (flags.sideBySide === undefined) return { scenarios, flags };
  const [a = '', b = '', ...more] = flags.sideBySide;
  const sides = { ...flags, sideBySide: undefined, against: a, ...systemOf(b) };
  return { scenarios: [...scenarios, ...more], flags: { ...sides, isSideBySide: true } };
}
