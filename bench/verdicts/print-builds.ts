// Prints how often comparisons of two builds are right and wrong, as Markdown tables for docs/comparing.md.

import {
  buildRates,
  type Design,
  historyDesign,
  pairsDesign,
  type Spread,
  smallestRate,
  turnsDesign,
} from './builds.ts';
import { realRates } from './real-builds.ts';
import { type FoundCapacity, foundCapacities } from './real-capacity.ts';
import { type SideRun, sideVerdicts } from './side-rates.ts';
import { simulateResult } from './simulated-result.ts';

const percent = (share: number) => `${(share * 100).toFixed(1)} %`;

function print(line = ''): void {
  process.stdout.write(`${line}\n`);
}

const quiet: Spread = { spread: 0.03, shared: 0.5 };
const usual: Spread = { spread: 0.05, shared: 0.5 };
const quietApart: Spread = { spread: 0.03, shared: 0 };
const apart: Spread = { spread: 0.05, shared: 0 };
const drifting: Spread = { spread: 0.05, shared: 0.8, drift: 0.9 };
const grouped: Spread = { spread: 0.05, shared: 0.5, groups: 2 };
const uneven: Spread = { spread: 0.05, shared: 0.5, uneven: 0.5 };
const outliers: Spread = { spread: 0.05, shared: 0.5, outliers: 'own' };
const outlyingRuns: Spread = { spread: 0.05, shared: 0.5, outliers: 'shared' };

/** The runs per build that find +10 % of a single figure in 95 of 100 comparisons, plus two. */
const enough = ({ spread }: Spread) => Math.ceil(2860 * spread ** 2 + 2);

const ROWS: ReadonlyArray<readonly [Design, Spread, string]> = [
  [turnsDesign(enough(quiet)), quiet, '3 %'],
  [turnsDesign(enough(quiet)), quietApart, '3 %, nothing shared'],
  [turnsDesign(enough(usual)), usual, '5 %'],
  [turnsDesign(enough(usual)), apart, '5 %, nothing shared'],
  [turnsDesign(enough(usual)), grouped, '5 %, two groups'],
  [turnsDesign(enough(usual)), uneven, '5 %, uneven'],
  [turnsDesign(enough(usual)), outliers, '5 %, outliers'],
  [turnsDesign(enough(usual)), outlyingRuns, '5 %, outlying runs'],
  [turnsDesign(enough(usual)), drifting, '5 %, drifting'],
  [historyDesign(5), usual, '5 %'],
  [historyDesign(5), apart, '5 %, nothing shared'],
  [historyDesign(5), outliers, '5 %, outliers'],
  [historyDesign(20), usual, '5 %'],
  [historyDesign(20), outliers, '5 %, outliers'],
  [pairsDesign(3), usual, '5 %'],
  [pairsDesign(3), apart, '5 %, nothing shared'],
  [pairsDesign(3), uneven, '5 %, uneven'],
  [pairsDesign(3), drifting, '5 %, drifting'],
  [pairsDesign(10), usual, '5 %'],
  [pairsDesign(10), drifting, '5 %, drifting'],
];

const CHANGES = [1.05, 1.1, 1.5] as const;

/** Several endpoints change, by 4 to 10 %: how often an unchanged one is called slower or faster. */
const SEVERAL: ReadonlyArray<readonly [Design, Spread, string]> = [
  [turnsDesign(enough(quiet)), quiet, '3 %'],
  [turnsDesign(enough(usual)), usual, '5 %'],
  [turnsDesign(enough(usual)), apart, '5 %, nothing shared'],
  [turnsDesign(enough(usual)), drifting, '5 %, drifting'],
];
const CHANGED = [1, 2, 3, 4, 5, 6, 7, 8] as const;

/** Designs for the smallest detectable change that a comparison prints. */
const SMALLEST: ReadonlyArray<readonly [Design, Spread, string]> = [
  [turnsDesign(3), quiet, '3 %'],
  [turnsDesign(enough(quiet)), quiet, '3 %'],
  [turnsDesign(enough(usual)), usual, '5 %'],
  [turnsDesign(enough(usual)), apart, '5 %, nothing shared'],
  [turnsDesign(enough(usual)), uneven, '5 %, uneven'],
  [historyDesign(5), usual, '5 %'],
  [pairsDesign(3), usual, '5 %'],
];

function printSeveral(comparisons: number, seed: number, like: Parameters<typeof buildRates>[3]): boolean {
  print(`| runs | spread of runs | ${CHANGED.map((count) => `${count} of 10 changed`).join(' | ')} |`);
  print(`| --- | --- |${' ---: |'.repeat(CHANGED.length)}`);
  const rates = SEVERAL.flatMap(([design, spread, words], index) => {
    const alarms = CHANGED.map((changed) => {
      const options = { comparisons, seed: seed * 5000 + index * 10 + changed };
      return buildRates(design, { ...spread, changed }, 1.1, like, options).alarms;
    });
    print(`| ${[design.name, words, ...alarms.map(percent)].join(' | ')} |`);
    return alarms;
  });
  print();
  return rates.every((alarms) => alarms <= 0.05 + 2 * Math.sqrt((0.05 * 0.95) / comparisons));
}

