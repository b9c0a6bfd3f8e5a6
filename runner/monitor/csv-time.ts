// Parses a time in the formats that tools write into CSV files.

// The unit is guessed from the size: 10 digits are seconds, 13 milliseconds, 16 microseconds, 19 nanoseconds. Valid
// from 2001 to 2286.
const EPOCHS: ReadonlyArray<readonly [from: number, perMs: number]> = [
  [1e18, 1e6],
  [1e15, 1e3],
  [1e12, 1],
  [1e9, 1e-3],
];
const NUMBER = /^\d{10,19}(?:\.\d+)?$/;
const DATE =
  /^(\d{4})[-/](\d{2})[-/](\d{2})[T ](\d{2}):(\d{2})(?::(\d{2})(?:[.,](\d{1,9}))?)?\s*(Z|UTC|[+-]\d{2}:?\d{2})?$/i;

/**
 * Epoch milliseconds of a text: epoch seconds, milliseconds, microseconds or nanoseconds, ISO 8601, or `YYYY-MM-DD
 * HH:MM:SS`, which is local time unless it has a zone. undefined for anything else.
 */
export function timeOf(text: string): number | undefined {
  const trimmed = text.trim();
  if (NUMBER.test(trimmed)) {
    const value = Number(trimmed);
    const perMs = EPOCHS.find(([from]) => value >= from)?.[1];
    return perMs === undefined ? undefined : Math.round(value / perMs);
  }
  const [, year, month, day, hour, minute, second = '00', fraction = '0', zone = ''] = DATE.exec(trimmed) ?? [];
  if (year === undefined) return undefined;
  const utc = /^(z|utc)$/i.test(zone) ? 'Z' : zone.replace(/^([+-]\d{2})(\d{2})$/, '$1:$2');
  const ms = Date.parse(
    `${year}-${month}-${day}T${hour}:${minute}:${second}.${fraction.padEnd(3, '0').slice(0, 3)}${utc}`,
  );
  return Number.isNaN(ms) ? undefined : ms;
}
