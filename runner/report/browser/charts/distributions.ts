// The distribution of a part of the run, from the tracks of the page.

import { distributionPlot } from '../../charts/distribution-plot.ts';
import type { DistributionPlot } from '../../charts/figure.ts';
import type { TimeSpan } from '../range.ts';
import { samplesIn } from '../tracks.ts';

/**
 * Of the primary latency, `primary`, or of an endpoint by its anchor. `whole` is that of the whole run. undefined where the page
 * does not know parts of it; without bars where the part has no sample.
 */
export function distributionOf(name: string, span: TimeSpan, whole: DistributionPlot): DistributionPlot | undefined {
  const samples = samplesIn(span, name);
  if (samples === undefined) return undefined;
  return distributionPlot(samples, whole.height) ?? { ...whole, counts: whole.counts.map(() => 0), marks: [] };
}
