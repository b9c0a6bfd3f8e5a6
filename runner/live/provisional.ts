// The view of a running test: the view of a report without its verdict.

import type { Result, ResultKpi } from '../model/result.ts';
import { mark } from '../report/view/cells.ts';
import { summaryView } from '../report/view/findings.ts';
import { marginText } from '../report/view/kpi-text.ts';
import { orderedKpis } from '../report/view/kpis.ts';
import type { KpiRow, Mark, ReportView } from '../report/view/model.ts';
import { plural } from '../text/format.ts';

/** Findings about the verdicts of targets. The targets table shows their state so far. */
const VERDICT_FINDINGS = new Set([
  'kpi_missed',
  'degraded',
  'no_data',
  'inconclusive',
  'within_noise',
  'few_samples',
  'nothing_judged',
]);

/** The marks of KPIs during a run, by their verdict so far; undefined: the mark of the verdict itself. */
const MARKS_SO_FAR: Readonly<Record<ResultKpi['verdict'], Mark | undefined>> = {
  pass: mark('good', 'pass', 'met so far'),
  fail: mark('bad', 'fail', 'not met now'),
  no_data: mark('neutral', 'unknown', 'no data yet'),
  inconclusive: undefined,
};

/** `So far: 5 of 7 targets met.` */
function targetsText(kpis: readonly ResultKpi[]): string {
  if (kpis.length === 0) return 'No target is set.';
  const met = kpis.filter(({ verdict }) => verdict === 'pass').length;
  return `So far: ${met} of ${plural(kpis.length, 'target')} met.`;
}

/** The view of a run so far. `result`: the result that `view` was built from. */
export function provisionalView(view: ReportView, result: Result): ReportView {
  const kpis = orderedKpis(result);
  const rows = view.kpis.rows.map((row, index): KpiRow => {
    const kpi = kpis[index];
    return kpi === undefined ? row : { ...row, ...MARKS_SO_FAR[kpi.verdict], margin: marginText(kpi, 'off by') };
  });
  const withoutVerdicts = (all: ReportView['findings']) => all.filter(({ kind }) => !VERDICT_FINDINGS.has(kind));
  const findings = withoutVerdicts(view.findings);
  const notes = withoutVerdicts(view.notes);
  const isBad = rows.some(({ tone }) => tone === 'bad');
  const reason = targetsText(kpis);
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
    notes,
    hasNotes: notes.length > 0,
    kpis: { ...view.kpis, sentence: reason, rows, missed: rows.filter(({ tone }) => tone === 'bad') },
    explained: [],
    hasExplained: false,
    files: [],
    hasFiles: false,
  };
}
