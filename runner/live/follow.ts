// Shows the events of a cycle in the terminal: the start of each scenario, an area that is redrawn each second (a line every 10 s
// if the output is not a terminal), and the lines that the script logs.

import type { Terminal } from '../system/terminal.ts';
import { duration } from '../text/format.ts';
import { LiveFigures } from './figures.ts';
import { liveLine } from './plain-line.ts';
import type { RunEvent, RunListener } from './run-event.ts';
import { liveArea, MOST_ENDPOINTS } from './terminal-view.ts';

/** Ticks between two progress lines, for output that cannot be redrawn. */
const PLAIN_EVERY_TICKS = 10;

/** A listener that shows each run up to the end of its load. The result of the run is part of the summary. */
export function followInTerminal(terminal: Terminal): RunListener {
  let figures: LiveFigures | undefined;
  let ticks = 0;
  const endArea = () => {
    if (figures !== undefined && terminal.interactive) terminal.endLive();
    figures = undefined;
  };
  return (event) => {
    switch (event.kind) {
      case 'scenario':
        terminal.line();
        terminal.line(heading(event, terminal));
        return;
      case 'idle':
        terminal.line(`  monitoring ${event.sources.join(', ')}`);
        terminal.line(`  monitoring the idle system for ${duration(event.durationMs, { trim: true })}`);
        return;
      case 'load':
        figures = new LiveFigures(event.facts.plan);
        ticks = 0;
        return;
      case 'tick': {
        if (figures === undefined) return;
        ticks++;
        // Called at every tick, even without output, so that the history has no gaps.
        const state = figures.at(event.tick, terminal.interactive ? Math.min(MOST_ENDPOINTS, terminal.rows) : 0);
        if (terminal.interactive) terminal.live(liveArea(state, terminal));
        else if (ticks % PLAIN_EVERY_TICKS === 0) terminal.line(liveLine(state));
        return;
      }
      case 'log':
        terminal.warn(`  ${event.line}`);
        return;
      case 'trouble':
        terminal.warn(event.text);
        return;
      case 'load-ended':
        endArea();
        if (event.recoveryMs > 0) {
          terminal.line(`  monitoring the recovery for ${duration(event.recoveryMs, { trim: true })}`);
        }
        return;
      case 'failed':
        endArea();
        terminal.warn(event.error.toText());
        return;
      case 'finished':
        return;
    }
  };
}

function heading(
  { plan, environment, k6Version, stream }: RunEvent & { readonly kind: 'scenario' },
  terminal: Terminal,
): string {
  const load = plan.profile === 'own' ? "the script's own load" : plan.profile;
  const target = environment.url === '' ? 'the hosts of the script' : environment.url;
  const name = environment.source === 'as-scripted' ? '' : ` (${environment.name})`;
  return `${terminal.style('bold', plan.name)}  ${load} → ${target}${name}, k6 ${k6Version}, ${stream}`;
}
