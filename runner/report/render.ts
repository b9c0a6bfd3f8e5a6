// Result + RunMetrics → the files of one run as text: report.html, report.md and its pictures, result.json, and the files for CI.

import type { RunMetrics } from '../model/metrics.ts';
import { type Result, resultSchema } from '../model/result.ts';
import { oneLine } from '../text/display-text.ts';
import { utc } from '../text/format.ts';
import { fixed } from './charts/ink.ts';
import { escaped } from './charts/svg.ts';
import { renderComment } from './comment.ts';
import { renderGitlabMetrics } from './gitlab.ts';
import { renderJunit } from './junit.ts';
import { renderMarkdown } from './markdown.ts';
import { renderOpenMetrics } from './openmetrics.ts';
import { type PageParts, renderPage, renderParts } from './page.ts';
import { type PageData, packPageData } from './page-data.ts';
import type { Presentation } from './presentation.ts';
import { loadTemplates } from './template-engine.ts';
import type { TrackBook } from './tracks/book.ts';
import { chartedScenarios } from './view/scenarios.ts';
import { buildReport, pictureName } from './view-model.ts';

/** Options of the pages; see presentation.ts. */
export type RenderOptions = Presentation;

/** The header of printed sheets: `browse · load · 2026-11-23 10:00:00 UTC · build 1.4.2`. */
export function printedHeading({ scenario, profile, started_at, build_version }: Result): string {
  return [oneLine(scenario, 50), oneLine(profile, 20), utc(started_at), `build ${oneLine(build_version, 30)}`].join(
    ' · ',
  );
}

/** A picture as its own file: fixed colours on white, with title and description for screen readers. */
function standalone(svg: string, title: string, takeaway: string): string {
  const words = `<title>${escaped(title)}</title><desc>${escaped(takeaway)}</desc><rect width="100%" height="100%" fill="#fff"/>`;
  return `${fixed(svg).replace(/^(<svg [^>]*>)/, (opening) => `${opening}${words}`)}\n`;
}

function withTracks(data: PageData, book: TrackBook, scenarios: readonly string[]): PageData {
  const tracks = book.pack(data.loadStartMs, scenarios);
  return tracks === undefined ? data : { ...data, tracks };
}

/** The report of a finished run in parts, which the live page shows when the run has ended. */
export function renderRunParts(result: Result, metrics: RunMetrics, options: RenderOptions = {}): PageParts {
  const { view, data, tracks } = buildReport(result, metrics);
  const packed = packPageData(withTracks(data, tracks, chartedScenarios(result)));
  return renderParts(view, loadTemplates(options.templatesDir), packed, options.brand);
}

/**
 * The files of a run by name, relative to its folder. result.json is checked against its schema. Throws a UserError if a user's
 * template does not fit the view model.
 */
export async function renderRun(
  result: Result,
  metrics: RunMetrics,
  options: RenderOptions = {},
): Promise<ReadonlyMap<string, string>> {
  const templates = loadTemplates(options.templatesDir);
  const { view, charts, data, tracks } = buildReport(result, metrics);
  const files = new Map<string, string>([
    [
      'report.html',
      renderPage('report', view, templates, packPageData(withTracks(data, tracks, chartedScenarios(result))), {
        ...options,
        heading: printedHeading(result),
      }),
    ],
    ['report.md', renderMarkdown(view, templates)],
  ]);
  for (const chart of charts) files.set(pictureName(chart), standalone(chart.wide, chart.title, chart.takeaway));
  files.set('junit.xml', renderJunit(result));
  files.set('comment.md', renderComment([result], { of: 'run', failures: [] }, templates));
  files.set('metrics.txt', await renderGitlabMetrics([result]));
  files.set('openmetrics.txt', await renderOpenMetrics([result]));
  files.set('result.json', `${JSON.stringify(resultSchema.parse(result), null, 2)}\n`);
  return files;
}
