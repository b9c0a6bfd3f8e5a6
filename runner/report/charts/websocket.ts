// WebSocket over time: messages in and out, and how long connecting takes.

import { count, duration, perSecond } from '../../text/format.ts';
import { drawBands } from './area.ts';
import type { ChartInput } from './chart.ts';
import type { ChartFigure } from './figure.ts';
import { percentileLines } from './percentile-lines.ts';
import { ratesOf, secondsOf, tableOverTime } from './timeline.ts';

/** The charts that the run has data for; none without WebSocket sessions. */
export function webSocketCharts(input: ChartInput): ChartFigure[] {
  return [messagesChart(input), timesChart(input)].flatMap((chart) => chart ?? []);
}

function messagesChart(input: ChartInput): ChartFigure | undefined {
  const [sent, received] = [input.metrics.total('ws_msgs_sent'), input.metrics.total('ws_msgs_received')];
  if (sent === undefined && received === undefined) return undefined;
  const rate = (metric: string) => ratesOf(input, metric, (aggregate) => aggregate.sum);
  return {
    name: 'ws-messages',
    title: 'WebSocket messages per second',
    takeaway: `${count(sent?.sum ?? 0)} sent, ${count(received?.sum ?? 0)} received in ${count(input.metrics.total('ws_sessions')?.sum ?? 0)} sessions.`,
    ...drawBands(
      input,
      { name: 'ws-messages', height: 180 },
      [
        ...(sent === undefined
          ? []
          : [{ name: 'sent', ink: 'sent', style: 'line', points: rate('ws_msgs_sent') } as const]),
        ...(received === undefined
          ? []
          : [
              {
                name: 'received',
                ink: 'received',
                style: 'line',
                dash: [6, 3],
                points: rate('ws_msgs_received'),
              } as const,
            ]),
      ],
      'perSecond',
    ),
    table: tableOverTime(input, ['Sent/s', 'Received/s'], (range) =>
      ['ws_msgs_sent', 'ws_msgs_received'].map((metric) =>
        perSecond((input.metrics.total(metric, {}, range)?.sum ?? 0) / secondsOf(input, range)),
      ),
    ),
  };
}

function timesChart(input: ChartInput): ChartFigure | undefined {
  const connecting = input.metrics.total('ws_connecting');
  if (connecting === undefined) return undefined;
  const { lines } = percentileLines(input, { metric: 'ws_connecting' }, [0.5, 0.95], input.mostPoints);
  return {
    name: 'ws-connecting',
    title: 'WebSocket: time to connect',
    takeaway: `p50 ${duration(connecting.quantile(0.5))}, p95 ${duration(connecting.quantile(0.95))}, max ${duration(connecting.max)}.`,
    ...drawBands(
      input,
      { name: 'ws-connecting', height: 180 },
      [
        { name: 'p50', ink: 'p50', style: 'line', points: lines[0] ?? [] } as const,
        { name: 'p95', ink: 'p95', style: 'line', width: 2.25, points: lines[1] ?? [] } as const,
      ].filter(({ points }) => points.length > 0),
      'duration',
    ),
    table: tableOverTime(input, ['p50', 'p95', 'max'], (range) => {
      const part = input.metrics.total('ws_connecting', {}, range);
      return [duration(part?.quantile(0.5)), duration(part?.quantile(0.95)), duration(part?.max)];
    }),
  };
}
