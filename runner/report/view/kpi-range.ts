// A KPI → the figure shown next to its actual value while a range of the run is selected.

import { countsTransportFailures, transportFilters } from '../../analysis/requests/responses.ts';
import { boundOf, quantileOf } from '../../analysis/statistics/statistic.ts';
import type { MetricType } from '../../model/metrics.ts';
import type { ResultKpi } from '../../model/result.ts';
import type { FigureOf, FigureSource, TrackBook } from '../tracks/book.ts';
import type { FigureName } from '../tracks/model.ts';

const PLAIN: Readonly<Record<MetricType, Readonly<Record<string, FigureName>>>> = {
  counter: { count: 'sum', rate: 'perSecond' },
  rate: { rate: 'mean' },
  gauge: { value: 'last', avg: 'mean', min: 'min', max: 'max' },
  trend: { avg: 'mean', min: 'min', max: 'max' },
};

/**
 * Binds the KPI's statistic in the unit of its actual value; '' if a range has no such figure. As in the verdict, the figure is
 * calculated with and without requests that got no response, and the worse of the two is shown.
 */
export function kpiInRange(kpi: ResultKpi, unit: string, tracks: TrackBook): string {
  const type = tracks.metrics.metrics.get(kpi.metric)?.type;
  const q = type === 'trend' ? quantileOf(kpi.statistic) : undefined;
  const figure = q === undefined ? type && PLAIN[type][kpi.statistic] : 'q';
  // The actual value of an `over every` target is that of its worst period, which is no figure of a range.
  if (figure === undefined || kpi.over_ms !== undefined) return '';
  const of = (source: FigureSource): FigureOf => ({
    figure,
    ...(q === undefined ? {} : { q }),
    of: source,
    format: ['target', kpi.target, unit],
  });
  const all = of({ metric: kpi.metric, filter: kpi.filter });
  const bound = boundOf(kpi.comparison);
  const answered = answeredFilters(kpi, tracks);
  if (answered.length === 0 || bound === 'none') return tracks.bind(all);
  return tracks.bind([all, of({ metric: kpi.metric, anyOf: answered })], {
    worst: bound === 'upper' ? 'highest' : 'lowest',
  });
}

/** Filters for the requests that got a response; empty if all did, or if that is not known. */
function answeredFilters(kpi: ResultKpi, { metrics }: TrackBook): ResultKpi['filter'][] {
  if (!countsTransportFailures(kpi)) return [];
  const lost = transportFilters(kpi, metrics);
  const tag = lost.some(({ status }) => status === '0') ? 'status' : 'error_code';
  const gone = new Set(lost.map((filter) => filter[tag]));
  if (gone.size === 0) return [];
  return metrics.groupBy(kpi.metric, [tag], kpi.filter).flatMap(({ tags }) => {
    const value = tags[tag] ?? '';
    return gone.has(value) ? [] : [{ ...kpi.filter, [tag]: value }];
  });
}
