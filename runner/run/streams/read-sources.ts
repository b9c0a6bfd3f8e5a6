// Reads streams and kept runs into one archive as the sources of one run, with the facts of each and of all together.

import { rm } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { SourceMeter } from '../../analysis/generator/source-meter.ts';
import type { ArchiveWriter } from '../../metrics/archive/archive.ts';
import { presentPath, readArchiveInto } from '../../metrics/archive/archive-reader.ts';
import { openInput, type StreamInput } from '../../metrics/bytes/input.ts';
import { LogLines, looksLikeLog } from '../../metrics/bytes/log-lines.ts';
import { HistogramsReader } from '../../metrics/histograms/histograms-reader.ts';
import { SamplesReader } from '../../metrics/samples/samples-reader.ts';
import { MergedStream } from '../../metrics/several/merged-stream.ts';
import { mergeFaults } from '../../metrics/sinks/faults.ts';
import type { StreamSink } from '../../metrics/sinks/sink.ts';
import { splitSink } from '../../metrics/sinks/split.ts';
import { tee } from '../../metrics/sinks/tee.ts';
import { withoutSecrets } from '../../metrics/sinks/without-secrets.ts';
import { type ErrorSample, sampleSchema } from '../../model/error-sample.ts';
import { SERVER_PREFIX, type StreamFaults, type TimeRange } from '../../model/metrics.ts';
import type { ScriptThreshold } from '../../model/plan.ts';
import { type Outcome, outcomeSchema, type RunFacts, runFactsSchema } from '../../model/run.ts';
import { ARCHIVE_FILE } from '../../model/run-files.ts';
import type { SourceFacts } from '../../model/source.ts';
import { unionOf } from '../../model/time-range.ts';
import { UserError } from '../../system/errors.ts';
import { keepHeapSmall } from '../../system/v8-settings.ts';
import { faultsWithoutSecrets } from '../plan/without-secrets.ts';

/** A source to read. */
export type SourceInput =
  | { readonly kind: 'stream'; readonly input: StreamInput }
  | { readonly kind: 'run'; readonly folder: string };

/** A source after reading. */
export interface ReadSource {
  readonly facts: SourceFacts;
  readonly faults: StreamFaults;
  readonly span: TimeRange | undefined;
  readonly load: TimeRange | undefined;
  readonly warnings: readonly string[];
  /** Thresholds in k6's JSON output. */
  readonly thresholds: readonly ScriptThreshold[];
  /** For a kept run: its facts other than the numbers. */
  readonly run?: { readonly facts: RunFacts; readonly outcome: Outcome | undefined; readonly samples: ErrorSample[] };
}

/**
 * Reads them one after the other, in constant memory. Throws a UserError for two sources that declare a metric differently. `isMetered`:
 * each source has its own figures; otherwise those of k6's JSON output have none.
 */
export async function readSources(
  archive: ArchiveWriter,
  inputs: readonly SourceInput[],
  { isMetered }: { readonly isMetered: boolean },
): Promise<ReadSource[]> {
  // Gigabytes are read, so the heap must stay small.
  keepHeapSmall();
  const merged = new MergedStream(withoutSecrets(archive), false);
  const state: Pouring = { archive, merged, names: new Set(), hasServer: false, isMetered };
  const read: ReadSource[] = [];
  for (const source of inputs) {
    read.push(
      ...(source.kind === 'run' ? [await readRun(state, source.folder)] : await readStream(state, source.input)),
    );
  }
  merged.end();
  const span = unionOf(read.map((source) => source.span));
  const load = unionOf(read.map((source) => source.load));
  if (span !== undefined) archive.span(span);
  if (load !== undefined) archive.load(load);
  return read;
}

interface Pouring {
  readonly archive: ArchiveWriter;
  readonly merged: MergedStream;
  readonly names: Set<string>;
  readonly isMetered: boolean;
  /** Whether a kept run had figures of the system under test: those of further runs would be counted twice. */
  hasServer: boolean;
}

/** The name, with a number appended if another source has it. */
function uniqueName({ names }: Pouring, wanted: string): string {
  let name = wanted;
  for (let n = 2; names.has(name); n++) name = `${wanted} (${n})`;
  names.add(name);
  return name;
}

