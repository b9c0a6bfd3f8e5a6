// A KPI → its name in tables, reasons and findings: `p95 of http_req_duration, name = GET /products`.

import type { Kpi } from '../model/kpi.ts';
import { oneLine } from '../text/display-text.ts';

type Named = Pick<Kpi, 'metric' | 'statistic' | 'filter'>;

/** A statistic without its metric: `p95`, `p50 degradation`. */
export function shortStatistic(statistic: Named['statistic']): string {
  return oneLine(statistic, 30)
    .replace(/^p\((.*?)\)/, 'p$1')
    .replace(/^med /, 'p50 ');
}

/** `p95 of http_req_duration`, `p50 degradation of http_req_duration`. */
export function statisticName({ metric, statistic }: Pick<Named, 'metric' | 'statistic'>): string {
  return `${shortStatistic(statistic)} of ${oneLine(metric, 120)}`;
}

/** `name = GET /products, status = 200`; '' without a filter. */
export function filterName(filter: Named['filter']): string {
  const tags = Object.entries(filter).map(([tag, value]) => `${oneLine(tag, 40)} = ${oneLine(value, 90)}`);
  return oneLine(tags.join(', '), 240);
}

/** The name of a KPI with its filter, on one line. */
export function kpiName(kpi: Named): string {
  const filter = filterName(kpi.filter);
  return filter === '' ? statisticName(kpi) : `${statisticName(kpi)}, ${filter}`;
}
