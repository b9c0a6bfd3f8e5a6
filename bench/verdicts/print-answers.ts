// Prints how often verdicts are right, wrong and undecided for simulated runs: the first tables of bench:verdicts.

import { answersOf, errorAnswers, type Rates, untilDecidedRates } from './answers.ts';
import { driftRates, warmUpRates } from './over-time.ts';
import { PROCESSES } from './streams.ts';

const percent = (share: number | undefined) =>
  share === undefined ? '–' : `${(share * 100).toFixed(share > 0 && share < 0.1 ? 1 : 0)} %`;

function print(line = ''): void {
  process.stdout.write(`${line}\n`);
}

function table(head: readonly string[], rows: Iterable<readonly string[]>): void {
  print(`| ${head.join(' | ')} |`);
  print(`|${head.map((_, i) => (i === 0 ? ' --- ' : ' ---: ')).join('|')}|`);
  for (const row of rows) print(`| ${row.join(' | ')} |`);
  print();
}

const rateCells = ({ wrongByValue, wrongNear, wrongFar, rightFar, decided, coverage }: Rates) =>
  [wrongByValue, wrongNear, wrongFar, rightFar, decided, coverage].map(percent);
const RATE_HEAD = [
  'wrong at ±5 %, by value',
  'wrong at ±5 %',
  'wrong at ±20 %',
  'right at ±20 %',
  'decided interval',
  'holds the truth',
];

/** Percentiles, error rates, warm-ups and drifts, as Markdown tables; `runs` a row. */
export function printAnswers(runs: number, seed: number): void {
  print(`${runs} runs a row, seed ${seed}, 10 requests a second.`);
  print();
  for (const seconds of [60, 120, 300]) {
    for (const [kind, processes] of Object.entries(PROCESSES)) {
      print(
        `### Percentiles, runs of ${seconds} s, ${kind === 'known' ? 'processes that the rule was chosen on' : 'fresh processes'}`,
      );
      print();
      table(
        ['process', ...RATE_HEAD],
        processes.flatMap((process, i) =>
          [0.5, 0.95, 0.99].map((q, j) => [
            `${process.name}, p${q * 100}`,
            ...rateCells(answersOf(process, seconds, 10, q, runs, seed * 10_000 + seconds + i * 10 + j)),
          ]),
        ),
      );
    }
  }

  print('### Error rate of 1 %; far is half and twice the rate');
  print();
  table(
    ['run', ...RATE_HEAD],
    [60, 120, 600].flatMap((seconds) =>
      [1, 3].map((burstS) => [
        `${seconds} s, ${burstS === 1 ? 'one error at a time' : 'bursts of 3 s'}`,
        ...rateCells(errorAnswers(seconds, 10, burstS, runs * 2, seed + seconds + burstS)),
      ]),
    ),
  );

  printUntilDecided(runs, seed);
  print('### Warm-up: noise of 5 %; bias of a start twice as slow that falls with a time constant of 10 s');
  print();
  table(
    ['run, likeness of neighbours', 'cut without a warm-up', 'bias left', 'bias without a cut'],
    [60, 120, 300].flatMap((seconds) =>
      [0, 0.5, 0.8].map((phi) => {
        const { falseCuts, biasLeft, biasWithout } = warmUpRates(seconds, phi, runs * 2, seed + seconds);
        return [`${seconds} s, ${phi}`, percent(falseCuts), percent(biasLeft), percent(biasWithout)];
      }),
    ),
  );

  print('### Drift: noise of 5 % a second');
  print();
  table(
    [
      'run, likeness of neighbours',
      'called drifting without one',
      'fails a limit of 20 % without one',
      'interval holds the slope',
      'finds 60 % against a limit of 20 %',
    ],
    [90, 300, 600].flatMap((seconds) =>
      [0, 0.5, 0.8, 0.95].map((phi) => {
        const { falseAlarms, falseFailures, coverage, found } = driftRates(seconds, phi, runs, seed + seconds);
        return [`${seconds} s, ${phi}`, ...[falseAlarms, falseFailures, coverage, found].map(percent)];
      }),
    ),
  );
}

/** --until-decided 10m on p95: how often it is wrong, and how soon it ends. */
export function printUntilDecided(runs: number, seed: number): void {
  print('### --until-decided 10m, p95');
  print();
  table(
    ['process', 'wrong at ±5 %', 'wrong at ±20 %', '±20 % decided', 'after, on average'],
    [...PROCESSES.known, ...PROCESSES.fresh].map((process, i) => {
      const found = untilDecidedRates(process, 0.95, 600, runs, seed * 7000 + i);
      const cells = [found.wrongNear, found.wrongFar, found.decidedFar].map(percent);
      return [process.name, ...cells, `${(found.meanSecondsFar / 60).toFixed(1)} min`];
    }),
  );
}
