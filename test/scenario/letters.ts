// A promise that should be refused becomes the letter it was refused with.

import { Letter } from '../../runner/errors.ts';

/** The Letter that `promise` rejects with; throws when it does not, or with anything else. */
export async function letterOf(promise: Promise<unknown>): Promise<Letter> {
  try {
    await promise;
  } catch (error) {
    if (error instanceof Letter) return error;
    throw error;
  }
  throw new Error('Expected a letter, but nothing went wrong');
}
