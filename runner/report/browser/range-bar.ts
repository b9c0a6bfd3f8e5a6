// The bar below the page's head that says which stretch of the run is shown, and leads back to the whole.

import { duration, elapsed } from '../../text/format.ts';
import { range, type TimeSpan } from './range.ts';

/** `02:10 to 03:40 of the run (1 min 30 s)`. */
function textOf({ fromMs, toMs }: TimeSpan): string {
  return `${elapsed(fromMs)} to ${elapsed(toMs)} of the run (${duration(toMs - fromMs, { trim: true })})`;
}

/** Shows the bar while a range is set. The page without one has no room taken from it. */
export function startRangeBar(): void {
  const bar = document.querySelector<HTMLElement>('[data-range-bar]');
  const text = bar?.querySelector('[data-range-text]');
  const reset = bar?.querySelector('button');
  if (bar === null || text === null || text === undefined) return;
  const show = (span: TimeSpan | undefined) => {
    bar.hidden = span === undefined;
    if (span !== undefined) text.textContent = textOf(span);
  };
  reset?.addEventListener('click', () => range.set(undefined));
  range.onChange(show);
  show(range.current);
}
