// The state of a run → the area of the terminal that is redrawn each second: progress, endpoints with sparklines, KPIs, exceptions
// and the load generator. The area fits any window size and any names.

import type { Standing } from '../analysis/verdict/watch.ts';
import type { Terminal } from '../system/terminal.ts';
import { NO_NAME } from '../text/display-text.ts';
import {
  count,
  duration,
  isFigure,
  nextToTarget,
  percent,
  perSecond,
  plural,
  significant,
  targetWithUnit,
} from '../text/format.ts';
import { cell, clipped, shortName, widest } from '../text/text-columns.ts';
import { HISTORY_SECONDS, type LiveRow, type LiveState, RECENT_SECONDS } from './figures.ts';
import { progressShare, progressText } from './progress.ts';
import { sparkline } from './sparkline.ts';

/** The most rows for endpoints and for KPIs, so that the area stays compact in a high window. */
export const MOST_ENDPOINTS = 12;
const MOST_TARGETS = 8;
// Widths in characters.
const BAR = { least: 8, most: 24 };
const NAME = { least: 8, preferred: 14, most: 60 };
const SPARKLINE = { least: 8, most: HISTORY_SECONDS };
const GAP = '  ';
const INDENT = '  ';
const DASH = '–';

type Style = Terminal['style'];

export interface Window {
  readonly columns: number;
  readonly rows: number;
  readonly style: Style;
}

/** A line and its rank. If the window has too few rows, the lines with the highest ranks are left out. */
interface Line {
  readonly text: string;
  readonly rank: number;
}

/** The area as text of at most `rows - 1` lines, because the cursor needs the last one, each at most `columns` wide. */
export function liveArea(state: LiveState, { columns, rows, style }: Window): string {
  const lines: Line[] = [
    { rank: 0, text: progressLine(state, columns, style) },
    { rank: 8, text: totalsLine(state) },
    ...endpointLines(state, columns, style),
    ...targetLines(state.standings, columns, style),
    ...exceptionLines(state, style),
    ...generatorLines(state),
  ];
  const room = Math.max(1, rows - 1);
  const kept = new Set(lines.toSorted((a, b) => a.rank - b.rank).slice(0, room));
  return lines
    .filter((line) => kept.has(line))
    .map(({ text }) => clipped(text, columns))
    .join('\n');
}

function progressLine(state: LiveState, columns: number, style: Style): string {
  const share = progressShare(state.progress);
  const text = [
    progressText(state.progress),
    ...(state.phase === undefined ? [] : [shortName(state.phase, 20)]),
    ...(state.vus === undefined ? [] : [plural(state.vus, 'VU')]),
  ].join(GAP);
  const room = columns - INDENT.length - 1 - widest([text]);
  const width = Math.min(BAR.most, Math.max(BAR.least, room));
  const filled = Math.round(share * width);
  return `${INDENT}${style('cyan', '█'.repeat(filled))}${style('dim', '░'.repeat(width - filled))} ${text}`;
}

function totalsLine({ iterations, droppedIterations }: LiveState): string {
  const dropped = droppedIterations > 0 ? `, ${count(droppedIterations)} dropped` : '';
  return `${INDENT}${count(iterations)} iterations${dropped}`;
}

// --- endpoints ---

interface Columns {
  readonly name: number;
  readonly figures: ReadonlyArray<{
    readonly head: string;
    readonly width: number;
    readonly of: (row: LiveRow) => string;
  }>;
  /** Its width in characters; 0: no room for a sparkline. */
  readonly sparkline: number;
}

const FIGURES = [
  { head: 'per s', least: 7, of: ({ ratePerS }: LiveRow) => (isFigure(ratePerS) ? perSecond(ratePerS) : DASH) },
  { head: 'p50', least: 7, of: ({ p50Ms }: LiveRow) => (isFigure(p50Ms) ? duration(p50Ms) : DASH) },
  { head: 'p95', least: 7, of: ({ p95Ms }: LiveRow) => (isFigure(p95Ms) ? duration(p95Ms) : DASH) },
  { head: 'errors', least: 6, of: ({ failedShare }: LiveRow) => (isFigure(failedShare) ? percent(failedShare) : DASH) },
] as const;

/** The columns that fit: all, else all without p50, else all without the sparkline, else neither. */
function layOut(rows: readonly LiveRow[], names: readonly string[], columns: number): Columns {
  const figures = FIGURES.map(({ head, least, of }) => ({ head, of, width: Math.max(least, widest(rows.map(of))) }));
  const withoutMedian = figures.filter(({ head }) => head !== 'p50');
  const widthOf = (list: typeof figures) => list.reduce((sum, { width }) => sum + GAP.length + width, 0);
  const spare = columns - INDENT.length - NAME.preferred;
  const sparkline = GAP.length + SPARKLINE.least;
  const fits = [
    { figures, sparkline },
    { figures: withoutMedian, sparkline },
    { figures, sparkline: 0 },
  ].find((layout) => widthOf(layout.figures) + layout.sparkline <= spare) ?? { figures: withoutMedian, sparkline: 0 };
  const left = columns - INDENT.length - widthOf(fits.figures);
  const longest = Math.min(NAME.most, widest(names));
  if (fits.sparkline === 0)
    return { name: Math.max(NAME.least, Math.min(left, longest)), figures: fits.figures, sparkline: 0 };
  const name = Math.min(longest, Math.max(NAME.preferred, left - GAP.length - SPARKLINE.most, Math.floor(left * 0.6)));
  const fitting = Math.min(name, left - sparkline);
  return { name: fitting, figures: fits.figures, sparkline: Math.min(SPARKLINE.most, left - fitting - GAP.length) };
}

