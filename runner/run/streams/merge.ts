// `novaperf merge`: runs and streams of several machines become one run folder with one verdict.

import { stat } from 'node:fs/promises';
import { basename, join, resolve } from 'node:path';
import { analyseRun } from '../../analysis/result/analyse.ts';
import { readProjectConfig } from '../../config/project-config.ts';
import { ArchiveWriter } from '../../metrics/archive/archive.ts';
import { ArchiveContent } from '../../metrics/archive/archive-content.ts';
import { openInput } from '../../metrics/bytes/input.ts';
import { looksLikeLog } from '../../metrics/bytes/log-lines.ts';
import { UNKNOWN_BUILD } from '../../model/build.ts';
import { UNNAMED_ENVIRONMENTS } from '../../model/environment.ts';
import type { ScenarioPlan } from '../../model/plan.ts';
import type { Result } from '../../model/result.ts';
import type { Outcome, RunFacts } from '../../model/run.ts';
import { ARCHIVE_FILE } from '../../model/run-files.ts';
import { findRun } from '../../runs/find-run.ts';
import { createRunFolder } from '../../runs/run-folder.ts';
import { packageVersion } from '../../system/package-root.ts';
import { describeMachine } from '../load/machine.ts';
import { targetsFor } from '../plan/prepare.ts';
import { withUnread } from '../plan/unread-targets.ts';
import { useProjectSecrets } from '../plan/without-secrets.ts';
import { outcomeOfStreams, planOf, refuseTwice, type StreamToAnalyse } from './analyse-stream.ts';
import { type JudgedRun, writeJudged } from './judged-run.ts';
import { disagreements, mergedEnd, mergedPlan } from './merge-plans.ts';
import {
  nothingFound,
  type ReadSource,
  readSources,
  runFactsIn,
  type SourceInput,
  thresholdsIn,
} from './read-sources.ts';

/** `streams`: run folders, their names below `out`, and files. `name`: of the merged run; default: that of the first kept run's scenario, else `merged`. */
export interface ToMerge extends StreamToAnalyse {
  readonly name: string | undefined;
}

/** Calls judgeMerged and writes the reports. */
export function mergeSources(
  request: ToMerge,
  onProgress: (line: string) => void,
): Promise<{ result: Result; reportPath: string }> {
  return writeJudged(request, () => judgeMerged(request, onProgress));
}

/**
 * Adds up the sources into the archive of a new run and judges it. Throws a UserError for a source that is missing or given twice,
 * for sources of different scripts, and if none has a sample.
 */
export async function judgeMerged(request: ToMerge, onProgress: (line: string) => void): Promise<JudgedRun> {
  const inputs = await openSources(request.streams, request.out);
  const kept = inputs.find((source) => source.kind === 'run');
  const name = request.name ?? (kept === undefined ? 'merged' : (await runFactsIn(kept.folder)).plan.name);
  useProjectSecrets(await readProjectConfig(request.conportDir), request.scriptEnv);
  const planned = await planOf(request, name, onProgress);
  const startedAtMs = Date.now();
  const { path: folder, run } = await createRunFolder(request.out, planned.name, startedAtMs);
  const begun = factsOf(request, planned, inputs, run, startedAtMs);
  const archive = new ArchiveWriter(join(folder, ARCHIVE_FILE), {
    facts: begun,
    isLive: false,
    content: new ArchiveContent(),
  });
  const read = await readSources(archive, inputs, { isMetered: true });
  const facts = mergedFacts(begun, read, request);
  const outcome = mergedOutcome(read);
  archive.note('run', facts);
  archive.outcome(outcome);
  await archive.close();
  if (archive.problem !== undefined) outcome.warnings.push(archive.problem);
  const { metrics } = archive.read();
  if (metrics.firstSampleMs === undefined) throw await nothingFound(folder, inputs, outcome.faults);
  const { kpis, unread } = await targetsFor({ plan: facts.plan }, request.conportDir);
  return { folder, result: withUnread(analyseRun({ facts, outcome, metrics, kpis }), unread), metrics };
}

