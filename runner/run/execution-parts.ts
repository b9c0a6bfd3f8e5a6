// Parts of carrying out a run that are the same wherever its load comes from.

import type { WriteStream } from 'node:fs';
import { finished } from 'node:stream/promises';
import { DecisionWatch } from '../analysis/until-decided.ts';
import type { ExceptionCounter } from '../k6/exceptions.ts';
import type { ArchiveWriter } from '../metrics/archive.ts';
import { readArchive } from '../metrics/archive-reader.ts';
import type { RunMetrics } from '../model/metrics.ts';
import { DEFAULT_JUDGING, type RunFacts, type ScriptException } from '../model/run.ts';
import type { ServerArchive } from '../monitor/recorder.ts';
import type { PreparedScenario } from '../scenario/prepared-scenario.ts';
import { UserError } from '../system/errors.ts';
import { redactText } from '../text/secrets.ts';
import type { RunMemory } from './run-memory.ts';

export const SETUP_LEFT_OUT = 'Requests of setup() and teardown() are not in the figures, as configured';

export function decisionWatch({ kpis }: PreparedScenario, facts: RunFacts, metrics: RunMetrics): DecisionWatch {
  const { plan, judging = DEFAULT_JUDGING } = facts;
  return new DecisionWatch(kpis, metrics, {
    phases: plan.phases,
    loadStartMs: undefined,
    elapsedMs: undefined,
    generator: undefined,
    profile: plan.profile,
    judging,
    earlier: facts.earlier,
  });
}

/** What the run is judged by. An archive that a full disk cut must not cost the run its verdict. */
export async function numbersOf(
  archive: ArchiveWriter,
  path: string,
  memory: RunMemory,
): Promise<{ metrics: RunMetrics; archiveProblem: string | undefined }> {
  if (archive.problem !== undefined) return { metrics: memory.metrics, archiveProblem: archive.problem };
  try {
    return { metrics: (await readArchive(path)).metrics, archiveProblem: undefined };
  } catch (error) {
    if (!(error instanceof UserError)) throw error;
    return { metrics: memory.metrics, archiveProblem: error.message };
  }
}

export function both(first: ServerArchive, second: ServerArchive): ServerArchive {
  return {
    window(window) {
      first.window(window);
      second.window(window);
    },
    note(kind, payload) {
      first.note(kind, payload);
      second.note(kind, payload);
    },
  };
}

export function outcomeExceptions(counter: ExceptionCounter): ScriptException[] {
  return counter.exceptions().map((thrown) => ({ ...thrown, message: redactText(thrown.message) }));
}

export async function endOf(stream: WriteStream): Promise<void> {
  stream.end();
  await finished(stream).catch(() => undefined);
}
