// The error that some work ends with.

import { UserError } from '../../runner/system/errors.ts';

/** Throws if the work does not end with an error. */
export async function errorOf(work: () => unknown): Promise<UserError> {
  try {
    await work();
  } catch (error) {
    if (error instanceof UserError) return error;
    throw error;
  }
  throw new Error('expected an error, found none');
}
