// All listed runs → index.html: a list that can be filtered and sorted, and a trend line per target of each scenario.

import type { Decision } from '../analysis/verdict/decision.ts';
import type { RunStatus } from '../model/result.ts';
import { count, duration, isFigure, percent, perSecond, plural, utc } from '../text/format.ts';
import { profileName } from '../text/profile-name.ts';
import { reportHref, type TrendChanges, trendsOf } from './index-trends.ts';
import type { ListedRun } from './listed-run.ts';
import { renderPage } from './page.ts';
import type { RenderOptions } from './render.ts';
import { loadTemplates } from './template-engine.ts';
import { DECISIONS } from './view/cycle.ts';
import { statusMark } from './view/verdict.ts';

function sortable(value: number | null): string {
  return isFigure(value) ? String(Number(value.toPrecision(6))) : '';
}

function rowOf(run: ListedRun) {
  return {
    ...statusMark(run.status),
    status: run.status,
    href: reportHref(run),
    scenario: run.scenario,
    profile: profileName(run.profile),
    component: run.component,
    environment: run.environment,
    build: run.build,
    started: utc(run.started_at),
    startedIso: run.started_at,
    startedSort: String(Date.parse(run.started_at)),
    p95: duration(run.p95_ms),
    p95Sort: sortable(run.p95_ms),
    rate: perSecond(run.rate_per_s),
    rateSort: sortable(run.rate_per_s),
    errors: isFigure(run.error_share) ? percent(run.error_share) : '–',
    errorsSort: sortable(run.error_share),
    targets: run.targets_met,
  };
}

/** The distinct values in alphabetical order, with numbers in them by size. */
function valuesOf(rows: readonly string[]): string[] {
  const order = new Intl.Collator('en', { numeric: true });
  return [...new Set(rows)].sort(order.compare);
}

export interface IndexOptions extends RenderOptions {
  /** The `--out` that commands need to find these runs; undefined for the default. */
  readonly out?: string | undefined;
  /** Where the level of figures changed; see trendsOf(). */
  readonly changes?: TrendChanges;
  /** Comparisons in the same folder as the runs, newest first. */
  readonly comparisons?: readonly IndexComparison[];
  /** Cycles with a report in the same folder as the runs, newest first. */
  readonly cycles?: readonly IndexCycle[];
}

/** A cycle as the list shows it; `href` of its runs: their percent-encoded folders. */
export interface IndexCycle {
  readonly file: string;
  readonly decision: Decision;
  readonly component: string;
  readonly began_at: string;
  readonly counts: string;
  readonly runs: ReadonlyArray<{ readonly href: string; readonly scenario: string; readonly status: RunStatus }>;
}

function cycleRow({ file, decision, component, began_at, counts, runs }: IndexCycle) {
  return {
    ...DECISIONS[decision],
    href: encodeURIComponent(file),
    component,
    began: utc(began_at),
    beganIso: began_at,
    counts,
    runs: runs.map(({ href, scenario, status }) => ({ href: `${href}/report.html`, scenario, ...statusMark(status) })),
  };
}

/** Older cycles are not listed, but keep their files. */
const MOST_CYCLES = 100;

/** A comparison as the list shows it: its folder, mark, title and summary. */
export interface IndexComparison {
  readonly folder: string;
  readonly tone: string;
  readonly icon: string;
  readonly word: string;
  readonly title: string;
  readonly sentence: string;
}

/** The page. Its links are relative to the folder that contains the runs' folders. */
export async function renderIndexPage(runs: readonly ListedRun[], options: IndexOptions = {}): Promise<string> {
  const newestFirst = [...runs].sort((a, b) => Date.parse(b.started_at) - Date.parse(a.started_at));
  const rows = newestFirst.map(rowOf);
  const comparisons = options.comparisons ?? [];
  const cycles = options.cycles ?? [];
  const words = [...new Map(rows.map(({ status, word }) => [status, { status, word }])).values()];
  const templates = loadTemplates(options.templatesDir);
  const view = {
    title: `All runs (${count(rows.length)})`,
    sentence: rows.length === 0 ? 'No run yet.' : `${plural(rows.length, 'run')}, newest first.`,
    out: options.out ?? '',
    rows,
    isEmpty: rows.length === 0,
    words,
    scenarios: valuesOf(rows.map(({ scenario }) => scenario)),
    profiles: valuesOf(rows.map(({ profile }) => profile)),
    builds: valuesOf(rows.map(({ build }) => build)),
    trends: trendsOf(newestFirst, options.changes),
    comparisons: comparisons.map((each) => ({ ...each, href: reportHref(each) })),
    hasComparisons: comparisons.length > 0,
    cycles: cycles.slice(0, MOST_CYCLES).map(cycleRow),
    hasCycles: cycles.length > 0,
  };
  return renderPage('index', view, templates, '', options);
}
