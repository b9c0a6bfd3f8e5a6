// The system under test over time: one chart per panel, on the time axis of the load, with the idle value as a dashed line.

import { fullName } from '../../model/server-metrics.ts';
import { figuresOfMeans, type MeanFigures, meansOfLine } from '../../monitor/line-means.ts';
import { lineName, type Panel, type PanelLine, panelsOf } from '../../monitor/panels.ts';
import { oneLine } from '../../text/display-text.ts';
import { elapsed, withUnit } from '../../text/format.ts';
import { bandsPlot } from './area.ts';
import type { ChartInput } from './chart.ts';
import { MAX_TABLE_ROWS } from './chart-limits.ts';
import type { ChartFigure, ChartTable, Point, TargetLine } from './figure.ts';
import type { FormatId } from './formats.ts';
import type { Ink } from './ink.ts';
import { thinned } from './timeline.ts';

const INKS: readonly Ink[] = ['p95', 'achieved', 'sent', 'p99', 'waiting', 'httpError', 'p50', 'vus'];

/** By the panel's unit: the format of the chart, and the factor that converts values to it. */
const FORMATS: ReadonlyMap<string, readonly [FormatId, number]> = new Map<string, readonly [FormatId, number]>([
  ['share', ['percent', 1]],
  ['bytes', ['bytes', 1]],
  ['bytes/s', ['bytesPerSecond', 1]],
  ['1/s', ['perSecond', 1]],
  ['s', ['duration', 1000]],
]);

/** The charts of all panels with data; empty if the system under test was not monitored. */
export function serverCharts(input: ChartInput): ChartFigure[] {
  const { server } = input.metrics;
  if (server === undefined) return [];
  return panelsOf(input.result.server.metrics ?? []).panels.flatMap((panel) => chartOf(panel, input) ?? []);
}

interface Drawn {
  readonly line: PanelLine;
  readonly name: string;
  readonly points: readonly Point[];
  readonly before: MeanFigures | null;
  readonly during: MeanFigures | null;
  readonly after: MeanFigures | null;
}

function chartOf(panel: Panel, input: ChartInput): ChartFigure | undefined {
  const server = input.metrics.server?.metrics;
  if (server === undefined) return undefined;
  const [format, factor] = FORMATS.get(panel.unit) ?? ['number', 1];
  const drawn = panel.lines.flatMap((line): Drawn[] => {
    const levels = meansOfLine(line, server);
    const during = figuresOfMeans(levels);
    // A line of zeros, such as that of an unused disk, is left out.
    if (during === null || (during.max === 0 && during.min === 0 && line.role === undefined)) return [];
    const points = levels.flatMap(({ startMs, lengthMs, value }): Point[] => {
      const atMs = Math.round(startMs + lengthMs / 2 - input.loadStartMs);
      return atMs < 0 || atMs > input.axisMs ? [] : [[atMs, value === undefined ? null : value * factor]];
    });
    const [before, after] = [
      figuresOfMeans(meansOfLine(line, server, 'before')),
      figuresOfMeans(meansOfLine(line, server, 'after')),
    ];
    return [
      {
        line,
        name: oneLine(lineName(line, panel), 60),
        points: thinned(points, input.mostPoints),
        before,
        during,
        after,
      },
    ];
  });
  const [first] = drawn;
  if (first === undefined) return undefined;
  const idle = drawn.length === 1 && first.before !== null ? first.before.avg * factor : undefined;
  return {
    name: `server-${panel.id}`,
    subject: 'server',
    panel: panel.id,
    title: panel.title,
    shortTitle: panel.short,
    takeaway: takeawayOf(drawn, panel.unit),
    ...bandsPlot(
      input,
      180,
      [
        ...drawn.map(({ line, name, points }, index) => ({
          name,
          ink: line.role === 'limit' ? ('target' as const) : (INKS[index % INKS.length] ?? 'p95'),
          style: 'line' as const,
          ...(line.role === 'limit' ? { dash: [8, 4] } : {}),
          points,
        })),
        ...(idle === undefined
          ? []
          : [
              {
                name: 'idle',
                ink: 'max' as const,
                style: 'line' as const,
                dash: [4, 4],
                points: first.points.map(([atMs]): Point => [atMs, idle]),
              },
            ]),
      ],
      format,
      targetsOf(panel, input, factor),
    ),
    table: tableOf(drawn, panel.unit, factor, input),
  };
}

/** The targets on the metric of a line that can be shown on this axis. */
function targetsOf({ lines }: Panel, { result }: ChartInput, factor: number): TargetLine[] {
  return result.kpis.flatMap(({ metric, statistic, target }) => {
    const line = lines.find(({ members }) => members.some(({ name }) => name === fullName(metric)));
    if (line === undefined || !/^(avg|med|min|max|p\()/.test(statistic)) return [];
    return [{ value: target * line.scale * factor, label: `${statistic} target` }];
  });
}

/** The first two lines in one sentence each: `process: 1.2 % before, 34 % average and 61 % max under load, 1.3 % afterwards.` */
function takeawayOf(drawn: readonly Drawn[], unit: string): string {
  const shown = drawn.filter(({ line }) => line.role !== 'limit').slice(0, 2);
  return shown
    .map(({ name, before, during, after }) => {
      const parts = [
        before === null ? '' : `${withUnit(before.avg, unit)} before`,
        during === null ? '' : `${withUnit(during.avg, unit)} average and ${withUnit(during.max, unit)} max under load`,
        after === null ? '' : `${withUnit(after.last, unit)} afterwards`,
      ].filter((part) => part !== '');
      return `${name}: ${parts.join(', ')}.`;
    })
    .join(' ');
}

function tableOf(drawn: readonly Drawn[], unit: string, factor: number, { loadStartMs }: ChartInput): ChartTable {
  const all = drawn[0]?.points ?? [];
  const step = Math.max(1, Math.ceil(all.length / MAX_TABLE_ROWS));
  const kept = all.flatMap(([atMs], index) => (index % step === 0 ? [{ atMs, index }] : []));
  return {
    columns: ['Time', ...drawn.map(({ name }) => name)],
    startedAtMs: kept.map(({ atMs }) => loadStartMs + atMs),
    rows: kept.map(({ atMs, index }) => [
      elapsed(atMs),
      ...drawn.map(({ points }) => {
        const value = points[index]?.[1] ?? null;
        return withUnit(value === null ? null : value / factor, unit);
      }),
    ]),
  };
}
