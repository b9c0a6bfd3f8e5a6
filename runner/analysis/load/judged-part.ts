// Finds the intervals of the run that a KPI is judged over: those of `during` (steady, or a phase), and the windows of
// `over`.

import type { RunMetrics } from '../../model/metrics.ts';
import type { Phase } from '../../model/plan.ts';
import { duration, elapsed } from '../../text/format.ts';

/** One interval of the run's grid. */
export interface Cell {
  readonly startMs: number;
  readonly lengthMs: number;
}

/** Ascending indices of consecutive cells. */
export type Run = readonly number[];

export interface JudgedPartContext {
  readonly phases: readonly Phase[];
  /** Start of load, epoch milliseconds, from which phases count. Default: the first sample. */
  readonly loadStartMs: number | undefined;
  /** The end of a warm-up, epoch milliseconds: nothing before it is judged. */
  readonly notBeforeMs?: number | undefined;
}

/**
 * The cells in consecutive runs, or the reason why there are none. `note`: what a reader should know about the choice.
 */
export type JudgedPart =
  | { readonly runs: readonly Run[]; readonly note: string | undefined }
  | { readonly missing: string };

/** Kinds of phases with constant load. */
const STEADY_KINDS: ReadonlySet<Phase['kind']> = new Set(['hold', 'step']);

/** True for a phase with constant load. */
export function isSteady({ kind }: Phase): boolean {
  return STEADY_KINDS.has(kind);
}

/**
 * The cells in the phases that `during` names, or at least starting in them: every hold and step for `steady`,
 * otherwise the phases with that name. A script with its own load has no phases: `steady` is then the whole run, and
 * the note says so.
 */
export function judgedPartOf(
  during: string | undefined,
  cells: readonly Cell[],
  context: JudgedPartContext,
  metrics: RunMetrics,
): JudgedPart {
  const { notBeforeMs = Number.NEGATIVE_INFINITY } = context;
  const everything = Array.from(cells.keys()).filter((index) => (cells[index]?.startMs ?? 0) >= notBeforeMs);
  if (during === undefined) return { runs: [everything], note: undefined };
  const { phases } = context;
  if (during === 'steady' && phases.length === 0) {
    return { runs: [everything], note: 'the phases of the load are not known, so the whole run counts as steady' };
  }
  const wanted = phases.filter((phase) => (during === 'steady' ? isSteady(phase) : phase.name === during));
  if (wanted.length === 0) {
    const names = [...new Set(phases.map(({ name }) => name))];
    return { missing: `the load has no phase "${during}"; its phases are: ${names.join(', ') || 'none'}` };
  }
  const originMs = context.loadStartMs ?? metrics.firstSampleMs;
  if (originMs === undefined) return { missing: 'the run had no samples' };
  const runs = wanted
    .map(({ startMs, endMs }) => {
      const begin = everything.filter((index) => {
        const start = cells[index]?.startMs ?? Number.NEGATIVE_INFINITY;
        return start >= originMs + startMs && start < originMs + endMs;
      });
      // The last cell may extend into the next phase or beyond the load.
      const whole = begin.filter((index) => {
        const cell = cells[index];
        return cell !== undefined && cell.startMs + cell.lengthMs <= originMs + endMs;
      });
      return whole.length > 0 ? whole : begin;
    })
    .filter((run) => run.length > 0);
  if (runs.length > 0) return { runs, note: undefined };
  const [first] = wanted;
  const length = metrics.intervalMs;
  return {
    missing:
      first !== undefined && originMs + first.startMs > (metrics.lastSampleMs ?? originMs)
        ? `the run ended before its phase "${first.name}" began`
        : `no interval of ${duration(length, { trim: true })} starts in ${during}: the phase is too short`,
  };
}

/** `1m10s to 1m40s` since the start of load. */
export function spanText(run: Run, cells: readonly Cell[], originMs: number): string {
  const first = cells[run[0] ?? -1];
  const last = cells[run.at(-1) ?? -1];
  if (first === undefined || last === undefined) return '';
  const text = (ms: number) => elapsed(Math.max(0, Math.round(ms / 1000) * 1000));
  return `${text(first.startMs - originMs)} to ${text(last.startMs + last.lengthMs - originMs)}`;
}
