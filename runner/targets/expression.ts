// A KPI → its expression on one line: `http_req_duration{name:x} p(95) < 250 ms`.

import type { Kpi, LoadCondition } from '../model/kpi.ts';
import { formatDuration } from '../system/duration.ts';
import { targetWithUnit } from '../text/format.ts';
import { formatSelector } from './threshold.ts';

/** The expression of a KPI, with its part of the run and its load: `… during steady over every 30s at 50 VUs`. */
export function expressionOf(kpi: Kpi): string {
  const limit = kpi.unit.startsWith('bytes') ? targetWithUnit(kpi.target, kpi.unit) : plainLimit(kpi);
  const during = kpi.during === undefined ? '' : ` during ${kpi.during}`;
  const over = kpi.overMs === undefined ? '' : ` over every ${formatDuration(kpi.overMs)}`;
  const load = kpi.load === undefined ? '' : ` at ${loadText(kpi.load)}`;
  return `${formatSelector(kpi)} ${kpi.statistic} ${kpi.comparison} ${limit}${during}${over}${load}`;
}

function plainLimit({ target, unit }: Kpi): string {
  return unit === '' ? `${target}` : `${target} ${unit}`;
}

/** A load condition in words: `100 requests/s and 50 VUs`. */
export function loadText({ requestsPerSecond, vus }: LoadCondition): string {
  const rate = requestsPerSecond === undefined ? [] : [`${Number(requestsPerSecond.toPrecision(6))} requests/s`];
  return [...rate, ...(vus === undefined ? [] : [`${vus} VUs`])].join(' and ');
}
