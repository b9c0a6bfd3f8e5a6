// The options of two runs → the lines in which their JSON differs, with context lines.

import { structuredPatch } from 'diff';
import { isRecord } from '../system/json.ts';
import { visible } from '../text/display-text.ts';

export interface DifferenceLine {
  readonly sign: '+' | '-' | ' ';
  /** `added`, `removed`, `around` or `further`. */
  readonly kind: string;
  readonly text: string;
}

/** The most lines: options can contain tables with thousands of lines. */
const MOST_LINES = 300;
const LINES_AROUND = 3;

/** Sorts fields by name at every depth, because their order in the script has no meaning. */
function sorted(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(sorted);
  if (!isRecord(value)) return value;
  return Object.fromEntries(
    Object.entries(value)
      .sort(([x], [y]) => x.localeCompare(y))
      .map(([name, field]) => [name, sorted(field)]),
  );
}

/** The differing lines; empty if the options are the same. */
export function optionsDifference(a: Record<string, unknown>, b: Record<string, unknown>): DifferenceLine[] {
  const text = (options: unknown) => `${visible(JSON.stringify(sorted(options), null, 2))}\n`;
  const { hunks } = structuredPatch('a', 'b', text(a), text(b), '', '', { context: LINES_AROUND });
  const lines = hunks.flatMap(({ lines: hunk }, index): DifferenceLine[] => [
    ...(index === 0 ? [] : [{ sign: ' ' as const, kind: 'around', text: '…' }]),
    ...hunk.map(lineOf),
  ]);
  const further = lines.length - MOST_LINES;
  if (further <= 0) return lines;
  return [...lines.slice(0, MOST_LINES), { sign: ' ', kind: 'further', text: `… ${further} more lines` }];
}

function lineOf(line: string): DifferenceLine {
  const text = line.slice(1, 400);
  if (line.startsWith('+')) return { sign: '+', kind: 'added', text };
  return line.startsWith('-') ? { sign: '-', kind: 'removed', text } : { sign: ' ', kind: 'around', text };
}
