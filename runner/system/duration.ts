// Parses and formats durations as Go and k6 write them: "1h2m3.5s", "300ms".

// k6 (lib/types/types.go, ParseExtendedDuration) adds whole days to Go's grammar:
//   duration -> sign? days? ( number unit )*  |  sign? number        a bare number is milliseconds
//   days     -> digits "d"
//   unit     -> "ns" | "us" | "µs" | "μs" | "ms" | "s" | "m" | "h"   both micro signs: U+00B5, which Go prints, and U+03BC
const UNIT_MS: ReadonlyMap<string, number> = new Map([
  ['ns', 1e-6],
  ['us', 1e-3],
  ['\u00b5s', 1e-3],
  ['\u03bcs', 1e-3],
  ['ms', 1],
  ['s', 1000],
  ['m', 60_000],
  ['h', 3_600_000],
]);
const DAY_MS = 86_400_000;

const WHOLE = /^([+-])?(?:(\d+)d)?((?:(?:\d+(?:\.\d*)?|\.\d+)(?:ns|us|\u00b5s|\u03bcs|ms|s|m|h))*)$/;
const PART = /(\d+(?:\.\d*)?|\.\d+)(ns|us|\u00b5s|\u03bcs|ms|s|m|h)/g;
const BARE = /^[+-]?(?:\d+(?:\.\d*)?|\.\d+)$/;

/** Milliseconds of a duration such as `10m30s`, `1.5h`, `2d` or `250` (milliseconds); undefined for any other text. */
export function durationMs(text: string): number | undefined {
  const trimmed = text.trim();
  if (BARE.test(trimmed)) return Number(trimmed);
  const whole = WHOLE.exec(trimmed);
  if (whole === null) return undefined;
  const [, sign, days, rest = ''] = whole;
  if (days === undefined && rest === '') return undefined;
  let totalMs = Number(days ?? 0) * DAY_MS;
  for (const [, amount, unit = ''] of rest.matchAll(PART)) {
    totalMs += Number(amount) * (UNIT_MS.get(unit) ?? 0);
  }
  // Rounded to nanoseconds, as in Go: 2.3 h would be 8279999.999999999 ms.
  const roundedMs = Math.round(totalMs * 1e6) / 1e6;
  return sign === '-' ? -roundedMs : roundedMs;
}

/**
 * A readable duration that k6 accepts: `1h30m`, `1m30.5s`, `250ms`, `0s`. Exact to the microsecond below one second and
 * to the millisecond above; zero parts are omitted. Throws a RangeError if `ms` is not finite.
 */
export function formatDuration(ms: number): string {
  if (!Number.isFinite(ms)) throw new RangeError(`Expected a finite number of milliseconds, got ${ms}`);
  const sign = ms < 0 ? '-' : '';
  const size = Math.abs(ms);
  if (size < 1000) {
    const fraction = Math.round(size * 1000) / 1000;
    if (fraction === 0) return '0s';
    if (fraction < 1000) return `${sign}${fraction}ms`;
  }
  const wholeMs = Math.round(size);
  const hours = Math.floor(wholeMs / 3_600_000);
  const minutes = Math.floor((wholeMs % 3_600_000) / 60_000);
  const seconds = (wholeMs % 60_000) / 1000;
  const parts = [hours > 0 ? `${hours}h` : '', minutes > 0 ? `${minutes}m` : '', seconds > 0 ? `${seconds}s` : ''];
  return sign + parts.join('');
}
