// Results → metrics.txt: the few figures that GitLab's metrics report compares between a merge request and its target branch.

import { errorShareOf, p95Of, rateOf } from '../analysis/result/run-figures.ts';
import type { Result } from '../model/result.ts';
import { oneLine } from '../text/display-text.ts';
import { expose, type Family } from './exposition.ts';
import { kpiUnit, scaled } from './openmetrics.ts';
import { orderedKpis } from './view/kpis.ts';

/** Targets of one run that the report names. */
const MOST_KPIS = 50;

/**
 * GitLab splits a line into words as a shell does, after it has cut it at the first `#`, and gives up the whole file when a
 * quote is left open (Gitlab::Ci::Parsers::Metrics::Generic). So no label may hold a sign that means something there.
 */
function label(text: string): string {
  return oneLine(text, 200).replace(/[#"'`\\$]/g, '_');
}

/** Four digits: GitLab compares values as text, and people read them. */
function rounded(value: number | null): number | null {
  return value === null ? null : Number(value.toPrecision(4));
}

/**
 * The file of GitLab's `artifacts:reports:metrics`, in the OpenMetrics format. Labels are the same from build to build, or
 * GitLab would call every figure new: scenario, profile and target, but no build, no run, no time.
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
    each('novaperf_latency_p95_seconds', 'The p95 that the report gives first.', (result) => {
      const p95 = p95Of(result);
      return p95 === null ? null : p95 / 1000;
    }),
    each('novaperf_throughput_per_second', 'Requests, or iterations where there was no request.', rateOf),
    each('novaperf_failed_requests_ratio', 'Share of failed requests.', errorShareOf),
    ...[...actuals].map(
      ([suffix, samples]): Family => ({
        type: 'gauge',
        name: `novaperf_kpi_actual_${suffix}`,
        help: 'What was measured for a target.',
        samples,
      }),
    ),
  ]);
}