/** Reads one file: k6's JSON, a histograms stream, or a log with several of those. */
async function readStream(state: Pouring, input: StreamInput): Promise<ReadSource[]> {
  const fileName = input.name === 'stdin' ? 'stdin' : basename(input.name);
  const warnings = () =>
    input.fault === undefined ? [] : [`${input.name}: ${input.fault}; the part before it was judged`];
  if (!looksLikeLog(input.head)) {
    const meter = new SourceMeter();
    // Saves a third of the work for a second's windows with many series.
    const sink = state.isMetered ? tee(meter, state.merged.source()) : state.merged.source();
    const reader = new SamplesReader(withoutSecrets(sink), { bins: 'borrowed' });
    for await (const chunk of input.chunks) {
      reader.push(chunk);
      await state.archive.drained();
    }
    const ended = faultsWithoutSecrets(reader.end());
    const faults = { ...ended, complete: ended.complete && !input.truncated };
    const { span, load } = reader;
    const facts = meter.facts({ name: uniqueName(state, fileName), kind: 'samples', faults, span, load });
    return [{ facts, faults, span, load, warnings: warnings(), thresholds: thresholdsOf(reader) }];
  }
  return readLog(state, input, fileName, warnings);
}

async function readLog(
  state: Pouring,
  input: StreamInput,
  fileName: string,
  warnings: () => string[],
): Promise<ReadSource[]> {
  const streams = new Map<string, { meter: SourceMeter; reader: HistogramsReader }>();
  const lines = new LogLines((source, line) => {
    let stream = streams.get(source);
    if (stream === undefined) {
      const meter = new SourceMeter();
      stream = { meter, reader: new HistogramsReader(withoutSecrets(tee(meter, state.merged.source()))) };
      streams.set(source, stream);
    }
    stream.reader.push(line);
  });
  for await (const chunk of input.chunks) {
    lines.push(chunk);
    await state.archive.drained();
  }
  lines.end();
  if (streams.size === 0) {
    // Not from k6: the error shows what the reader found.
    streams.set('', { meter: new SourceMeter(), reader: new HistogramsReader(state.merged.source()) });
  }
  let isFirst = true;
  return [...streams].map(([source, { meter, reader }]) => {
    const ended = reader.end();
    const ofFile = isFirst && source === '' ? lines : undefined;
    const firstBadLine = ended.firstBadLine ?? ofFile?.firstOtherLine;
    const faults = faultsWithoutSecrets({
      ...ended,
      badLines: ended.badLines + (ofFile?.otherLines ?? 0),
      ...(firstBadLine !== undefined && { firstBadLine }),
      complete: ended.complete && !input.truncated,
    });
    const { span, load } = reader;
    const name = uniqueName(state, source === '' ? fileName : source);
    const facts = meter.facts({ name, kind: 'histograms', faults, span, load });
    const said = isFirst ? warnings() : [];
    isFirst = false;
    return { facts, faults, span, load, warnings: said, thresholds: [] };
  });
}

/** Reads a kept run, complete or not. Figures of the system under test come from the first run that has them. */
async function readRun(state: Pouring, folder: string): Promise<ReadSource> {
  const path = join(folder, ARCHIVE_FILE);
  const meter = new SourceMeter();
  const notes = new Map<string, unknown>();
  const samples: ErrorSample[] = [];
  const takesServer = !state.hasServer;
  const server: StreamSink = takesServer ? state.archive : NOWHERE;
  const sink = splitSink(
    ({ name }) => name.startsWith(SERVER_PREFIX),
    {
      ...NOWHERE,
      metric: (metric) => server.metric(metric),
      series: (series) => server.series(series),
      window: (window) => {
        state.hasServer = true;
        server.window(window);
      },
    },
    withoutSecrets(tee(meter, state.merged.source())),
  );
  const poured = await readArchiveInto(path, sink, (kind, payload) => {
    if (kind === 'server' && takesServer) state.archive.note('server', payload);
    if (kind === 'sample') samples.push(...asSample(payload));
    notes.set(kind, payload);
  });
  await state.archive.drained();
  const run = checkedFacts(notes.get('run'), path);
  const outcome = outcomeSchema.safeParse(notes.get('outcome')).data;
  // The outcome has the faults of k6's stream; the archive itself is complete.
  const faults = outcome === undefined ? { ...poured.faults, complete: false } : outcome.faults;
  const { span, load } = poured;
  const facts = meter.facts({
    name: uniqueName(state, run.run),
    kind: 'run',
    faults,
    span: spanOf(outcome) ?? span,
    load,
    exitCode: outcome?.k6ExitCode,
    problem: problemOf(outcome),
  });
  return {
    facts,
    faults,
    span: spanOf(outcome) ?? span,
    load,
    warnings: [],
    thresholds: [],
    run: { facts: run, outcome, samples },
  };
}

