// What a Comparison says, in words: first what the two runs showed, then what may be said of the builds.

import type { BaselineChange, BaselineResult } from '../model/baseline.ts';
import type { Change, ComparedMetric, CompareReason, Comparison } from '../model/comparison.ts';
import { oneLine } from '../text/display-text.ts';
import { isFigure, plural, signedPercent, signedPoints, significant } from '../text/format.ts';

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
  few_samples: 'too few samples, or too uneven over time, for an interval',
  spans: 'the interval includes both a change and no change',
  saturated_a: 'the load generator was saturated in a, which may explain the difference',
  saturated_b: 'the load generator was saturated in b, which may explain the difference',
  plain: 'too short for an interval, but the samples hardly overlap',
};

/** A12 from which on samples count as hardly, or as partly, overlapping; Vargha & Delaney call 0.71 a large effect. */
const OVERLAPS = [
  [0.9, 'the samples hardly overlap'],
  [0.71, 'the samples overlap in part'],
] as const;

/** `7.5 times as high; the samples hardly overlap`: what the two runs showed, '' for figures other than latency. */
export function seenText({ superiority, a, b }: ComparedMetric): string {
  if (!isFigure(superiority) || !isFigure(a.value) || !isFigure(b.value) || a.value <= 0) return '';
  const ratio = b.value / a.value;
  const size = ratio >= 2 ? `${significant(ratio, 2)} times as high` : `${signedPercent((ratio - 1) * 100)}`;
  const distance = Math.max(superiority, 1 - superiority);
  const overlap = OVERLAPS.find(([from]) => distance >= from)?.[1];
  return overlap === undefined ? size : `${size}; ${overlap}`;
}

/** `slower in these two runs`; 'no clear difference' where the two cannot show one. */
export function verdictText({ kind, verdict }: ComparedMetric): string {
  if (verdict === 'same') return 'about the same';
  return verdict === 'unknown' ? 'no clear difference' : `${VERDICT_WORDS[kind][verdict]} in these two runs`;
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
    ? ' All runs of a lie on one side of b in time: a change of the machine between them would look the same.'
    : '';
  return `Over ${runs}, ${plural(history.figures, 'latency figure')}: ${parts.join(', ')}. These runs can detect changes of ${Math.ceil(history.smallest_change * 100)} % or more (95 % power).${order}`;
}

/** `slower, +12 % (+5 % to +20 %)`: what several runs of both builds say; '–' where there are too few. */
export function overRunsText({ over_runs: over }: ComparedMetric): string {
  if (over === null) return '–';
  const sign = (value: number | null) => signedPercent(value === null ? null : value * 100);
  return `${BUILD_WORDS[over.verdict]}, ${sign(over.change)} (${sign(over.ci_low)} to ${sign(over.ci_high)})`;
}

// Measured on real k6: pairs of runs of one build whose p95 differed by more than their intervals allow.
const ONE_RUN_EACH =
  'One run of each build cannot tell a regression from run-to-run variation: two runs of the same build differed beyond their intervals in 3 to 4 % of pairs on an idle server, 25 % on a busy one and 42 to 59 % near saturation. Take several runs of each in turn (novaperf run --against, or five runs a side) to decide.';

const SEVERAL_RUNS =
  'The column "Builds" uses the run as the unit and corrects for the number of figures: two equal builds give any false alarm in at most 5 to 7 % of comparisons.';

/** What limits the comparison: one caveat, the most important one. */
export function caveatText({ alike, history }: Pick<Comparison, 'alike' | 'history'>): string {
  if (!alike)
    return 'The two runs are not comparable: a difference need not come from the build. See what differs below.';
  return history === null ? ONE_RUN_EACH : SEVERAL_RUNS;
}

const UNIT_TEXTS: Readonly<Record<BaselineChange['unit'], (change: number) => string>> = {
  ms: (change) => signedPercent(change * 100),
  '1/s': (change) => signedPercent(change * 100),
  share: signedPoints,
};

function changeText({ endpoint, statistic, unit, change, ci_low: low, ci_high: high }: BaselineChange): string {
  const text = UNIT_TEXTS[unit];
  const interval = isFigure(low) && isFigure(high) ? ` (${text(low)} to ${text(high)})` : '';
  const figure = statistic === 'share' ? 'errors' : statistic;
  return `${endpoint === null ? 'whole run' : oneLine(endpoint, 80)} ${figure} ${isFigure(change) ? text(change) : 'changed'}${interval}`;
}

/** `GET /search p95 +21 % (+12 % to +31 %), POST /orders p50 +9 % (…), and 3 more.` */
export function changeList(changes: readonly BaselineChange[]): string {
  const shown = changes.slice(0, 5).map(changeText);
  const more = changes.length - shown.length;
  return `${shown.join(', ')}${more > 0 ? `, and ${more} more` : ''}.`;
}

/** One sentence on what changed since the baseline, with its size and how much would have been seen. */
export function baselineTitle(baseline: BaselineResult): string {
  const { verdict, build_version, run, worse, better, runs_a, runs_b, runs_needed, smallest_change } = baseline;
  const isKnown = build_version !== '' && build_version !== 'unknown';
  const base = isKnown ? `build ${oneLine(build_version, 60)}` : oneLine(run, 80);
  const runs = `${plural(runs_a, 'run')} of it, ${runs_b} of this build`;
  const detects = isFigure(smallest_change)
    ? `; detects p95 changes of ${Math.ceil(smallest_change * 100)} % or more`
    : '';
  const [first] = verdict === 'faster' ? better : worse;
  switch (verdict) {
    case 'slower':
    case 'faster':
      return `${verdict === 'slower' ? 'Slower' : 'Faster'} than ${base}${first === undefined ? '' : `: ${changeText(first)}`} (${runs})`;
    case 'same':
      return `Same as ${base} (${runs}${detects})`;
    case 'undecided':
      return runs_needed > 0
        ? `Undecided against ${base}: ${plural(runs_needed, 'more run')} needed${first === undefined ? '' : `; in these two runs ${changeText(first)}`}`
        : `Undecided against ${base} (${runs}${detects})`;
    case 'not_comparable':
      return `Not comparable with ${base}: ${baseline.mismatches.map(({ topic }) => topic.toLowerCase()).join(', ') || 'no figure in common'}`;
  }
}
