// Results → openmetrics.txt: all figures of the runs, for Prometheus and tools that read its format. For GitLab see gitlab.ts.

import { errorShareOf } from '../analysis/result/run-figures.ts';
import { TREND_FIGURES } from '../model/percentiles.ts';
import { EVERY_PROTOCOL, reportsSuccess } from '../model/protocols.ts';
import { type Result, type ResultKpi, RUN_STATUSES } from '../model/result.ts';
import { oneLine } from '../text/display-text.ts';
import { expose, type Family, type Sample } from './exposition.ts';

/** A base unit of Prometheus, and the factor that converts a figure to it. */
interface BaseUnit {
  readonly suffix: string;
  readonly factor: number;
}

const BASE_UNITS: ReadonlyMap<string, BaseUnit> = new Map(
  Object.entries({
    ms: { suffix: 'seconds', factor: 0.001 },
    B: { suffix: 'bytes', factor: 1 },
    bytes: { suffix: 'bytes', factor: 1 },
    share: { suffix: 'ratio', factor: 1 },
    '/s': { suffix: 'per_second', factor: 1 },
    'B/s': { suffix: 'bytes_per_second', factor: 1 },
  }),
);
/** For counts, and for units that Prometheus has no name for. */
const PLAIN: BaseUnit = { suffix: 'value', factor: 1 };

/** The Prometheus unit of a KPI. k6's rates have no unit and are ratios. */
export function kpiUnit(kpi: ResultKpi, result: Result): BaseUnit {
  if (kpi.unit === '' && result.metrics[kpi.metric]?.type === 'rate') return { suffix: 'ratio', factor: 1 };
  return BASE_UNITS.get(kpi.unit) ?? PLAIN;
}

/** The value in the base unit, to 15 digits, which a double always holds exactly: 295.3 ms is 0.2953 s, not 0.29530000000000006. */
export function scaled(value: number | null, { factor }: BaseUnit): number | null {
  return value === null ? null : Number((value * factor).toPrecision(15));
}

/** A name as a label of at most 300 characters, because every sample repeats it. */
function label(text: string): string {
  return oneLine(text, 300);
}

/** Samples grouped into one family per unit. */
class FamiliesByUnit {
  readonly #samples = new Map<string, Sample[]>();

  add({ suffix, factor }: BaseUnit, labels: Sample['labels'], value: number | null): void {
    const samples = this.#samples.get(suffix) ?? [];
    this.#samples.set(suffix, samples);
    samples.push({ labels, value: scaled(value, { suffix, factor }) });
  }

  families(type: Family['type'], prefix: string, help: string): Family[] {
    return [...this.#samples].map(([suffix, samples]) => {
      const unit = suffix === 'value' && type === 'counter' ? '' : `_${suffix}`;
      return { type, name: `${prefix}${unit}${type === 'counter' ? '_total' : ''}`, help, samples };
    });
  }
}

/** The labels that all samples of a run have. Build and run name are only in `novaperf_run_info`, so series continue from run to run. */
export function runLabels({ component, scenario, profile }: Result): Record<string, string> {
  return { component: label(component), scenario: label(scenario), profile: label(profile) };
}

function runFamilies(results: readonly Result[]): Family[] {
  const each = (value: (result: Result) => number | null): Sample[] =>
    results.map((result) => ({ labels: runLabels(result), value: value(result) }));
  return [
    {
      type: 'gauge',
      name: 'novaperf_run_info',
      help: 'Facts of the run as labels; the value is always 1.',
      samples: results.map((result) => ({
        labels: {
          ...runLabels(result),
          run: label(result.run),
          environment: label(result.environment),
          build: label(result.build_version),
          k6: label(result.k6.version),
          novaperf: label(result.novaperf_version),
        },
        value: 1,
      })),
    },
    {
      type: 'gauge',
      name: 'novaperf_run_status',
      help: '1 for the status of the run, 0 for the others.',
      samples: results.flatMap((result) =>
        RUN_STATUSES.map((status) => ({
          labels: { ...runLabels(result), status },
          value: result.status === status ? 1 : 0,
        })),
      ),
    },
    {
      type: 'gauge',
      name: 'novaperf_run_start_time_seconds',
      help: 'Start of the run in seconds since 1970-01-01 UTC.',
      samples: each(({ started_at }) => Date.parse(started_at) / 1000),
    },
    {
      type: 'gauge',
      name: 'novaperf_run_duration_seconds',
      help: 'From the first sample to the last.',
      samples: each(({ duration_ms }) => duration_ms / 1000),
    },
    {
      type: 'gauge',
      name: 'novaperf_run_failed_requests_ratio',
      help: `Share of failed ${EVERY_PROTOCOL.filter(reportsSuccess)
        .map(({ plural }) => plural)
        .join(' and ')}.`,
      samples: each(errorShareOf),
    },
    {
      type: 'gauge',
      name: 'novaperf_run_findings',
      help: 'Findings of the report by severity.',
      samples: results.flatMap((result) =>
        [...new Set(result.findings.map(({ severity }) => severity))].map((severity) => ({
          labels: { ...runLabels(result), severity },
          value: result.findings.filter((finding) => finding.severity === severity).length,
        })),
      ),
    },
    {
      type: 'gauge',
      name: 'novaperf_generator_cpu_cores',
      help: 'Cores that the load generator used on average.',
      samples: each(({ generator }) => generator.cpu_cores_avg),
    },
    {
      type: 'counter',
      name: 'novaperf_generator_dropped_iterations_total',
      help: 'Iterations that k6 could not start in time.',
      samples: each(({ generator }) => generator.dropped_iterations),
    },
  ];
}

