// The findings of a Result as rows: possible causes apart from notes, and what the first screen has room for.

import { CAUSES } from '../../analysis/findings/cause-kinds.ts';
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

/** Findings, most severe first, each with links to the KPIs it is about. */
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
        // A title that is the whole of it is said once.
        .filter((paragraph) => !['', sentence(finding.title)].includes(paragraph.trim())),
      isCause: (finding.moved_with ?? []).length > 0,
      kpis: (finding.moved_with ?? finding.kpis).map((id) => {
        const kpi = rowOf.get(id);
        return { anchor: kpi?.anchor ?? null, name: kpi?.expression ?? oneLine(id) };
      }),
    }));
}

/** What makes times look longer than they were; the sentence on how far the verdict can be trusted says it already. */
const SAID_BY_TRUST = new Set(['generator_saturated', 'generator_warn', 'generator_machine']);

/**
 * Findings divided: those with evidence of what happened, and notes. Where a target was not met the former are its possible causes,
 * which are only those that moved with a missed target (analysis/findings/evidence.ts).
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

/** Rows that the first screen has room for: of missed targets, and of both together. */
const BRIEF = 3;
const MOST_ROWS = 4;

/** Of a run without a miss and without a finding above low. Response times that rose and are low are small, unclear or the machine's. */
const HAPPENED = new Set(['server_growth', 'observed']);
const MOST_HAPPENED = 2;

function missedTitle(open: readonly KpiRow[]): string {
  if (open.every(({ tone }) => tone === 'bad')) return 'Targets not met';
  if (open.some(({ tone }) => tone === 'bad')) return 'Targets not met or not decided';
  return open.every(({ isMeasured }) => !isMeasured) ? 'Targets without data' : 'Targets not decided';
}

/** The first of the targets that were not met, how many more there are, and what was found above low. */
export function summaryView(
  kpis: readonly KpiRow[],
  findings: readonly FindingRow[] = [],
  notes: readonly FindingRow[] = [],
): ReportView['summary'] {
  const missed = kpis.filter(({ tone }) => tone !== 'good');
  const above = findings.filter(
    ({ severity, kind, isCause }) => (isCause || severity !== 'low') && !SAID_BY_TRUST.has(kind),
  );
  // Without a problem there is room for what else happened.
  const causes =
    above.length + missed.length === 0
      ? [...findings, ...notes].filter(({ kind }) => HAPPENED.has(kind)).slice(0, MOST_HAPPENED)
      : above.slice(0, MOST_ROWS - Math.min(missed.length, BRIEF));
  return {
    missed: missed.slice(0, BRIEF),
    hasMissed: missed.length > 0,
    missedTitle: missedTitle(missed),
    causes,
    hasCauses: causes.length > 0,
    hasAny: missed.length + causes.length > 0,
    moreMissed: missed.length > BRIEF ? `${missed.length - BRIEF} more` : '',
    moreCauses: above.length > causes.length ? `${above.length - causes.length} more` : '',
  };
}
