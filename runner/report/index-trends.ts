// Runs as listed → per scenario and profile, how its p95 and each of its targets went from run to run.

import { isMissedKpi } from '../model/result.ts';
import { besideTarget, duration, isFigure, plural, signedPercent, targetWithUnit, utc } from '../text/format.ts';
import { type TrendPoint, trendLine } from './charts/trend-line.ts';
import type { ListedKpi, ListedRun } from './listed-run.ts';
import { COMPARISON_SIGNS, verdictMark } from './view/kpis.ts';
import { statusMark } from './view/verdict.ts';

/** Runs that a trend line shows, the newest at its right end. */
const TREND_RUNS = 30;

/** Lines that a card shows at once; the others unfold. */
const FIRST_LINES = 4;

export function reportHref({ folder }: Pick<ListedRun, 'folder'>): string {
  return `${encodeURIComponent(folder)}/report.html`;
}

/** Runs of one scenario and profile, in the order they are given in. */
function groupsOf(runs: readonly ListedRun[]): ListedRun[][] {
  const groups = new Map<string, ListedRun[]>();
  for (const run of runs) {
    const key = JSON.stringify([run.scenario, run.profile]);
    const group = groups.get(key);
    if (group === undefined) groups.set(key, [run]);
    else group.push(run);
  }
  return [...groups.values()];
}

/** The line of one KPI of the newest run; `shown` are oldest first. */
function kpiLine(kpi: ListedKpi, shown: readonly ListedRun[]) {
  const history = shown.map((run) => ({ run, kpi: run.kpis.find(({ key }) => key === kpi.key) }));
  const judged = history.filter((point) => point.kpi !== undefined);
  const missed = judged.filter((point) => point.kpi !== undefined && isMissedKpi(point.kpi));
  const lastMissed = missed.at(-1)?.run;
  const valueText = (value: number | null) => (isFigure(value) ? besideTarget(value, kpi.target, kpi.unit) : 'no data');
  const target = `${COMPARISON_SIGNS[kpi.comparison]} ${targetWithUnit(kpi.target, kpi.unit)}`;
  const points = history.map(
    (point): TrendPoint => ({
      value: point.kpi?.actual ?? null,
      target: point.kpi?.target ?? null,
      isMissed: point.kpi !== undefined && isMissedKpi(point.kpi),
    }),
  );
  return {
    ...verdictMark(kpi),
    name: kpi.name,
    filter: kpi.filter,
    target,
    actual: valueText(kpi.actual),
    svg: trendLine(points),
    values: history.map((point) => (point.kpi === undefined ? '–' : valueText(point.kpi.actual))).join('|'),
    sentence:
      missed.length === 0
        ? `met in ${plural(judged.length, 'run')}`
        : `missed in ${missed.length} of ${plural(judged.length, 'run')}`,
    lastMissed:
      lastMissed === undefined
        ? null
        : { href: reportHref(lastMissed), when: utc(lastMissed.started_at), iso: lastMissed.started_at },
  };
}

/** One card per scenario and profile; `runs` are newest first. */
export function trendsOf(runs: readonly ListedRun[]) {
  return groupsOf(runs).flatMap((group) => {
    const [latest, before] = group;
    if (latest === undefined) return [];
    const shown = group.slice(0, TREND_RUNS).reverse();
    const [now, then] = [latest.p95_ms, before?.p95_ms];
    const change = isFigure(now) && isFigure(then) && then > 0 ? signedPercent(((now - then) * 100) / then) : '';
    const lines = [...latest.kpis]
      .sort((a, b) => Number(isMissedKpi(b)) - Number(isMissedKpi(a)))
      .map((kpi) => kpiLine(kpi, shown));
    return [
      {
        ...statusMark(latest.status),
        scenario: latest.scenario,
        profile: latest.profile,
        runs:
          group.length > shown.length
            ? `last ${shown.length} of ${plural(group.length, 'run')}`
            : plural(group.length, 'run'),
        p95: duration(now),
        change: change === '' ? '' : `${change} since the run before`,
        href: reportHref(latest),
        svg: trendLine(shown.map(({ p95_ms }) => ({ value: p95_ms, target: null, isMissed: false }))),
        values: shown.map(({ p95_ms }) => duration(p95_ms)).join('|'),
        described: `p95 of response times over the last ${plural(shown.length, 'run')}`,
        // Parallel to the values of every line, for the script that leads from a point to its run.
        folders: shown.map(({ folder }) => encodeURIComponent(folder)).join(' '),
        times: shown.map(({ started_at }) => started_at).join(' '),
        lines: lines.slice(0, FIRST_LINES),
        further: lines.slice(FIRST_LINES),
        hasFurther: lines.length > FIRST_LINES,
        furtherLabel: plural(lines.length - FIRST_LINES, 'further target'),
      },
    ];
  });
}
