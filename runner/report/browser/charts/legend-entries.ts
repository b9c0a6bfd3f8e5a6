// What the legend of an interactive chart names, by the kind of its figure.

import type { Plot } from '../../charts/figure.ts';
import type { LegendEntry } from './legend.ts';

/** One for each series, in their order; one for a figure that has no series. */
export function entriesOf(plot: Plot): LegendEntry[] {
  if (plot.kind === 'distribution') return [{ name: 'samples', ink: 'ok', dash: [], isArea: true }];
  if (plot.kind === 'xy') {
    const name = plot.yLabel === '' ? plot.xLabel : `${plot.yLabel} by ${plot.xLabel}`;
    return [{ name, ink: plot.ink, dash: [], isArea: false }];
  }
  if (plot.kind === 'heatmap') return [{ name: 'samples', ink: 'heat4', dash: [], isArea: true }];
  return plot.series.map(({ name, ink, dash, style }) => ({
    name,
    ink,
    dash,
    isArea: style === 'area' || style === 'range',
  }));
}
