// Derives all findings of a run: sentences with numbers, evidence and a next step, worst first.

import { FINDING_KINDS } from '../../model/finding-kinds.ts';
import { type Finding, SEVERITIES } from '../../model/kpi.ts';
import { occupant } from './bottlenecks.ts';
import { withEvidence } from './evidence.ts';
import { errorFindings } from './findings-errors.ts';
import type { FindingsInput } from './findings-input.ts';
import { kpiFindings } from './findings-kpis.ts';
import { loadFindings } from './findings-load.ts';
import { modelFindings } from './findings-model.ts';
import { observationFindings } from './findings-observations.ts';
import { serverFindings } from './findings-server.ts';
import { sourceFindings } from './findings-sources.ts';

/**
 * The findings of a run, worst first; those of one kind in the order of the KPIs. Causes are called probable, because
 * they are concluded from the client's side alone.
 */
export function findings(input: FindingsInput): Finding[] {
  const { watched, metrics } = input;
  const ofServer = watched === undefined ? [] : serverFindings({ metrics, ...watched });
  const found = [
    ...kpiFindings(input),
    ...errorFindings(input),
    ...loadFindings(input),
    ...sourceFindings(input.sources ?? [], input.loadStartMs ?? 0),
    ...observationFindings(input),
    ...modelFindings(input),
    ...ofServer,
  ];
  const exhausted = found.find(({ kind }) => kind === 'server_exhausted');
  const cause = exhausted === undefined ? undefined : occupant(metrics, exhausted);
  const rank = ({ severity, kind }: Finding) =>
    SEVERITIES.indexOf(severity) * FINDING_KINDS.length + FINDING_KINDS.indexOf(kind);
  const ranked = found
    .filter(({ kind }) => cause === undefined || kind !== 'slow_endpoint')
    .sort((a, b) => rank(a) - rank(b));
  const before = ranked.findIndex(({ kind }) => kind === 'server_exhausted');
  return withEvidence(cause === undefined ? ranked : ranked.toSpliced(before, 0, cause), input);
}
