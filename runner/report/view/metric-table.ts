// All metrics of k6 and of the script as a table, one row per metric.

import { isOwnMetric } from '../../model/builtin-metrics.ts';
import type { Result } from '../../model/result.ts';
import { isFigure, percent, withUnit } from '../../text/format.ts';
import type { ChartInput } from '../charts/chart.ts';
import type { FigureOf } from '../tracks/book.ts';
import { following, numberCell, numberColumn, table, textCell, textColumn } from './cells.ts';
import type { Table } from './model.ts';
import { percentileColumns } from './percentiles.ts';

/** The custom metrics of the script first, then the built-in metrics of k6 with samples. */
export function metricTable(result: Result, { tracks, metrics: run }: ChartInput): Table {
  const columns = percentileColumns(result, 'p99');
  const rows = Object.entries(result.metrics)
    .filter(([name, metric]) => metric.count > 0 || metric.value !== null || isOwnMetric(name))
    .sort(([a], [b]) => Number(isOwnMetric(b)) - Number(isOwnMetric(a)) || a.localeCompare(b))
    .map(([name, metric]) => {
      const isCounter = metric.type === 'counter';
      const follow = (amount: number | null, figure: FigureOf['figure'] | number, format: FigureOf['format']) => {
        if (!isFigure(amount)) return '';
        const what = typeof figure === 'number' ? ({ figure: 'q', q: figure } as const) : { figure };
        return tracks.bind({ ...what, of: { metric: name }, format }, {}, true);
      };
      const value = (amount: number | null, figure: FigureOf['figure'] | number) =>
        following(
          numberCell(amount, (shown) => (isFigure(shown) ? withUnit(shown, metric.unit) : '–')),
          follow(amount, figure, ['unit', metric.unit]),
        );
      const rateUnit = `${metric.unit === 'bytes' ? 'bytes' : ''}/s`;
      const rate = (shown: number | null | undefined) =>
        metric.type === 'rate' ? percent(shown) : withUnit(shown, rateUnit);
      const amountUnit = isCounter ? metric.unit : 'count';
      return [
        textCell(name, { note: isOwnMetric(name) ? 'custom' : '' }),
        textCell(metric.type),
        following(
          numberCell(metric.count, (shown) => withUnit(shown, amountUnit)),
          follow(metric.count, isCounter ? 'sum' : 'count', ['unit', amountUnit]),
        ),
        following(
          {
            ...numberCell(metric.rate, (shown) => (isFigure(shown) ? rate(shown) : '–')),
            isShare: metric.type === 'rate',
          },
          metric.type === 'rate'
            ? follow(metric.rate, 'mean', ['percent'])
            : follow(metric.rate, 'perSecond', ['unit', rateUnit]),
        ),
        value(metric.avg, 'mean'),
        value(metric.min, 'min'),
        ...columns.map(({ q, field }) =>
          value(
            field !== undefined
              ? metric[field]
              : metric.type === 'trend'
                ? (run.total(name)?.quantile(q) ?? null)
                : null,
            q,
          ),
        ),
        value(metric.max, 'max'),
        metric.type === 'gauge' ? value(metric.value, 'last') : value(null, 'last'),
      ];
    });
  const numbers = ['Count', 'Rate', 'avg', 'min', ...columns.map(({ label }) => label), 'max', 'last'];
  return table(
    'metrics',
    'Metrics',
    [textColumn('Metric'), textColumn('Type'), ...numbers.map(numberColumn)],
    rows,
    '',
  );
}
