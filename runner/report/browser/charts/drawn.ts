// A chart over time that has been drawn, of any kind.

import type uPlot from 'uplot';
import type { BandsPlot } from '../../charts/figure.ts';

export interface Drawn {
  readonly chart: uPlot;
  /** Possible times of the cursor, in milliseconds since the start of the load. */
  readonly times: readonly number[];
  /** The value of each legend entry at a time. */
  readingsAt(atMs: number): string[];
  /** Draws the same series with other points; undefined if the chart cannot. */
  renew?(plot: BandsPlot): void;
}
