// The texts of a Comparison: first about the two runs, then about the builds.

import { saturatedClause } from '../analysis/generator/saturation-words.ts';
import type { BaselineFigure } from '../model/baseline.ts';
import type { Change, ComparedMetric, CompareReason, Comparison } from '../model/comparison.ts';
import { overlapText, ratioText } from '../report/view/baseline.ts';
import { isFigure, percent, plural, signedPercent, signedPoints } from '../text/format.ts';

const VERDICT_WORDS: Readonly<Record<ComparedMetric['kind'], Readonly<Record<'worse' | 'better', string>>>> = {
  latency: { worse: 'slower', better: 'faster' },
  errors: { worse: 'more errors', better: 'fewer errors' },
  throughput: { worse: 'less throughput', better: 'more throughput' },
};

/** Verdicts on builds. */
export const BUILD_WORDS: Readonly<Record<Change, BaselineFigure['verdict']>> = {
  worse: 'slower',
  better: 'faster',
  same: 'same',
  unknown: 'undecided',
};

/** Why a figure has no verdict or no interval. */
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
 * `7.5 times as high; the samples hardly overlap`: the difference in these two runs; '' for figures other than latency. `shown`: a text
 * next to it that must not be repeated.
 */
export function seenText({ superiority, a, b }: ComparedMetric, shown = ''): string {
  if (!isFigure(superiority) || !isFigure(a.value) || !isFigure(b.value) || a.value <= 0) return '';
  return [ratioText(a.value, b.value), overlapText(superiority)]
    .filter((text) => text !== shown && text !== '')
    .join('; ');
}

/** The least difference that is named even without an interval: 0.05 = 5 %. */
const LEAST_NAMED_CHANGE = 0.05;

/** `slower in these two runs`, or `no clear difference`. */
export function verdictText({ kind, verdict, change, ci_low: low, unit }: ComparedMetric): string {
  if (verdict === 'same') return 'about the same';
  if (verdict !== 'unknown') return `${VERDICT_WORDS[kind][verdict]} in these two runs`;
  const isNamed = low === null && unit !== 'share' && isFigure(change) && Math.abs(change) >= LEAST_NAMED_CHANGE;
  return isNamed ? `${change > 0 ? 'higher' : 'lower'}, may be chance` : 'no clear difference';
}

/** The reason of more than half of the figures that have one, for the sentence above the table. */
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

/** The verdicts over several runs of both builds, and the change that these runs can detect; '' without further runs. */
export function historyText({ history }: Pick<Comparison, 'history'>): string {
  if (history === null) return '';
  const parts = (['worse', 'better', 'same', 'unknown'] as const).flatMap((verdict) =>
    history[verdict] === 0 ? [] : [`${history[verdict]} ${BUILD_WORDS[verdict]}`],
  );
  const runs = `${plural(history.runs_a, 'run')} of a's build and ${history.runs_b} of b's`;
  const order = history.in_blocks
    ? ' All runs of a were before or after those of b, so a change of the machine would look like a change of the build.'
    : '';
  return `Over ${runs}, ${plural(history.figures, 'figure')}: ${parts.join(', ')}. These runs can detect changes of any p95 of ${percent(Math.ceil(history.smallest_change * 100) / 100)} or more (95 % power).${order}`;
}

/** `slower, +12 % (+5 % to +20 %)`: the verdict over several runs of both builds; '–' if there are too few. */
export function overRunsText({ over_runs: over, unit }: ComparedMetric): string {
  if (over === null) return '–';
  const sign = (value: number | null) => {
    if (unit === 'share') return isFigure(value) ? signedPoints(value) : '–';
    return signedPercent(value === null ? null : value * 100);
  };
  return `${BUILD_WORDS[over.verdict]}, ${sign(over.change)} (${sign(over.ci_low)} to ${sign(over.ci_high)})`;
}

// The percentages were measured with real k6: pairs of runs of the same build with a p95 difference beyond their intervals.
const ONE_RUN_EACH =
  'One run of each build cannot distinguish a regression from run-to-run variation: two runs of the same build differed beyond their intervals in 3 to 4 % of pairs on an idle server, 25 % on a busy one and 42 to 59 % near saturation. To decide, alternate several runs of each (novaperf run --against), or take five runs of each.';

const SEVERAL_RUNS =
  'The column "Builds" compares several runs of each build and corrects for the number of figures: two equal builds cause a false alarm in at most 5 to 7 % of comparisons.';

/** The most important caveat of the comparison. */
export function caveatText({ alike, history }: Pick<Comparison, 'alike' | 'history'>): string {
  if (!alike)
    return 'The two runs are not comparable: differences may have other causes than the build. See the differences below.';
  return history === null ? ONE_RUN_EACH : SEVERAL_RUNS;
}
