// Formats numbers; the only place that does. Values in the units of result.json become text: 1.24 s, 312 ms, 4,140/s,
// 12.4 MB, 0.03 %. Rules: three significant digits; whole numbers below 10,000 in full; no percentages above 999; a
// real minus sign; NO_DATA for a missing value, never NaN.

export const NO_DATA = 'no data';

export type Figure = number | null | undefined;

/** True for a number that can be shown: not missing, NaN or infinite. */
export function isFigure(value: Figure): value is number {
  return typeof value === 'number' && Number.isFinite(value);
}

/** Cached by number of decimals: creating a formatter takes longer than formatting many numbers. */
const writers = new Map<number, Intl.NumberFormat>();
const MOST_DECIMALS = 12;

function writerOf(decimals: number): Intl.NumberFormat {
  const known = writers.get(decimals);
  if (known !== undefined) return known;
  const writer = new Intl.NumberFormat('en-US', { minimumFractionDigits: decimals, maximumFractionDigits: decimals });
  writers.set(decimals, writer);
  return writer;
}

const MINUS = '−';

function withDecimals(value: number, decimals: number): string {
  const text = writerOf(Math.min(decimals, MOST_DECIMALS)).format(Math.abs(value));
  return value < 0 ? `${MINUS}${text}` : text;
}

/** Above this, digits are not shown in full: 1.7e308 would have 412 characters. */
const LARGEST_IN_FULL = 1e15;

/** Formats with `digits` significant digits and commas: 1234.5 → 1,235; 0.04321 → 0.0432; above 10^15 as 1.70e+308. */
export function significant(value: number, digits = 3): string {
  if (value === 0) return '0';
  if (Math.abs(value) > LARGEST_IN_FULL) return `${value < 0 ? MINUS : ''}${Math.abs(value).toExponential(digits - 1)}`;
  const magnitude = Math.floor(Math.log10(Math.abs(value)));
  const decimals = Math.min(Math.max(digits - 1 - magnitude, 0), 12);
  // 9.996 to three digits would be 10.00, so one decimal less is used.
  const carries = decimals > 0 && Number(Math.abs(value).toFixed(decimals)) >= 10 ** (magnitude + 1);
  return withDecimals(value, carries ? decimals - 1 : decimals);
}

/** Removes trailing zeros: 1.20 → 1.2, 500.0 → 500; 1,000 stays. */
function trimmed(text: string): string {
  return text.includes('.') && !text.includes('e') ? text.replace(/\.?0+$/, '') : text;
}

/** With all digits (a measurement) or without trailing zeros (a target). */
interface Style {
  readonly digits?: number;
  readonly trim?: boolean;
}

function number(value: number, { digits = 3, trim = false }: Style): string {
  const text = significant(value, digits);
  return trim ? trimmed(text) : text;
}

/** Formats milliseconds: 412 µs, 12.4 ms, 312 ms, 1.24 s, 2 min 05 s, 1 h 05 min. */
export function duration(ms: Figure, style: Style = {}): string {
  if (!isFigure(ms)) return NO_DATA;
  const size = Math.abs(ms);
  if (size === 0) return '0 ms';
  if (size < 0.9995) return `${number(ms * 1000, style)} µs`;
  if (size < 999.5) return `${number(ms, style)} ms`;
  if (size < 59_950) return `${number(ms / 1000, style)} s`;
  return longDuration(ms);
}

function longDuration(ms: number): string {
  const sign = ms < 0 ? MINUS : '';
  const seconds = Math.round(Math.abs(ms) / 1000);
  const minutes = Math.floor(seconds / 60);
  if (minutes < 60) {
    const rest = seconds % 60;
    return `${sign}${minutes} min${rest === 0 ? '' : ` ${String(rest).padStart(2, '0')} s`}`;
  }
  const rest = minutes % 60;
  return `${sign}${Math.floor(minutes / 60).toLocaleString('en-US')} h${rest === 0 ? '' : ` ${String(rest).padStart(2, '0')} min`}`;
}

const BYTE_UNITS = ['B', 'kB', 'MB', 'GB', 'TB', 'PB'] as const;

