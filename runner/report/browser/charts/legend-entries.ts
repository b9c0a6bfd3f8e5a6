// A plot → the entries of its legend.

import type { Plot } from '../../charts/figure.ts';
import type { LegendEntry } from './legend.ts';

/** One entry per series, in their order, or one for a plot without series. */
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
