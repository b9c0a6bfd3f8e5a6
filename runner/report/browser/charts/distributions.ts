// The distribution of a part of the run, from the tracks of the page.

import { distributionPlot } from '../../charts/distribution-plot.ts';
import type { DistributionPlot } from '../../charts/figure.ts';
import type { TimeSpan } from '../range.ts';
import { samplesIn } from '../tracks.ts';

/**
 * The distribution of the primary latency (`primary`) or an endpoint (its anchor) in a range. `whole` is that of the whole run.
 * undefined if the page has no tracks for it; without bars if the range has no samples.
 */
export function distributionOf(name: string, span: TimeSpan, whole: DistributionPlot): DistributionPlot | undefined {
  const samples = samplesIn(span, name);
  if (samples === undefined) return undefined;
  return distributionPlot(samples, whole.height) ?? { ...whole, counts: whole.counts.map(() => 0), marks: [] };
}
