// npm run bench:verdicts [-- --only answers|builds|until-decided|unseen|pooling|changes|causes|cost|capacity]: measures the promises of docs/trust.md with simulated series and runs. Exits
// with 1 if one is broken.
// npm run bench:verdicts -- --real <folder> [--collect pairs|sides|capacity --comparisons 60]: real runs, which take an hour or two.

import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { analysisCosts } from './analysis-cost.ts';
import { cleanOutcomes, faultOutcomes } from './causes.ts';
import { type Measured, measureChanges } from './changes.ts';
import { printPooling } from './pooling.ts';
import { printAnswers, printUntilDecided } from './print-answers.ts';
import { printBuilds, printCapacities, printReal } from './print-builds.ts';
import { collectReal, type RealKind } from './real-builds.ts';
import { collectCapacity, keptCapacities } from './real-capacity.ts';
import { printUnseen } from './unseen.ts';

const { values } = parseArgs({
  options: {
    /** Series per row of the table. */
    runs: { type: 'string', default: '200' },
    /** Simulated comparisons of two builds per cell. */
    comparisons: { type: 'string', default: '400' },
    seeds: { type: 'string', default: '3' },
    seconds: { type: 'string', default: '180' },
    /** answers, builds, until-decided, unseen, pooling, changes, causes, cost or oracle (not run by default): only that part. */
    only: { type: 'string' },
    /** A folder: counts stored real runs of the demo against itself; --collect pairs or sides first runs --comparisons more. */
    real: { type: 'string' },
    collect: { type: 'string' },
  },
});

const percent = (share: number) => `${(share * 100).toFixed(1)} %`;

function print(line: string): void {
  process.stdout.write(`${line}\n`);
}

function row({ what, measured, promise, isKept, runs }: Measured): string {
  return `| ${what} | ${percent(measured)} | ${promise} | ${runs} | ${isKept ? 'kept' : 'MISSED'} |`;
}

/** Compares with other programs for the same inputs; prints a note without python3 and its libraries. */
function runOracle(): void {
  const here = import.meta.dirname;
  const python = process.env.PYTHON ?? 'python3';
  const libraries = spawnSync(python, ['-c', 'import numpy, scipy, statsmodels, ruptures']);
  if (libraries.status !== 0) {
    print(`Skipped: ${python} with numpy, scipy, statsmodels and ruptures was not found. PYTHON names another one.`);
    return;
  }
  const cases = spawnSync('npx', ['tsx', join(here, 'oracle-cases.ts')], { maxBuffer: 1e9 });
  const oracle = spawnSync(python, [join(here, 'oracle.py')], { input: cases.stdout, encoding: 'utf8' });
  print(oracle.stdout === '' ? oracle.stderr : oracle.stdout);
  if (oracle.status !== 0) process.exitCode = 1;
}

const isMeant = (part: string) => values.only === undefined || values.only === part;

function changes(): boolean {
  print('| what | measured | promised | series | |');
  print('| --- | --- | --- | --- | --- |');
  const rows = measureChanges(Number(values.runs));
  for (const each of rows) print(row(each));
  print('');
  return rows.every((each) => each.isKept);
}

function causes(): boolean {
  print('| fault of the demo | named first | of runs |');
  print('| --- | --- | --- |');
  const seconds = Number(values.seconds);
  const outcomes = faultOutcomes({ seeds: Number(values.seeds), rates: [10, 40, 100], seconds });
  for (const { fault, first, runs, misses } of outcomes) {
    print(`| \`${fault}\` | ${first} | ${runs} |`);
    for (const miss of misses) process.stderr.write(`  ${fault}: ${miss}\n`);
  }
  const first = outcomes.reduce((sum, outcome) => sum + outcome.first, 0);
  const runs = outcomes.reduce((sum, outcome) => sum + outcome.runs, 0);
  print(`| together | ${first} (${percent(first / runs)}; promised 90 %) | ${runs} |`);
  const loud = cleanOutcomes(10, seconds);
  print('');
  print(`Findings above low in ten clean runs: ${loud.length} (promised: none).`);
  for (const text of loud) print(`  ${text}`);
  return first / runs >= 0.9 && loud.length === 0;
}

const MOST_CPU_MS = 500;

function cost(): boolean {
  const costs = analysisCosts();
  const seconds = (ms: number | undefined) => ((ms ?? 0) / 1000).toFixed(2);
  const [least] = costs;
  const middle = costs[costs.length >> 1];
  print(
    'Observations, drift and causes of 8 hours with 50 endpoints, in fresh processes (promised: at most 0.50 s of CPU):',
  );
  print(`${seconds(least)} s at least, ${seconds(middle)} s in the median of ${costs.length}.`);
  print('');
  return (least ?? Infinity) <= MOST_CPU_MS;
}

async function real(folder: string): Promise<boolean> {
  if (values.collect === 'capacity') await collectCapacity(folder, [3, 4, 5, 6, 8, 10, 12, 4, 6, 8]);
  else if (values.collect !== undefined) await collectReal(folder, kindOf(values.collect), Number(values.comparisons));
  return await printReal(folder);
}

function kindOf(text: string): RealKind {
  if (text === 'pairs' || text === 'sides') return text;
  throw new Error(`--collect: expected pairs, sides or capacity, found ${text}`);
}

async function simulated(): Promise<boolean> {
  if (values.only === 'oracle') runOracle();
  if (isMeant('answers')) printAnswers(Number(values.runs), 1);
  if (isMeant('unseen')) printUnseen(Number(values.runs) * 5, 1);
  if (values.only === 'until-decided') printUntilDecided(Number(values.runs), 1);
  const kept = [
    ...(isMeant('pooling') ? [printPooling(Number(values.runs) * 5, 1)] : []),
    ...(isMeant('builds') ? [printBuilds(Number(values.comparisons), 1)] : []),
    ...(isMeant('changes') ? [changes()] : []),
    ...(isMeant('causes') ? [causes()] : []),
    ...(isMeant('cost') ? [cost()] : []),
    // Real runs take an hour; --real collects new ones.
    ...(isMeant('capacity') ? [printCapacities(await keptCapacities())] : []),
  ];
  return kept.every(Boolean);
}

async function main(): Promise<void> {
  const isKept = values.real === undefined ? await simulated() : await real(values.real);
  process.exitCode = isKept ? 0 : 1;
}

void main();
