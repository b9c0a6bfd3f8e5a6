// Moments on the page follow the zone that the reader chose. Without scripts they stand in UTC.

import { clock, utc } from '../../text/format.ts';
import { zone } from './zone.ts';

let isListening = false;

/** Every `<time datetime>` below `root`: the time of day alone where it says `data-clock`, else with the date. */
export function localTimes(root: ParentNode): void {
  if (!isListening) {
    isListening = true;
    zone.onChange(() => show(document));
  }
  if (zone.current !== 'utc') show(root);
}

function show(root: ParentNode): void {
  for (const time of root.querySelectorAll<HTMLTimeElement>('time[datetime]')) {
    const atMs = Date.parse(time.dateTime);
    if (!Number.isNaN(atMs))
      time.textContent = time.hasAttribute('data-clock') ? clock(atMs, zone.current) : dated(atMs);
  }
}

function dated(atMs: number): string {
  if (zone.current === 'utc') return utc(new Date(atMs).toISOString());
  const date = new Date(atMs - new Date(atMs).getTimezoneOffset() * 60_000).toISOString().slice(0, 10);
  return `${date} ${zone.text(atMs)}`;
}
