// The values of one target over several runs → an SVG line with its limit, and a cross for every miss.

/** One run: the measured value, and the limit at that time. */
export interface TrendPoint {
  /** null without data. */
  readonly value: number | null;
  /** null for a figure without a limit. */
  readonly target: number | null;
  readonly isMissed: boolean;
  /** The 95 % interval of the value, if it has one. */
  readonly low?: number | null | undefined;
  readonly high?: number | null | undefined;
  /** The first run at a new level. */
  readonly isChange?: boolean;
}

/** Size of a trend line in pixels. */
export const TREND_WIDTH = 240;
export const TREND_HEIGHT = 48;
const SIDE = 5;
const TOP = 6;

/** The scale covers at least this share of the level, so that runs with small differences give a flat line. */
const LEAST_RANGE = 0.2;

/** The x of point `index` of `count` in pixels. */
export function across(index: number, count: number): number {
  return count === 1 ? TREND_WIDTH - SIDE : SIDE + (index / (count - 1)) * (TREND_WIDTH - 2 * SIDE);
}

/** A conversion to pixels that covers all values and limits, and starts at 0 if that is near. */
function scaleOf(points: readonly TrendPoint[]): (value: number) => number {
  const known = points.flatMap(({ value, target }) => [value, target].filter((number) => number !== null));
  const [low, high] = [Math.min(...known), Math.max(...known)];
  const least = Math.max(Math.abs(high), Math.abs(low)) * LEAST_RANGE;
  const range = Math.max(high - low, least, Number.MIN_VALUE);
  const middle = (low + high) / 2;
  const bottom = low >= 0 && middle - range / 2 < range / 2 ? 0 : middle - range / 2;
  const top = Math.max(middle + range / 2, high);
  return (value) => TREND_HEIGHT - TOP - ((value - bottom) / (top - bottom || 1)) * (TREND_HEIGHT - 2 * TOP);
}

/**
 * The line, with the newest run on the right. A run without data is a gap, with a cross at the bottom if that counts as missed.
 * '' if no run has a value. Style sheets give the colours.
 */
export function trendLine(points: readonly TrendPoint[]): string {
  const finite = points.map(({ value, target, isMissed, low, high, isChange }) => ({
    value: Number.isFinite(value) ? value : null,
    target: Number.isFinite(target) ? target : null,
    isMissed,
    low: Number.isFinite(low) ? low : null,
    high: Number.isFinite(high) ? high : null,
    isChange: isChange === true,
  }));
  if (finite.every(({ value }) => value === null)) return '';
  const y = scaleOf(finite);
  const at = finite.map((_, index) => tenth(across(index, finite.length)));
  const line = pathOf(
    finite.map(({ value }, index) => (value === null ? undefined : `${at[index]} ${tenth(y(value))}`)),
  );
  const limit = pathOf(
    finite.map(({ target }, index) => (target === null ? undefined : `${at[index]} ${tenth(y(target))}`)),
  );
  const crosses = finite
    .map(({ value, isMissed }, index) => {
      if (!isMissed) return '';
      const middle = value === null ? TREND_HEIGHT - TOP : tenth(y(value));
      return `M${tenth((at[index] ?? 0) - 3)} ${tenth(middle - 3)}l6 6m0-6l-6 6`;
    })
    .join('');
  const clamped = (value: number) => Math.min(TREND_HEIGHT - 1, Math.max(1, tenth(y(value))));
  const intervals = finite
    .map(({ low, high }, index) =>
      low == null || high == null ? '' : `M${at[index]} ${clamped(low)}V${clamped(high)}`,
    )
    .join('');
  const changes = finite.map(({ isChange }, index) => (isChange ? `M${at[index]} 1V${TREND_HEIGHT - 1}` : '')).join('');
  const newest = finite.at(-1);
  const dot =
    newest?.value === null || newest === undefined || newest.isMissed
      ? ''
      : `<circle class="spark-dot" cx="${at.at(-1)}" cy="${tenth(y(newest.value))}" r="2.6"/>`;
  return (
    `<svg class="trend-line" viewBox="0 0 ${TREND_WIDTH} ${TREND_HEIGHT}" width="${TREND_WIDTH}" height="${TREND_HEIGHT}" aria-hidden="true">` +
    `${changes === '' ? '' : `<path class="trend-change" d="${changes}"/>`}${intervals === '' ? '' : `<path class="trend-interval" d="${intervals}"/>`}` +
    `${limit === '' ? '' : `<path class="trend-target" d="${limit}"/>`}<path class="spark-line" d="${line}"/>${dot}` +
    `${crosses === '' ? '' : `<path class="trend-missed" d="${crosses}"/>`}</svg>`
  );
}

/** A line through places with gaps; a place between two gaps is a dot. */
function pathOf(places: ReadonlyArray<string | undefined>): string {
  return places
    .map((place, index) => {
      if (place === undefined) return '';
      const isFirst = index === 0 || places[index - 1] === undefined;
      const isAlone = isFirst && (index === places.length - 1 || places[index + 1] === undefined);
      return `${isFirst ? 'M' : 'L'}${place}${isAlone ? 'h.1' : ''}`;
    })
    .join('');
}

function tenth(value: number): number {
  return Math.round(value * 10) / 10;
}
