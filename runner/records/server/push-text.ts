// The outcome of a push → lines for the terminal.

import { visible } from '../../text/display-text.ts';
import type { Conflict, PushTally } from './push-tally.ts';

/** `3 sent, 1 updated, 12 unchanged, 1 kept as changed on the server`. */
export function tallyText({ created, updated, unchanged, kept, conflicts }: Readonly<PushTally>): string {
  const parts = [
    `${created} sent`,
    `${updated} updated`,
    `${unchanged} unchanged`,
    ...(kept === 0 ? [] : [`${kept} kept as changed on the server`]),
    ...(conflicts.length === 0 ? [] : [`${conflicts.length} changed on both sides, not sent`]),
  ];
  return parts.join(', ');
}

const LONGEST = 600;

/** Both versions of a conflict, and the command that decides it. */
export function conflictText({ item, ours, theirs }: Conflict): string {
  const short = (text: string) => visible(text.length > LONGEST ? `${text.slice(0, LONGEST)}…` : text);
  return [
    `${visible(item)} was changed here and on the server; the server's version stays.`,
    `  ours    ${short(ours).replaceAll('\n', '\n          ')}`,
    `  theirs  ${short(theirs).replaceAll('\n', '\n          ')}`,
    `  → novaperf conport push --ours ${visible(item)}, or --theirs ${visible(item)}`,
  ].join('\n');
}
