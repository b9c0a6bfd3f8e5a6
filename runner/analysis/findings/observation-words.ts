// The wording of observations: what changed, from what to what, when, and how fast.

import type { Observation } from '../../model/observation.ts';
import { RESIDENT } from '../../monitor/panel-rules.ts';
import { lineText } from '../../monitor/panels.ts';
import { oneLine } from '../../text/display-text.ts';
import { duration, elapsed, withUnit } from '../../text/format.ts';

const PHASE_WORDS: Readonly<Record<string, string>> = {
  http_req_blocked: 'Waiting for a connection',
  http_req_connecting: 'TCP connecting',
  http_req_tls_handshaking: 'TLS handshakes',
  http_req_sending: 'Sending requests',
  http_req_waiting: 'Waiting for the first byte',
  http_req_receiving: 'Receiving responses',
};

const FIGURE_WORDS: Readonly<Record<Observation['figure'], string>> = {
  p50: 'p50',
  p95: 'p95',
  mean: 'mean',
  error_rate: 'error rate',
  rate: 'requests per second',
  value: '',
};

/** `GET /search: p50`, `Resident memory`, `CPU: process (100 % = one core)`. */
export function subjectText({ subject, figure }: Pick<Observation, 'subject' | 'figure'>): string {
  const name = oneLine(subject.name, 120);
  switch (subject.kind) {
    case 'endpoints':
      return 'All endpoints together: p50';
    case 'requests':
      return 'Requests per second';
    case 'phase':
      return `${PHASE_WORDS[subject.name] ?? name}: ${FIGURE_WORDS[figure]}`;
    case 'group':
      return `Group ${name}: ${FIGURE_WORDS[figure]}`;
    case 'server':
      if (subject.panel === 'memory' && subject.name === RESIDENT) return 'Resident memory';
      return subject.panel === '' ? name : oneLine(lineText({ panel: subject.panel, label: subject.name }), 120);
    default:
      return `${name}: ${FIGURE_WORDS[figure]}`;
  }
}

/** Speed of the second half divided by that of the first; within this range it is steady. */
const EVEN = [0.6, 1.6] as const;

/** `GET /search: p50 rose from 30.0 ms to 390 ms over 6 min, steadily` */
export function observationText(seen: Observation): string {
  const source = seen.subject.source === '' ? '' : ` (${oneLine(seen.subject.source, 40)})`;
  return `${subjectText(seen)} ${changeText(seen)}${source}`;
}

/** `rose from 30.0 ms to 390 ms over 6 min, steadily`; `where` follows the verb. */
export function changeText(seen: Observation, where = ''): string {
  const { shape, from, to, unit, at_ms: atMs, until_ms: untilMs, end_ms: endMs, start_ms: startMs } = seen;
  const value = (figure: number) => withUnit(figure, unit);
  const span = `from ${value(from)} to ${value(to)}`;
  const [rose, fell] = to >= from ? ['rose', 'rises'] : ['fell', 'falls'];
  switch (shape) {
    case 'stepped':
      return `stepped${where} ${span} at ${elapsed(atMs ?? startMs)}${untilMs === null ? '' : ` and back at ${elapsed(untilMs)}`}`;
    case 'levelled_off':
      return `${rose}${where} ${span} until ${elapsed(atMs ?? endMs)}, then levelled off`;
    case 'swinging':
      return `rises and falls${where} between ${value(from)} and ${value(to)} every ${duration(seen.period_ms)}`;
    default: {
      if (atMs !== null) return `${rose}${where} ${span} from ${elapsed(atMs)} on`;
      const [slow, fast] = EVEN;
      const how =
        seen.evenness < slow ? `, ever more slowly` : seen.evenness > fast ? `, and ${fell} ever faster` : ', steadily';
      return `${rose}${where} ${span} over ${duration(endMs - startMs)}${how}`;
    }
  }
}

/**
 * `By its trend that is 3.6 s an hour (95 % interval 3.4 s to 3.8 s).`; '' if there is no pace or its direction is
 * open.
 */
export function paceText({ per_hour: pace, unit, shape }: Observation): string {
  if (pace === null || shape === 'stepped' || !isSettled(pace)) return '';
  const value = (perHour: number | null) => (perHour === null ? 'unbounded' : withUnit(perHour, unit));
  const interval = `95 % interval ${value(pace.low)} to ${value(pace.high)}`;
  const basis = pace.from_lows ? 'The minimum of each cycle' : shape === 'levelled_off' ? 'Since then it' : 'Its trend';
  const verb = pace.from_lows ? 'change by' : shape === 'levelled_off' ? 'changes by' : 'is';
  const caveat = pace.is_firm ? '' : '; the steady part is short, so the pace is a rough estimate';
  return `${basis} ${verb} ${value(pace.value)} an hour (${interval}${caveat}).`;
}

/** True if the interval of the pace shows the direction. */
export function isSettled({ low, high }: NonNullable<Observation['per_hour']>): boolean {
  return (low !== null && low > 0) || (high !== null && high < 0);
}

/** Time until `limit` is reached: `about 9 h (7 h to 13 h)`; '' if the value does not move towards it. */
export function reachText(now: number, limit: number, pace: NonNullable<Observation['per_hour']>): string {
  const way = limit - now;
  if (way <= 0 || pace.value <= 0 || pace.low === null || pace.low <= 0) return '';
  const hours = (perHour: number) => duration((way / perHour) * 3_600_000);
  const earliest = pace.high === null ? '' : `${hours(pace.high)} to `;
  return `about ${hours(pace.value)} (${earliest}${hours(pace.low)})`;
}
