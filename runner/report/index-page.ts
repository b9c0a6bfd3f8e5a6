// The Results of all runs → index.html: a list that can be filtered and sorted, and a trend line per scenario and profile.

import { sparkline } from './charts/sparkline.ts';
import { oneLine } from './display-text.ts';
import { count, duration, isFigure, percent, perSecond, plural, signedPercent, utc } from './format.ts';
import { renderPage } from './page.ts';
import type { RenderOptions } from './render.ts';
import { errorShareOf, type ListedRun, p95Of, rateOf, targetsMet } from './run-figures.ts';
import { loadTemplates } from './template-engine.ts';
import { statusMark } from './view/verdict.ts';

/** Runs that a trend line shows, the newest at its right end. */
const TREND_RUNS = 30;

function sortable(value: number | null): string {
  return isFigure(value) ? String(value) : '';
}

function rowOf(run: ListedRun) {
  const [p95, rate, errors] = [p95Of(run), rateOf(run), errorShareOf(run)];
  return {
    ...statusMark(run.status),
    status: run.status,
    href: `${encodeURIComponent(run.run)}/report.html`,
    scenario: oneLine(run.scenario, 80),
    profile: oneLine(run.profile, 30),
    component: oneLine(run.component, 60),
    environment: oneLine(run.environment, 40),
    build: oneLine(run.build_version, 60),
    reason: oneLine(run.status_reason, 200),
    started: utc(run.started_at),
    startedIso: run.started_at,
    startedSort: String(Date.parse(run.started_at)),
    p95: duration(p95),
    p95Sort: sortable(p95),
    rate: perSecond(rate),
    rateSort: sortable(rate),
    errors: isFigure(errors) ? percent(errors) : '–',
    errorsSort: sortable(errors),
    targets: targetsMet(run),
  };
}

/** One card per scenario and profile; `runs` are newest first. */
function trendsOf(runs: readonly ListedRun[]) {
  const groups = new Map<string, ListedRun[]>();
  for (const run of runs) {
    const key = JSON.stringify([run.scenario, run.profile]);
    const group = groups.get(key);
    if (group === undefined) groups.set(key, [run]);
    else group.push(run);
  }
  return [...groups.values()].flatMap((group) => {
    const [latest, before] = group;
    if (latest === undefined) return [];
    const shown = group.slice(0, TREND_RUNS).reverse();
    const [now, then] = [p95Of(latest), before === undefined ? null : p95Of(before)];
    const change = isFigure(now) && isFigure(then) && then > 0 ? signedPercent(((now - then) * 100) / then) : '';
    return [
      {
        ...statusMark(latest.status),
        scenario: oneLine(latest.scenario, 80),
        profile: oneLine(latest.profile, 30),
        runs: plural(group.length, 'run'),
        p95: duration(now),
        change: change === '' ? '' : `${change} since the run before`,
        href: `${encodeURIComponent(latest.run)}/report.html`,
        svg: sparkline(shown.map(p95Of)),
        described: `p95 over the last ${plural(shown.length, 'run')}`,
      },
    ];
  });
}

/** The page; every link is relative to the folder that the runs' folders lie in. Newest run first. */
export async function renderIndexPage(runs: readonly ListedRun[], options: RenderOptions = {}): Promise<string> {
  const newestFirst = [...runs].sort((a, b) => Date.parse(b.started_at) - Date.parse(a.started_at));
  const rows = newestFirst.map(rowOf);
  const words = [...new Map(rows.map(({ status, word }) => [status, { status, word }])).values()];
  const trends = trendsOf(newestFirst);
  const templates = loadTemplates(options.templatesDir);
  const view = {
    title: `All runs (${count(rows.length)})`,
    sentence: rows.length === 0 ? 'No run yet.' : `${plural(rows.length, 'run')}, newest first.`,
    rows,
    isEmpty: rows.length === 0,
    words,
    trends,
  };
  return renderPage('index', view, templates);
}
