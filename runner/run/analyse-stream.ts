// k6 streams from anywhere become one run folder with the same reports as a run of ours: analyze's whole work.

import { rm } from 'node:fs/promises';
import { basename, join, resolve } from 'node:path';
import { analyseRun } from '../analysis/analyse.ts';
import { findK6 } from '../k6/find.ts';
import { inspectScript } from '../k6/inspect.ts';
import { ArchiveWriter } from '../metrics/archive.ts';
import { readArchive } from '../metrics/archive-reader.ts';
import { mergeFaults } from '../metrics/faults.ts';
import { HistogramsReader } from '../metrics/histograms-reader.ts';
import { openInput, type StreamInput, sniffStream } from '../metrics/input.ts';
import { SamplesReader } from '../metrics/samples-reader.ts';
import { UNNAMED_ENVIRONMENTS } from '../model/environment.ts';
import type { StreamFaults, TimeRange } from '../model/metrics.ts';
import type { Profile, ScenarioPlan, ScriptThreshold } from '../model/plan.ts';
import type { Result } from '../model/result.ts';
import type { Outcome, RunFacts } from '../model/run.ts';
import { ARCHIVE_FILE } from '../model/run-files.ts';
import type { Presentation } from '../report/presentation.ts';
import { createRunFolder } from '../runs/run-folder.ts';
import type { LoadFlags } from '../scenario/override.ts';
import { prepareScenario } from '../scenario/prepare.ts';
import { UserError } from '../system/errors.ts';
import { packageVersion } from '../system/package-root.ts';
import { describeMachine } from './machine.ts';
import { targetsFor } from './prepare.ts';
import { writeIndex, writeRunReports } from './report-files.ts';
import { withUnread } from './unread-targets.ts';

export interface StreamToAnalyse {
  /** Paths, or - for stdin: the streams of one run, which add up. */
  readonly streams: readonly string[];
  readonly scriptPath: string | undefined;
  /** What the script's `__ENV` had, besides this process's own environment. */
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
 * and writes the reports. Throws a UserError for a missing file and for one in which no sample of k6 was found.
 */
export async function analyseStream(
  request: StreamToAnalyse,
  onProgress: (line: string) => void,
): Promise<{ result: Result; reportPath: string }> {
  // All before any is read: a wrong name is said at once.
  const inputs = await Promise.all(request.streams.map((stream) => openInput(stream)));
  const planned = await planOf(request, onProgress);
  const kind = inputs.every(({ head }) => sniffStream(head) === 'histograms') ? 'histograms' : 'samples';
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
    buildVersion: request.buildVersion ?? 'unknown',
    k6: { version: 'unknown', path: '', stream: kind, command: [] },
    machine: describeMachine(),
    verification: [],
  };
  const archive = new ArchiveWriter(join(folder, ARCHIVE_FILE), { facts: begun, isLive: false });
  const { outcome, thresholds } = await readInto(archive, inputs);
  // Without its script a run is judged by the thresholds that k6 wrote into its output.
  const plan = planned.scriptPath === '' ? { ...planned, thresholds } : planned;
  const facts: RunFacts = { ...begun, plan };
  archive.note('run', facts);
  archive.outcome(outcome);
  await archive.close();
  if (archive.problem !== undefined) outcome.warnings.push(archive.problem);
  const { metrics } = await readArchive(join(folder, ARCHIVE_FILE));
  if (metrics.firstSampleMs === undefined) {
    await rm(folder, { recursive: true });
    throw nothingIn(inputs, outcome);
  }
  const { kpis, unread } = await targetsFor({ plan }, request.conportDir);
  const analysed = withUnread(analyseRun({ facts, outcome, metrics, kpis }), unread);
  const result = await writeRunReports(folder, analysed, metrics, request.presentation);
  await writeIndex(request.out, request.presentation);
  return { result, reportPath: join(folder, 'report.html') };
}

interface ReadStream {
  readonly faults: StreamFaults;
  readonly span: TimeRange | undefined;
  readonly load: TimeRange | undefined;
  readonly warnings: readonly string[];
  readonly thresholds: readonly ScriptThreshold[];
}

