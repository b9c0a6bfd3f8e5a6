// Inks of the style sheet become colours for a canvas, which follows no style sheet by itself.

import type { Ink } from '../../charts/ink.ts';
import { onThemeChange } from '../theme.ts';

const known = new Map<string, string>();
onThemeChange(() => known.clear());

let probe: HTMLElement | undefined;

/** The colour that an ink has at this moment, light or dark. */
export function colourOf(ink: Ink): string {
  const name = `--ink-${ink.toLowerCase()}`;
  const before = known.get(name);
  if (before !== undefined) return before;
  if (probe === undefined) {
    probe = document.createElement('span');
    probe.hidden = true;
    document.body.append(probe);
  }
  // light-dark() is only resolved in a property that is a colour.
  probe.style.color = `var(${name})`;
  const colour = getComputedStyle(probe).color;
  known.set(name, colour);
  return colour;
}

/** The same colour, let through to this degree (0 to 1). */
export function faded(colour: string, opacity: number): string {
  const channels = /^rgba?\(([^)]+)\)$/.exec(colour)?.[1]?.split(/[\s,/]+/) ?? [];
  return channels.length < 3 ? colour : `rgba(${channels.slice(0, 3).join(', ')}, ${opacity})`;
}

export const CHART_FONT = "system-ui, -apple-system, 'Segoe UI', Roboto, 'Helvetica Neue', sans-serif";
