// The state of a run while it goes on becomes text: a small area that is redrawn on a terminal, one line now and then elsewhere.

import type { Tick } from './execute.ts';
import { count, duration, elapsed, NO_DATA, percent, perSecond } from './report/format.ts';
import type { ScenarioPlan } from './scenario/plan.ts';

const RECENT_SECONDS = 5;
const BAR_WIDTH = 24;

/** Figures of the last seconds, formatted. */
export interface LiveFigures {
  readonly vus: string;
  readonly rate: string;
  readonly p95: string;
  readonly failed: string;
}

/** Take them at every tick, shown or not: the store keeps the recent past only of what it is asked for. */
export function liveFigures(tick: Tick): LiveFigures {
  const { metrics } = tick;
  const requests = metrics.recent('http_reqs', {}, RECENT_SECONDS);
  const iterations = metrics.recent('iterations', {}, RECENT_SECONDS);
  const latency = metrics.recent('http_req_duration', {}, RECENT_SECONDS);
  const failed = metrics.recent('http_req_failed', {}, RECENT_SECONDS);
  const seconds = Math.max(1, Math.min(RECENT_SECONDS, tick.elapsedMs / 1000));
  const what = requests === undefined ? 'iterations' : 'requests';
  const done = requests ?? iterations;
  return {
    vus: `${count(metrics.total('vus')?.last)} VUs`,
    rate: done === undefined ? `${what} ${NO_DATA}` : `${what} ${perSecond(done.sum / seconds)}`,
    p95: `p95 ${duration(latency?.quantile(0.95))}`,
    failed: `failed ${percent(failed?.mean)}`,
  };
}

/** How long the load is meant to last; without phases, as long as k6 may take, graceful stops included. */
function plannedMs(plan: ScenarioPlan): number {
  return plan.phases.at(-1)?.endMs ?? plan.totalDurationMs;
}

/** One line for logs: elapsed time and the figures of the last seconds. */
export function liveLine(plan: ScenarioPlan, tick: Tick, { vus, rate, p95, failed }: LiveFigures): string {
  const parts = [`${elapsed(tick.elapsedMs)} / ${elapsed(plannedMs(plan))}`, vus, rate, p95, failed];
  if (tick.crossed.length > 0) parts.push(`${tick.crossed.length} not met`);
  if (tick.exceptions > 0) parts.push(`${count(tick.exceptions)} exceptions`);
  return `  ${parts.join(' · ')}`;
}

/** The live area: progress, the figures of the last seconds, and the KPIs that are not met at this moment. */
export function liveArea(plan: ScenarioPlan, tick: Tick, figures: LiveFigures, columns: number): string {
  const wholeMs = plannedMs(plan);
  const share = wholeMs > 0 ? Math.min(1, tick.elapsedMs / wholeMs) : 0;
  const filled = Math.round(share * BAR_WIDTH);
  const bar = `${'█'.repeat(filled)}${'░'.repeat(BAR_WIDTH - filled)}`;
  const { vus, rate, p95, failed } = figures;
  const phase = plan.phases.find((one) => tick.elapsedMs >= one.startMs && tick.elapsedMs < one.endMs);
  const lines = [
    `  ${bar} ${elapsed(tick.elapsedMs)} / ${elapsed(plannedMs(plan))}${phase === undefined ? '' : `  ${phase.name}`}`,
    `  ${vus} · ${rate} · ${p95} · ${failed}`,
    ...tick.crossed.slice(0, 5).map((kpi) => `  ✗ ${kpi.id}`),
  ];
  if (tick.exceptions > 0) lines.push(`  ✗ ${count(tick.exceptions)} exceptions in the script`);
  return lines.map((line) => (line.length > columns ? `${line.slice(0, columns - 1)}…` : line)).join('\n');
}
