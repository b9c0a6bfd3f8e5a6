// The bar below the page's header with the selected range and scenario, and a button that shows the whole run again.

import { duration, elapsed } from '../../text/format.ts';
import { range, type TimeSpan } from './range.ts';
import { type ShownScenario, shownScenario } from './shown-scenario.ts';

/** `scenario search, 02:10 to 03:40 of the run (1 min 30 s)`. */
function textOf(span: TimeSpan | undefined, scenario: ShownScenario | undefined): string {
  const parts = [
    scenario === undefined ? '' : `scenario ${scenario.name}`,
    span === undefined ? '' : `${elapsed(span.fromMs)} to ${elapsed(span.toMs)} of the run (${lengthOf(span)})`,
  ];
  return parts.filter((part) => part !== '').join(', ');
}

function lengthOf({ fromMs, toMs }: TimeSpan): string {
  return duration(toMs - fromMs, { trim: true });
}

/** Shows the bar while a range or scenario is selected. */
export function startRangeBar(): void {
  const bar = document.querySelector<HTMLElement>('[data-range-bar]');
  const text = bar?.querySelector('[data-range-text]');
  const reset = bar?.querySelector('button');
  if (bar === null || text === null || text === undefined) return;
  const show = () => {
    const [span, scenario] = [range.current, shownScenario.current];
    bar.hidden = span === undefined && scenario === undefined;
    if (!bar.hidden) text.textContent = textOf(span, scenario);
  };
  reset?.addEventListener('click', () => {
    range.set(undefined);
    shownScenario.set(undefined);
  });
  range.onChange(show);
  shownScenario.onChange(show);
  show();
}
