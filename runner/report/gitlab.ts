// Results → metrics.txt: the figures that GitLab's metrics report compares between a merge request and its target branch.

import { errorShareOf, p95Of, rateOf } from '../analysis/result/run-figures.ts';
import type { Result } from '../model/result.ts';
import { oneLine } from '../text/display-text.ts';
import { expose, type Family } from './exposition.ts';
import { kpiUnit, scaled } from './openmetrics.ts';
import { orderedKpis } from './view/kpis.ts';

/** Targets of one run that are written; more would make GitLab's list unreadable. */
const MOST_KPIS = 50;

/**
 * A label without characters that GitLab's parser treats specially. It cuts a line at the first `#`, splits it like a shell, and
 * rejects the whole file for an unclosed quote (Gitlab::Ci::Parsers::Metrics::Generic).
 */
function label(text: string): string {
  return oneLine(text, 200).replace(/[#"'`\\$]/g, '_');
}

/** Four digits, because GitLab compares values as text and people read them. */
function rounded(value: number | null): number | null {
  return value === null ? null : Number(value.toPrecision(4));
}

/**
 * The text of a file for GitLab's `artifacts:reports:metrics`, in the OpenMetrics format. Labels are scenario, profile and target only:
 * with a build, a run or a time in them, GitLab would show every figure as new.
 */
export function renderGitlabMetrics(results: readonly Result[]): Promise<string> {
  const labels = ({ scenario, profile }: Result) => ({ scenario: label(scenario), profile: label(profile) });
  const each = (name: string, help: string, value: (result: Result) => number | null): Family => ({
    type: 'gauge',
    name,
    help,
    samples: results.map((result) => ({ labels: labels(result), value: rounded(value(result)) })),
  });
  const share = (result: Result, verdict: Result['kpis'][number]['verdict']) =>
    result.kpis.filter((kpi) => kpi.verdict === verdict).length;
  const actuals = new Map<string, { labels: Record<string, string>; value: number | null }[]>();
  for (const result of results) {
    for (const kpi of orderedKpis(result).slice(0, MOST_KPIS)) {
      const unit = kpiUnit(kpi, result);
      const samples = actuals.get(unit.suffix) ?? [];
      actuals.set(unit.suffix, samples);
      samples.push({
        labels: { ...labels(result), kpi: label(kpi.expression) },
        value: rounded(scaled(kpi.actual, unit)),
      });
    }
  }
  return expose([
    each('novaperf_targets_met', 'Targets that were met.', (result) => share(result, 'pass')),
    each('novaperf_targets_missed', 'Targets that were missed.', (result) => share(result, 'fail')),
    each('novaperf_latency_p95_seconds', 'The p95 of the run, the first figure of the report.', (result) => {
      const p95 = p95Of(result);
      return p95 === null ? null : p95 / 1000;
    }),
    each('novaperf_throughput_per_second', 'Requests per second, or iterations if there were no requests.', rateOf),
    each('novaperf_failed_requests_ratio', 'Share of failed requests.', errorShareOf),
    ...[...actuals].map(
      ([suffix, samples]): Family => ({
        type: 'gauge',
        name: `novaperf_kpi_actual_${suffix}`,
        help: 'The measured value of a target.',
        samples,
      }),
    ),
  ]);
}
