// Findings about the system under test: what was exhausted, what changes with the response time, what did not recover,
// and where a source has no data. They show correlations and can only suggest a cause.

import type { Finding } from '../../model/kpi.ts';
import type { RunMetrics } from '../../model/metrics.ts';
import type { ServerResult } from '../../model/server-result.ts';
import { figuresOfMeans, type IntervalMean, meansOfLine } from '../../monitor/line-means.ts';
import { type Panel, type PanelLine, panelsOf } from '../../monitor/panels.ts';
import { hasRecovered } from '../../monitor/recovery.ts';
import { oneLine } from '../../text/display-text.ts';
import { count, decimals, duration, elapsed, percent, plural, withUnit } from '../../text/format.ts';
import { primaryLatency } from '../requests/primary.ts';
import { type Correlation, correlate } from '../shape/correlation.ts';
import { median } from '../statistics/numbers.ts';

export interface ServerFindingsInput {
  readonly metrics: RunMetrics;
  readonly server: ServerResult;
  readonly loadStartMs: number;
}

interface Watched extends ServerFindingsInput {
  readonly under: RunMetrics;
  readonly panels: readonly Panel[];
}

/** Findings about the system under test; without its metrics only about sources that had none. */
export function serverFindings(input: ServerFindingsInput): Finding[] {
  const gaps = gapFindings(input);
  const under = input.metrics.server?.metrics;
  if (under === undefined) return gaps;
  const watched: Watched = { ...input, under, panels: panelsOf(input.server.metrics ?? []).panels };
  return [
    ...exhausted(watched),
    ...busyMachine(watched),
    ...movesWithLatency(watched),
    ...notRecovered(watched),
    ...gaps,
  ];
}

/** The name of a line: panel, label and source. */
function nameOf(panel: Panel, line: PanelLine): string {
  return oneLine(`${panel.subject}, ${line.label} (${line.source})`, 120);
}

interface LatencyLevel {
  readonly startMs: number;
  readonly p95: number | undefined;
}

/** p95 of the run's latency in each interval with enough requests. */
function latencyLevels(metrics: RunMetrics): { readonly label: string; readonly levels: LatencyLevel[] } | undefined {
  const primary = primaryLatency(metrics);
  if (primary === undefined) return undefined;
  const levels = metrics.timeline(primary.metric, primary.filter).map(({ startMs, aggregate }) => ({
    startMs,
    p95: aggregate !== undefined && aggregate.count >= 5 ? aggregate.quantile(0.95) : undefined,
  }));
  return { label: primary.label.toLowerCase(), levels };
}

/** `All 20 database connections were in use`. */
function allText({ title }: Panel, { label }: PanelLine, limit: number): string {
  if (limit === 1) return `${title}: the only one was ${label}`;
  return `All ${count(limit)} ${title.charAt(0).toLowerCase()}${title.slice(1)} were ${label}`;
}

/** The findings about resources that reached their limit, and the response time meanwhile. */
function exhausted({ panels, under, metrics, loadStartMs }: Watched): Finding[] {
  const latency = latencyLevels(metrics);
  return panels.flatMap((panel) =>
    panel.lines.flatMap((line): Finding[] => {
      const limitLine = panel.lines.find(({ role, source }) => role === 'limit' && source === line.source);
      if (line.role !== 'in_use' || limitLine === undefined) return [];
      const limits = meansOfLine(limitLine, under);
      const levels = meansOfLine(line, under);
      const full = levels.filter(({ value }, index) => {
        const limit = limits[index]?.value;
        return value !== undefined && limit !== undefined && limit > 0 && value >= limit;
      });
      const [first] = full;
      if (first === undefined) return [];
      const limit = figuresOfMeans(limits)?.last ?? 0;
      const times = new Set(full.map(({ startMs }) => startMs));
      const p95 = (isFull: boolean) =>
        median(
          (latency?.levels ?? []).flatMap(({ startMs, p95 }) => (times.has(startMs) === isFull ? (p95 ?? []) : [])),
        );
      const [free, busy] = [p95(false), p95(true)];
      const rose = free !== undefined && busy !== undefined && busy > 1.2 * free;
      const waiting = panels
        .flatMap(({ lines }) => lines)
        .find(({ role, source }) => role === 'waiting' && source === line.source);
      const queue = waiting === undefined ? undefined : figuresOfMeans(meansOfLine(waiting, under))?.max;
      const sentences = [
        `It was at its limit for ${duration(full.reduce((ms, { lengthMs }) => ms + lengthMs, 0))} of the load.`,
        ...(queue === undefined || queue === 0 ? [] : [`At most ${count(queue)} waited.`]),
        ...(free === undefined || busy === undefined
          ? []
          : [
              `The median p95 was ${duration(busy)} in those intervals (${latency?.label}), and ${duration(free)} in the others.`,
            ]),
        'Probable cause: the pool is too small for this load, or its members are held too long.',
      ];
      return [
        {
          kind: 'server_exhausted',
          severity: rose ? 'high' : 'medium',
          title: `${allText(panel, line, limit)} from ${elapsed(first.startMs - loadStartMs)}${rose ? `, while p95 rose from ${duration(free)} to ${duration(busy)}` : ''}`,
          detail: sentences.join(' '),
          kpis: [],
          course: courseOf(full, levels),
          probableCause: 'a pool that is too small for this load, or members that are held too long',
        },
      ];
    }),
  );
}

