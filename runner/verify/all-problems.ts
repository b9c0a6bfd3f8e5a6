// Failed checks become the error that ends a cycle before any load.

import type { Check } from '../model/preflight-check.ts';
import { UserError } from '../system/errors.ts';
import { EXIT } from '../system/exit-codes.ts';
import { visible } from '../text/display-text.ts';

/** A failed check, and the environment or scenario that it is about. */
export interface Failure {
  readonly about: string;
  readonly check: Check;
}

/** One error with all failed checks (exit code 3: no load was sent); undefined without any. */
export function unverified(checks: readonly Failure[]): UserError | undefined {
  const wrong = checks.filter(({ check }) => check.state === 'failed');
  const [first, ...others] = wrong;
  if (first === undefined) return undefined;
  if (others.length === 0) {
    return new UserError(visible(first.check.detail), {
      where: first.about,
      ...(first.check.next === undefined ? {} : { next: visible(first.check.next) }),
      exitCode: EXIT.environment,
    });
  }
  const lines = wrong.map(({ about, check }) => {
    const next = check.next === undefined ? '' : `\n      → ${check.next}`;
    return `  ✗ ${check.title}, ${about}: ${check.detail}${next}`;
  });
  return new UserError(visible(`Pre-flight checks failed: ${wrong.length}. No load was sent.\n${lines.join('\n')}`), {
    exitCode: EXIT.environment,
  });
}
