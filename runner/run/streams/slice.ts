// `novaperf slice`: a part of a kept run becomes a run folder of its own with its own verdict.

import { join } from 'node:path';
import { loadStartOf } from '../../analysis/load/load-start.ts';
import { analyseRun } from '../../analysis/result/analyse.ts';
import { ArchiveWriter } from '../../metrics/archive/archive.ts';
import { ArchiveContent } from '../../metrics/archive/archive-content.ts';
import { readArchive, readArchiveInto } from '../../metrics/archive/archive-reader.ts';
import { slicedSink } from '../../metrics/archive/sliced-sink.ts';
import { type ErrorSample, sampleSchema } from '../../model/error-sample.ts';
import type { Kpi } from '../../model/kpi.ts';
import { type RunMetrics, SERVER_PREFIX, type StreamFaults, type TimeRange } from '../../model/metrics.ts';
import type { ScenarioPlan } from '../../model/plan.ts';
import type { Result } from '../../model/result.ts';
import { DEFAULT_JUDGING, type Outcome, outcomeSchema, type RunFacts } from '../../model/run.ts';
import { ARCHIVE_FILE } from '../../model/run-files.ts';
import type { Slice } from '../../model/source.ts';
import type { Presentation } from '../../report/presentation.ts';
import { findRun } from '../../runs/find-run.ts';
import { createRunFolder } from '../../runs/run-folder.ts';
import { formatDuration } from '../../system/duration.ts';
import { UserError } from '../../system/errors.ts';
import { nearest } from '../../system/nearest.ts';
import { oneLine } from '../../text/display-text.ts';
import { targetsFor } from '../plan/prepare.ts';
import { withUnread } from '../plan/unread-targets.ts';
import { type JudgedRun, writeJudged } from './judged-run.ts';
import { checkedFacts } from './read-sources.ts';

/** A time: since the start of the load, or a time of day. */
export type Moment = { readonly afterMs: number } | { readonly atMs: number };

/** Which part of which run. */
export interface ToSlice {
  readonly run: string;
  readonly from: Moment | undefined;
  readonly to: Moment | undefined;
  /** Selected values by tag. */
  readonly tags: Readonly<Record<string, readonly string[]>>;
  readonly out: string;
  readonly conportDir: string;
  readonly presentation: Presentation;
}

/** Calls judgeSlice and writes the reports. */
export function sliceRun(request: ToSlice): Promise<{ result: Result; reportPath: string }> {
  return writeJudged(request, () => judgeSlice(request));
}

/** Judges a part of a run as a separate run. Throws a UserError for a missing run, a range outside of it, and tags that no series has. */
export async function judgeSlice(request: ToSlice): Promise<JudgedRun> {
  const source = await findRun(request.run, request.out);
  const path = join(source, ARCHIVE_FILE);
  const whole = await readArchive(path);
  const facts = checkedFacts(whole.run, path);
  refuseUnknownTags(whole.metrics, request.tags);
  const loadStartMs = loadStartOf(whole.metrics, facts.plan.k6Scenarios, whole.metrics.firstSampleMs);
  if (loadStartMs === undefined) throw new UserError('Expected a run with samples, found none in it.', { where: path });
  const range = rangeIn(whole.metrics, loadStartMs, request);
  const slice = sliceOf(request, facts, range, loadStartMs);
  const sliced: RunFacts = { ...slicedFacts(facts, slice, range, loadStartMs), slice, earlier: undefined };
  const startedAtMs = Date.now();
  const { path: folder, run } = await createRunFolder(request.out, sliced.plan.name, startedAtMs);
  const archive = new ArchiveWriter(join(folder, ARCHIVE_FILE), {
    facts: { ...sliced, run },
    isLive: false,
    content: new ArchiveContent(),
  });
  const isWithout = withoutTag(whole.metrics);
  await readArchiveInto(path, slicedSink({ range, tags: request.tags, isWithout }, archive), (kind, payload) => {
    if (kind === 'server') archive.note('server', payload);
  });
  const { metrics } = whole;
  const span = clipped({ fromMs: metrics.firstSampleMs ?? 0, toMs: metrics.lastSampleMs ?? 0 }, range);
  archive.span(span);
  if (metrics.load !== undefined) archive.load(clipped(metrics.load, range));
  const { kpis, unread } = await targetsFor({ plan: sliced.plan }, request.conportDir);
  const [judgeable, others] = divided(kpis, request.tags);
  const outcome = slicedOutcome(outcomeSchema.safeParse(whole.outcome).data, whole.faults, {
    range,
    span,
    slice,
    others,
    samples: whole.samples.flatMap((sample) => sampleSchema.safeParse(sample).data ?? []),
    intervalMs: metrics.intervalMs,
  });
  archive.outcome(outcome);
  await archive.close();
  if (archive.problem !== undefined) outcome.warnings.push(archive.problem);
  const part = archive.read().metrics;
  const judged = analyseRun({ facts: { ...sliced, run }, outcome, metrics: part, kpis: judgeable });
  return { folder, result: withUnread(judged, unread), metrics: part };
}

