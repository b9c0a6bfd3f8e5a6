// Rendered reports go to disk: the files of one run, the report of a cycle, and the list of all runs.

import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { parseJson } from './json.ts';
import type { RunMetrics } from './metrics/model.ts';
import { type CycleFacts, renderCycleReport } from './report/cycle-report.ts';
import { renderIndexPage } from './report/index-page.ts';
import { renderRun } from './report/render.ts';
import { type Result, resultSchema } from './report/result.ts';
import { pathSafe, stamp, writeFiles, writeNewFile } from './run-folder.ts';

/** Files of a run that no template makes: in the folder already when the reports are written. */
const KEPT_FILES: Readonly<Record<string, string>> = {
  archive: 'windows.ndjson.gz',
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
};

/** Renders and writes the reports of one run; returns the result with its `files` filled in. */
export async function writeRunReports(
  folder: string,
  result: Result,
  metrics: RunMetrics,
  options: { templatesDir?: string } = {},
): Promise<Result> {
  const present = new Set(await readdir(folder));
  const kept = Object.entries(KEPT_FILES).filter(([, file]) => present.has(file));
  const complete: Result = { ...result, files: { ...REPORT_FILES, ...Object.fromEntries(kept) } };
  await writeFiles(folder, await renderRun(complete, metrics, options));
  return complete;
}

/** Writes `<out>/OverallPerformanceReport_<Component>_<date>.md` and returns its path. */
export async function writeCycleReport(out: string, results: readonly Result[], facts: CycleFacts): Promise<string> {
  const components = [...new Set(results.map(({ component }) => component))];
  const subject = components.length === 1 ? (components[0] ?? 'Cycle') : 'Cycle';
  const base = `OverallPerformanceReport_${pathSafe(subject)}_${stamp(facts.beganAtMs)}`;
  return writeNewFile(out, base, '.md', renderCycleReport(results, facts));
}

/** Renews `<out>/index.html` from the result.json of every run folder; a folder without a readable one is left out. */
export async function writeIndex(out: string): Promise<string> {
  const results: Result[] = [];
  for (const entry of await readdir(out, { withFileTypes: true })) {
    if (!entry.isDirectory()) continue;
    const text = await readFile(join(out, entry.name, 'result.json'), 'utf8').catch(() => undefined);
    const parsed = text === undefined ? undefined : resultSchema.safeParse(parseJson(text));
    if (parsed?.success === true) results.push(parsed.data);
  }
  await writeFiles(out, new Map([['index.html', await renderIndexPage(results)]]));
  return join(out, 'index.html');
}

/** The ConPort ids and keys that an earlier rendering of this run wrote; undefined when there was none. */
export async function previousConport(folder: string): Promise<Result['conport'] | undefined> {
  const text = await readFile(join(folder, 'result.json'), 'utf8').catch(() => undefined);
  const parsed = text === undefined ? undefined : resultSchema.safeParse(parseJson(text));
  return parsed?.data?.conport;
}