/** 1 in the intervals in which it was the case, 0 in the others with readings. */
function courseOf(held: readonly IntervalMean[], levels: readonly IntervalMean[]): ReadonlyMap<number, number> {
  const times = new Set(held.map(({ startMs }) => startMs));
  return new Map(
    levels.flatMap(({ startMs, value }) => (value === undefined ? [] : [[startMs, Number(times.has(startMs))]])),
  );
}

const BUSY = 0.95;
const BUSY_AT_LEAST_MS = 5000;

function busyMachine({ panels, under, loadStartMs }: Watched): Finding[] {
  const cpu = panels.find(({ id }) => id === 'cpu');
  return (cpu?.lines ?? []).flatMap((line): Finding[] => {
    // Only a share of all cores has an upper limit; a process counted per core may use several.
    if (line.role !== 'all_cores') return [];
    const levels = meansOfLine(line, under);
    const busy = levels.filter(({ value }) => value !== undefined && value >= BUSY);
    const [first] = busy;
    const busyMs = busy.reduce((ms, { lengthMs }) => ms + lengthMs, 0);
    if (first === undefined || busyMs < BUSY_AT_LEAST_MS) return [];
    return [
      {
        kind: 'server_busy',
        severity: 'high',
        title: `${oneLine(line.source)}: CPU saturated (${percent(BUSY)} or more) for ${duration(busyMs)}, first at ${elapsed(first.startMs - loadStartMs)}`,
        detail: 'If the load generator runs on the same machine, both compete for the CPU.',
        kpis: [],
        course: courseOf(busy, levels),
      },
    ];
  });
}

/** Weaker correlations are not reported, because then most of the variation has other reasons. */
const LEAST_CORRELATION = 0.6;
const MOST_CORRELATIONS = 3;
const MOST_LEAD_S = 10;
/** The response time must vary enough: from its median to its p90 by this factor. */
const MOVES = 1.2;

function movesWithLatency(watched: Watched): Finding[] {
  const { panels, under, metrics } = watched;
  const latency = latencyLevels(metrics);
  const known = latency?.levels.flatMap(({ p95 }) => p95 ?? []).toSorted((a, b) => a - b) ?? [];
  const [typical = 0, high = 0] = [known[Math.floor(known.length / 2)], known[Math.floor(known.length * 0.9)]];
  if (latency === undefined || high < MOVES * typical) return [];
  const lines = panels.flatMap((panel) =>
    panel.lines.filter(({ role }) => role !== 'limit').map((line) => ({ panel, line })),
  );
  const intervalMs = under.intervalMs;
  const mostLead = Math.max(0, Math.floor((MOST_LEAD_S * 1000) / Math.max(1, intervalMs)));
  const correlations = lines.flatMap(({ panel, line }) => {
    const { x, y } = aligned(meansOfLine(line, under), latency.levels);
    const correlation = correlate(x, y, mostLead, lines.length);
    return correlation === undefined || correlation.atLeast < LEAST_CORRELATION
      ? []
      : [{ name: nameOf(panel, line), correlation, line }];
  });
  const strongest = correlations
    .sort((a, b) => Math.abs(b.correlation.r) - Math.abs(a.correlation.r))
    .slice(0, MOST_CORRELATIONS);
  const [first] = strongest;
  if (first === undefined) return [];
  const rest = strongest
    .slice(1)
    .map(({ name, correlation }) => `${name}: ${correlationText(correlation, intervalMs)}.`);
  return [
    {
      kind: 'server_moves_with',
      severity: 'low',
      // What follows the response time does not cause it.
      ...(first.correlation.lead < 0
        ? {}
        : { course: ledBy(meansOfLine(first.line, under), first.correlation, intervalMs) }),
      title: `${first.name} ${first.correlation.lead > 0 ? `leads p95 by ${duration(first.correlation.lead * intervalMs)}` : 'moves with p95'}, r = ${decimals(first.correlation.r, 2)}`,
      detail: [
        `${first.name}: ${correlationText(first.correlation, intervalMs)}.`,
        ...rest,
        'r is the rank correlation over the intervals of the load, corrected for autocorrelation and for the number of metrics. It shows what changed together, not what the cause is: both may follow the load.',
      ].join(' '),
      kpis: [],
    },
  ];
}