function rangeIn(metrics: RunMetrics, loadStartMs: number, { from, to }: ToSlice): TimeRange {
  const at = (moment: Moment) => ('atMs' in moment ? moment.atMs : loadStartMs + moment.afterMs);
  const fromMs = from === undefined ? -Infinity : at(from);
  const toMs = to === undefined ? Infinity : at(to);
  const [firstMs, lastMs] = [metrics.firstSampleMs ?? loadStartMs, metrics.lastSampleMs ?? loadStartMs];
  const next = `the run goes from ${new Date(firstMs).toISOString()} to ${new Date(lastMs).toISOString()}, ${formatDuration(Math.round(lastMs - loadStartMs))} of load`;
  if (fromMs >= toMs) throw new UserError('Expected --from to be before --to, found it at or after it.', { next });
  if (fromMs >= lastMs || toMs <= firstMs)
    throw new UserError('Expected a range within the run, found one outside it.', { next });
  return { fromMs, toMs };
}

function refuseUnknownTags({ series }: RunMetrics, tags: ToSlice['tags']): void {
  for (const [tag, values] of Object.entries(tags)) {
    const known = new Set(series.flatMap((each) => (Object.hasOwn(each.tags, tag) ? [each.tags[tag] ?? ''] : [])));
    if (known.size === 0) {
      const names = [...new Set(series.flatMap((each) => Object.keys(each.tags)))].sort();
      throw new UserError(`Expected a tag of the run, found "${oneLine(tag, 60)}", which no sample has.`, {
        next: `its tags are: ${names
          .slice(0, 30)
          .map((name) => oneLine(name, 40))
          .join(', ')}`,
      });
    }
    const unknown = values.find((value) => !known.has(value));
    if (unknown === undefined) continue;
    const near = nearest(unknown, [...known]);
    throw new UserError(`Expected a value of the tag "${tag}", found "${oneLine(unknown, 80)}", which no sample has.`, {
      next: `${near.length > 0 ? 'nearest' : 'some of its values'}: ${(near.length > 0 ? near : [...known].slice(0, 10)).map((value) => `"${oneLine(value, 80)}"`).join(', ')}`,
    });
  }
}

/** Metrics without the tag, which are kept completely, as are those of the system under test. */
function withoutTag({ series }: RunMetrics) {
  const having = new Set<string>();
  for (const each of series)
    for (const tag of Object.keys(each.tags)) having.add(JSON.stringify([each.metric.name, tag]));
  return ({ name }: { readonly name: string }, tag: string) =>
    name.startsWith(SERVER_PREFIX) || !having.has(JSON.stringify([name, tag]));
}

function sliceOf({ from, to, tags }: ToSlice, { run }: RunFacts, range: TimeRange, loadStartMs: number): Slice {
  return {
    run,
    fromMs: from === undefined ? null : range.fromMs - loadStartMs,
    toMs: to === undefined ? null : range.toMs - loadStartMs,
    tags: Object.fromEntries(Object.entries(tags).map(([tag, values]) => [tag, [...values]])),
  };
}

/** The facts of a time range: phases are cut and start with the range; the requested load of the whole run does not apply. */
function slicedFacts(facts: RunFacts, { fromMs, toMs }: Slice, range: TimeRange, loadStartMs: number): RunFacts {
  if (fromMs === null && toMs === null) return facts;
  const startMs = fromMs === null ? 0 : Math.max(0, range.fromMs - loadStartMs);
  const endMs = toMs ?? Infinity;
  const phases = facts.plan.phases.flatMap((phase) => {
    const cut = { ...phase, startMs: Math.max(phase.startMs, startMs), endMs: Math.min(phase.endMs, endMs) };
    return cut.endMs > cut.startMs ? [{ ...cut, startMs: cut.startMs - startMs, endMs: cut.endMs - startMs }] : [];
  });
  const plan: ScenarioPlan = { ...facts.plan, k6Scenarios: {}, phases };
  return {
    ...facts,
    startedAtMs: Math.max(facts.startedAtMs, range.fromMs),
    process: undefined,
    plan,
    // The range is judged without leaving out a warm-up.
    judging: { ...(facts.judging ?? DEFAULT_JUDGING), warmUp: 'keep' },
  };
}