function kpiFamilies(results: readonly Result[]): Family[] {
  const [actual, target] = [new FamiliesByUnit(), new FamiliesByUnit()];
  const met: Sample[] = [];
  for (const result of results) {
    for (const kpi of result.kpis) {
      const labels = { ...runLabels(result), kpi: label(kpi.id) };
      const unit = kpiUnit(kpi, result);
      actual.add(unit, labels, kpi.actual);
      target.add(unit, { ...labels, comparison: kpi.comparison }, kpi.target);
      // An inconclusive target is neither met nor missed, so it has no value.
      const value = kpi.verdict === 'pass' ? 1 : kpi.verdict === 'inconclusive' ? null : 0;
      met.push({ labels, value });
    }
  }
  return [
    ...actual.families('gauge', 'novaperf_kpi_actual', 'The measured value of a target.'),
    ...target.families('gauge', 'novaperf_kpi_target', 'The limit of a target.'),
    {
      type: 'gauge',
      name: 'novaperf_kpi_met',
      help: '1 for a target that was met, 0 for one that was missed or had no data; no sample for an inconclusive one.',
      samples: met,
    },
  ];
}

function metricFamilies(results: readonly Result[]): Family[] {
  const [trends, counted, rates, last] = Array.from({ length: 4 }, () => new FamiliesByUnit());
  for (const result of results) {
    for (const [name, metric] of Object.entries(result.metrics)) {
      const labels = { ...runLabels(result), metric: label(name) };
      const unit = BASE_UNITS.get(metric.unit) ?? PLAIN;
      if (metric.type === 'trend') {
        for (const statistic of TREND_FIGURES) trends?.add(unit, { ...labels, statistic }, metric[statistic]);
      } else if (metric.type === 'counter') counted?.add(unit, labels, metric.value);
      else if (metric.type === 'rate') rates?.add(unit, labels, metric.rate);
      else last?.add(unit, labels, metric.value);
    }
  }
  return [
    ...(trends?.families('gauge', 'novaperf_trend', 'Statistics of a trend metric of k6.') ?? []),
    ...(counted?.families('counter', 'novaperf_counted', 'Sum of a counter metric of k6.') ?? []),
    ...(rates?.families('gauge', 'novaperf_rate', 'Share of non-zero values of a rate metric of k6.') ?? []),
    ...(last?.families('gauge', 'novaperf_last', 'Last value of a gauge metric of k6.') ?? []),
  ];
}

function detailFamilies(results: readonly Result[]): Family[] {
  const endpoints = results.flatMap((result) =>
    result.endpoints.map((endpoint) => ({
      endpoint,
      labels: { ...runLabels(result), endpoint: label(endpoint.name), method: label(endpoint.method) },
    })),
  );
  return [
    {
      type: 'counter',
      name: 'novaperf_endpoint_requests_total',
      help: 'Requests to an endpoint.',
      samples: endpoints.map(({ endpoint, labels }) => ({ labels, value: endpoint.requests })),
    },
    {
      type: 'counter',
      name: 'novaperf_endpoint_failed_requests_total',
      help: 'Requests to an endpoint that failed.',
      samples: endpoints.map(({ endpoint, labels }) => ({ labels, value: endpoint.failed })),
    },
    {
      type: 'gauge',
      name: 'novaperf_endpoint_duration_seconds',
      help: 'Durations of the requests that got an expected response.',
      samples: endpoints.flatMap(({ endpoint, labels }) =>
        TREND_FIGURES.map((statistic) => ({
          labels: { ...labels, statistic },
          value: scaled(endpoint[statistic], { suffix: 'seconds', factor: 0.001 }),
        })),
      ),
    },
    {
      type: 'counter',
      name: 'novaperf_checks_total',
      help: 'Evaluations of a check by their result.',
      samples: results.flatMap((result) =>
        result.checks.flatMap(({ name, group, passes, fails }) => {
          const labels = { ...runLabels(result), check: label(name), group: label(group) };
          return [
            { labels: { ...labels, result: 'pass' }, value: passes },
            { labels: { ...labels, result: 'fail' }, value: fails },
          ];
        }),
      ),
    },
    {
      type: 'counter',
      name: 'novaperf_errors_total',
      help: 'Errors by kind, endpoint, status and code.',
      samples: results.flatMap((result) =>
        result.errors.map(({ kind, endpoint, status, code, count }) => ({
          labels: {
            ...runLabels(result),
            kind,
            endpoint: label(endpoint),
            status: label(status),
            code: label(code),
          },
          value: count,
        })),
      ),
    },
  ];
}

/** The text of openmetrics.txt: all figures of the runs, labelled with component, scenario and profile. Figures without data have no line. */
export function renderOpenMetrics(results: readonly Result[]): Promise<string> {
  return expose([
    ...runFamilies(results),
    ...kpiFamilies(results),
    ...metricFamilies(results),
    ...detailFamilies(results),
  ]);
}
