// What ended the process of a run that was cut off, as far as this machine can know.

import type { Death } from '../../model/run.ts';
import { bootOf, type ProcessIdentity, stateOf, thisProcess } from '../../system/process-identity.ts';

/** `process`: undefined if the archive does not name its process. */
export async function deathOf(process: ProcessIdentity | undefined): Promise<Death> {
  if (process === undefined) return 'either';
  const state = await stateOf(process);
  if (state === 'elsewhere') return 'either';
  if (state === 'running') return 'still running';
  const [then, now] = [bootOf(process), bootOf(await thisProcess())];
  if (then === '' || now === '') return 'either';
  return then === now ? 'runner' : 'machine';
}
