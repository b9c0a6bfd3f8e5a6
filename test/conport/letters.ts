// The letter that some work ends with.

import { Letter } from '../../runner/errors.ts';

/** Fails when the work ends otherwise. */
export async function letterOf(work: () => unknown): Promise<Letter> {
  try {
    await work();
  } catch (error) {
    if (error instanceof Letter) return error;
    throw error;
  }
  throw new Error('expected a letter, found none');
}
