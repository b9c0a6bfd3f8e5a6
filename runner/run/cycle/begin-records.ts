// The stage that begins the records of a cycle.

import { CycleRecords } from '../../records/cycle/cycle-records.ts';
import { findDelegatedCycles, waitingText } from '../../records/cycle/delegated-cycle.ts';
import { itemsOf } from '../../records/cycle/performance-notes.ts';
import { NO_RECORDS, type Recorder } from '../../records/cycle/recorder.ts';
import { repairStore } from '../../records/repair/check.ts';
import { recallOpen } from '../../records/server/recall.ts';
import { withServer } from '../../records/server/with-server.ts';
import { openStore } from '../../records/store/store.ts';
import { UserError } from '../../system/errors.ts';
import type { Terminal } from '../../system/terminal.ts';
import type { CyclePlan } from '../plan/plan-cycle.ts';

/** Begins the records of the cycle, after closing those of earlier cycles left open by an ended process. */
export async function beginRecords(plan: CyclePlan, { warn }: Terminal): Promise<Recorder> {
  const { flags, scenarios, target, conportDir, config } = plan;
  if (!flags.records || !config.records) {
    if (flags.cycle === undefined) return NO_RECORDS;
    throw new UserError(`Expected records for --cycle ${flags.cycle}, found records disabled.`, {
      next: 'remove --no-records, or testing.performance.records: false in ProjectConfig',
    });
  }
  const store = await openStore(conportDir);
  for (const done of (await repairStore(store)).done) warn(done);
  for (const open of await findDelegatedCycles(store)) if (open.main.id !== flags.cycle) warn(waitingText(open));
  if (config.conportServer !== undefined) await recall(plan, warn);
  const beginning = {
    component: componentOf(plan),
    scenarios: scenarios.map((scenario) => scenario.plan),
    environment: target.name,
    targetUrl: target.url,
    buildVersion: flags.build ?? '',
    trigger: flags.trigger,
    targetItems: itemsOf(scenarios.flatMap(({ kpis }) => kpis)),
    ...(flags.requestedBy === undefined ? {} : { requestedBy: flags.requestedBy }),
    beganAtMs: Date.now(),
  };
  return flags.cycle === undefined
    ? CycleRecords.begin(store, beginning)
    : CycleRecords.join(store, flags.cycle, beginning);
}

/** The component of the cycle's scenarios; several are joined. */
export function componentOf({ scenarios }: CyclePlan): string {
  return [...new Set(scenarios.map(({ plan: { component } }) => component))].join(', ');
}

/** Fetches earlier cycles from the server into the store. An unreachable server is a warning, so that the run goes on. */
async function recall({ scenarios, conportDir }: CyclePlan, warn: (text: string) => void): Promise<void> {
  try {
    const components = scenarios.map(({ plan: { component } }) => component);
    await withServer(conportDir, (store, connection) => recallOpen(store, connection, components));
  } catch (error) {
    if (!(error instanceof UserError)) throw error;
    warn(`Open errors of earlier cycles were not read from the ConPort server.\n${error.toText()}`);
  }
}
