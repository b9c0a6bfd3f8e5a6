// A finger on a chart: a tap puts the cursor there, a stroke sideways zooms to what it covers; up and down still scrolls the page.

import { range, type TimeSpan } from '../range.ts';
import { cursor } from './cursor.ts';

export interface Touched {
  timeAt(clientX: number): number | undefined;
  mark(span: TimeSpan | undefined): void;
}

function isFinger({ pointerType, isPrimary }: PointerEvent): boolean {
  return pointerType !== 'mouse' && isPrimary;
}

/** A shorter stroke is a tap that trembled. */
const LEAST_STROKE_PX = 16;

/**
 * uPlot hears the mouse alone. The style sheet leaves sideways strokes to us (touch-action: pan-y). Returns whether the last that
 * pointed at the element was a finger: browsers then are about a mouse that comes and leaves, too.
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
    if (from === undefined || atMs === undefined || Math.abs(x - from.x) < LEAST_STROKE_PX) return undefined;
    return { fromMs: Math.min(from.atMs, atMs), toMs: Math.max(from.atMs, atMs) };
  };
  element.addEventListener('pointerdown', (event) => {
    const atMs = chart.timeAt(event.clientX);
    if (!isFinger(event) || atMs === undefined) return;
    // Or a mouse that is not there points and drags once more.
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