/** The facts at the beginning of a kept run's archive. Throws a UserError if there are none. */
export async function runFactsIn(folder: string): Promise<RunFacts> {
  const path = join(folder, ARCHIVE_FILE);
  const input = await openInput(await presentPath(path));
  let found: unknown;
  const reader = new HistogramsReader(NOWHERE, (kind, payload) => {
    if (kind === 'run') found ??= payload;
  });
  for await (const chunk of input.chunks) {
    reader.push(chunk);
    if (found !== undefined) break;
  }
  return checkedFacts(found, path);
}

/** Facts from an archive, checked. Throws a UserError for an invalid record. */
export function checkedFacts(payload: unknown, path: string): RunFacts {
  const facts = runFactsSchema.safeParse(payload);
  if (facts.success) return { ...facts.data, plan: { ...facts.data.plan, peakRate: facts.data.plan.peakRate } };
  throw new UserError('Expected an archive of a novaperf run, found none, or one of another version.', {
    where: path,
    next: 'for a k6 JSON output use novaperf analyze',
  });
}

const NOWHERE: StreamSink = {
  metric: () => undefined,
  series: () => undefined,
  window: () => undefined,
  health: () => undefined,
  overflow: () => undefined,
};

function asSample(payload: unknown): ErrorSample[] {
  return sampleSchema.safeParse(payload).data === undefined ? [] : [sampleSchema.parse(payload)];
}

function spanOf(outcome: Outcome | undefined): TimeRange | undefined {
  if (outcome?.firstSampleMs === undefined || outcome.lastSampleMs === undefined) return undefined;
  return { fromMs: outcome.firstSampleMs, toMs: outcome.lastSampleMs };
}

function problemOf(outcome: Outcome | undefined): string | undefined {
  if (outcome === undefined) return 'the run was cut off before its end';
  if (outcome.stoppedBy === 'user') return 'the run was interrupted';
  if (outcome.stoppedBy === 'threshold') return 'a threshold with abortOnFail ended the run';
  if (outcome.k6ExitCode === null)
    return `a signal ended k6${outcome.k6Signal == null ? '' : ` (${outcome.k6Signal})`}`;
  return undefined;
}

function thresholdsOf({ thresholds }: SamplesReader): ScriptThreshold[] {
  return [...thresholds].flatMap(([metric, expressions]) =>
    expressions.map((expression) => ({ metric, expression, abortOnFail: false, delayAbortEvalMs: 0 })),
  );
}

/** The faults of all together. */
export function faultsOf(read: readonly ReadSource[]): StreamFaults {
  return read.map(({ faults }) => faults).reduce(mergeFaults);
}

/** Each threshold once, because several files of one test repeat them. */
export function thresholdsIn(read: readonly ReadSource[]): ScriptThreshold[] {
  const all = read.flatMap(({ thresholds }) => thresholds);
  return all.filter(
    ({ metric, expression }, index) =>
      all.findIndex((other) => other.metric === metric && other.expression === expression) === index,
  );
}

/** Removes the folder of a run without samples, and returns the error with what was found instead. */
export async function nothingFound(
  folder: string,
  inputs: readonly SourceInput[],
  faults: StreamFaults,
): Promise<UserError> {
  await rm(folder, { recursive: true });
  const bad = faults.firstBadLine;
  const isEmpty = inputs.every((source) => source.kind === 'stream' && source.input.head.length === 0);
  const found = isEmpty ? 'nothing: it is empty' : bad === undefined ? 'no sample' : `line ${bad.line}: ${bad.text}`;
  return new UserError(`Expected samples as k6 writes them with --out json=FILE, found ${found}`, {
    where: inputs.map((source) => (source.kind === 'run' ? source.folder : source.input.name)).join(', '),
    next: 'create one with k6 run --out json=results.json script.js',
  });
}
