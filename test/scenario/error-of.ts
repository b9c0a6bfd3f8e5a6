// The error of a promise that should reject.

import { UserError } from '../../runner/system/errors.ts';

/** The UserError that `promise` rejects with; throws when it does not, or with anything else. */
export async function errorOf(promise: Promise<unknown>): Promise<UserError> {
  try {
    await promise;
  } catch (error) {
    if (error instanceof UserError) return error;
    throw error;
  }
  throw new Error('Expected an error, but nothing went wrong');
}
