// Figures as text: numbers with spread, aligned Markdown tables, and this run next to the recorded one.

import { type Figure, meets, type Unit } from './figures.ts';

const DECIMALS: Readonly<Record<Unit, number>> = {
  '×': 2,
  µs: 1,
  s: 2,
  '/s': 0,
  'million lines/s': 2,
  MB: 0,
  '% of a core': 2,
};

/** 1.03, 12,911, 58.2 */
export function numberText(value: number, unit: Unit): string {
  const digits = DECIMALS[unit];
  return value.toLocaleString('en-US', { minimumFractionDigits: digits, maximumFractionDigits: digits });
}

/** `1.03 (0.99–1.06)`: the median, with minimum and maximum if there was more than one round. */
export function withSpread({ median, min, max, unit }: Figure): string {
  const text = numberText(median, unit);
  return min === max ? text : `${text} (${numberText(min, unit)}–${numberText(max, unit)})`;
}

/** The figure in a table: with its spread, and whether its goal is met. */
export function cell(figure: Figure): string {
  const isMet = meets(figure);
  const text = `${withSpread(figure)}${figure.unit === '×' ? '×' : ''}`;
  if (isMet === undefined) return text;
  return `**${text}**, goal ${goalText(figure)}: ${isMet ? 'met' : 'missed'}`;
}

/** Rows of cells, the first as heading, as an aligned Markdown table. */
export function markdownTable(rows: readonly (readonly string[])[]): string {
  const widths: number[] = [];
  const safe = rows.map((row) => row.map((text) => text.replaceAll('|', '\\|')));
  for (const row of safe) {
    for (const [column, text] of row.entries()) widths[column] = Math.max(widths[column] ?? 3, text.length);
  }
  const lines = safe.map((row) => `| ${row.map((text, column) => text.padEnd(widths[column] ?? 0)).join(' | ')} |`);
  lines.splice(1, 0, `|${widths.map((width) => '-'.repeat(width + 2)).join('|')}|`);
  return lines.join('\n');
}

/** Every figure of this run next to the one of the same id in the recorded run. */
export function besideRecorded(figures: readonly Figure[], recorded: readonly Figure[]): string {
  const before = new Map(recorded.map((figure) => [figure.id, figure]));
  const rows = figures.map((figure) => {
    const known = before.get(figure.id);
    const change = known === undefined || known.median === 0 ? '' : percent(figure.median / known.median - 1);
    const isMet = meets(figure);
    return [
      figure.title,
      figure.unit,
      withSpread(figure),
      known === undefined ? '' : withSpread(known),
      change,
      isMet === undefined ? '' : `${goalText(figure)} ${isMet ? 'met' : 'MISSED'}`,
    ];
  });
  return markdownTable([['', 'unit', 'this run', 'recorded', 'change', 'goal'], ...rows]);
}

function goalText({ goal, unit }: Figure): string {
  if (goal === undefined) return '';
  return `${goal.comparison === '<=' ? '≤' : '≥'} ${goal.value.toLocaleString('en-US')}${unit === '×' ? '' : ` ${unit}`}`;
}

function percent(share: number): string {
  return `${share < 0 ? '−' : '+'}${Math.abs(share * 100).toFixed(0)} %`;
}
