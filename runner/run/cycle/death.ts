// The process that a dead run belonged to goes in; what ended it comes out, as far as this machine can know.

import type { Death } from '../../model/run.ts';
import { bootOf, type ProcessIdentity, stateOf, thisProcess } from '../../system/process-identity.ts';

/** undefined stands for an archive that does not say which process wrote it. */
export async function deathOf(process: ProcessIdentity | undefined): Promise<Death> {
  if (process === undefined) return 'either';
  const state = await stateOf(process);
  if (state === 'elsewhere') return 'either';
  if (state === 'running') return 'still running';
  const [then, now] = [bootOf(process), bootOf(await thisProcess())];
  if (then === '' || now === '') return 'either';
  return then === now ? 'runner' : 'machine';
}
