// The chart of web vitals has lines for vitals with enough samples, and does not exist after a few pages.

import { expect } from 'chai';
import { chartInput } from '../../runner/report/charts/all.ts';
import { isBands } from '../../runner/report/charts/figure.ts';
import { webVitalsChart } from '../../runner/report/charts/web-vitals.ts';
import { resultOf, Samples } from './sample-run.ts';

/** The names of the lines after this many pages, the last of which have no interaction. */
function linesAfter(pages: number, withInteraction = pages): string[] | undefined {
  const samples = new Samples();
  for (let page = 0; page < pages; page++) {
    samples.add({ name: 'browser_web_vital_fcp', type: 'trend', contains: 'time' }, {}, page * 500, 130);
    if (page < withInteraction)
      samples.add({ name: 'browser_web_vital_inp', type: 'trend', contains: 'time' }, {}, page * 500, 40);
  }
  const metrics = samples.done();
  const plot = webVitalsChart(chartInput(resultOf(metrics, { kpis: [] }), metrics))?.plot;
  return plot !== undefined && isBands(plot) ? plot.series.map(({ name }) => name) : undefined;
}

describe('the chart of web vitals', () => {
  it('is left out after four pages', () => expect(linesAfter(4)).to.equal(undefined));
  it('has a line for each vital after forty', () => expect(linesAfter(40)).to.have.members(['INP', 'FCP']));
  it('has no line for a vital with too few samples', () => expect(linesAfter(40, 4)).to.deep.equal(['FCP']));
});