type Place = { readonly kind: 'stream'; readonly path: string } | Extract<SourceInput, { kind: 'run' }>;

/** Finds all sources before opening any. */
async function openSources(names: readonly string[], out: string): Promise<SourceInput[]> {
  const places = await Promise.all(names.map((name) => placeOf(name, out)));
  refuseTwice(places.map((place) => (place.kind === 'run' ? place.folder : resolve(place.path))));
  const inputs: SourceInput[] = [];
  for (const place of places) {
    inputs.push(place.kind === 'run' ? place : { kind: 'stream', input: await openInput(place.path) });
  }
  return inputs;
}

/** A file is a stream, except the archive of a run, which means its run; anything else is the name of a run. */
async function placeOf(name: string, out: string): Promise<Place> {
  if (name === '-') return { kind: 'stream', path: name };
  if (basename(name).startsWith(ARCHIVE_FILE)) return { kind: 'run', folder: resolve(name, '..') };
  const info = await stat(resolve(name)).catch(() => undefined);
  if (info?.isFile() === true) return { kind: 'stream', path: name };
  const looksLikeFile = info === undefined && /\.(nd)?json(\.gz)?$|\.log$|\.txt$/.test(name);
  // For a missing file, the error has the nearest name.
  if (looksLikeFile) await openInput(name);
  return { kind: 'run', folder: await findRun(name, out) };
}

function factsOf(
  request: ToMerge,
  plan: ScenarioPlan,
  inputs: readonly SourceInput[],
  run: string,
  startedAtMs: number,
): RunFacts {
  const isHistograms = inputs.every((source) => source.kind === 'run' || looksLikeLog(source.input.head));
  return {
    novaperfVersion: packageVersion,
    run,
    startedAtMs,
    plan,
    environment: UNNAMED_ENVIRONMENTS['as-recorded'],
    environmentSource: 'as-recorded',
    targetUrl: '',
    buildVersion: request.buildVersion ?? UNKNOWN_BUILD,
    k6: { version: 'unknown', path: '', stream: isHistograms ? 'histograms' : 'samples', command: [] },
    machine: describeMachine(),
    verification: [],
  };
}

/** Facts that streams lack come from the kept runs among the sources; flags of the call override them. */
function mergedFacts(begun: RunFacts, read: readonly ReadSource[], request: ToMerge): RunFacts {
  const runs = read.flatMap(({ run }) => run?.facts ?? []);
  const [first, ...others] = runs;
  const thresholds = thresholdsIn(read);
  if (first === undefined) {
    return { ...begun, plan: request.scriptPath === undefined ? { ...begun.plan, thresholds } : begun.plan };
  }
  const plan =
    request.scriptPath === undefined ? mergedPlan([first.plan, ...others.map((other) => other.plan)]) : begun.plan;
  return {
    ...first,
    run: begun.run,
    startedAtMs: Math.min(...runs.map(({ startedAtMs }) => startedAtMs)),
    novaperfVersion: begun.novaperfVersion,
    buildVersion: request.buildVersion ?? first.buildVersion,
    process: undefined,
    plan: {
      ...plan,
      name: request.name ?? plan.name,
      component: request.component ?? plan.component,
      profile: request.profile ?? plan.profile,
    },
  };
}

function mergedOutcome(read: readonly ReadSource[]): Outcome {
  const ofStreams = outcomeOfStreams(read);
  const runs = read.flatMap(({ run, facts }) => (run === undefined ? [] : [{ ...run, name: facts.name }]));
  const hasStreams = runs.length < read.length;
  const ofRuns = runs.flatMap(({ name, outcome }) => (outcome?.warnings ?? []).map((text) => `${name}: ${text}`));
  return {
    ...ofStreams,
    ...(runs.length > 0 && mergedEnd(read)),
    sources: read.map(({ facts }) => facts),
    warnings: [...(hasStreams ? ofStreams.warnings : []), ...disagreements(runs.map(({ facts }) => facts)), ...ofRuns],
  };
}
