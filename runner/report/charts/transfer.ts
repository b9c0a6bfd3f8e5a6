// Bytes per second over time, received and sent.

import { bytes } from '../../text/format.ts';
import { bandsPlot } from './area.ts';
import type { ChartInput } from './chart.ts';
import type { ChartFigure } from './figure.ts';
import { ratesOf, secondsOf, tableOverTime } from './timeline.ts';

/** The chart; undefined if no data was transferred. */
export function transferChart(input: ChartInput): ChartFigure | undefined {
  const received = input.metrics.total('data_received')?.sum ?? 0;
  const sent = input.metrics.total('data_sent')?.sum ?? 0;
  if (received + sent === 0) return undefined;
  const rate = (metric: string) => ratesOf(input, metric, (aggregate) => aggregate.sum);
  const perSecond = (value: number) => `${bytes(value, { trim: true })}/s`;
  return {
    name: 'transfer',
    title: 'Data received and sent',
    takeaway: `${bytes(received)} received, ${bytes(sent)} sent.`,
    ...bandsPlot(
      input,
      180,
      [
        { name: 'received', ink: 'received', style: 'line', points: rate('data_received') },
        { name: 'sent', ink: 'sent', style: 'line', dash: [6, 3], points: rate('data_sent') },
      ],
      'bytesPerSecond',
    ),
    table: tableOverTime(input, ['Received', 'Sent'], (range) => {
      const seconds = secondsOf(input, range);
      const part = (metric: string) => perSecond((input.metrics.total(metric, {}, range)?.sum ?? 0) / seconds);
      return [part('data_received'), part('data_sent')];
    }),
  };
}
