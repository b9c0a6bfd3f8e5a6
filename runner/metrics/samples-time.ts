// The time of a sample as k6 writes it, RFC 3339 with up to nine digits of a second, becomes whole milliseconds and nanoseconds.

/** A point in time: whole epoch milliseconds rounded down, and the nanoseconds beyond them, 0 to 999,999. */
export interface PointTime {
  readonly ms: number;
  readonly nanos: number;
}

const RFC_3339 = /^(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d)(?:\.(\d+))?(Z|([+-])(\d\d):(\d\d))$/;

/** Reads `2026-11-23T14:52:34.42136912+02:00`; digits beyond nanoseconds are cut. undefined for any other text. */
export function pointTimeOf(text: string): PointTime | undefined {
  const match = RFC_3339.exec(text);
  if (match === null) return undefined;
  const [, second = '', fraction = '', , sign, hours, minutes] = match;
  const secondMs = secondMsOf(second);
  if (secondMs === undefined) return undefined;
  const offsetMinutes = sign === undefined ? 0 : (Number(hours) * 60 + Number(minutes)) * (sign === '-' ? -1 : 1);
  const nanos = Number(fraction.slice(0, 9).padEnd(9, '0'));
  return { ms: secondMs - offsetMinutes * 60_000 + Math.floor(nanos / 1_000_000), nanos: nanos % 1_000_000 };
}

/** Epoch milliseconds of `2026-11-23T14:52:34`, taken as UTC; undefined for what is no such time. */
export function secondMsOf(text: string): number | undefined {
  const ms = Date.parse(`${text}Z`);
  return Number.isFinite(ms) ? ms : undefined;
}
