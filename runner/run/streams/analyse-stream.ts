// `novaperf analyze`: existing k6 streams become one run folder with the same reports as a run of novaperf.

import { basename, join, resolve } from 'node:path';
import { analyseRun } from '../../analysis/result/analyse.ts';
import { readProjectConfig } from '../../config/project-config.ts';
import { findK6 } from '../../k6/find.ts';
import { inspectScript } from '../../k6/inspect.ts';
import { ArchiveWriter } from '../../metrics/archive/archive.ts';
import { ArchiveContent } from '../../metrics/archive/archive-content.ts';
import { openInput } from '../../metrics/bytes/input.ts';
import { looksLikeLog } from '../../metrics/bytes/log-lines.ts';
import { UNKNOWN_BUILD } from '../../model/build.ts';
import { UNNAMED_ENVIRONMENTS } from '../../model/environment.ts';
import type { Profile, ScenarioPlan } from '../../model/plan.ts';
import type { Result } from '../../model/result.ts';
import type { Outcome, RunFacts } from '../../model/run.ts';
import { ARCHIVE_FILE } from '../../model/run-files.ts';
import { unionOf } from '../../model/time-range.ts';
import type { Presentation } from '../../report/presentation.ts';
import { createRunFolder } from '../../runs/run-folder.ts';
import type { LoadFlags } from '../../scenario/override.ts';
import { prepareScenario } from '../../scenario/prepare.ts';
import { scriptName } from '../../scenario/script-name.ts';
import { UserError } from '../../system/errors.ts';
import { packageVersion } from '../../system/package-root.ts';
import { describeMachine } from '../load/machine.ts';
import { targetsFor } from '../plan/prepare.ts';
import { withUnread } from '../plan/unread-targets.ts';
import { planWithoutSecrets, useProjectSecrets } from '../plan/without-secrets.ts';
import { type JudgedRun, writeJudged } from './judged-run.ts';
import {
  faultsOf,
  nothingFound,
  type ReadSource,
  readSources,
  type SourceInput,
  thresholdsIn,
} from './read-sources.ts';

/** The streams of one run, and how to judge them. */
export interface StreamToAnalyse {
  /** Paths, or - for stdin: the streams of one run, which are added up. */
  readonly streams: readonly string[];
  readonly scriptPath: string | undefined;
  /** Variables of the script's `__ENV`, in addition to the environment of this process. */
  readonly scriptEnv: Readonly<Record<string, string>>;
  readonly component: string | undefined;
  readonly profile: Profile | undefined;
  readonly buildVersion: string | undefined;
  readonly out: string;
  readonly conportDir: string;
  readonly k6Flag: string | undefined;
  readonly presentation: Presentation;
}

/**
 * Reads each stream once, in constant memory, archives it, judges it by the script's thresholds and the component's targets,
 * and writes the reports. Throws a UserError for a missing file and for one without k6 samples.
 */
export function analyseStream(
  request: StreamToAnalyse,
  onProgress: (line: string) => void,
): Promise<{ result: Result; reportPath: string }> {
  return writeJudged(request, () => judgeStream(request, onProgress));
}