/** Formats bytes in powers of 1000, as usual for networks: 812 B, 12.4 MB. */
export function bytes(value: Figure, style: Style = {}): string {
  if (!isFigure(value)) return NO_DATA;
  let scaled = value;
  let unit = 0;
  while (Math.abs(scaled) >= 999.5 && unit < BYTE_UNITS.length - 1) {
    scaled /= 1000;
    unit++;
  }
  const text = unit === 0 && Number.isInteger(scaled) ? withDecimals(scaled, 0) : number(scaled, style);
  return `${text} ${BYTE_UNITS[unit] ?? 'B'}`;
}

/** Formats with a fixed number of decimals, for example a correlation of −0.84. */
export function decimals(value: Figure, digits: number): string {
  return isFigure(value) ? withDecimals(value, digits) : NO_DATA;
}

/** Above this, percentages are hard to read: 2,300 % is written as 23×. */
const MOST_PERCENT = 999.5;

/**
 * Formats a share from 0 to 1 as a percentage: 0.03 %, 12.4 %; from ten times on as a factor: 23×. Never rounds a small
 * share to 0 or a large one to 100: 0.99999 is 99.999 %.
 */
export function percent(share: Figure, style: Style = {}): string {
  return isFigure(share) ? percentText(share * 100, style) : NO_DATA;
}

/** The same for a value that is already in percent. */
function percentText(value: number, { digits = 3 }: Style): string {
  const size = Math.abs(value);
  if (size >= MOST_PERCENT) return times(value / 100, { digits });
  if (value === 0 || value === 100) return `${value} %`;
  if (size < 100 && size > 99) {
    // Uses enough decimals to stay below 100.
    let decimals = Math.max(digits - 2, 1);
    while (decimals < 9 && Number(size.toFixed(decimals)) >= 100) decimals++;
    return `${trimmed(withDecimals(value, decimals))} %`;
  }
  return `${trimmed(significant(value, size >= 0.01 ? digits : 2))} %`;
}

/** Formats a factor: 1.5×, 23×, 1,000×. */
export function times(factor: Figure, { digits = 2 }: Style = {}): string {
  if (!isFigure(factor)) return NO_DATA;
  return `${Math.abs(factor) >= 100_000 ? compact(factor) : trimmed(significant(factor, digits))}×`;
}

/** The name of the q-quantile, q from 0 to 1: `p50`, `p99.9`. */
export function percentileName(q: number, decimals = 6): string {
  return `p${Number((q * 100).toFixed(decimals))}`;
}

/** Formats a count with separators: 30,000. A fraction has three significant digits. */
export function count(value: Figure): string {
  if (!isFigure(value)) return NO_DATA;
  return Number.isInteger(value) && Math.abs(value) <= LARGEST_IN_FULL ? withDecimals(value, 0) : significant(value, 3);
}

const COMPACT_UNITS = ['', ' k', ' M', ' G', ' T'] as const;

/** Formats a number for tiles and axes: 812, 4,140, 12.4 k, 1.24 M. */
export function compact(value: Figure, { digits = 3, trim = true }: Style = {}): string {
  if (!isFigure(value)) return NO_DATA;
  if (Math.abs(value) < 9_999.5)
    return Number.isInteger(value) ? withDecimals(value, 0) : number(value, { digits, trim });
  let scaled = value;
  let unit = 0;
  while (Math.abs(scaled) >= 999.5 && unit < COMPACT_UNITS.length - 1) {
    scaled /= 1000;
    unit++;
  }
  return `${number(scaled, { digits, trim })}${COMPACT_UNITS[unit] ?? ''}`;
}

/** Formats a rate per second: 412/s, 4,140/s, 12.4 k/s, 0.35/s. */
export function perSecond(value: Figure, style: Style = {}): string {
  return isFigure(value) ? `${compact(value, style)}/s` : NO_DATA;
}

/** Formats a value with the unit of a KPI or metric. An unknown unit is appended to the number. */
export function withUnit(value: Figure, unit: string, style: Style = {}): string {
  if (!isFigure(value)) return NO_DATA;
  switch (unit.trim().toLowerCase()) {
    case 'ms':
    case 'milliseconds':
      return duration(value, style);
    case 's':
    case 'seconds':
      return duration(value * 1000, style);
    case 'bytes':
    case 'b':
      return bytes(value, style);
    case 'share':
    case 'ratio':
      return percent(value, style);
    case '%':
    case 'percent':
      return percentText(value, style);
    case '1/s':
    case '/s':
    case 'req/s':
    case 'per_s':
    case 'count/s':
      return perSecond(value, style);
    case 'b/s':
    case 'bytes/s':
      return `${bytes(value, style)}/s`;
    case 'bytes/h':
      return `${bytes(value, style)}/h`;
    case '':
    case 'count':
      return style.digits === undefined ? count(value) : trimmed(significant(value, style.digits));
    default:
      return `${Number.isInteger(value) ? count(value) : number(value, style)} ${unit}`;
  }
}

