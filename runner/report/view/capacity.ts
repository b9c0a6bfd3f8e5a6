// What a search for the highest sustained load came to → its sentence, its table and the curve of response time over throughput.

import type { CapacityResult, CapacityStep } from '../../model/capacity.ts';
import type { Result } from '../../model/result.ts';
import { oneLine } from '../../text/display-text.ts';
import { count, duration, isFigure, percent, perSecond, significant } from '../../text/format.ts';
import { numberColumn, svgCell, table, textCell, textColumn } from './cells.ts';
import type { Section } from './model.ts';

function loadText(load: number, { unit }: Pick<CapacityResult, 'unit'>): string {
  return unit === 'VUs' ? `${count(load)} VUs` : `${significant(load, 3)} iterations/s`;
}

/** Requests a second at a load, where iterations make several. */
function requestsAt(load: number, { load: sustained, requests_per_s: requests, unit }: CapacityResult): number | null {
  if (unit === 'VUs' || !isFigure(sustained) || !isFigure(requests) || sustained === 0) return null;
  return (load * requests) / sustained;
}

function rangeText(capacity: CapacityResult): string {
  const { load, missed_at: missedAt } = capacity;
  if (load === null || missedAt === null) return '';
  const [low, high] = [requestsAt(load, capacity), requestsAt(missedAt, capacity)];
  return low !== null && high !== null
    ? ` (${significant(low, 3)} to ${significant(high, 3)})`
    : ` (${loadText(load, capacity)} to ${loadText(missedAt, capacity)})`;
}

/** `Sustains 410 requests/s at http_req_duration p(95) < 500 ms (395 to 425); first to break: …; headroom 2.7 times the base load.` */
export function capacityTitle(capacity: CapacityResult): string {
  const { load, missed_at: missedAt, requests_per_s: requests, limited_by: limit, headroom } = capacity;
  if (load === null) {
    const [lowest] = capacity.steps.map((step) => step.load).sort((x, y) => x - y);
    const at = lowest === undefined ? '' : `: missed even at ${loadText(lowest, capacity)}`;
    return `No load sustained${at}${limit === '' ? '' : ` (${oneLine(limit, 160)})`}`;
  }
  const rate = isFigure(requests) ? `${significant(requests, 3)} requests/s` : loadText(load, capacity);
  const least = missedAt === null ? 'at least ' : '';
  const at = limit === '' ? '' : ` at ${oneLine(limit, 160)}`;
  const broke = capacity.first_to_break.slice(0, 3).map((text) => oneLine(text, 160));
  const first = broke.length === 0 ? '' : `; first to break: ${broke.join('; ')}`;
  const room = isFigure(headroom) ? `; headroom ${significant(headroom, 2)} times the base load` : '';
  const doubt = capacity.is_confirmed ? '' : '; not confirmed';
  return `Sustains ${least}${rate}${at}${rangeText(capacity)}${first}${room}${doubt}`;
}

const WHY: Readonly<Record<string, string>> = {
  up: 'twice as much',
  down: 'half as much',
  between: 'between',
  again: 'missed once, again',
  confirm: 'confirmation',
};

const [WIDTH, HEIGHT, SIDE] = [320, 120, 8];

/** Response time (up) over throughput (right), one point a step; the knee is the last point before the first miss. */
function curve(steps: readonly CapacityStep[], knee: number | null): string {
  const points = steps.flatMap(({ requests_per_s: x, p95_ms: y, is_met: isMet, load }) =>
    isFigure(x) && isFigure(y) ? [{ x, y, isMet, load }] : [],
  );
  if (points.length < 2) return '';
  const [mostX, mostY] = [Math.max(...points.map(({ x }) => x)), Math.max(...points.map(({ y }) => y))];
  const place = (value: number, most: number, size: number) => SIDE + (value / (most || 1)) * (size - 2 * SIDE);
  const at = ({ x, y }: { x: number; y: number }) =>
    [place(x, mostX, WIDTH), HEIGHT - place(y, mostY, HEIGHT)].map((value) => Math.round(value * 10) / 10);
  const line = points
    .toSorted((p, q) => p.load - q.load)
    .map((point, index) => `${index === 0 ? 'M' : 'L'}${at(point).join(' ')}`)
    .join('');
  const dots = points.map((point) => {
    const [x, y] = at(point);
    return `<circle class="${point.isMet ? 'spark-dot' : 'trend-missed'}" cx="${x}" cy="${y}" r="${point.load === knee ? 4 : 2.2}"/>`;
  });
  return (
    `<svg class="trend-line" viewBox="0 0 ${WIDTH} ${HEIGHT}" width="${WIDTH}" height="${HEIGHT}" aria-hidden="true">` +
    `<path class="spark-line" d="${line}"/>${dots.join('')}</svg>`
  );
}

function stepRow(step: CapacityStep, capacity: CapacityResult) {
  const isKnee = step.load === capacity.load;
  return [
    textCell(loadText(step.load, capacity), { note: isKnee ? 'knee: the highest sustained load' : '' }),
    textCell(WHY[step.why] ?? step.why),
    textCell(perSecond(step.requests_per_s), { isNumeric: true }),
    textCell(duration(step.p50_ms), { isNumeric: true }),
    textCell(duration(step.p95_ms), { isNumeric: true }),
    textCell(isFigure(step.error_share) ? percent(step.error_share) : '–', { isNumeric: true }),
    textCell(step.is_met ? 'met' : 'missed', {
      tone: step.is_met ? 'good' : 'bad',
      icon: step.is_met ? 'pass' : 'fail',
      note: oneLine(step.missed, 200),
    }),
  ];
}

/** None where the run searched for no capacity. */
export function capacitySections({ capacity }: Pick<Result, 'capacity'>): Section[] {
  if (capacity === undefined) return [];
  const columns = [
    textColumn('Load held'),
    textColumn('Why'),
    ...['Throughput', 'p50', 'p95', 'Errors'].map(numberColumn),
    textColumn('Targets'),
  ];
  const picture = curve(capacity.steps, capacity.load);
  const rows = [
    ...capacity.steps.toSorted((x, y) => x.load - y.load).map((step) => stepRow(step, capacity)),
    ...(picture === ''
      ? []
      : [
          [
            svgCell(picture, 'p95 over throughput; the larger point is the knee'),
            ...Array.from({ length: columns.length - 1 }, () => textCell('')),
          ],
        ]),
  ];
  return [
    {
      id: 'capacity',
      title: 'Capacity',
      note: `${capacityTitle(capacity)}. Each load was held in its own run. All other figures on this page are from the last confirmation run.`,
      table: table('capacity-steps', 'Loads held', columns, rows, 'No load was tested.'),
    },
  ];
}
