// Parts of carrying out a run that are the same wherever its load comes from.

import type { ArchiveWriter } from '../metrics/archive.ts';
import { readArchive } from '../metrics/archive-reader.ts';
import type { StreamSink } from '../metrics/sink.ts';
import type { MetricsStore } from '../metrics/store.ts';
import { tee } from '../metrics/tee.ts';
import { withoutSecrets } from '../metrics/without-secrets.ts';
import { withoutSetup } from '../metrics/without-setup.ts';
import type { RunMetrics } from '../model/metrics.ts';
import type { ServerArchive } from '../monitor/recorder.ts';
import { UserError } from '../system/errors.ts';
import type { Execution } from './execution.ts';
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
