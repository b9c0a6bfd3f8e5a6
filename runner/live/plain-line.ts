// The state of a run → one line for logs, which cannot be redrawn.

import { count, duration, NO_DATA, percent, perSecond, plural } from '../text/format.ts';
import type { LiveState } from './figures.ts';
import { progressText } from './progress.ts';

/** Elapsed time, VUs and the figures of the last seconds, without a line break. */
export function liveLine({ all, noun, standings, exceptions, ...state }: LiveState): string {
  const crossed = standings.filter((standing) => standing.state === 'crossed').length;
  const parts = [
    progressText(state.progress),
    ...(state.vus === undefined ? [] : [plural(state.vus, 'VU')]),
    all.ratePerS === undefined ? `${noun} ${NO_DATA}` : `${noun} ${perSecond(all.ratePerS)}`,
    `p95 ${duration(all.p95Ms)}`,
    ...(all.failedShare === undefined ? [] : [`failed ${percent(all.failedShare)}`]),
  ];
  if (crossed > 0) parts.push(`${crossed} not met`);
  if (exceptions > 0) parts.push(`${count(exceptions)} exceptions`);
  return `  ${parts.join(' · ')}`;
}
