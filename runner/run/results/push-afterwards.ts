// The records of a cycle that is over go to the ConPort server; whatever comes of that, the cycle keeps its verdict.

import { pushRecords } from '../../records/server/push.ts';
import { conflictText, tallyText } from '../../records/server/push-text.ts';
import { withServer } from '../../records/server/with-server.ts';
import { messageOf, UserError } from '../../system/errors.ts';
import type { Terminal } from '../../system/terminal.ts';
import type { PushState } from './completion.ts';

/** The records are safe here whatever the server does: a push that fails is a warning, and the verdict's exit code stands. */
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
