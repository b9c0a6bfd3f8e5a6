// Sections for what the table of endpoints does not cover: WebSocket sessions, and the web vitals of a browser.

import type { Aggregate } from '../../model/metrics.ts';
import { count, duration, perSecond, significant } from '../../text/format.ts';
import type { ChartInput } from '../charts/chart.ts';
import { WEB_VITALS, type WebVital } from '../charts/web-vitals.ts';
import type { FigureOf } from '../tracks/book.ts';
import { following, numberCell, numberColumn, table, textCell, textColumn } from './cells.ts';
import type { Cell, Section, Tone } from './model.ts';

/** Sections for the protocols that the run used. */
export function protocolSections(input: ChartInput): Section[] {
  return [webSocketSection(input), webVitalsSection(input)].flatMap((section) => section ?? []);
}

const WS_COUNTERS = [
  ['ws_sessions', 'Sessions'],
  ['ws_msgs_sent', 'Messages sent'],
  ['ws_msgs_received', 'Messages received'],
] as const;

const WS_TIMES = [
  ['ws_connecting', 'Connecting'],
  ['ws_session_duration', 'Session duration'],
  ['ws_ping', 'Ping'],
] as const;

function webSocketSection({ metrics, tracks, result }: ChartInput): Section | undefined {
  const bound = (metric: string, figure: FigureOf['figure'] | number, format: FigureOf['format']) =>
    tracks.bind(
      typeof figure === 'number'
        ? { figure: 'q', q: figure, of: { metric }, format }
        : { figure, of: { metric }, format },
    );
  const none = textCell('–', { isNumeric: true });
  const rows = WS_COUNTERS.flatMap(([metric, name]): Cell[][] => {
    const total = metrics.total(metric);
    if (total === undefined) return [];
    const rate = (total.sum * 1000) / Math.max(result.duration_ms, 1);
    return [
      [
        textCell(name),
        following(numberCell(total.sum, count), bound(metric, 'sum', ['count'])),
        following(numberCell(rate, perSecond), bound(metric, 'perSecond', ['perSecond'])),
        ...Array.from({ length: 5 }, () => none),
      ],
    ];
  });
  for (const [metric, name] of WS_TIMES) {
    const total = metrics.total(metric);
    if (total === undefined) continue;
    const time = (value: number | undefined, figure: 'mean' | 'max' | number) =>
      following(numberCell(value, duration), bound(metric, figure, ['duration']));
    rows.push([
      textCell(name),
      following(numberCell(total.count, count), bound(metric, 'count', ['count'])),
      none,
      time(total.mean, 'mean'),
      ...[0.5, 0.95, 0.99].map((q) => time(total.quantile(q), q)),
      time(total.max, 'max'),
    ]);
  }
  if (rows.length === 0) return undefined;
  const columns = [textColumn('WebSocket'), ...['Count', 'Rate', 'avg', 'p50', 'p95', 'p99', 'max'].map(numberColumn)];
  return {
    id: 'websocket',
    title: 'WebSocket',
    note: 'Sessions, messages and durations.',
    table: table('websocket', 'WebSocket', columns, rows, ''),
  };
}

const RATINGS = {
  good: { tone: 'good', word: 'good' },
  needs: { tone: 'warn', word: 'needs improvement' },
  poor: { tone: 'bad', word: 'poor' },
} as const satisfies Record<string, { tone: Tone; word: string }>;

function ratingOf(value: number, { good, poor }: WebVital): keyof typeof RATINGS {
  if (value <= good) return 'good';
  return value <= poor ? 'needs' : 'poor';
}

function webVitalsSection({ metrics, tracks }: ChartInput): Section | undefined {
  const rows = WEB_VITALS.flatMap((vital): Cell[][] => {
    const total: Aggregate | undefined = metrics.total(vital.metric);
    const p75 = total?.quantile(0.75);
    if (total === undefined || p75 === undefined) return [];
    const text = (value: number | null | undefined) =>
      vital.isTime ? duration(value, { trim: true }) : significant(value ?? 0, 2);
    const { tone, word } = RATINGS[ratingOf(p75, vital)];
    const icon = tone === 'good' ? 'pass' : tone === 'warn' ? 'warn' : 'fail';
    return [
      [
        textCell(vital.name, { note: vital.label }),
        textCell(word, { tone, icon }),
        following(
          numberCell(p75, text),
          vital.isTime ? tracks.bind({ figure: 'q', q: 0.75, of: { metric: vital.metric }, format: ['duration'] }) : '',
        ),
        numberCell(vital.good, text),
        numberCell(vital.poor, text),
        following(
          numberCell(total.count, count),
          tracks.bind({ figure: 'count', of: { metric: vital.metric }, format: ['count'] }),
        ),
      ],
    ];
  });
  if (rows.length === 0) return undefined;
  return {
    id: 'web-vitals',
    title: 'Web vitals',
    note: 'The rating compares p75 with the limits of web.dev/vitals.',
    table: table(
      'web-vitals',
      'Web vitals',
      [textColumn('Vital'), textColumn('Rating'), ...['p75', 'Good up to', 'Poor above', 'Samples'].map(numberColumn)],
      rows,
      '',
    ),
  };
}
