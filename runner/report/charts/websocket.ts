// Messages of WebSocket sessions and gRPC streams over time, and the time to connect a WebSocket.

import { count, duration, perSecond, plural } from '../../text/format.ts';
import { type Band, bandsPlot } from './area.ts';
import type { ChartInput } from './chart.ts';
import type { ChartFigure } from './figure.ts';
import { percentileLines } from './percentile-lines.ts';
import { ratesOf, secondsOf, tableOverTime } from './timeline.ts';

/** The WebSocket charts that the run has data for. */
export function webSocketCharts(input: ChartInput): ChartFigure[] {
  return [messagesChart(input, WEBSOCKET), timesChart(input)].flatMap((chart) => chart ?? []);
}

/** The counters of one protocol's messages, and of the connections that carried them. */
interface Messages {
  readonly name: string;
  readonly title: string;
  readonly sent: string;
  readonly received: string;
  readonly connections: string;
  readonly noun: string;
}

const WEBSOCKET: Messages = {
  name: 'ws-messages',
  title: 'WebSocket messages per second',
  sent: 'ws_msgs_sent',
  received: 'ws_msgs_received',
  connections: 'ws_sessions',
  noun: 'session',
};

const GRPC_STREAMS: Messages = {
  name: 'grpc-messages',
  title: 'Messages in gRPC streams per second',
  sent: 'grpc_streams_msgs_sent',
  received: 'grpc_streams_msgs_received',
  connections: 'grpc_streams',
  noun: 'stream',
};

/** Messages of gRPC streams; undefined if the script opened none. */
export function grpcMessagesChart(input: ChartInput): ChartFigure | undefined {
  return messagesChart(input, GRPC_STREAMS);
}

function messagesChart(
  input: ChartInput,
  { name, title, sent, received, connections, noun }: Messages,
): ChartFigure | undefined {
  const sum = (metric: string) => input.metrics.total(metric)?.sum;
  if (sum(sent) === undefined && sum(received) === undefined) return undefined;
  const bands = [
    { name: 'sent', metric: sent, ink: 'sent', dash: [] },
    { name: 'received', metric: received, ink: 'received', dash: [6, 3] },
  ] as const;
  return {
    name,
    title,
    takeaway: `${count(sum(sent) ?? 0)} sent, ${count(sum(received) ?? 0)} received in ${plural(sum(connections) ?? 0, noun)}.`,
    ...bandsPlot(
      input,
      180,
      bands
        .filter(({ metric }) => sum(metric) !== undefined)
        .map(
          ({ metric, ...band }): Band => ({
            ...band,
            style: 'line',
            points: ratesOf(input, metric, (aggregate) => aggregate.sum),
          }),
        ),
      'perSecond',
    ),
    table: tableOverTime(input, ['Sent/s', 'Received/s'], (range) =>
      [sent, received].map((metric) =>
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
    ...bandsPlot(
      input,
      180,
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
