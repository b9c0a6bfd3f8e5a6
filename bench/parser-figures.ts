// Lines per second and ratios of every parser, from its times for a short and a long file.

import type { Counted } from './counted.ts';
import { type Figure, type Goal, type Section, spread } from './figures.ts';
import { cell, markdownTable, numberText } from './tables.ts';

/** One round of one parser. */
export interface ReadTimes {
  readonly short: Pick<Counted, 'wallSeconds' | 'cpuSeconds'>;
  readonly long: Pick<Counted, 'wallSeconds' | 'cpuSeconds'>;
}

/** A parser with its times. */
export interface TimedParser {
  readonly id: string;
  readonly title: string;
  readonly rounds: readonly ReadTimes[];
}

/** The files, and the reference parser. */
export interface ReadSizes {
  /** Id of the parser to compare with, round by round. */
  readonly reference: string;
  readonly shortLines: number;
  readonly longLines: number;
}

/** The samples parser reads at least 8 times as many lines a second as readline + JSON.parse. */
const GOALS: ReadonlyMap<string, Goal> = new Map([['samples', { comparison: '>=', value: 8 }]]);

/**
 * "Further lines" are those of the long file beyond the short one, so that start-up and warm-up cancel out. The whole is from the
 * start of the process to its answer.
 */
export function parserSection(parsers: readonly TimedParser[], sizes: ReadSizes): Section {
  const { reference, shortLines, longLines } = sizes;
  const [shortCount, longCount] = [shortLines, longLines].map((lines) => lines.toLocaleString('en-US'));
  const further = ({ short, long }: ReadTimes) => (longLines - shortLines) / (long.wallSeconds - short.wallSeconds);
  const wholeLong = ({ long }: ReadTimes) => longLines / long.wallSeconds;
  const wholeShort = ({ short }: ReadTimes) => shortLines / short.wallSeconds;
  const referenceRounds = parsers.find(({ id }) => id === reference)?.rounds ?? [];

  const rows = parsers.map(({ id, title, rounds }) => {
    const figure = (name: string, what: string, unit: Figure['unit'], values: number[], goal?: Goal): Figure => ({
      id: `parser.${id}.${name}`,
      title: `${what}, ${id}`,
      unit,
      ...spread(values),
      goal,
    });
    const speed = (name: string, what: string, rate: (times: ReadTimes) => number) =>
      figure(
        name,
        `lines per second, ${what}`,
        'million lines/s',
        rounds.map((times) => rate(times) / 1e6),
      );
    const ratio = (name: string, what: string, rate: (times: ReadTimes) => number, goal?: Goal) =>
      figure(
        `${name}.ratio`,
        `speed ÷ ${reference}, ${what}`,
        '×',
        rounds.flatMap((times, round) => {
          const other = referenceRounds[round];
          return other === undefined ? [] : [rate(times) / rate(other)];
        }),
        goal,
      );
    return {
      title,
      further: speed('further', 'further lines', further),
      furtherRatio: ratio('further', 'further lines', further, GOALS.get(id)),
      long: speed('long', `all of ${longCount} lines`, wholeLong),
      longRatio: ratio('long', `all of ${longCount} lines`, wholeLong),
      short: speed('short', `all of ${shortCount} lines`, wholeShort),
      shortRatio: ratio('short', `all of ${shortCount} lines`, wholeShort),
      cpu: figure(
        'cpu',
        `CPU of ${longCount} lines`,
        's',
        rounds.map(({ long }) => long.cpuSeconds),
      ),
    };
  });
  const both = (speed: Figure, ratio: Figure) => `${numberText(speed.median, speed.unit)} M/s, ${cell(ratio)}`;
  const table = markdownTable([
    [
      'p95 per name and status, read by',
      'further lines, ÷ readline',
      `${longCount} lines with start-up, ÷ readline`,
      `${shortCount} lines with start-up, ÷ readline`,
      `CPU of ${longCount} lines`,
    ],
    ...rows.map((row) => [
      row.title,
      both(row.further, row.furtherRatio),
      both(row.long, row.longRatio),
      both(row.short, row.shortRatio),
      `${numberText(row.cpu.median, 's')} s`,
    ]),
  ]);
  const figures = rows.flatMap((row) => [
    row.further,
    row.furtherRatio,
    row.long,
    row.longRatio,
    row.short,
    row.shortRatio,
    row.cpu,
  ]);
  return { figures, table };
}
