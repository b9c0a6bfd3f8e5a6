// Writes reports to disk: the files of one run, the report of a cycle, and the list of all runs.

import { mkdtemp, readdir, readFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, join, relative, sep } from 'node:path';
import { warningFinding } from '../../analysis/findings/findings-run.ts';
import { listComparisons } from '../../compare/list-comparisons.ts';
import type { RunMetrics } from '../../model/metrics.ts';
import type { Result } from '../../model/result.ts';
import { renderComment } from '../../report/comment.ts';
import { type CycleFacts, renderCyclePage, renderCycleReport } from '../../report/cycle-report.ts';
import { renderGitlabMetrics } from '../../report/gitlab.ts';
import { renderIndexPage } from '../../report/index-page.ts';
import type { ListedRun } from '../../report/listed-run.ts';
import { renderOpenMetrics } from '../../report/openmetrics.ts';
import { pageFiles } from '../../report/page.ts';
import type { Presentation } from '../../report/presentation.ts';
import { printedHeading, renderRun } from '../../report/render.ts';
import { loadTemplates } from '../../report/template-engine.ts';
import { picturesOf } from '../../report/view/cycle.ts';
import { listCycles, listedCycle, previousRuns } from '../../runs/cycle-list.ts';
import { allChanges } from '../../runs/history.ts';
import { stamp, writeFiles, writeNewFile } from '../../runs/run-folder.ts';
import { listRuns } from '../../runs/run-list.ts';
import { DEFAULT_OUT } from '../../system/default-folders.ts';
import { messageOf } from '../../system/errors.ts';
import { parseJson } from '../../system/json.ts';
import { nearPath } from '../../system/near-path.ts';
import { asUserError } from '../../system/refusals.ts';
import { pathName } from '../../text/path-name.ts';
import { type OfOtherRuns, ofOtherRunsSchema } from './baseline.ts';

/** Files of a run without a template, which are in the folder before the reports. */
const KEPT_FILES: Readonly<Record<string, string>> = {
  archive: 'archive.ndjson.gz',
  log: 'k6.log',
  raw: 'raw.json.gz',
  bundle: 'bundle.js',
  source_map: 'bundle.js.map',
};
const REPORT_FILES: Readonly<Record<string, string>> = {
  report: 'report.html',
  markdown: 'report.md',
  result: 'result.json',
  junit: 'junit.xml',
  comment: 'comment.md',
  gitlab_metrics: 'metrics.txt',
  openmetrics: 'openmetrics.txt',
};

/** `{report_css: 'report.css', …}` */
function assetFiles(assets: ReadonlyMap<string, unknown>): Record<string, string> {
  return Object.fromEntries([...assets.keys()].map((name) => [name.replace('.', '_'), name]));
}

/** Renders and writes the reports of one run; returns the result with its `files` filled in. */
export async function writeRunReports(
  folder: string,
  result: Result,
  metrics: RunMetrics,
  presentation: Presentation = {},
): Promise<Result> {
  const present = new Set(await readdir(folder));
  const assets = pageFiles('report', loadTemplates(presentation.templatesDir), {
    ...presentation,
    heading: printedHeading(result),
  });
  // Before the page that uses them.
  await writeFiles(folder, assets);
  const kept = Object.entries(KEPT_FILES).filter(([, file]) => present.has(file));
  const complete: Result = {
    ...result,
    files: { ...REPORT_FILES, ...assetFiles(assets), ...Object.fromEntries(kept) },
  };
  const files = new Map(await renderRun(complete, metrics, presentation));
  const last = new Map([...files].filter(([name]) => name === REPORT_FILES.result));
  for (const name of last.keys()) files.delete(name);
  await writeFiles(folder, files);
  // Last, because lists of runs look for result.json: a run that they find is complete.
  await writeFiles(folder, last);
  return complete;
}

/** The files written for a run. */
export interface WrittenReports {
  readonly result: Result;
  /** The path of the page; null if nothing could be written. */
  readonly report: string | null;
  /** Failed writes, one or two sentences each. */
  readonly problems: readonly string[];
}

/**
 * Writes the reports of one run into its folder, or if that fails into a new temporary folder. The result keeps its verdict in every
 * case and has a finding on failed writes.
 */
export async function writeReportsSomewhere(
  folder: string,
  result: Result,
  metrics: RunMetrics,
  presentation: Presentation = {},
): Promise<WrittenReports> {
  const problems: string[] = [];
  const attempt = async (place: string) => {
    const findings = [...result.findings, ...problems.map(warningFinding)];
    const complete = await writeRunReports(place, { ...result, findings }, metrics, presentation);
    return { result: complete, report: join(place, 'report.html'), problems };
  };
  try {
    return await attempt(folder);
  } catch (error) {
    problems.push(`Could not write the reports to ${folder}: ${asUserError(error).message}`);
  }
  try {
    const place = await mkdtemp(join(tmpdir(), `${result.run}-`));
    problems.push(`The reports are in ${place}`);
    return await attempt(place);
  } catch (error) {
    problems.splice(1, 1, `Could not write them to ${tmpdir()} either: ${messageOf(error)}`);
    const findings = [...result.findings, ...problems.map(warningFinding)];
    return { result: { ...result, findings }, report: null, problems };
  }
}

