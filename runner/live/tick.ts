// What a run under way knows once a second.

import type { Standing } from '../analysis/watch.ts';
import type { MetricsStore } from '../metrics/store.ts';

export interface Tick {
  readonly elapsedMs: number;
  readonly metrics: MetricsStore;
  /** How each KPI stands at this moment. */
  readonly standings: readonly Standing[];
  readonly exceptions: number;
}
