// Parts of carrying out a run that are the same wherever its load comes from.

import { join } from 'node:path';
import type { ArchiveWriter } from '../../metrics/archive/archive.ts';
import { readArchive } from '../../metrics/archive/archive-reader.ts';
import type { StreamSink } from '../../metrics/sinks/sink.ts';
import { tee } from '../../metrics/sinks/tee.ts';
import { withoutSecrets } from '../../metrics/sinks/without-secrets.ts';
import { withoutSetup } from '../../metrics/sinks/without-setup.ts';
import type { MetricsStore } from '../../metrics/store/store.ts';
import type { RunMetrics } from '../../model/metrics.ts';
import type { Outcome, RunFacts } from '../../model/run.ts';
import { ARCHIVE_FILE } from '../../model/run-files.ts';
import type { ServerArchive } from '../../monitor/recorder.ts';
import { UserError } from '../../system/errors.ts';
import type { Executed, Execution } from './execution.ts';
import type { LoadWatch } from './load-watch.ts';
import type { RunMemory } from './run-memory.ts';

/** Where k6's stream goes: the live numbers, the archive and the run's memory; `warnings` gets what is left out as configured. */
export function sinkOf(
  { facts, archive }: Execution,
  live: MetricsStore,
  memory: RunMemory,
  warnings: string[],
): StreamSink {
  const all = withoutSecrets(tee(live.sink, archive, memory.sink));
  if (facts.judging?.setup !== 'leave-out') return all;
  warnings.push('Requests of setup() and teardown() are not in the figures, as configured');
  return withoutSetup(all);
}

/** The load is over: watches the system under test on, and closes the archive with what is known then. */
export async function afterLoad(
  { archive, server, interrupt, folder }: Execution,
  { facts, watch, memory, outcomeNow }: LoadEnd,
): Promise<Executed> {
  // Whatever happens while the system is watched, the end of the load is known.
  archive.outcome(outcomeNow());
  await server.afterwards(interrupt);
  watch.close();
  const outcome = outcomeNow();
  archive.outcome(outcome);
  await archive.close();
  return { facts, outcome, ...(await numbersOf(archive, join(folder, ARCHIVE_FILE), memory)) };
}

interface LoadEnd {
  readonly facts: RunFacts;
  readonly watch: LoadWatch;
  readonly memory: RunMemory;
  readonly outcomeNow: () => Outcome;
}

/** What the run is judged by. An archive that a full disk cut must not cost the run its verdict. */
async function numbersOf(
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