function printSmallest(comparisons: number, seed: number, like: Parameters<typeof buildRates>[3]): boolean {
  print('| runs | spread of runs | printed as the smallest change (median) | so large a change is found |');
  print('| --- | --- | ---: | ---: |');
  const rates = SMALLEST.map(([design, spread, words], index) => {
    const { found, usual } = smallestRate(design, spread, like, { comparisons, seed: seed * 7000 + index });
    print(`| ${[design.name, words, percent(usual), percent(found)].join(' | ')} |`);
    return found;
  });
  print();
  return rates.every((found) => found >= 0.95 - 2 * Math.sqrt((0.05 * 0.95) / comparisons));
}

/** Correlation of the machine's speed from second to second. */
const CORRELATIONS = [0.5, 0.9, 0.97];

function printSides(comparisons: number, seed: number): boolean {
  print(
    '| side by side, 3 min, 20/s of each build; speed of the machine | equal builds: p50 | p95 | +10 % p95 found |',
  );
  print('| --- | ---: | ---: | ---: |');
  const rates = CORRELATIONS.map((correlation, index) => {
    const run: SideRun = { seconds: 180, perSecond: 20, level: 0.2, correlation, change: 1 };
    const rate = (change: number, q: number) => {
      const { worse, better } = sideVerdicts({ ...run, change }, q, comparisons, seed * 9000 + index * 10 + q);
      return (change === 1 ? worse + better : worse) / comparisons;
    };
    const [p50, p95, found] = [rate(1, 0.5), rate(1, 0.95), rate(1.1, 0.95)];
    print(`| ${[`varies by 20 %, correlation ${correlation}`, ...[p50, p95, found].map(percent)].join(' | ')} |`);
    return { alarms: Math.max(p50, p95), found };
  });
  print();
  const chance = 2 * Math.sqrt((0.05 * 0.95) / comparisons);
  return rates.every(({ alarms, found }) => alarms <= 0.05 + chance && found >= 0.95 - chance);
}

/** Prints the table; false if equal builds have significantly more than 5 % false alarms. */
export function printBuilds(comparisons: number, seed: number): boolean {
  const like = simulateResult({ seconds: 60, rate: 10, seed: 1, profile: 'load' });
  print(
    `### Two builds with ten endpoints, one of which changed: ${comparisons} simulated comparisons a cell, p50, p95 and p99 of each endpoint`,
  );
  print();
  print('| runs | spread of runs | false alarms, equal builds | +5 % p95 found | +10 % | +50 % |');
  print('| --- | --- | ---: | ---: | ---: | ---: |');
  let isKept = true;
  for (const [index, [design, spread, words]] of ROWS.entries()) {
    const rates = (change: number) =>
      buildRates(design, spread, change, like, {
        comparisons,
        seed: seed * 1000 + index * 10 + Math.round(change * 100),
      });
    const { alarms } = rates(1);
    const found = CHANGES.map((change) => percent(rates(change).found));
    print(`| ${[design.name, words, percent(alarms), ...found].join(' | ')} |`);
    if (alarms > 0.05 + 2 * Math.sqrt((0.05 * 0.95) / comparisons)) isKept = false;
  }
  print();
  const kept = [
    isKept,
    printSeveral(comparisons, seed, like),
    printSides(comparisons, seed),
    printSmallest(comparisons, seed, like),
  ];
  return kept.every(Boolean);
}

/** Prints the table of real searches; false if fewer than nine of ten are within 10 %. */
export function printCapacities(capacities: readonly FoundCapacity[]): boolean {
  print('| connections | known capacity | found | off by | steps | stable | ended early | load |');
  print('| ---: | ---: | ---: | ---: | ---: | ---: | ---: | ---: |');
  const offBy = ({ known, found }: FoundCapacity) => (found === null ? 1 : found / known - 1);
  for (const each of capacities) {
    const { connections, known, found, steps, endedEarly, stable, loadS } = each;
    const rates = [`${known.toFixed(1)}/s`, `${found ?? 0}/s`, percent(offBy(each))];
    const cells = [connections, ...rates, steps, stable, endedEarly, `${Math.round(loadS)} s`];
    print(`| ${cells.join(' | ')} |`);
  }
  const near = capacities.filter((each) => Math.abs(offBy(each)) <= 0.1).length;
  if (capacities.length > 0) print(`\nWithin 10 %: ${near} of ${capacities.length} (promised: 9 of 10).`);
  return near >= Math.floor(0.9 * capacities.length);
}

/** Prints the tables of real runs; false if a promise is significantly broken. */
export async function printReal(folder: string): Promise<boolean> {
  const rates = await realRates(folder);
  print(
    '| real runs of one build on the demo, ten endpoints | false alarms | where 5 % count however few ms they are |',
  );
  print('| --- | ---: | ---: |');
  for (const { name, comparisons, alarms, strictAlarms } of rates) {
    print(`| ${name} | ${alarms} of ${comparisons} | ${strictAlarms} of ${comparisons} |`);
  }
  print();
  const isNear = printCapacities(await foundCapacities(folder));
  return (
    isNear &&
    rates.every(({ alarms, comparisons }) => alarms <= 0.05 * comparisons + 2 * Math.sqrt(0.0475 * comparisons))
  );
}