function endpointLines(state: LiveState, columns: number, style: Style): Line[] {
  const { all, endpoints, noun } = state;
  const head = `last ${RECENT_SECONDS} s`;
  const names = [head, `all ${noun}`, ...endpoints.map(({ name }) => shortName(name || NO_NAME, NAME.most))];
  const layout = layOut([all, ...endpoints], names, columns);
  const line = (name: string, row: LiveRow) => {
    const figures = layout.figures.map(({ of, width }) => cell(of(row), width, 'right'));
    const spark = layout.sparkline === 0 ? [] : [style('cyan', sparkline(row.p95History, layout.sparkline))];
    return `${INDENT}${[cell(name, layout.name), ...figures, ...spark].join(GAP)}`;
  };
  const heads = layout.figures.map(({ head: text, width }) => cell(text, width, 'right'));
  const sparkHead =
    layout.sparkline === 0 ? [] : [cell(layout.sparkline < 16 ? 'p95' : 'p95, last minute', layout.sparkline)];
  const more = state.endpointCount - endpoints.length;
  return [
    { rank: 6, text: style('dim', `${INDENT}${[cell(head, layout.name), ...heads, ...sparkHead].join(GAP)}`) },
    { rank: 1, text: line(layout.name < widest([`all ${noun}`]) ? 'all' : `all ${noun}`, all) },
    // The row of a single endpoint would repeat the row above.
    ...(state.endpointCount < 2 ? [] : endpoints).map((row, index) => ({
      rank: index < 4 ? 7 : 10,
      text: line(shortName(row.name || NO_NAME, layout.name), row),
    })),
    ...(more > 0 && endpoints.length > 0
      ? [{ rank: 11, text: style('dim', `${INDENT}… and ${count(more)} more`) }]
      : []),
  ];
}

// --- KPIs ---

const STATE_MARKS = {
  crossed: { sign: '✗', text: 'not met now', short: 'not met', colour: 'red' },
  no_data: { sign: '○', text: 'no data', short: 'no data', colour: 'yellow' },
  met: { sign: '✓', text: 'met so far', short: 'met', colour: 'green' },
  later: { sign: '…', text: 'verdict at the end', short: 'later', colour: 'dim' },
} as const;
/** Windows with fewer columns show the short texts. */
const NARROW_COLUMNS = 72;
const STATES = ['crossed', 'no_data', 'met', 'later'] as const;

function targetLines(standings: readonly Standing[], columns: number, style: Style): Line[] {
  if (standings.length === 0) return [];
  const counted = STATES.flatMap((state) => {
    const having = standings.filter((standing) => standing.state === state).length;
    const { sign, text, short, colour } = STATE_MARKS[state];
    return having === 0 ? [] : [style(colour, `${sign} ${having} ${columns < NARROW_COLUMNS ? short : text}`)];
  });
  const sorted = STATES.flatMap((state) => standings.filter((standing) => standing.state === state));
  return [
    { rank: 2, text: `${INDENT}targets: ${counted.join(' · ')}` },
    ...sorted.slice(0, MOST_TARGETS).map((standing, index) => ({
      rank: standing.state === 'crossed' && index < 3 ? 3 : 9,
      text: targetLine(standing, columns, style),
    })),
  ];
}

function targetLine({ kpi, state, actual }: Standing, columns: number, style: Style): string {
  const { sign, text, short, colour } = STATE_MARKS[state];
  const isNarrow = columns < NARROW_COLUMNS;
  // k6's rates have no unit: they are shares.
  const unit = kpi.statistic === 'rate' && kpi.unit === '' && kpi.target <= 1 ? 'share' : kpi.unit;
  const target = `${kpi.comparison} ${targetWithUnit(kpi.target, unit)}`;
  const figure = nextToTarget(actual, kpi.target, unit);
  const now = actual === undefined ? (isNarrow ? short : text) : isNarrow ? figure : `${figure}, ${text}`;
  // The id of a threshold is its expression, which already contains the target.
  const shown = kpi.source === 'threshold' || isNarrow ? now : `${target}: ${now}`;
  const name = shortName(kpi.id, Math.max(NAME.least, columns - INDENT.length - 2 - GAP.length - widest([shown])));
  return `${INDENT}${style(colour, sign)} ${name}${GAP}${style(colour, shown)}`;
}

// --- problems ---

function exceptionLines({ exceptions }: LiveState, style: Style): Line[] {
  if (exceptions === 0) return [];
  return [{ rank: 4, text: `${INDENT}${style('red', `✗ ${plural(exceptions, 'exception')} in the script`)}` }];
}

function generatorLines({ generator }: LiveState): Line[] {
  if (generator === undefined) return [];
  const { cpuCores, coresAllowed } = generator;
  const of = coresAllowed === undefined ? 'cores' : `of ${plural(coresAllowed, 'core')}`;
  return [{ rank: 5, text: `${INDENT}load generator: k6 uses ${significant(cpuCores, 2)} ${of}` }];
}
