// The percentiles that tables show: those of every report, and those that the script, its thresholds and the targets ask for.

import { quantileOf } from '../../analysis/statistics/statistic.ts';
import { PERCENTILES, type Percentile } from '../../model/percentiles.ts';
import type { Result } from '../../model/result.ts';
import { percentileName } from '../../text/format.ts';

export interface PercentileColumn {
  /** `p99.5`. */
  readonly label: string;
  readonly q: number;
  /** The field of result.json that has it; undefined for those that are read from the run's metrics. */
  readonly field: Percentile | undefined;
}

/** More columns than these make a table that nobody reads. */
const MOST_ASKED = 4;

/** Percentiles that `summaryTrendStats` or a target names, as shares. */
function askedFor({ options, kpis }: Result): number[] {
  const { summaryTrendStats } = options;
  const stats = Array.isArray(summaryTrendStats) ? summaryTrendStats.map(String) : [];
  return [...stats, ...kpis.map(({ statistic }) => statistic)].flatMap((statistic) => quantileOf(statistic) ?? []);
}

/** The columns of every report up to `highest`, and the ones that are asked for besides, ascending. */
export function percentileColumns(result: Result, highest: Percentile = 'p999'): PercentileColumn[] {
  const usual = PERCENTILES.slice(0, PERCENTILES.findIndex(([field]) => field === highest) + 1);
  const known = new Set(usual.map(([, q]) => percentileName(q)));
  const asked = [...new Set(askedFor(result))]
    .filter((q) => q > 0 && q < 1 && !known.has(percentileName(q)))
    .slice(0, MOST_ASKED);
  return [
    ...usual.map(([field, q]) => ({ label: percentileName(q), q, field })),
    ...asked.map((q) => ({ label: percentileName(q), q, field: undefined })),
  ].sort((a, b) => a.q - b.q);
}
