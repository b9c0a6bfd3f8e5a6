// Sends the records of a finished cycle to the ConPort server, which never changes its verdict.

import { pushRecords } from '../../records/server/push.ts';
import { conflictText, tallyText } from '../../records/server/push-text.ts';
import { withServer } from '../../records/server/with-server.ts';
import { messageOf, UserError } from '../../system/errors.ts';
import type { Terminal } from '../../system/terminal.ts';
import type { PushState } from './completion.ts';

/** A failed push is a warning: the local records are kept, and the exit code is that of the verdict. */
export async function pushAfterwards(conportDir: string, terminal: Terminal): Promise<PushState> {
  try {
    const outcome = await withServer(conportDir, (store, connection) => pushRecords(store, connection));
    for (const warning of outcome.warnings) terminal.warn(warning);
    for (const conflict of outcome.conflicts) terminal.warn(conflictText(conflict));
    terminal.line(`  pushed          ${tallyText(outcome)}`);
    return { state: 'done', outcome };
  } catch (error) {
    if (!(error instanceof UserError)) throw error;
    terminal.warn(`The records were not pushed. They are complete in ${conportDir}.\n${error.toText()}`);
    terminal.warn('  → run novaperf conport push when the server is available again');
    return { state: 'failed', problem: messageOf(error) };
  }
}
