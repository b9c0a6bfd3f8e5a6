// Changes of several figures → the order in which they are named.

/** What people look at first: response times that most requests have, and errors. */
const HEADLINES: ReadonlySet<string> = new Set(['p50', 'p95', 'share']);

interface Changed {
  /** null: of the whole run. */
  readonly endpoint: string | null;
  readonly statistic: string;
  readonly change: number | null;
}

/** For sort(): headline figures before p99 and throughput, endpoints before the whole run, of each the largest change first. */
export function byHeadline(x: Changed, y: Changed): number {
  const rank = ({ statistic, endpoint }: Changed) => (HEADLINES.has(statistic) ? 0 : 2) + (endpoint === null ? 1 : 0);
  return rank(x) - rank(y) || Math.abs(y.change ?? 0) - Math.abs(x.change ?? 0);
}
