// The view of a run that is still going on: the same page without a verdict.

import { mark } from '../report/view/cells.ts';
import { summaryView } from '../report/view/kpis.ts';
import type { KpiRow, Mark, ReportView } from '../report/view/model.ts';
import { plural } from '../text/format.ts';

/** Findings that say how a target came out: the targets themselves say how they stand. */
const JUDGING = new Set(['kpi_missed', 'no_data', 'inconclusive', 'within_noise', 'few_samples', 'nothing_judged']);

/** What stands in place of a KPI's word while its run goes on. */
function markSoFar(word: string): Mark | undefined {
  switch (word) {
    case 'met':
      return mark('good', 'pass', 'met so far');
    case 'missed':
      return mark('bad', 'fail', 'not met now');
    case 'no data':
      return mark('neutral', 'unknown', 'no data yet');
    default:
      return undefined;
  }
}

/** `5 of 7 targets met so far`. */
function standing(rows: readonly KpiRow[]): string {
  if (rows.length === 0) return 'No target is set.';
  const met = rows.filter(({ word }) => word === 'met').length;
  return `So far: ${met} of ${plural(rows.length, 'target')} met.`;
}

/** The view of a run so far. */
export function provisionalView(view: ReportView): ReportView {
  const rows = view.kpis.rows.map((row) => ({
    ...row,
    ...markSoFar(row.word),
    margin: row.margin.replace(/^missed by /, 'off by '),
  }));
  const findings = view.findings.filter(({ kind }) => !JUDGING.has(kind));
  const isBad = rows.some(({ tone }) => tone === 'bad');
  const reason = standing(view.kpis.rows);
  return {
    ...view,
    findingsTitle: 'Findings',
    verdict: {
      ...mark(isBad ? 'warn' : 'neutral', 'unknown', 'Running'),
      reason: `${reason} The verdict is given at the end of the run.`,
      isPartial: false,
      trust: view.verdict.trust,
    },
    summary: summaryView([]),
    findings,
    hasFindings: findings.length > 0,
    kpis: { ...view.kpis, sentence: reason, rows, missed: rows.filter(({ tone }) => tone === 'bad') },
    files: [],
    hasFiles: false,
  };
}
