// Summarises the metrics of the system under test in an archive for result.json.

import type { Aggregate, RunMetrics, ServerRun, Tags } from '../model/metrics.ts';
import { unitByName } from '../model/server-metrics.ts';
import type {
  ServerFigures,
  ServerLine,
  ServerMetricResult,
  ServerResult,
  ServerSourceResult,
} from '../model/server-result.ts';
import { redactText } from '../text/secrets.ts';
import { figuresOfMeans, meansOfLine } from './line-means.ts';
import { type ServerNote, serverNotes } from './notes.ts';
import { panelsOf } from './panels.ts';
import type { RunPhase } from './recorder.ts';
import { hasRecovered } from './recovery.ts';

type NoteOf<A extends ServerNote['about']> = Extract<ServerNote, { about: A }>;

/** Limit of gaps that are listed per source: a source that fails every other second has thousands. */
const MOST_GAPS = 50;

/** Cached, because the verdicts on memory and the result both need it. */
const known = new WeakMap<ServerRun, ServerResult>();

/**
 * Sources, phases and figures per series; an empty object if nothing was monitored. The archive must have been read
 * completely.
 */
export function serverResult(server: ServerRun | undefined): ServerResult {
  if (server === undefined) return {};
  const result = known.get(server) ?? resultOf(server);
  known.set(server, result);
  return result;
}

function resultOf(server: ServerRun): ServerResult {
  const notes = serverNotes(server.notes);
  const rows = metricsOf(notes, server.metrics);
  return {
    sources: sourcesOf(notes, server.metrics),
    before: phaseOf(notes, 'before'),
    after: phaseOf(notes, 'after'),
    summary: linesOf(rows, server.metrics),
    metrics: rows,
  };
}

function ofKind<A extends ServerNote['about']>(notes: readonly ServerNote[], about: A): NoteOf<A>[] {
  return notes.filter((note): note is NoteOf<A> => note.about === about);
}

const iso = (ms: number) => new Date(ms).toISOString();

function phaseOf(notes: readonly ServerNote[], phase: 'before' | 'after'): ServerResult['before'] {
  const found = ofKind(notes, 'phase').find((note) => note.phase === phase);
  return found === undefined ? null : { from: iso(found.fromMs), to: iso(found.toMs) };
}

function sourcesOf(notes: readonly ServerNote[], metrics: RunMetrics): ServerSourceResult[] {
  return ofKind(notes, 'source').map(({ name, kind, target }) => {
    const gaps = ofKind(notes, 'gap').filter(({ source }) => source === name);
    const hasNumbers = metrics.series.some(({ tags }) => tags.source === name);
    return {
      name,
      kind,
      target,
      state: gaps.length === 0 && hasNumbers ? 'ok' : hasNumbers ? 'gaps' : 'failed',
      samples: ofKind(notes, 'samples').find(({ source }) => source === name)?.samples ?? null,
      gaps: gaps
        .slice(0, MOST_GAPS)
        .map(({ fromMs, toMs, reason }) => ({ from: iso(fromMs), to: iso(toMs), reason: redactText(reason) })),
      gaps_left_out: Math.max(0, gaps.length - MOST_GAPS),
      remarks: ofKind(notes, 'remark')
        .filter(({ source }) => source === name)
        .map(({ text }) => text),
    };
  });
}

function metricsOf(notes: readonly ServerNote[], metrics: RunMetrics): ServerMetricResult[] {
  const units = new Map(ofKind(notes, 'metric').map(({ name, unit }) => [name, unit]));
  const rows = new Map<string, { name: string; tags: Tags }>();
  for (const { metric, tags } of metrics.series) {
    const { phase: _, ...rest } = tags;
    const key = JSON.stringify([metric.name, Object.entries(rest).sort(([a], [b]) => (a < b ? -1 : 1))]);
    if (!rows.has(key)) rows.set(key, { name: metric.name, tags: rest });
  }
  return [...rows.values()].map(({ name, tags }) => {
    const figures = (phase: string) => figuresOf(metrics, name, { ...tags, phase });
    const [before, during, after] = [figures('before'), figures(''), figures('after')];
    const { source = '', ...labels } = tags;
    const unit = units.get(name) ?? unitByName(name);
    return { name, labels, source, unit, before, during, after, recovered: hasRecovered(before, during, after) };
  });
}

/** The lines of the panels. A line of zeros only, such as an unused disk, is left out. */
function linesOf(rows: readonly ServerMetricResult[], metrics: RunMetrics): ServerLine[] {
  return panelsOf(rows).panels.flatMap(({ id, unit, lines }) =>
    lines.flatMap((line): ServerLine[] => {
      const figures = (phase: RunPhase) => {
        const found = figuresOfMeans(meansOfLine(line, metrics, phase));
        return found === null ? null : { ...found };
      };
      const [before, during, after] = [figures('before'), figures(''), figures('after')];
      const { label, source, role = null } = line;
      if (role === null && [before, during, after].every((phase) => phase === null || phase.max === 0)) return [];
      const recovered = role === 'limit' ? null : hasRecovered(before, during, after);
      return [{ panel: id, label, source, unit, role, before, during, after, recovered }];
    }),
  );
}

function figuresOf(metrics: RunMetrics, name: string, filter: Tags): ServerFigures | null {
  const total = metrics.total(name, filter);
  const { mean, min, max, count = 0 } = total ?? {};
  if (total === undefined || mean === undefined || min === undefined || max === undefined) return null;
  const last = newest(metrics, name, filter)?.mean ?? mean;
  return { samples: count, avg: mean, min, max, p95: total.quantile(0.95) ?? max, last };
}

/** The newest interval with a reading. In a long run an interval holds several readings. */
function newest(metrics: RunMetrics, name: string, filter: Tags): Aggregate | undefined {
  return metrics.timeline(name, filter).findLast(({ aggregate }) => aggregate !== undefined)?.aggregate;
}
