// A KPI becomes the one line that people read: `http_req_duration{name:x} p(95) < 250 ms`.

import type { Kpi } from '../model/kpi.ts';
import { formatDuration } from '../system/duration.ts';
import { formatSelector } from './threshold.ts';

/** The KPI as one line of text, with the part of the run that it is about: `… during steady, over every 30s`. */
export function expressionOf(kpi: Kpi): string {
  const unit = kpi.unit === '' ? '' : ` ${kpi.unit}`;
  const during = kpi.during === undefined ? '' : ` during ${kpi.during}`;
  const over = kpi.overMs === undefined ? '' : ` over every ${formatDuration(kpi.overMs)}`;
  return `${formatSelector(kpi)} ${kpi.statistic} ${kpi.comparison} ${kpi.target}${unit}${during}${over}`;
}
