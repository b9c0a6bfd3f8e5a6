// Two runs and their Comparison → the files of the comparison: report.html, report.md, comparison.json.

import { type Comparison, comparisonSchema } from '../model/comparison.ts';
import { renderPage } from '../report/page.ts';
import { packPageData } from '../report/page-data.ts';
import type { RenderOptions } from '../report/render.ts';
import { loadTemplates } from '../report/template-engine.ts';
import { buildReport } from '../report/view-model.ts';
import type { KeptRun } from './kept-run.ts';
import { renderComparisonMarkdown } from './markdown.ts';
import { comparedView } from './view.ts';

/** File name → content. `hrefs`: links to the reports of the two runs, relative to the folder of the comparison. */
export function renderComparison(
  comparison: Comparison,
  a: KeptRun,
  b: KeptRun,
  hrefs: { readonly a: string; readonly b: string },
  options: RenderOptions = {},
): ReadonlyMap<string, string> {
  const templates = loadTemplates(options.templatesDir);
  const baseline = buildReport(a.result, a.metrics);
  const { view, data } = buildReport(b.result, b.metrics, baseline.charts);
  const results = { a: a.result, b: b.result, hrefs };
  const page = comparedView(comparison, view, baseline.view, results);
  const axisMs = Math.max(data.axisMs, baseline.data.axisMs);
  return new Map([
    ['report.html', renderPage('report', page, templates, packPageData({ ...data, axisMs }), options)],
    ['report.md', renderComparisonMarkdown(comparison, results, templates)],
    ['comparison.json', `${JSON.stringify(comparisonSchema.parse(comparison), null, 2)}\n`],
  ]);
}