/**
 * Writes `<out>/OverallPerformanceReport_<Component>_<date>.md`, the same as .html, and as .json what the list of cycles needs;
 * returns the path of the Markdown. `folders`: the folder of each result, absolute.
 */
export async function writeCycleReport(
  out: string,
  results: readonly Result[],
  facts: Omit<CycleFacts, 'hrefs' | 'previous'> & { readonly folders: readonly string[] },
  presentation: Presentation = {},
): Promise<string> {
  const components = [...new Set(results.map(({ component }) => component))];
  const subject = components.length === 1 ? (components[0] ?? 'Cycle') : 'Cycle';
  const base = `OverallPerformanceReport_${pathName(subject)}_${stamp(facts.beganAtMs)}`;
  const hrefs = new Map(results.map(({ run }, index) => [run, hrefOf(out, facts.folders[index] ?? join(out, run))]));
  const complete = { ...facts, hrefs, previous: previousRuns(results, (await listRuns(out)).runs) };
  const path = await writeNewFile(out, base, '.md', renderCycleReport(results, complete));
  const name = basename(path, '.md');
  const pictures = new Map<string, Array<{ title: string; svg: string }>>();
  for (const [index, result] of results.entries()) {
    const folder = facts.folders[index] ?? join(out, result.run);
    pictures.set(result.run, await keptPictures(folder, result));
  }
  const page = renderCyclePage(results, complete, { ...presentation, pictures, markdownFile: `${name}.md` });
  await writeFiles(
    out,
    new Map([
      [`${name}.html`, page],
      [`${name}.json`, `${JSON.stringify(listedCycle(results, complete, name), null, 1)}\n`],
    ]),
  );
  return path;
}

function hrefOf(out: string, folder: string): string {
  return relative(out, folder).split(sep).map(encodeURIComponent).join('/').replaceAll('%2E%2E', '..');
}

/** The pictures of a run's first screen; missing ones are left out. */
async function keptPictures(folder: string, result: Result): Promise<Array<{ title: string; svg: string }>> {
  const pictures: Array<{ title: string; svg: string }> = [];
  for (const { title, file } of picturesOf(result)) {
    const svg = await readFile(join(folder, file), 'utf8').catch(() => undefined);
    if (svg !== undefined) pictures.push({ title, svg });
  }
  return pictures;
}

/**
 * Updates `<out>/comment.md`, `metrics.txt` and `openmetrics.txt` of the last cycle: fixed names for CI jobs, because the names of run
 * folders have their time.
 */
export async function writeCiFiles(
  out: string,
  results: readonly Result[],
  failures: readonly string[],
): Promise<string> {
  const comment = join(out, 'comment.md');
  await writeFiles(
    out,
    new Map([
      ['comment.md', renderComment(results, { of: 'cycle', failures })],
      ['metrics.txt', await renderGitlabMetrics(results)],
      ['openmetrics.txt', await renderOpenMetrics(results)],
    ]),
  );
  return comment;
}

/** The --out with which commands find these runs; undefined if it is the default. */
function outFlag(out: string): string | undefined {
  const near = nearPath(out);
  return near === DEFAULT_OUT ? undefined : near;
}

/** Maximum number of runs in which changes are searched when the list is updated; novaperf history searches all. */
const MOST_SEARCHED = 60;

function newest(runs: readonly ListedRun[]): ListedRun[] {
  return runs.toSorted((a, b) => b.started_at.localeCompare(a.started_at)).slice(0, MOST_SEARCHED);
}

/** Maximum number of rewrites of a list that other processes keep changing; they write it too. */
const MOST_RENEWALS = 5;

/**
 * Updates `<out>/index.html` from the result.json of every run folder; folders without a readable one are left out. Checks again
 * after writing, so that of two cycles that end at the same time the last one lists both.
 */
export async function writeIndex(out: string, presentation: Presentation = {}): Promise<string> {
  await writeFiles(out, pageFiles('index', loadTemplates(presentation.templatesDir), presentation));
  let list = await listRuns(out);
  const options = {
    ...presentation,
    out: outFlag(out),
    comparisons: await listComparisons(out),
    cycles: await listCycles(out),
  };
  for (let renewal = 1; ; renewal++) {
    await writeFiles(
      out,
      new Map([
        ['index.html', await renderIndexPage(list.runs, { ...options, changes: allChanges(newest(list.runs)) })],
      ]),
    );
    const now = await listRuns(out);
    if (now.signature === list.signature || renewal === MOST_RENEWALS) return join(out, 'index.html');
    list = now;
  }
}

/** The parts of this run's earlier result that cannot be calculated again; undefined if there is none. */
export async function previousResult(folder: string): Promise<OfOtherRuns | undefined> {
  const text = await readFile(join(folder, 'result.json'), 'utf8').catch(() => undefined);
  return text === undefined ? undefined : ofOtherRunsSchema.safeParse(parseJson(text)).data;
}