/** Formats a target without trailing zeros: 500 ms, not 500.0 ms. */
export function targetWithUnit(value: Figure, unit: string): string {
  return withUnit(value, unit, { trim: true, digits: 6 });
}

/**
 * Formats a measured value for display next to its target, with enough digits to show the difference: 500.4 ms against
 * a target of 500 ms must not read as "500 ms, missed".
 */
export function nextToTarget(value: Figure, target: number, unit: string): string {
  if (!isFigure(value) || value === target) return withUnit(value, unit);
  for (const digits of [3, 4, 5, 6, 8, 10]) {
    const text = withUnit(value, unit, { digits });
    if (trimmed(text.split(' ')[0] ?? '') !== trimmed(withUnit(target, unit, { digits }).split(' ')[0] ?? ''))
      return text;
    if (text.replace(/[\d.,]+/, '') !== withUnit(target, unit, { digits }).replace(/[\d.,]+/, '')) return text;
  }
  return `${String(value)} ${unit}`;
}

/**
 * Formats a change in percent: +12 %, −3 %. A rise above 999 % is written as a factor: +2,300 % is 24×. '–' for no
 * value.
 */
export function signedPercent(value: Figure): string {
  if (!isFigure(value)) return '–';
  const size = Math.abs(value);
  if (value >= MOST_PERCENT) return times(1 + value / 100);
  if (size >= MOST_PERCENT) return `below ${MINUS}999 %`;
  return `${value < 0 ? MINUS : '+'}${trimmed(significant(size, size >= 100 ? 3 : 2))} %`;
}

/** Formats a difference of shares in percentage points: +0.3 points, −1 point, ±0 points. */
export function signedPoints(share: Figure): string {
  if (!isFigure(share)) return '–';
  if (share === 0) return '±0 points';
  const text = trimmed(significant(Math.abs(share) * 100, 2));
  return `${share < 0 ? MINUS : '+'}${text} ${text === '1' ? 'point' : 'points'}`;
}

/** Formats the time since the start of load: 00:07, 12:30, 1:02:30. */
export function elapsed(ms: number): string {
  const seconds = Math.floor(Math.max(ms, 0) / 1000);
  const pad = (value: number) => String(value).padStart(2, '0');
  const hours = Math.floor(seconds / 3600);
  const rest = `${pad(Math.floor(seconds / 60) % 60)}:${pad(seconds % 60)}`;
  return hours > 0 ? `${hours}:${rest}` : rest;
}

export type Zone = 'utc' | 'local';

/** Formats the time of day: 14:03:12, in UTC or in the local time zone. */
export function clock(epochMs: number, zone: Zone = 'utc'): string {
  const date = new Date(zone === 'utc' ? epochMs : epochMs - new Date(epochMs).getTimezoneOffset() * 60_000);
  return Number.isNaN(date.getTime()) ? NO_DATA : date.toISOString().slice(11, 19);
}

/** Formats an ISO 8601 time as `2026-11-23 14:49:34 UTC`; returns the text unchanged if it is not a date. */
export function utc(iso: string): string {
  const time = Date.parse(iso);
  return Number.isNaN(time) ? iso : `${new Date(time).toISOString().slice(0, 19).replace('T', ' ')} UTC`;
}

/** `2 of 3 scenarios passed`; for a single one `the scenario passed` or `the scenario did not pass`. */
export function passedScenarios(passed: number, all: number, what: 'scenario' | 'run'): string {
  if (all === 1) return `the ${what} ${passed === 1 ? 'passed' : 'did not pass'}`;
  return `${count(passed)} of ${plural(all, what)} passed`;
}

/** `1 of 9 targets missed`; for a single one `the target was missed` or `no target was missed`. */
export function missedTargets(missed: number, all: number): string {
  if (all === 1) return missed === 1 ? 'the target was missed' : 'no target was missed';
  return `${count(missed)} of ${plural(all, 'target')} missed`;
}

/** `1 request`, `30,000 requests`. */
export function plural(value: number, singular: string, plurals = `${singular}s`): string {
  return `${count(value)} ${value === 1 ? singular : plurals}`;
}
