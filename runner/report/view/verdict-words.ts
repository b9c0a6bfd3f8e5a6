// A verdict on a KPI in words: its mark, and what limits it.

import { INSIDE_INTERVAL } from '../../analysis/verdict/doubt-words.ts';
import { isMissedKpi, type Result, type ResultKpi } from '../../model/result.ts';
import { count, isFigure } from '../../text/format.ts';
import { mark } from './cells.ts';
import type { Mark } from './model.ts';

/** The mark of each verdict. */
export const VERDICTS: Readonly<Record<ResultKpi['verdict'], Mark>> = {
  pass: mark('good', 'pass', 'met'),
  fail: mark('bad', 'fail', 'missed'),
  no_data: mark('bad', 'unknown', 'no data'),
  inconclusive: mark('warn', 'unknown', 'inconclusive'),
};
const NO_DATA_PASSES = mark('warn', 'unknown', 'no data');

/** The mark of a KPI's verdict. A KPI without data is only a warning if that does not count as missed. */
export function verdictMark(kpi: Pick<ResultKpi, 'verdict' | 'no_data_passes'>): Mark {
  return kpi.verdict === 'no_data' && !isMissedKpi(kpi) ? NO_DATA_PASSES : VERDICTS[kpi.verdict];
}

const CONFIDENCE: Readonly<Record<ResultKpi['confidence'], string>> = {
  firm: '',
  provisional: 'short run',
  open: 'within the margin of error',
  unknown: '',
};

/** What limits a verdict, and the runs that its interval covers: `the target is inside the interval; over 5 runs of this build`; '' if nothing. */
export function basisText(kpi: Pick<ResultKpi, 'confidence' | 'method' | 'reason' | 'pooled'>): string {
  return [reasonText(kpi), pooledText(kpi)].filter((text) => text !== '').join('; ');
}

/** `over 5 runs of this build`; '' if the interval covers this run alone. */
export function pooledText({ pooled }: Pick<ResultKpi, 'pooled'>): string {
  return pooled === undefined ? '' : `over ${count(pooled.runs)} runs of this build`;
}

/** Whether the verdict is provisional only because the run is short. That holds for all rows of such a run, so a note says it once. */
export function isOfShortRun({ reason, method, confidence }: Pick<ResultKpi, 'confidence' | 'method' | 'reason'>) {
  if (reason === 'clear' && method === 'indicative') return true;
  return confidence === 'provisional' && (reason === 'clear' || reason === 'k6_rule' || reason === undefined);
}

/** The note on the intervals of a short run; '' for a longer run. */
export function shortRunNote({ kpis }: Pick<Result, 'kpis'>): string {
  return kpis.some((kpi) => isFigure(kpi.actual) && isOfShortRun(kpi))
    ? 'The run is short, so the intervals are wider and the verdicts provisional.'
    : '';
}

function reasonText(kpi: Pick<ResultKpi, 'confidence' | 'method' | 'reason'>): string {
  switch (kpi.reason) {
    case 'clear':
      return kpi.method === 'indicative' ? 'provisional, short run' : CONFIDENCE[kpi.confidence];
    case 'far_off':
      return 'provisional, far from the target';
    case 'too_close':
      return INSIDE_INTERVAL;
    case 'too_short':
      return 'too short for an interval';
    case 'exact':
      return '';
    case 'generator':
      return 'load generator too busy';
    case 'load_short':
      return 'below the requested load';
    case 'tags_lost':
      return 'series lost their tags';
    case 'wrong_unit':
      return 'unit does not fit the metric';
    case 'not_proven':
      return 'rise too small, or within noise';
    case 'warming_up':
      return 'still warming up';
    case 'smoke':
    case 'no_samples':
      return '';
    case 'k6_rule':
    case undefined:
      return CONFIDENCE[kpi.confidence];
  }
}

/** The verdict in one word or three: `met`, `missed`, `too close to call`. */
export function verdictWord({ verdict, reason }: Pick<ResultKpi, 'verdict' | 'reason'>): string {
  const isUndecided = verdict === 'inconclusive' && (reason === 'too_close' || reason === 'too_short');
  return isUndecided ? 'too close to call' : VERDICTS[verdict].word;
}
