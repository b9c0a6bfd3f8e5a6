// Listed runs → for each scenario and profile, the trend of its p95 and of each target from run to run.

import { isMissedKpi } from '../model/result.ts';
import { duration, isFigure, nextToTarget, plural, signedPercent, targetWithUnit, utc } from '../text/format.ts';
import { profileName } from '../text/profile-name.ts';
import { type TrendPoint, trendLine } from './charts/trend-line.ts';
import { type ListedKpi, type ListedRun, p95Target } from './listed-run.ts';
import { COMPARISON_SIGNS } from './view/kpi-text.ts';
import { statusMark } from './view/verdict.ts';
import { verdictMark } from './view/verdict-words.ts';

/** Runs of a trend line, newest on the right; with more, points could not be distinguished. */
const TREND_RUNS = 120;

/** The key of a figure in TrendChanges; `figure` is `p95` or the key of a target. */
export function changeKey({ scenario, profile }: Pick<ListedRun, 'scenario' | 'profile'>, figure: string): string {
  return JSON.stringify([scenario, profile, figure]);
}

/** By changeKey(): for the folder of each run at which the figure's level changed, the change in words. */
export type TrendChanges = ReadonlyMap<string, ReadonlyMap<string, string>>;

const NO_CHANGES: ReadonlyMap<string, string> = new Map();

/** `; +26 % at build 1.3`: up to four changes among the runs shown, newest last. */
function changesText(shown: readonly ListedRun[], changes: ReadonlyMap<string, string>): string {
  const texts = shown.flatMap(({ folder }) => changes.get(folder) ?? []);
  return texts.length === 0 ? '' : `; ${texts.slice(-4).join(', ')}`;
}

/** Lines of a card outside its fold. */
const FIRST_LINES = 4;

/** The link to a run's report, relative to the folder that contains the runs. */
export function reportHref({ folder }: Pick<ListedRun, 'folder'>): string {
  return `${encodeURIComponent(folder)}/report.html`;
}

/** Runs grouped by scenario and profile, in the order given. */
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

/** The trend line of a KPI of the newest run; `shown` has the oldest run first. */
function kpiLine(kpi: ListedKpi, shown: readonly ListedRun[], changes: ReadonlyMap<string, string>) {
  const history = shown.map((run) => ({ run, kpi: run.kpis.find(({ key }) => key === kpi.key) }));
  const judged = history.filter((point) => point.kpi !== undefined);
  const missed = judged.filter((point) => point.kpi !== undefined && isMissedKpi(point.kpi));
  const lastMissed = missed.at(-1)?.run;
  const valueText = (value: number | null) => (isFigure(value) ? nextToTarget(value, kpi.target, kpi.unit) : 'no data');
  const target = `${COMPARISON_SIGNS[kpi.comparison]} ${targetWithUnit(kpi.target, kpi.unit)}`;
  const points = history.map(
    (point): TrendPoint => ({
      value: point.kpi?.actual ?? null,
      target: point.kpi?.target ?? null,
      isMissed: point.kpi !== undefined && isMissedKpi(point.kpi),
      low: point.kpi?.ci_low,
      high: point.kpi?.ci_high,
      isChange: changes.has(point.run.folder),
    }),
  );
  return {
    ...verdictMark(kpi),
    name: kpi.name,
    filter: kpi.filter,
    target,
    actual: valueText(kpi.actual),
    // A single point is no trend.
    svg: points.length > 1 ? trendLine(points) : '',
    values: history.map((point) => (point.kpi === undefined ? '–' : valueText(point.kpi.actual))).join('|'),
    sentence: `${
      missed.length === 0
        ? `met in ${plural(judged.length, 'run')}`
        : `missed in ${missed.length} of ${plural(judged.length, 'run')}`
    }${changesText(shown, changes)}`,
    lastMissed:
      lastMissed === undefined
        ? null
        : { href: reportHref(lastMissed), when: utc(lastMissed.started_at), iso: lastMissed.started_at },
  };
}

/** One card per scenario and profile; `runs` has the newest run first. */
export function trendsOf(runs: readonly ListedRun[], changes: TrendChanges = new Map()) {
  return groupsOf(runs).flatMap((group) => {
    const [latest, before] = group;
    if (latest === undefined) return [];
    const shown = group.slice(0, TREND_RUNS).reverse();
    const [now, then] = [latest.p95_ms, before?.p95_ms];
    const change = isFigure(now) && isFigure(then) && then > 0 ? signedPercent(((now - then) * 100) / then) : '';
    const sinceBefore = change === '' ? '' : `${change} since the previous run`;
    const ofWhole = p95Target(shown);
    const lines = [...latest.kpis]
      .sort((a, b) => Number(isMissedKpi(b)) - Number(isMissedKpi(a)))
      .map((kpi) => ({
        ...kpiLine(kpi, shown, changes.get(changeKey(latest, kpi.key)) ?? NO_CHANGES),
        change: kpi === ofWhole ? sinceBefore : '',
      }));
    const ofP95 = changes.get(changeKey(latest, 'p95')) ?? NO_CHANGES;
    return [
      {
        ...statusMark(latest.status),
        scenario: latest.scenario,
        profile: profileName(latest.profile),
        runs:
          group.length > shown.length
            ? `last ${shown.length} of ${plural(group.length, 'run')}`
            : plural(group.length, 'run'),
        p95: duration(now),
        // The line of a target on the p95 shows it already.
        hasP95: ofWhole === undefined,
        change: sinceBefore,
        href: reportHref(latest),
        svg:
          shown.length < 2
            ? ''
            : trendLine(
                shown.map(({ p95_ms, folder }) => ({
                  value: p95_ms,
                  target: null,
                  isMissed: false,
                  isChange: ofP95.has(folder),
                })),
              ),
        values: shown.map(({ p95_ms }) => duration(p95_ms)).join('|'),
        described: `p95 of response times, ${plural(shown.length, 'run')}${changesText(shown, ofP95)}`,
        // In the order of the values of every line: the script links each point to its run.
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
