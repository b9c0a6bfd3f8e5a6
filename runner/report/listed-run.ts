// A result → what the list of all runs needs of it, a fiftieth of its size. It has a schema because it is cached on disk.

import { z } from 'zod';
import { errorShareOf, p95Of, rateOf, targetsMet } from '../analysis/result/run-figures.ts';
import { COMPARISONS, VERDICTS } from '../model/kpi.ts';
import { type Result, type ResultKpi, RUN_STATUSES } from '../model/result.ts';
import { filterName, statisticName } from '../targets/kpi-name.ts';
import { oneLine } from '../text/display-text.ts';
import { unitOf } from './view/kpi-text.ts';

const figure = z.number().nullable();

const listedKpiSchema = z.object({
  /** Identifies a target across runs, whatever its limit was. */
  key: z.string(),
  name: z.string(),
  filter: z.string(),
  comparison: z.enum(COMPARISONS),
  target: z.number(),
  /** null: no data. */
  actual: figure,
  /** The 95 % interval of `actual`. */
  ci_low: figure.optional(),
  ci_high: figure.optional(),
  /** A unit of format.ts; `share` for a rate from 0 to 1. */
  unit: z.string(),
  verdict: z.enum(VERDICTS),
  no_data_passes: z.boolean().optional(),
});

/** One run of the list. Texts are shortened and made safe with display-text.ts. */
export const listedRunSchema = z.object({
  /** Name of the run's folder. */
  folder: z.string(),
  scenario: z.string(),
  component: z.string(),
  profile: z.string(),
  environment: z.string(),
  build: z.string(),
  /** '' if not known. */
  branch: z.string(),
  started_at: z.string(),
  status: z.enum(RUN_STATUSES),
  p95_ms: figure,
  rate_per_s: figure,
  /** Share of failed requests, 0 to 1. */
  error_share: figure,
  /** Sustained requests/s of a capacity search; null for any other run. */
  capacity_per_s: figure,
  /** `5 of 7`. */
  targets_met: z.string(),
  kpis: z.array(listedKpiSchema),
});

export type ListedRun = z.infer<typeof listedRunSchema>;
export type ListedKpi = ListedRun['kpis'][number];

/** Further targets have no trend line in the list; the run's report has all. */
const MOST_KPIS = 24;

/** The run in `folder` as the list shows it. */
export function listedRun(result: Result, folder: string): ListedRun {
  return {
    folder,
    scenario: oneLine(result.scenario, 80),
    component: oneLine(result.component, 60),
    profile: oneLine(result.profile, 30),
    environment: oneLine(result.environment, 40),
    build: oneLine(result.build_version, 60),
    branch: oneLine(result.branch ?? '', 80),
    started_at: result.started_at,
    status: result.status,
    p95_ms: p95Of(result),
    rate_per_s: rateOf(result),
    error_share: errorShareOf(result),
    capacity_per_s: result.capacity?.requests_per_s ?? null,
    targets_met: targetsMet(result),
    kpis: result.kpis.slice(0, MOST_KPIS).map((kpi, index, kpis) => listedKpi(kpi, ordinal(kpis, index), result)),
  };
}

function seriesKey(kpi: ResultKpi): string {
  const filter = Object.entries(kpi.filter).sort(([a], [b]) => a.localeCompare(b));
  return oneLine(JSON.stringify([kpi.metric, filter, kpi.statistic, kpi.comparison, kpi.source]), 300);
}

/** The position of a KPI among those of the run that differ only in their limit. */
function ordinal(kpis: readonly ResultKpi[], index: number): number {
  const key = (kpi: ResultKpi | undefined) => (kpi === undefined ? '' : seriesKey(kpi));
  return kpis.slice(0, index).filter((kpi) => seriesKey(kpi) === key(kpis[index])).length;
}

function listedKpi(kpi: ResultKpi, nth: number, result: Result): ListedKpi {
  return {
    key: `${seriesKey(kpi)}#${nth}`,
    name: statisticName(kpi),
    filter: filterName(kpi.filter),
    comparison: kpi.comparison,
    target: kpi.target,
    actual: kpi.actual,
    ci_low: kpi.ci_low,
    ci_high: kpi.ci_high,
    unit: unitOf(kpi, result),
    verdict: kpi.verdict,
    ...(kpi.no_data_passes === true ? { no_data_passes: true } : {}),
  };
}

/** The target with the p95 of the run as its value in every run, so that a history shows one line for both; undefined if there is none. */
export function p95Target(runs: readonly ListedRun[]): ListedKpi | undefined {
  const actualOf = (run: ListedRun, key: string) => run.kpis.find((kpi) => kpi.key === key)?.actual ?? null;
  if (runs.every(({ p95_ms }) => p95_ms === null)) return undefined;
  return runs.at(-1)?.kpis.find(({ key }) => runs.every((run) => actualOf(run, key) === run.p95_ms));
}
