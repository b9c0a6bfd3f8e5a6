// What a Comparison says, in words: first what the two runs showed, then what may be said of the builds.

import { saturatedClause } from '../analysis/generator/saturation-words.ts';
import type { Change, ComparedMetric, CompareReason, Comparison } from '../model/comparison.ts';
import { overlapText, ratioText } from '../report/view/baseline.ts';
import { isFigure, percent, plural, signedPercent, signedPoints } from '../text/format.ts';

const VERDICT_WORDS: Readonly<Record<ComparedMetric['kind'], Readonly<Record<'worse' | 'better', string>>>> = {
  latency: { worse: 'slower', better: 'faster' },
  errors: { worse: 'more errors', better: 'fewer errors' },
  throughput: { worse: 'less throughput', better: 'more throughput' },
};

const BUILD_WORDS: Readonly<Record<Change, string>> = {
  worse: 'slower',
  better: 'faster',
  same: 'same',
  unknown: 'undecided',
};

export const REASON_TEXTS: Readonly<Record<CompareReason, string>> = {
  short_a: 'run a has less than two minutes of load, so it has no interval',
  short_b: 'run b has less than two minutes of load, so it has no interval',
  short_both: 'both runs have less than two minutes of load, so neither has an interval',
  short_steady: 'less than two minutes of steady load, so there is no interval',
  few_samples: 'too few samples, or too much variation over time, for an interval',
  spans: 'the interval includes both a change and no change',
  saturated_a: `${saturatedClause('generator')} in a, which may explain the difference`,
  saturated_b: `${saturatedClause('generator')} in b, which may explain the difference`,
  plain: 'too short for an interval, but the samples hardly overlap',
  by_samples: 'too short for an interval, but more than chance explains for so few requests',
  no_archive: 'one of the runs has no archive, so there are no intervals',
};

/**
 * `7.5 times as high; the samples hardly overlap`: what the two runs showed, '' for figures other than latency. `said`: what stands next
 * to it already.
 */
export function seenText({ superiority, a, b }: ComparedMetric, said = ''): string {
  if (!isFigure(superiority) || !isFigure(a.value) || !isFigure(b.value) || a.value <= 0) return '';
  return [ratioText(a.value, b.value), overlapText(superiority)]
    .filter((text) => text !== said && text !== '')
    .join('; ');
}

/** A difference from here on is said, though without an interval it may be chance. */
const WORTH_A_WORD = 0.05;

/** `slower in these two runs`; 'no clear difference' where the two cannot show one. */
export function verdictText({ kind, verdict, change, ci_low: low, unit }: ComparedMetric): string {
  if (verdict === 'same') return 'about the same';
  if (verdict !== 'unknown') return `${VERDICT_WORDS[kind][verdict]} in these two runs`;
  const isSaid = low === null && unit !== 'share' && isFigure(change) && Math.abs(change) >= WORTH_A_WORD;
  return isSaid ? `${change > 0 ? 'higher' : 'lower'}, may be chance` : 'no clear difference';
}

/** The reason that nearly all figures share: it is said once, above the table. */
export function commonReason(metrics: readonly ComparedMetric[]): CompareReason | undefined {
  const reasons = metrics.flatMap(({ reason }) => reason ?? []);
  return reasons.find((reason) => reasons.filter((each) => each === reason).length * 2 > reasons.length);
}

/** `Of 13 figures, in these two runs: 2 worse in b, 1 better, 8 about the same, 2 without a clear difference.` */
export function comparisonSentence(metrics: readonly ComparedMetric[]): string {
  if (metrics.length === 0) return 'The two runs have no figure in common.';
  const having = (verdict: Change) => metrics.filter((metric) => metric.verdict === verdict).length;
  const reason = commonReason(metrics);
  const why = reason === undefined ? '' : ` (${REASON_TEXTS[reason]})`;
  if (having('unknown') === metrics.length) {
    return `None of the ${plural(metrics.length, 'figure')} differs by more than the noise of these two runs${why}.`;
  }
  const parts = (
    [
      ['worse', 'worse in b'],
      ['better', 'better'],
      ['same', 'about the same'],
      ['unknown', 'without a clear difference'],
    ] as const
  ).flatMap(([verdict, words]) => (having(verdict) === 0 ? [] : [`${having(verdict)} ${words}`]));
  return `Of ${plural(metrics.length, 'figure')}, in these two runs: ${parts.join(', ')}${why}.`;
}

/** Several runs of both builds: what holds, and how much would have been found. '' where there is no history. */
export function historyText({ history }: Pick<Comparison, 'history'>): string {
  if (history === null) return '';
  const parts = (['worse', 'better', 'same', 'unknown'] as const).flatMap((verdict) =>
    history[verdict] === 0 ? [] : [`${history[verdict]} ${BUILD_WORDS[verdict]}`],
  );
  const runs = `${plural(history.runs_a, 'run')} of a's build and ${history.runs_b} of b's`;
  const order = history.in_blocks
    ? ' All runs of a were before or after those of b, so a change of the machine would look the same.'
    : '';
  return `Over ${runs}, ${plural(history.figures, 'figure')}: ${parts.join(', ')}. These runs can detect changes of any p95 of ${percent(Math.ceil(history.smallest_change * 100) / 100)} or more (95 % power).${order}`;
}

/** `slower, +12 % (+5 % to +20 %)`: what several runs of both builds say; '–' where there are too few. */
export function overRunsText({ over_runs: over, unit }: ComparedMetric): string {
  if (over === null) return '–';
  const sign = (value: number | null) => {
    if (unit === 'share') return isFigure(value) ? signedPoints(value) : '–';
    return signedPercent(value === null ? null : value * 100);
  };
  return `${BUILD_WORDS[over.verdict]}, ${sign(over.change)} (${sign(over.ci_low)} to ${sign(over.ci_high)})`;
}

// Measured on real k6: pairs of runs of one build whose p95 differed by more than their intervals allow.
const ONE_RUN_EACH =
  'One run of each build cannot distinguish a regression from run-to-run variation: two runs of the same build differed beyond their intervals in 3 to 4 % of pairs on an idle server, 25 % on a busy one and 42 to 59 % near saturation. To decide, alternate several runs of each (novaperf run --against), or take five runs of each.';

const SEVERAL_RUNS =
  'The column "Builds" compares several runs of each build and corrects for the number of figures: two equal builds cause a false alarm in at most 5 to 7 % of comparisons.';

/** What limits the comparison: one caveat, the most important one. */
export function caveatText({ alike, history }: Pick<Comparison, 'alike' | 'history'>): string {
  if (!alike)
    return 'The two runs are not comparable: differences may have other causes than the build. See the differences below.';
  return history === null ? ONE_RUN_EACH : SEVERAL_RUNS;
}