/** The values shifted to the times at which the response time follows; inverted if low values go with long times. */
function ledBy(
  levels: readonly IntervalMean[],
  { r, lead }: Correlation,
  intervalMs: number,
): ReadonlyMap<number, number> {
  return new Map(
    levels.flatMap(({ startMs, value }) =>
      value === undefined ? [] : [[startMs + lead * intervalMs, r < 0 ? -value : value]],
    ),
  );
}

function correlationText({ r, lead, effective, atLeast }: Correlation, intervalMs: number): string {
  const when =
    lead === 0 ? 'at the same time' : `${duration(Math.abs(lead) * intervalMs)} ${lead > 0 ? 'before' : 'after'} it`;
  return `r = ${decimals(r, 2)} with p95, ${when} (at least ${decimals(atLeast, 2)}, ${count(Math.floor(effective))} effective intervals)`;
}

/** Both series by interval, where the latency is known. */
function aligned(levels: readonly IntervalMean[], latency: readonly LatencyLevel[]) {
  const byTime = new Map(levels.map(({ startMs, value }) => [startMs, value]));
  return { x: latency.map(({ startMs }) => byTime.get(startMs)), y: latency.map(({ p95 }) => p95) };
}

/** A shorter recovery time is not judged: a smoke run reads for one second only. */
const LEAST_RECOVERY_MS = 3000;

/** The findings about series that the load changed and that had not recovered at the end of the recovery time. */
function notRecovered({ panels, under, server }: Watched): Finding[] {
  const { after } = server;
  if (after === null || after === undefined) return [];
  const watchedMs = Date.parse(after.to) - Date.parse(after.from);
  if (watchedMs < LEAST_RECOVERY_MS) return [];
  const left = panels.flatMap((panel) =>
    panel.lines.flatMap((line) => {
      const [before, during, then] = (['before', '', 'after'] as const).map((phase) =>
        figuresOfMeans(meansOfLine(line, under, phase)),
      );
      if (line.role === 'limit' || hasRecovered(before ?? null, during ?? null, then ?? null) !== false) return [];
      return [
        `${nameOf(panel, line)}: ${withUnit(before?.avg, panel.unit)} before, ${withUnit(then?.last, panel.unit)} at the end.`,
      ];
    }),
  );
  if (left.length === 0) return [];
  return [
    {
      kind: 'server_not_recovered',
      severity: 'low',
      title: `${plural(left.length, 'figure')} of the system under test had not recovered ${duration(watchedMs)} after the load`,
      detail: `${left.join(' ')} Processes often keep memory; CPU that stays high points to queued work. Use a longer --recovery-time to see whether it ends.`,
      kpis: [],
    },
  ];
}

function gapFindings({ server, loadStartMs }: ServerFindingsInput): Finding[] {
  return (server.sources ?? []).flatMap((source): Finding[] => {
    const [gap] = source.gaps;
    if (source.state === 'ok') return [];
    const name = oneLine(source.name, 60);
    const at = (iso: string) => {
      const ms = Date.parse(iso) - loadStartMs;
      return ms < 0 ? `${elapsed(-ms)} before the load` : elapsed(ms);
    };
    const reason = gap === undefined ? '' : `: ${oneLine(gap.reason, 200)}`;
    const when = gap === undefined ? '' : ` from ${at(gap.from)} to ${at(gap.to)}`;
    const more = source.gaps.length > 1 ? `, and ${source.gaps.length - 1} more times` : '';
    return [
      {
        kind: 'server_gap',
        severity: source.state === 'failed' ? 'medium' : 'low',
        title: `No data from source ${name}${source.state === 'failed' ? '' : when}${more}${reason}`,
        detail: `${oneLine(source.target, 200)}: charts and targets have no data for that time.`,
        kpis: [],
      },
    ];
  });
}
