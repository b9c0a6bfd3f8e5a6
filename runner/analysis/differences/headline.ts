// The order in which changes of several figures are listed.

/** The most important figures: typical response times, and errors. */
const HEADLINES: ReadonlySet<string> = new Set(['p50', 'p95', 'share']);

interface Changed {
  /** null: the whole run. */
  readonly endpoint: string | null;
  readonly statistic: string;
  readonly change: number | null;
}

/**
 * Compares for sort(): headline figures before p99 and throughput, endpoints before the whole run, then the largest
 * change first.
 */
export function byHeadline(x: Changed, y: Changed): number {
  const rank = ({ statistic, endpoint }: Changed) => (HEADLINES.has(statistic) ? 0 : 2) + (endpoint === null ? 1 : 0);
  return rank(x) - rank(y) || Math.abs(y.change ?? 0) - Math.abs(x.change ?? 0);
}
