// Colours of the style sheet for a canvas, which style sheets do not affect.

import type { Ink } from '../../charts/ink.ts';
import { onThemeChange } from '../theme.ts';

const known = new Map<string, string>();
onThemeChange(() => known.clear());

let probe: HTMLElement | undefined;

/** The colour of an ink in the current theme. */
export function colourOf(ink: Ink): string {
  const name = `--ink-${ink.toLowerCase()}`;
  const before = known.get(name);
  if (before !== undefined) return before;
  if (probe === undefined) {
    probe = document.createElement('span');
    probe.hidden = true;
    document.body.append(probe);
  }
  // Browsers resolve light-dark() only in properties for colours.
  probe.style.color = `var(${name})`;
  const colour = getComputedStyle(probe).color;
  known.set(name, colour);
  return colour;
}

/** The same colour with an opacity from 0 to 1. */
export function faded(colour: string, opacity: number): string {
  const channels = /^rgba?\(([^)]+)\)$/.exec(colour)?.[1]?.split(/[\s,/]+/) ?? [];
  return channels.length < 3 ? colour : `rgba(${channels.slice(0, 3).join(', ')}, ${opacity})`;
}

export const CHART_FONT = "system-ui, -apple-system, 'Segoe UI', Roboto, 'Helvetica Neue', sans-serif";
