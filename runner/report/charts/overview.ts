// The charts of the first screen, aligned on one time axis: latency, throughput, VUs, and the system under test.

import type { ServerLine } from '../../model/server-result.ts';
import type { ChartInput } from './chart.ts';
import { type ChartFigure, isBands } from './figure.ts';

/** Heights in pixels on a page of 1200 pixels; together they fit a screen below the verdict. */
const HEIGHTS = { latency: 134, throughput: 78, vus: 92 } as const;
const SERVER_HEIGHT = 92;
const MOST_SERVER = 2;

/** Two charts of the system under test: CPU, and the one that changed most under load. */
function changedMost(figures: readonly ChartFigure[], { result: { server } }: ChartInput): ChartFigure[] {
  const lines = server.summary ?? [];
  const changes = new Map<string, number>();
  for (const line of lines) {
    const limit = lines.find(({ panel, role }) => panel === line.panel && role === 'limit')?.during?.avg;
    const by = line.panel === 'cpu' ? Infinity : changeOf(line, limit);
    changes.set(line.panel, Math.max(changes.get(line.panel) ?? 0, by));
  }
  return figures
    .filter(({ panel }) => panel !== undefined && changes.has(panel))
    .sort((a, b) => (changes.get(b.panel ?? '') ?? 0) - (changes.get(a.panel ?? '') ?? 0))
    .slice(0, MOST_SERVER);
}

/** The change of a line under load, as a share of its limit or, without one, of the larger of both averages. */
function changeOf({ before, during }: ServerLine, limit: number | undefined): number {
  if (before === null || during === null) return 0;
  const size = limit ?? Math.max(Math.abs(before.avg), Math.abs(during.avg));
  return size === 0 ? 0 : Math.abs(during.avg - before.avg) / size;
}

function stacked(figure: ChartFigure, height: number, inStack: 'last' | 'other' | 'half'): ChartFigure {
  const { plot, title, shortTitle = title } = figure;
  return isBands(plot) ? { ...figure, title: shortTitle, plot: { ...plot, height, inStack } } : figure;
}

/** The charts of a run divided into those of the first screen, which are lower there, and all others. */
export function overviewOf(
  figures: readonly ChartFigure[],
  input: ChartInput,
): { readonly overview: readonly ChartFigure[]; readonly others: readonly ChartFigure[] } {
  const named = Object.entries(HEIGHTS).flatMap(([name, height]) => {
    const figure = figures.find((each) => each.name === name);
    return figure === undefined ? [] : [{ figure, height }];
  });
  const server = changedMost(figures, input);
  const shown = new Set([...named.map(({ figure }) => figure), ...server]);
  return {
    overview: [
      ...named.map(({ figure, height }, index) =>
        stacked(figure, height, index === named.length - 1 ? 'last' : 'other'),
      ),
      ...server.map((figure) => stacked(figure, SERVER_HEIGHT, 'half')),
    ],
    others: figures.filter((figure) => !shown.has(figure)),
  };
}
