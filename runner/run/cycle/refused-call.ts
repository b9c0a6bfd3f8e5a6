// A call that could not start a cycle (exit code 2: wrong flags, unknown scenario, a system under load) is recorded, pushed and
// printed like any other outcome.

import { existsSync } from 'node:fs';
import { resolve } from 'node:path';
import { UNNAMED_ENVIRONMENTS } from '../../model/environment.ts';
import { CycleRecords } from '../../records/cycle/cycle-records.ts';
import { readDelegatedCycle, recordRefusedCall } from '../../records/cycle/delegated-cycle.ts';
import { openStore } from '../../records/store/store.ts';
import { makeOutFolder } from '../../runs/run-folder.ts';
import { messageOf, type UserError } from '../../system/errors.ts';
import type { Terminal } from '../../system/terminal.ts';
import { redactText } from '../../text/secrets.ts';
import type { CompletionInput } from '../results/completion.ts';
import { NOTHING_RAN, publish } from '../results/publish.ts';

/** What is known of the call; its flags may be invalid. */
export interface RefusedCall {
  readonly scenarios: readonly string[];
  readonly projectDir: string;
  readonly conport: string;
  readonly out: string;
  readonly records: boolean;
  readonly push: boolean;
  readonly json: boolean;
  readonly component?: string | undefined;
  readonly env?: string | undefined;
  readonly baseUrl?: string | undefined;
  readonly build?: string | undefined;
  readonly trigger: string;
  readonly requestedBy?: string | undefined;
  readonly cycle?: number | undefined;
  readonly beganAtMs: number;
}

/** Records and prints it. If this fails too, the call's own error is still printed. */
export async function refuseCall(call: RefusedCall, error: UserError, terminal: Terminal): Promise<void> {
  const conportDir = resolve(call.projectDir, call.conport);
  // A mistyped command must not create a folder of records or reports outside of a project.
  const isProject = existsSync(conportDir);
  const out = resolve(call.projectDir, call.out);
  if (isProject) await makeOutFolder(out).catch(() => undefined);
  const records = isProject && call.records ? await recorded(conportDir, call, error).catch(() => null) : null;
  const { cycle, component, scenarios, build = '', trigger, beganAtMs } = call;
  const facts = {
    ...NOTHING_RAN,
    ...{ environment: environmentOf(call), buildVersion: build, trigger, beganAtMs, endedAtMs: Date.now() },
    component: component ?? (scenarios.join(', ') || 'every scenario'),
    ...{ exitCode: error.exitCode, error, records },
    openCycle: records === null ? null : (cycle ?? null),
  };
  const place = { flags: { push: call.push, json: call.json }, conportDir, out };
  await publish(place, facts, terminal);
}

function environmentOf({ baseUrl, env }: RefusedCall): string {
  return baseUrl === undefined ? (env ?? 'not opened') : UNNAMED_ENVIRONMENTS['base-url'];
}

async function recorded(conportDir: string, call: RefusedCall, error: UserError): Promise<CompletionInput['records']> {
  const store = await openStore(conportDir);
  const { scenarios, component, cycle, build = '', trigger, requestedBy, baseUrl = '', beganAtMs, conport } = call;
  const what = scenarios.join(', ') || 'every scenario';
  const reason = redactText(messageOf(error));
  if (cycle !== undefined) {
    await readDelegatedCycle(store, cycle);
    await recordRefusedCall(store, cycle, { scenarios: what, reason, exitCode: error.exitCode });
    return { directory: conport, progressId: cycle, decisionId: null, testExecutionReport: null };
  }
  const records = await CycleRecords.begin(store, {
    ...{ component: component ?? what, environment: environmentOf(call), beganAtMs, scenarios: [], trigger },
    ...{ targetUrl: baseUrl, buildVersion: build },
    ...(requestedBy === undefined ? {} : { requestedBy }),
  });
  const testExecutionReport = await records.abandon(reason);
  const { progressId, decisionId } = records;
  return { directory: conport, progressId, decisionId, testExecutionReport };
}
