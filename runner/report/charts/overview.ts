// The charts of the first screen, one above the other on one time axis: latency, rate with errors, VUs, and the server.

import type { ServerLine } from '../../model/server-result.ts';
import type { ChartInput } from './chart.ts';
import { type ChartFigure, isBands } from './figure.ts';

/** Height of each in pixels of a page 1200 wide: together they fit a screen below the verdict. */
const HEIGHTS = { latency: 134, throughput: 78, vus: 92 } as const;
const SERVER_HEIGHT = 92;
const MOST_SERVER = 2;

/** The two server charts that say most: CPU, then the one whose lines the load moved most. */
function movedMost(figures: readonly ChartFigure[], { result: { server } }: ChartInput): ChartFigure[] {
  const lines = server.summary ?? [];
  const moved = new Map<string, number>();
  for (const line of lines) {
    const limit = lines.find(({ panel, role }) => panel === line.panel && role === 'limit')?.during?.avg;
    const by = line.panel === 'cpu' ? Infinity : movedBy(line, limit);
    moved.set(line.panel, Math.max(moved.get(line.panel) ?? 0, by));
  }
  return figures
    .filter(({ panel }) => panel !== undefined && moved.has(panel))
    .sort((a, b) => (moved.get(b.panel ?? '') ?? 0) - (moved.get(a.panel ?? '') ?? 0))
    .slice(0, MOST_SERVER);
}

/** How far the load moved a line, as a share of its limit, or else of what it was or became. */
function movedBy({ before, during }: ServerLine, limit: number | undefined): number {
  if (before === null || during === null) return 0;
  const size = limit ?? Math.max(Math.abs(before.avg), Math.abs(during.avg));
  return size === 0 ? 0 : Math.abs(during.avg - before.avg) / size;
}

function stacked(figure: ChartFigure, height: number, inStack: 'last' | 'other' | 'half'): ChartFigure {
  const { plot, title, shortTitle = title } = figure;
  return isBands(plot) ? { ...figure, title: shortTitle, plot: { ...plot, height, inStack } } : figure;
}

/** The charts of a run divided: those of the first screen, made small, and all others. */
export function overviewOf(
  figures: readonly ChartFigure[],
  input: ChartInput,
): { readonly overview: readonly ChartFigure[]; readonly others: readonly ChartFigure[] } {
  const named = Object.entries(HEIGHTS).flatMap(([name, height]) => {
    const figure = figures.find((each) => each.name === name);
    return figure === undefined ? [] : [{ figure, height }];
  });
  const server = movedMost(figures, input);
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
