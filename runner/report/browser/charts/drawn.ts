// A chart once it is drawn, whatever its kind.

import type uPlot from 'uplot';
import type { BandsPlot } from '../../charts/figure.ts';

export interface Drawn {
  readonly chart: uPlot;
  /** Where the cursor can stand, milliseconds since the start of load; empty where the axis is not time. */
  readonly times: readonly number[];
  /** What the legend says there, entry by entry. */
  readingsAt(atMs: number): string[];
  /** The same series with other points; absent where a chart keeps its own. */
  renew?(plot: BandsPlot): void;
}
