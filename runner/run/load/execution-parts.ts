// Parts of running a scenario that are the same on this machine and on a cluster.

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

/** The sink of k6's stream: live numbers, archive and memory; `warnings` gets what the configuration leaves out. */
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

/** Monitors the recovery of the SUT after the load, and closes the archive with the outcome. */
export async function afterLoad(
  { archive, server, interrupt, folder }: Execution,
  { facts, watch, memory, outcomeNow }: LoadEnd,
): Promise<Executed> {
  // Written before monitoring the recovery, so that the end of the load is known in any case.
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

/** The numbers of the run: from the archive, or from memory if a full disk cut the archive. */
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

/** An archive that passes everything on to both. */
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
