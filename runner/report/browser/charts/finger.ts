// Touch on a chart: a tap sets the cursor, a sideways swipe zooms to the part it covers, a vertical swipe scrolls the page.

import { range, type TimeSpan } from '../range.ts';
import { cursor } from './cursor.ts';

export interface Touched {
  timeAt(clientX: number): number | undefined;
  mark(span: TimeSpan | undefined): void;
}

function isFinger({ pointerType, isPrimary }: PointerEvent): boolean {
  return pointerType !== 'mouse' && isPrimary;
}

/** A shorter swipe counts as a tap. */
const LEAST_SWIPE_PX = 16;

/**
 * Handles touch, which uPlot does not. The style sheet leaves sideways swipes to scripts (touch-action: pan-y). Returns a function that
 * says whether the last pointer was a finger: after touch, browsers also send events of a mouse.
 */
export function pointWithFinger(element: HTMLElement, chart: Touched): () => boolean {
  let wasFinger = false;
  for (const type of ['pointerdown', 'pointermove'] as const) {
    element.addEventListener(type, (event) => {
      wasFinger = isFinger(event);
    });
  }
  let from: { readonly x: number; readonly atMs: number } | undefined;
  const spanTo = (x: number): TimeSpan | undefined => {
    const atMs = chart.timeAt(x);
    if (from === undefined || atMs === undefined || Math.abs(x - from.x) < LEAST_SWIPE_PX) return undefined;
    return { fromMs: Math.min(from.atMs, atMs), toMs: Math.max(from.atMs, atMs) };
  };
  element.addEventListener('pointerdown', (event) => {
    const atMs = chart.timeAt(event.clientX);
    if (!isFinger(event) || atMs === undefined) return;
    // Prevents the mouse events that browsers send after touch.
    event.preventDefault();
    from = { x: event.clientX, atMs };
    cursor.set(atMs);
  });
  element.addEventListener('pointermove', (event) => {
    if (!isFinger(event) || from === undefined) return;
    cursor.set(chart.timeAt(event.clientX));
    chart.mark(spanTo(event.clientX));
  });
  element.addEventListener('pointerup', (event) => {
    if (!isFinger(event)) return;
    const span = spanTo(event.clientX);
    from = undefined;
    chart.mark(undefined);
    if (span !== undefined) range.set(span);
  });
  element.addEventListener('pointercancel', () => {
    from = undefined;
    chart.mark(undefined);
  });
  return () => wasFinger;
}
