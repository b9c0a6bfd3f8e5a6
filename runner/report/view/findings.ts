// The findings of a result as rows, divided into possible causes and notes, and the few that the first screen shows.

import { CAUSES } from '../../analysis/findings/cause-kinds.ts';
import { findingKinds } from '../../model/finding-kinds.ts';
import { SEVERITIES } from '../../model/kpi.ts';
import type { Result } from '../../model/result.ts';
import { oneLine, sentence, visible } from '../../text/display-text.ts';
import { mark } from './cells.ts';
import { orderedKpis } from './kpis.ts';
import type { FindingRow, KpiRow, Mark, ReportView } from './model.ts';

const SEVERITY_MARKS: Readonly<Record<Result['findings'][number]['severity'], Mark>> = {
  critical: mark('bad', 'fail', 'critical'),
  high: mark('bad', 'warn', 'high'),
  medium: mark('warn', 'warn', 'medium'),
  low: mark('neutral', 'unknown', 'low'),
};

/** Findings, most severe first, each with links to its targets. `kpis` are the rows of kpiRows(). */
export function findingRows(result: Result, kpis: readonly KpiRow[]): FindingRow[] {
  const rowOf = new Map(orderedKpis(result).map((kpi, index) => [kpi.id, kpis[index]]));
  return [...result.findings]
    .sort((a, b) => SEVERITIES.indexOf(a.severity) - SEVERITIES.indexOf(b.severity))
    .map((finding, index) => ({
      ...SEVERITY_MARKS[finding.severity],
      severity: finding.severity,
      anchor: `finding-${index + 1}`,
      kind: oneLine(finding.kind, 60),
      title: oneLine(finding.title, 300),
      detail: visible(finding.detail)
        .slice(0, 6000)
        .split(/\n+/)
        // A paragraph that only repeats the title is left out.
        .filter((paragraph) => !['', sentence(finding.title)].includes(paragraph.trim())),
      isCause: (finding.moved_with ?? []).length > 0,
      kpis: (finding.moved_with ?? finding.kpis).map((id) => {
        const kpi = rowOf.get(id);
        return { anchor: kpi?.anchor ?? null, name: kpi?.expression ?? oneLine(id) };
      }),
    }));
}

/** Kinds that the trust sentence of the verdict states already. */
const STATED_BY_TRUST = findingKinds('generator_saturated', 'generator_warn', 'generator_machine');

/**
 * Findings divided from notes. If a target was missed, the findings are its possible causes: those that changed together with a
 * missed target (analysis/findings/evidence.ts). Otherwise they are all findings of kinds that can be a cause.
 */
export function dividedFindings(
  findings: readonly FindingRow[],
  kpis: readonly KpiRow[],
): Pick<ReportView, 'findingsTitle' | 'findings' | 'notes'> {
  const isMet = !kpis.some(({ tone }) => tone === 'bad');
  const isShown = ({ kind, isCause }: FindingRow) => (isMet ? CAUSES.has(kind) : isCause);
  return {
    findingsTitle: isMet ? 'Findings' : 'Possible causes',
    findings: findings.filter(isShown),
    notes: findings.filter((finding) => !isShown(finding)),
  };
}

/** Rows of the first screen: missed targets, and these and findings together. */
const MOST_MISSED = 3;
const MOST_ROWS = 4;

/** Kinds shown for a run without problems. Response times that rose are not: with severity low the rise is small, unclear or the machine's. */
const OBSERVATIONS = findingKinds('server_growth', 'observed');
const MOST_OBSERVATIONS = 2;

function missedTitle(open: readonly KpiRow[]): string {
  if (open.every(({ tone }) => tone === 'bad')) return 'Targets not met';
  if (open.some(({ tone }) => tone === 'bad')) return 'Targets not met or not decided';
  return open.every(({ isMeasured }) => !isMeasured) ? 'Targets without data' : 'Targets not decided';
}

/** The first screen: missed targets, the findings above severity low, and how many more there are of each. */
export function summaryView(
  kpis: readonly KpiRow[],
  findings: readonly FindingRow[] = [],
  notes: readonly FindingRow[] = [],
): ReportView['summary'] {
  const missed = kpis.filter(({ tone }) => tone !== 'good');
  const above = findings.filter(
    ({ severity, kind, isCause }) => (isCause || severity !== 'low') && !STATED_BY_TRUST.has(kind),
  );
  // A run without problems has room for observations.
  const causes =
    above.length + missed.length === 0
      ? [...findings, ...notes].filter(({ kind }) => OBSERVATIONS.has(kind)).slice(0, MOST_OBSERVATIONS)
      : above.slice(0, MOST_ROWS - Math.min(missed.length, MOST_MISSED));
  return {
    missed: missed.slice(0, MOST_MISSED),
    hasMissed: missed.length > 0,
    missedTitle: missedTitle(missed),
    causes,
    hasCauses: causes.length > 0,
    hasAny: missed.length + causes.length > 0,
    moreMissed: missed.length > MOST_MISSED ? `${missed.length - MOST_MISSED} more` : '',
    moreCauses: above.length > causes.length ? `${above.length - causes.length} more` : '',
  };
}
