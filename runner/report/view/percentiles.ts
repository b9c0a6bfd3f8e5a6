// The percentile columns of tables: the usual ones, and those that summaryTrendStats, thresholds or targets name.

import { quantileOf } from '../../analysis/statistics/statistic.ts';
import { PERCENTILES, type Percentile } from '../../model/percentiles.ts';
import type { Result } from '../../model/result.ts';
import { percentileName } from '../../text/format.ts';

export interface PercentileColumn {
  /** `p99.5`. */
  readonly label: string;
  readonly q: number;
  /** The field of result.json with the value; undefined if it has to be read from the run's metrics. */
  readonly field: Percentile | undefined;
}

/** More columns would make the table hard to read. */
const MOST_NAMED = 4;

/** Percentiles that `summaryTrendStats` or a target names, as quantiles from 0 to 1. */
function namedQuantiles({ options, kpis }: Result): number[] {
  const { summaryTrendStats } = options;
  const stats = Array.isArray(summaryTrendStats) ? summaryTrendStats.map(String) : [];
  return [...stats, ...kpis.map(({ statistic }) => statistic)].flatMap((statistic) => quantileOf(statistic) ?? []);
}

/** The usual columns up to `highest`, and up to four others that the run names, ascending. */
export function percentileColumns(result: Result, highest: Percentile = 'p999'): PercentileColumn[] {
  const usual = PERCENTILES.slice(0, PERCENTILES.findIndex(([field]) => field === highest) + 1);
  const known = new Set(usual.map(([, q]) => percentileName(q)));
  const named = [...new Set(namedQuantiles(result))]
    .filter((q) => q > 0 && q < 1 && !known.has(percentileName(q)))
    .slice(0, MOST_NAMED);
  return [
    ...usual.map(([field, q]) => ({ label: percentileName(q), q, field })),
    ...named.map((q) => ({ label: percentileName(q), q, field: undefined })),
  ].sort((a, b) => a.q - b.q);
}