function clipped({ fromMs, toMs }: TimeRange, range: TimeRange): TimeRange {
  const from = Math.max(fromMs, range.fromMs);
  return { fromMs: from, toMs: Math.max(from, Math.min(toMs, range.toMs)) };
}

/** Targets with possible samples in the part, and those on series that were cut off. */
function divided(kpis: readonly Kpi[], tags: ToSlice['tags']): [judgeable: Kpi[], others: Kpi[]] {
  const contradicts = ({ filter }: Kpi) =>
    Object.entries(filter).some(([tag, value]) => Object.hasOwn(tags, tag) && !(tags[tag] ?? []).includes(value));
  return [kpis.filter((kpi) => !contradicts(kpi)), kpis.filter(contradicts)];
}

interface SlicedOutcome {
  readonly range: TimeRange;
  readonly span: TimeRange;
  readonly slice: Slice;
  /** Targets that are not judged. */
  readonly others: readonly Kpi[];
  readonly samples: readonly ErrorSample[];
  readonly intervalMs: number;
}

/** The outcome of a part: the end of the run does not apply, but missing data do if they are in the part. */
function slicedOutcome(
  outcome: Outcome | undefined,
  ofArchive: StreamFaults,
  { range, span, slice, others, samples, intervalMs }: SlicedOutcome,
): Outcome {
  const faults = outcome?.faults ?? { ...ofArchive, complete: false };
  const gaps = (faults.gaps ?? []).filter(({ fromMs, toMs }) => fromMs < range.toMs && toMs > range.fromMs);
  // Missing lines without a known time may be in this part.
  const isTouched = gaps.length > 0 || (faults.lostLines > 0 && (faults.gaps ?? []).length === 0);
  const isWithin = (ms: number) => ms >= range.fromMs && ms < range.toMs;
  const sources = (outcome?.sources ?? []).map((source) => {
    const ownGaps = source.gaps.filter(({ fromMs, toMs }) => fromMs < range.toMs && toMs > range.fromMs);
    const isCut = source.cutAtMs !== null && source.cutAtMs < range.toMs;
    return { ...source, gaps: ownGaps, isComplete: source.isComplete || (!isCut && ownGaps.length === 0) };
  });
  const isTime = slice.fromMs !== null || slice.toMs !== null;
  return {
    endedAtMs: outcome?.endedAtMs ?? Date.now(),
    firstSampleMs: span.fromMs,
    lastSampleMs: span.toMs,
    stoppedBy: null,
    abortedByKpi: null,
    exceptions: (outcome?.exceptions ?? []).filter(
      ({ firstMs, lastMs }) => firstMs < range.toMs && lastMs >= range.fromMs,
    ),
    faults: {
      ...faults,
      lostLines: isTouched ? faults.lostLines : 0,
      gaps,
      complete: faults.complete || (slice.toMs !== null && range.toMs <= span.toMs),
    },
    warnings: [
      `a part of ${slice.run}: ${sliceWords(slice)}`,
      ...(isTime && intervalMs > 1000
        ? [`the run is stored in intervals of ${formatDuration(intervalMs)}: those that start in the range count`]
        : []),
      ...(others.length === 0
        ? []
        : [
            `not judged, because they are about the part that was cut out: ${others.map(({ id }) => oneLine(id, 100)).join(', ')}`,
          ]),
      ...(outcome?.warnings ?? []),
    ],
    // Their figures would be those of the whole run.
    sources: isTime || Object.keys(slice.tags).length > 0 ? sources.filter(({ isComplete }) => !isComplete) : sources,
    samples: (outcome?.samples ?? samples).filter(
      (sample) => isWithin(sample.at) && (slice.tags.name === undefined || slice.tags.name.includes(sample.name)),
    ),
  };
}

/** `1m to 2m of the load, name = GET /a or GET /b`. */
export function sliceWords({ fromMs, toMs, tags }: Slice): string {
  const at = (ms: number | null, otherwise: string) => (ms === null ? otherwise : formatDuration(Math.round(ms)));
  const time = fromMs === null && toMs === null ? [] : [`${at(fromMs, 'start')} to ${at(toMs, 'end')} of the load`];
  const named = Object.entries(tags).map(
    ([tag, values]) => `${oneLine(tag, 60)} = ${values.map((value) => oneLine(value, 80)).join(' or ')}`,
  );
  return [...time, ...named].join(', ');
}