async function judgeStream(request: StreamToAnalyse, onProgress: (line: string) => void): Promise<JudgedRun> {
  refuseTwice(request.streams.map((stream) => resolve(stream)));
  // All are opened before any is read, so that a wrong name is reported at once.
  const inputs = await Promise.all(request.streams.map((stream) => openInput(stream)));
  useProjectSecrets(await readProjectConfig(request.conportDir), request.scriptEnv);
  const [stream = '-'] = request.streams;
  const planned = await planOf(request, nameOfStream(stream), onProgress);
  const kind = inputs.every(({ head }) => looksLikeLog(head)) ? 'histograms' : 'samples';
  const startedAtMs = Date.now();
  const { path: folder, run } = await createRunFolder(request.out, planned.name, startedAtMs);
  const begun: RunFacts = {
    novaperfVersion: packageVersion,
    run,
    startedAtMs,
    plan: planned,
    environment: UNNAMED_ENVIRONMENTS['as-recorded'],
    environmentSource: 'as-recorded',
    targetUrl: '',
    buildVersion: request.buildVersion ?? UNKNOWN_BUILD,
    k6: { version: 'unknown', path: '', stream: kind, command: [] },
    machine: describeMachine(),
    verification: [],
  };
  const archive = new ArchiveWriter(join(folder, ARCHIVE_FILE), {
    facts: begun,
    isLive: false,
    content: new ArchiveContent(),
  });
  const sources: SourceInput[] = inputs.map((input) => ({ kind: 'stream', input }));
  const read = await readSources(archive, sources, { isMetered: sources.length > 1 });
  const outcome = outcomeOfStreams(read);
  const thresholds = thresholdsIn(read);
  // Without --scenario a run is judged by the thresholds in k6's output.
  const plan = planned.scriptPath === '' ? { ...planned, thresholds } : planned;
  const facts: RunFacts = { ...begun, plan };
  archive.note('run', facts);
  archive.outcome(outcome);
  await archive.close();
  if (archive.problem !== undefined) outcome.warnings.push(archive.problem);
  const { metrics } = archive.read();
  if (metrics.firstSampleMs === undefined) throw await nothingFound(folder, sources, outcome.faults);
  const { kpis, unread } = await targetsFor({ plan }, request.conportDir);
  return { folder, result: withUnread(analyseRun({ facts, outcome, metrics, kpis }), unread), metrics };
}

/** Throws a UserError for a path that is given twice, because it would count twice. `paths` are absolute. */
export function refuseTwice(paths: readonly string[]): void {
  const repeated = paths.find((path, index) => paths.indexOf(path) !== index);
  if (repeated === undefined) return;
  throw new UserError('Expected different sources, found one twice. Its samples would count double.', {
    where: repeated,
    next: 'give each run or stream once',
  });
}

/** How the run ended, as far as its streams show it. */
export function outcomeOfStreams(read: readonly ReadSource[]): Outcome {
  const span = unionOf(read.map((source) => source.span));
  return {
    endedAtMs: Date.now(),
    stoppedBy: null,
    abortedByKpi: null,
    ...(span === undefined ? {} : { firstSampleMs: span.fromMs, lastSampleMs: span.toMs }),
    exceptions: [],
    faults: faultsOf(read),
    warnings: [
      'exceptions of the script are not in this stream: k6 writes them only to its log',
      ...read.flatMap(({ warnings }) => warnings),
    ],
    sources: read.length > 1 ? read.map(({ facts }) => facts) : [],
    samples: [],
  };
}

/** The plan of the given script, or else one with only a name. */
export async function planOf(
  request: Pick<StreamToAnalyse, 'scriptPath' | 'scriptEnv' | 'component' | 'profile' | 'k6Flag' | 'conportDir'>,
  name: string,
  onProgress: (line: string) => void,
): Promise<ScenarioPlan> {
  const { scriptPath, profile } = request;
  if (scriptPath !== undefined) {
    const k6 = await findK6({ k6Flag: request.k6Flag, env: process.env, onProgress });
    const { loadTimeoutMs: timeoutMs } = await readProjectConfig(request.conportDir);
    const prepare = (flags: LoadFlags) =>
      prepareScenario({
        scriptPath: resolve(scriptPath),
        name: scriptName(resolve(scriptPath), process.cwd()),
        flags,
        component: request.component,
        scriptEnv: request.scriptEnv,
        inspect: (bundle, env) => inspectScript(k6, bundle, env, { timeoutMs }),
      });
    const plan = planWithoutSecrets((await prepare({})).plan);
    if (profile === undefined) return plan;
    // A plain script had its own load: only its targets depend on the profile.
    return plan.typed ? planWithoutSecrets((await prepare({ profile })).plan) : { ...plan, profile };
  }
  return {
    name,
    component: request.component ?? basename(name),
    description: '',
    scriptPath: '',
    typed: false,
    profile: profile ?? 'own',
    k6Scenarios: {},
    thresholds: [],
    phases: [],
    totalDurationMs: 0,
    maxVUs: 0,
    peakRate: undefined,
    options: {},
    hasHandleSummary: false,
  };
}

/** `results` for results.json.gz. */
function nameOfStream(path: string): string {
  return path === '-' ? 'stdin' : scriptName(resolve(path), process.cwd()).replace(/(\.(nd)?json)?(\.gz)?$/, '');
}
