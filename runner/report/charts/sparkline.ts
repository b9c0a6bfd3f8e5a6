// Numbers → a line of the size of a word; a time range → a bar of that size.

const WIDTH = 96;
const HEIGHT = 22;

/**
 * An SVG line through evenly spaced values, from 0 to the highest; null is a gap. It has at most 48 points, each the highest of its
 * part, so that spikes remain. '' without values. Style sheets give the colours.
 */
export function sparkline(values: ReadonlyArray<number | null>): string {
  const per = Math.ceil(values.length / 48);
  const points: Array<number | null> = [];
  for (let first = 0; first < values.length; first += per) {
    const known = values.slice(first, first + per).filter((value) => value !== null);
    points.push(known.length === 0 ? null : Math.max(...known));
  }
  const top = Math.max(...points.map((value) => value ?? 0), Number.MIN_VALUE);
  let path = '';
  let isDrawing = false;
  let last = '';
  points.forEach((value, index) => {
    if (value === null) {
      isDrawing = false;
      return;
    }
    const x = points.length === 1 ? WIDTH / 2 : 2 + (index / (points.length - 1)) * (WIDTH - 4);
    const y = HEIGHT - 2 - (value / top) * (HEIGHT - 4);
    const isAlone = !isDrawing && (index === points.length - 1 || points[index + 1] === null);
    path += `${isDrawing ? 'L' : 'M'}${tenth(x)} ${tenth(y)}${isAlone ? 'h.1' : ''}`;
    last = `<circle class="spark-dot" cx="${tenth(x)}" cy="${tenth(y)}" r="1.8"/>`;
    isDrawing = true;
  });
  if (path === '') return '';
  return `${opening('spark')}<path class="spark-line" d="${path}"/>${last}</svg>`;
}

/** An SVG bar from `from` to `to`, shares (0 to 1) of its track. */
export function lane(from: number, to: number): string {
  const left = Math.min(Math.max(from, 0), 1) * WIDTH;
  const width = Math.max(Math.min(to, 1) * WIDTH - left, 2);
  const start = Math.min(left, WIDTH - 2);
  return (
    `${opening('lane')}<rect class="lane-track" x="0" y="9" width="${WIDTH}" height="4" rx="2"/>` +
    `<rect class="lane-bar" x="${tenth(start)}" y="6" width="${tenth(width)}" height="10" rx="2"/></svg>`
  );
}

function opening(name: string): string {
  return `<svg class="${name}" viewBox="0 0 ${WIDTH} ${HEIGHT}" width="${WIDTH}" height="${HEIGHT}" aria-hidden="true">`;
}

function tenth(value: number): number {
  return Math.round(value * 10) / 10;
}
