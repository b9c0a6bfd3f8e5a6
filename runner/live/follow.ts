// The ticks of one run go to the terminal: an area that is redrawn each second, or a line every 10 s where nothing can be redrawn.

import type { ScenarioPlan } from '../model/plan.ts';
import type { Terminal } from '../system/terminal.ts';
import { LiveFigures } from './figures.ts';
import { liveLine } from './plain-line.ts';
import { liveArea, MOST_ENDPOINTS } from './terminal-view.ts';
import type { Tick } from './tick.ts';

/** Ticks between two lines of progress. */
const PLAIN_EVERY_TICKS = 10;

/** Shows one run from its first tick to `end()`, which leaves the area as it stands. */
export function followRun(plan: ScenarioPlan, terminal: Terminal): { show(tick: Tick): void; end(): void } {
  const figures = new LiveFigures(plan);
  let ticks = 0;
  return {
    show(tick) {
      ticks++;
      // Taken at every tick, shown or not: the store keeps the recent past only of what it is asked for.
      const state = figures.at(tick, terminal.interactive ? Math.min(MOST_ENDPOINTS, terminal.rows) : 0);
      if (terminal.interactive) terminal.live(liveArea(state, terminal));
      else if (ticks % PLAIN_EVERY_TICKS === 0) terminal.line(liveLine(state));
    },
    end() {
      if (terminal.interactive) terminal.endLive();
    },
  };
}
