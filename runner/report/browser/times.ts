// Times on the page in the chosen time zone. Without scripts they are in UTC.

import { clock, utc } from '../../text/format.ts';
import { zone } from './zone.ts';

let isListening = false;

/** Updates every `<time datetime>` below `root`, now and after changes of the zone: with `data-clock` only the time of day, otherwise also the date. */
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
