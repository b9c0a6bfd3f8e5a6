// Keys on a focused chart: arrows move the shared cursor, plus and minus zoom around it, Enter zooms to the part marked with Shift.

import { range, type TimeSpan } from '../range.ts';
import { cursor } from './cursor.ts';

/** A chart that keys control. */
export interface Steered {
  readonly span: TimeSpan;
  readonly axisMs: number;
  /** Possible times of the cursor, ascending. */
  readonly times: readonly number[];
  mark(span: TimeSpan | undefined): void;
  speak(): void;
}

const ZOOM = 2;

/** Index of the nearest time. */
function nearest(times: readonly number[], atMs: number): number {
  let best = 0;
  times.forEach((time, index) => {
    if (Math.abs(time - atMs) < Math.abs((times[best] ?? 0) - atMs)) best = index;
  });
  return best;
}

/** A span `factor` times as long around `atMs`, within the axis. */
function zoomed({ fromMs, toMs }: TimeSpan, atMs: number, factor: number, axisMs: number): TimeSpan {
  const from = Math.max(atMs - (atMs - fromMs) * factor, 0);
  return { fromMs: from, toMs: Math.min(from + (toMs - fromMs) * factor, axisMs) };
}

/** Handles keys on a focusable element. */
export function steer(element: HTMLElement, chart: Steered): void {
  let anchorMs: number | undefined;
  const clear = () => {
    anchorMs = undefined;
    chart.mark(undefined);
  };
  const move = (to: number, isMarking: boolean) => {
    const { times } = chart;
    const before = cursor.atMs;
    const at = times[Math.min(Math.max(to, 0), times.length - 1)];
    if (at === undefined) return;
    cursor.set(at);
    if (!isMarking) clear();
    else {
      anchorMs ??= before ?? at;
      chart.mark({ fromMs: Math.min(anchorMs, at), toMs: Math.max(anchorMs, at) });
    }
    // After the frame in which the legend is updated.
    requestAnimationFrame(() => requestAnimationFrame(() => chart.speak()));
  };
  element.addEventListener('keydown', (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    const { times, span, axisMs } = chart;
    if (times.length === 0) return;
    const middle = cursor.atMs ?? (span.fromMs + span.toMs) / 2;
    const at = cursor.atMs === undefined ? undefined : nearest(times, cursor.atMs);
    const zoom = (factor: number) =>
      range.set(zoomed(span, Math.min(Math.max(middle, span.fromMs), span.toMs), factor, axisMs));
    const marked = anchorMs;
    const keys: Readonly<Record<string, () => void>> = {
      ArrowLeft: () => move(at === undefined ? times.length - 1 : at - 1, event.shiftKey),
      ArrowRight: () => move(at === undefined ? 0 : at + 1, event.shiftKey),
      PageUp: () => move((at ?? times.length) - Math.ceil(times.length / 10), event.shiftKey),
      PageDown: () => move((at ?? 0) + Math.ceil(times.length / 10), event.shiftKey),
      Home: () => move(0, event.shiftKey),
      End: () => move(times.length - 1, event.shiftKey),
      '+': () => zoom(1 / ZOOM),
      '=': () => zoom(1 / ZOOM),
      '-': () => zoom(ZOOM),
      Enter: () => {
        if (marked === undefined || cursor.atMs === undefined) zoom(1 / ZOOM);
        else range.set({ fromMs: Math.min(marked, cursor.atMs), toMs: Math.max(marked, cursor.atMs) });
        clear();
      },
      Escape: () => {
        clear();
        cursor.set(undefined);
        range.set(undefined);
      },
    };
    const act = keys[event.key];
    if (act === undefined) return;
    event.preventDefault();
    act();
  });
  element.addEventListener('blur', clear);
}
