// All that a run's judgement knows becomes findings: sentences with numbers, evidence and a next step, worst first.

import { type Finding, type JudgedKpi, SEVERITIES } from '../model/kpi.ts';
import type { RunMetrics, StreamFaults } from '../model/metrics.ts';
import type { ServerResult } from '../model/server-result.ts';
import { errorFindings } from './findings-errors.ts';
import { kpiFindings } from './findings-kpis.ts';
import { loadFindings } from './findings-load.ts';
import { serverFindings } from './findings-server.ts';
import type { GeneratorVerdict } from './generator.ts';

export interface ThrownException {
  readonly message: string;
  /** file:line:column, where known. */
  readonly where: string | null;
  readonly stage: 'init' | 'setup' | 'iteration' | 'teardown';
  readonly count: number;
}

export interface FindingsInput {
  readonly kpis: readonly JudgedKpi[];
  readonly metrics: RunMetrics;
  readonly generator: GeneratorVerdict | undefined;
  readonly exceptions: readonly ThrownException[];
  /** Completed ones, those that threw included. */
  readonly iterations: number;
  /** Of the reader of the stream: a kept archive has no bad lines of its own. */
  readonly faults: Omit<StreamFaults, 'firstBadLine'> & {
    readonly firstBadLine?: StreamFaults['firstBadLine'] | undefined;
  };
  /** The system under test, where it was watched, and when load began, epoch milliseconds. */
  readonly watched?: { readonly server: ServerResult; readonly loadStartMs: number };
  /** Id of the KPI with abortOnFail that ended the run. */
  readonly abortedByKpi?: string | null;
}

/** Among findings of one severity, what makes the rest moot comes first. */
const KINDS = [
  'script_exceptions',
  'aborted_by_threshold',
  'stream_incomplete',
  'generator_saturated',
  'load_not_reached',
  'no_data',
  'kpi_missed',
  'server_exhausted',
  'server_busy',
  'transport_errors',
  'http_errors',
  'failed_checks',
  'inconclusive',
  'generator_warn',
  'slow_endpoint',
  'server_growth',
  'server_gap',
  'connection_setup',
  'cardinality',
  'bad_lines',
  'within_noise',
  'few_samples',
  'server_moves_with',
  'server_not_recovered',
  'dropped_iterations',
  'nothing_judged',
];

/**
 * The findings of a run, worst first; of one kind in the order of the KPIs. Causes are called probable: they follow from
 * the client's side alone.
 */
export function findings(input: FindingsInput): Finding[] {
  const { watched, metrics } = input;
  const ofServer = watched === undefined ? [] : serverFindings({ metrics, ...watched });
  const found = [...kpiFindings(input), ...errorFindings(input), ...loadFindings(input), ...ofServer];
  const rank = ({ severity, kind }: Finding) => SEVERITIES.indexOf(severity) * KINDS.length + KINDS.indexOf(kind);
  return found.sort((a, b) => rank(a) - rank(b));
}
