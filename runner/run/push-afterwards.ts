// The records of a cycle that is over go to the ConPort server; whatever comes of that, the cycle keeps its verdict.

import { pushRecords } from '../records/push.ts';
import { withServer } from '../records/with-server.ts';
import { UserError } from '../system/errors.ts';
import type { Terminal } from '../system/terminal.ts';

/** The records are safe here whatever the server does: a push that fails is a warning, and the verdict's exit code stands. */
export async function pushAfterwards(conportDir: string, terminal: Terminal): Promise<void> {
  try {
    const { created, updated, unchanged, warnings } = await withServer(conportDir, pushRecords);
    for (const warning of warnings) terminal.warn(warning);
    terminal.line(`  pushed          ${created} new, ${updated} updated, ${unchanged} already there`);
  } catch (error) {
    if (!(error instanceof UserError)) throw error;
    terminal.warn(`The records were not pushed; they are whole in ${conportDir}.\n${error.toText()}`);
    terminal.warn('  → novaperf conport push sends them when the server is back');
  }
}