async function readStream(archive: ArchiveWriter, input: StreamInput): Promise<ReadStream> {
  const reader = sniffStream(input.head) === 'histograms' ? new HistogramsReader(archive) : new SamplesReader(archive);
  for await (const chunk of input.chunks) {
    reader.push(chunk);
    await archive.drained();
  }
  const faults = reader.end();
  return {
    faults: { ...faults, complete: faults.complete && !input.truncated },
    span: reader.span,
    load: reader.load,
    warnings: input.fault === undefined ? [] : [`${input.name}: ${input.fault}; what came before was judged`],
    thresholds: reader instanceof SamplesReader ? thresholdsOf(reader) : [],
  };
}

function thresholdsOf({ thresholds }: SamplesReader): ScriptThreshold[] {
  return [...thresholds].flatMap(([metric, expressions]) =>
    expressions.map((expression) => ({ metric, expression, abortOnFail: false, delayAbortEvalMs: 0 })),
  );
}

async function readInto(
  archive: ArchiveWriter,
  inputs: readonly StreamInput[],
): Promise<{ outcome: Outcome; thresholds: ScriptThreshold[] }> {
  const streams: ReadStream[] = [];
  for (const input of inputs) streams.push(await readStream(archive, input));
  const span = rangeOf(streams.map((stream) => stream.span));
  const load = rangeOf(streams.map((stream) => stream.load));
  const faults = streams.map((stream) => stream.faults).reduce(mergeFaults);
  const warnings = [
    'exceptions of the script are not in this stream: k6 writes them to its log only',
    ...streams.flatMap((stream) => stream.warnings),
  ];
  if (span !== undefined) archive.span(span);
  if (load !== undefined) archive.load(load);
  const outcome: Outcome = {
    endedAtMs: Date.now(),
    stoppedBy: null,
    abortedByKpi: null,
    ...(span === undefined ? {} : { firstSampleMs: span.fromMs, lastSampleMs: span.toMs }),
    exceptions: [],
    faults,
    warnings,
    samples: [],
  };
  // Several files of one test say the same: each threshold once.
  const all = streams.flatMap(({ thresholds }) => thresholds);
  const thresholds = all.filter(
    ({ metric, expression }, index) =>
      all.findIndex((other) => other.metric === metric && other.expression === expression) === index,
  );
  return { outcome, thresholds };
}

/** From the first beginning to the last end. */
function rangeOf(ranges: ReadonlyArray<TimeRange | undefined>): TimeRange | undefined {
  const known = ranges.filter((range) => range !== undefined);
  if (known.length === 0) return undefined;
  return {
    fromMs: Math.min(...known.map(({ fromMs }) => fromMs)),
    toMs: Math.max(...known.map(({ toMs }) => toMs)),
  };
}

function nothingIn(inputs: readonly StreamInput[], outcome: Outcome): UserError {
  const bad = outcome.faults.firstBadLine;
  const found = inputs.every(({ head }) => head.length === 0)
    ? 'nothing: it is empty'
    : bad === undefined
      ? 'no sample'
      : `line ${bad.line}: ${bad.text}`;
  return new UserError(`Expected samples as k6 writes them with --out json=FILE, found ${found}`, {
    where: inputs.map(({ name }) => name).join(', '),
    next: 'k6 run --out json=results.json script.js writes such a file',
  });
}

/** The script's own plan where it was named; otherwise one that knows nothing but a name. */
async function planOf(request: StreamToAnalyse, onProgress: (line: string) => void): Promise<ScenarioPlan> {
  const { scriptPath, profile } = request;
  if (scriptPath !== undefined) {
    const k6 = await findK6({ k6Flag: request.k6Flag, env: process.env, onProgress });
    const prepare = (flags: LoadFlags) =>
      prepareScenario({
        scriptPath: resolve(scriptPath),
        flags,
        component: request.component,
        scriptEnv: request.scriptEnv,
        inspect: (bundle, env) => inspectScript(k6, bundle, env),
      });
    const { plan } = await prepare({});
    if (profile === undefined) return plan;
    // A plain script had its own load all the same: only what it is judged by depends on the profile.
    return plan.typed ? (await prepare({ profile })).plan : { ...plan, profile };
  }
  const [stream = '-'] = request.streams;
  const name = stream === '-' ? 'stdin' : basename(stream).replace(/(\.(nd)?json)?(\.gz)?$/, '');
  return {
    name,
    component: request.component ?? name,
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
