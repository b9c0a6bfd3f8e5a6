// Parses the time of a sample, RFC 3339 with up to nine digits of a second.

/** A time: whole epoch milliseconds, rounded down, and the nanoseconds beyond them, 0 to 999,999. */
export interface PointTime {
  readonly ms: number;
  readonly nanos: number;
}

const RFC_3339 = /^(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d)(?:\.(\d+))?(Z|([+-])(\d\d):(\d\d))$/;

/** Parses `2026-11-23T14:52:34.42136912+02:00`; digits after nanoseconds are ignored. undefined for any other text. */
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

/** Epoch milliseconds of `2026-11-23T14:52:34`, read as UTC; undefined if it is not a time. */
export function secondMsOf(text: string): number | undefined {
  const ms = Date.parse(`${text}Z`);
  return Number.isFinite(ms) ? ms : undefined;
}
