// The KPIs of a result as table rows, in the order of every report.

import { bySeverity, byVerdict } from '../../model/kpi.ts';
import type { Result, ResultKpi } from '../../model/result.ts';
import { filterName, statisticName } from '../../targets/kpi-name.ts';
import { oneLine } from '../../text/display-text.ts';
import { count, isFigure } from '../../text/format.ts';
import type { TrackBook } from '../tracks/book.ts';
import { kpiInRange } from './kpi-range.ts';
import { absenceText, actualText, hasInterval, intervalText, marginText, targetText, unitOf } from './kpi-text.ts';
import type { KpiRow } from './model.ts';
import { basisText, isOfShortRun, pooledText, verdictMark, verdictWord } from './verdict-words.ts';

const SOURCES: Readonly<Record<ResultKpi['source'], string>> = {
  threshold: 'script threshold',
  target: 'PerformanceTargets',
  acceptance: 'AcceptanceCriteria',
  builtin: 'set by novaperf',
};

function row(kpi: ResultKpi, index: number, result: Result, tracks: TrackBook | undefined): KpiRow {
  const confidence = isFigure(kpi.actual) ? absenceText(kpi) || (isOfShortRun(kpi) ? pooledText : basisText)(kpi) : '';
  return {
    ...verdictMark(kpi),
    ...(kpi.verdict === 'inconclusive' ? { word: verdictWord(kpi) } : {}),
    anchor: `kpi-${index + 1}`,
    id: oneLine(kpi.id),
    name: statisticName(kpi),
    filter: filterName(kpi.filter),
    expression: oneLine(kpi.expression, 240),
    severity: kpi.severity,
    source: kpi.origin?.item ?? SOURCES[kpi.source],
    target: targetText(kpi, result),
    actual: actualText(kpi, result),
    rangeFollows: tracks === undefined ? '' : kpiInRange(kpi, unitOf(kpi, result), tracks),
    margin: marginText(kpi),
    marginSort: isFigure(kpi.margin_percent) ? String(kpi.margin_percent) : '',
    interval: intervalText(kpi, result),
    confidence,
    hasInterval: hasInterval(kpi, result) || confidence !== '',
    samples: count(kpi.samples),
    samplesSort: String(kpi.samples),
    note: kpi.note === null || kpi.note === '' ? null : oneLine(kpi.note, 600),
    isMeasured: isFigure(kpi.actual),
    svg: bar(kpi),
  };
}

const BAR_WIDTH = 120;

/** The actual value as a bar, its interval as a whisker, the target as a tick; styles/tables.css has the classes. */
function bar(kpi: ResultKpi): string | null {
  if (!isFigure(kpi.actual) || kpi.actual < 0 || kpi.target < 0) return null;
  const reach = Math.max(kpi.actual, kpi.target, Math.min(kpi.ci_high ?? 0, kpi.actual * 2));
  if (reach <= 0) return null;
  const x = (value: number) => Math.round(Math.min(value / (reach * 1.12), 1) * BAR_WIDTH * 10) / 10;
  const whisker =
    isFigure(kpi.ci_low) && isFigure(kpi.ci_high)
      ? `<path class="bar-ci" d="M${x(kpi.ci_low)} 8H${x(kpi.ci_high)}M${x(kpi.ci_low)} 5v6M${x(kpi.ci_high)} 5v6"/>`
      : '';
  return (
    `<svg class="bar bar-${verdictMark(kpi).tone}" viewBox="0 0 ${BAR_WIDTH} 16" width="${BAR_WIDTH}" height="16" aria-hidden="true">` +
    `<rect class="bar-track" x="0" y="4" width="${BAR_WIDTH}" height="8" rx="2"/>` +
    `<rect class="bar-value" x="0" y="4" width="${Math.max(x(kpi.actual), 1.5)}" height="8" rx="2"/>${whisker}` +
    `<path class="bar-target" d="M${x(kpi.target)} 0v16"/></svg>`
  );
}

/** Rows in the order of orderedKpis(), which also numbers the anchors. With `tracks` they have figures for a selected range. */
export function kpiRows(result: Result, tracks?: TrackBook): KpiRow[] {
  return orderedKpis(result).map((kpi, index) => row(kpi, index, result, tracks));
}

/** Missed targets first, then by severity and by margin. */
export function orderedKpis(result: Result): ResultKpi[] {
  return [...result.kpis].sort(
    (a, b) => byVerdict(a, b) || bySeverity(a, b) || (a.margin_percent ?? 0) - (b.margin_percent ?? 0),
  );
}

/** One sentence that counts the verdicts: `2 missed, 1 without data of 7 targets.` */
export function kpiSentence({ kpis }: Result): string {
  if (kpis.length === 0) return 'No targets are set, so this run has measurements but no verdict.';
  const having = (verdict: ResultKpi['verdict']) => kpis.filter((kpi) => kpi.verdict === verdict).length;
  const [missed, empty, open] = [having('fail'), having('no_data'), having('inconclusive')];
  const all = `${kpis.length} ${kpis.length === 1 ? 'target' : 'targets'}`;
  if (missed + empty + open === 0) {
    return kpis.length === 1
      ? 'The target was met.'
      : kpis.length === 2
        ? 'Both targets were met.'
        : `All ${all} were met.`;
  }
  const parts = [
    ...(missed > 0 ? [`${missed} missed`] : []),
    ...(empty > 0 ? [`${empty} without data`] : []),
    ...(open > 0 ? [`${open} inconclusive`] : []),
  ];
  return `${parts.join(', ')} of ${all}.`;
}
