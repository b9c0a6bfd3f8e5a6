// npm run bench:verdicts [-- --only answers|until-decided|pooling|changes|causes]: what docs/trust.md promises, measured on simulated series and runs. Ends with 1
// where a promise is broken.

import { parseArgs } from 'node:util';
import { cleanOutcomes, faultOutcomes } from './causes.ts';
import { type Measured, measureChanges } from './changes.ts';
import { printPooling } from './pooling.ts';
import { printAnswers, printUntilDecided } from './print-answers.ts';
import { printBuilds } from './print-builds.ts';

const { values } = parseArgs({
  options: {
    /** Series per row of the table. */
    runs: { type: 'string', default: '200' },
    /** Simulated comparisons of two builds per cell. */
    comparisons: { type: 'string', default: '400' },
    seeds: { type: 'string', default: '3' },
    seconds: { type: 'string', default: '180' },
    /** answers, builds, until-decided, pooling, changes or causes: that part alone. */
    only: { type: 'string' },
  },
});

const percent = (share: number) => `${(share * 100).toFixed(1)} %`;

function print(line: string): void {
  process.stdout.write(`${line}\n`);
}

function row({ what, measured, promise, isKept, runs }: Measured): string {
  return `| ${what} | ${percent(measured)} | ${promise} | ${runs} | ${isKept ? 'kept' : 'MISSED'} |`;
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

if (isMeant('answers')) printAnswers(Number(values.runs), 1);
if (values.only === 'until-decided') printUntilDecided(Number(values.runs), 1);
const kept = [
  ...(isMeant('pooling') ? [printPooling(Number(values.runs) * 5, 1)] : []),
  ...(isMeant('builds') ? [printBuilds(Number(values.comparisons), 1)] : []),
  ...(isMeant('changes') ? [changes()] : []),
  ...(isMeant('causes') ? [causes()] : []),
];
process.exitCode = kept.every(Boolean) ? 0 : 1;
