// The time zone of times of day: UTC, or the reader's own. The switch in the page's header sets it, and it is remembered.

import { clock, type Zone } from '../../text/format.ts';

const KEY = 'novaperf-zone';

type Listener = () => void;

class ChosenZone {
  #current: Zone = stored() === 'local' ? 'local' : 'utc';
  readonly #listeners = new Set<Listener>();

  /** The chosen zone. */
  get current(): Zone {
    return this.#current;
  }

  /** A time of day with its zone, `14:03:12 UTC` or `15:03:12 GMT+1`, from milliseconds since 1970. */
  text(epochMs: number): string {
    return `${clock(epochMs, this.#current)} ${this.name(epochMs)}`;
  }

  /** The zone's name at that time. */
  name(epochMs: number): string {
    if (this.#current === 'utc') return 'UTC';
    const parts = new Intl.DateTimeFormat('en-US', { timeZoneName: 'short' }).formatToParts(epochMs);
    return parts.find(({ type }) => type === 'timeZoneName')?.value ?? 'local';
  }

  /** Chooses a zone and remembers it. */
  set(zone: Zone): void {
    if (zone === this.#current) return;
    this.#current = zone;
    remember(zone);
    for (const listener of this.#listeners) listener();
  }

  /** Calls `listener` after each change. */
  onChange(listener: Listener): void {
    this.#listeners.add(listener);
  }
}

/** The one zone of the page. */
export const zone = new ChosenZone();

/** Starts the switch; it stays hidden if the reader's own zone is UTC. */
export function startZone(): void {
  const button = document.querySelector<HTMLElement>('[data-zone-switch]');
  if (button === null || new Date().getTimezoneOffset() === 0) return;
  const label = () => {
    const isUtc = zone.current === 'utc';
    button.textContent = isUtc ? 'UTC' : 'Local time';
    button.setAttribute(
      'aria-label',
      isUtc ? 'Times in UTC; switch to local time' : 'Times in local time; switch to UTC',
    );
  };
  button.hidden = false;
  label();
  button.addEventListener('click', () => {
    zone.set(zone.current === 'utc' ? 'local' : 'utc');
    label();
  });
}

// A page from a file or in a sandbox may have no storage; the zone is then not remembered.
function stored(): string | null {
  try {
    return localStorage.getItem(KEY);
  } catch {
    return null;
  }
}

function remember(zone: Zone): void {
  try {
    localStorage.setItem(KEY, zone);
  } catch {
    // see above
  }
}
