// Words and table rows for what changed since the baseline, shared by the report, comment.md, JUnit, the records and the terminal.

import { byHeadline } from '../../analysis/differences/headline.ts';
import type { BaselineChange, BaselineFigure, BaselineResult } from '../../model/baseline.ts';
import { comparedWith } from '../../model/baseline-choice.ts';
import { isKnownBuild } from '../../model/build.ts';
import type { Result } from '../../model/result.ts';
import { oneLine } from '../../text/display-text.ts';
import {
  duration,
  isFigure,
  percent,
  perSecond,
  plural,
  signedPercent,
  signedPoints,
  significant,
} from '../../text/format.ts';

const CHANGE_TEXTS: Readonly<Record<BaselineChange['unit'], (change: number) => string>> = {
  ms: (change) => signedPercent(change * 100),
  '1/s': (change) => signedPercent(change * 100),
  share: signedPoints,
};

const VALUE_TEXTS: Readonly<Record<BaselineChange['unit'], (value: number | null) => string>> = {
  ms: (value) => duration(value),
  '1/s': (value) => perSecond(value),
  share: (value) => (isFigure(value) ? percent(value) : '–'),
};

function whatText({ endpoint, statistic, unit }: BaselineChange): string {
  const figure = unit === 'share' ? 'errors' : unit === '1/s' ? 'requests' : statistic;
  return `${endpoint === null ? 'whole run' : oneLine(endpoint, 80)} ${figure}`;
}

function sizeText({ unit, change, ci_low: low, ci_high: high }: BaselineChange): string {
  const text = CHANGE_TEXTS[unit];
  const interval = isFigure(low) && isFigure(high) ? ` (${text(low)} to ${text(high)})` : '';
  return `${isFigure(change) ? text(change) : 'changed'}${interval}`;
}

/** The least A12 for each wording. Vargha & Delaney call 0.71 a large effect. */
const OVERLAPS = [
  [0.9, 'the samples hardly overlap'],
  [0.71, 'the samples overlap in part'],
] as const;

/** b relative to a: `7.5 times as high`, `+12 %`. `a` must be above 0. */
export function ratioText(a: number, b: number): string {
  return b / a >= 2 ? `${significant(b / a, 2)} times as high` : signedPercent((b / a - 1) * 100);
}

/** How far two samples overlap, from their A12 (0 to 1): `the samples hardly overlap`; '' if they do, or if A12 is not known. */
export function overlapText(superiority: number | null): string {
  const distance = isFigure(superiority) ? Math.max(superiority, 1 - superiority) : 0;
  return OVERLAPS.find(([from]) => distance >= from)?.[1] ?? '';
}

/** `GET /search p50 7.5 times as high (15.7 ms to 117 ms; the samples hardly overlap)`. */
function seenChange(change: BaselineChange): string {
  const { unit, a, b, superiority } = change;
  if (unit !== 'ms' || !isFigure(a) || !isFigure(b) || a <= 0) return changeText(change);
  const evidence = [`${VALUE_TEXTS.ms(a)} to ${VALUE_TEXTS.ms(b)}`, overlapText(superiority)];
  return `${whatText(change)} ${ratioText(a, b)} (${evidence.filter((text) => text !== '').join('; ')})`;
}

function changeText(change: BaselineChange): string {
  return `${whatText(change)} ${sizeText(change)}`;
}

/** Up to five changes in one line: `GET /search p95 +21 % (+12 % to +31 %), POST /orders p50 +9 % (…), and 3 more.` */
export function changeList(changes: readonly BaselineChange[]): string {
  const shown = changes.slice(0, 5).map(changeText);
  const more = changes.length - shown.length;
  return `${shown.join(', ')}${more > 0 ? `, and ${more} more` : ''}.`;
}

/** What a run was compared with: `branch main`, `build 1.4.1`, or the folder of the baseline run. */
export function baseText({ choice, build_version: build, run }: BaselineResult): string {
  const chosen = comparedWith(choice);
  switch (chosen.kind) {
    case 'branch':
      return `branch ${oneLine(chosen.branch, 60)}`;
    case 'against':
    case 'side-by-side':
      return oneLine(chosen.system, 80);
    case 'latest':
      return 'the runs before';
    default:
      return isKnownBuild(build) ? `build ${oneLine(build, 60)}` : oneLine(run, 80);
  }
}

const RUNS_TEXTS: Readonly<Record<BaselineResult['design'], (baseline: BaselineResult) => string>> = {
  runs: ({ runs_a, runs_b }) => `${plural(runs_a, 'run')} of the baseline, ${runs_b} of this build`,
  pairs: ({ runs_a }) => `${plural(runs_a, 'pair')} of alternating runs`,
  side_by_side: ({ runs_a }) => `side by side in one run, ${plural(runs_a, 'period')} compared`,
};

/** One sentence: what changed since the baseline and by how much, or the smallest change that the comparison can detect. */
export function baselineTitle(baseline: BaselineResult): string {
  const { verdict, worse, better, runs_needed, smallest_change, design } = baseline;
  const base = baseText(baseline);
  const runs = RUNS_TEXTS[baseline.design](baseline);
  const detects = isFigure(smallest_change)
    ? `; detects changes of any p95 of ${percent(Math.ceil(smallest_change * 100) / 100)} or more`
    : '';
  const [first] = verdict === 'faster' ? better : worse;
  switch (verdict) {
    case 'slower':
    case 'faster':
      return `${verdict === 'slower' ? 'Slower' : 'Faster'} than ${base}${first === undefined ? '' : `: ${changeText(first)}`} (${runs})`;
    case 'same':
      return `Same as ${base} (${runs}${detects})`;
    case 'undecided':
      if (design === 'side_by_side' && runs_needed > 0) {
        return `Undecided against ${base}: the run is too short, or has too few requests, to compare the builds`;
      }
      return runs_needed > 0 ? seenTitle(baseline, base) : `Undecided against ${base} (${runs}${detects})`;
    case 'not_comparable':
      return `Not comparable with ${base}: ${mismatchText(baseline) || 'no figure in common'}`;
  }
}

/**
 * What a summary adds to the number of passed scenarios: `slower than build 1.4.1: GET /search p95 +21 % (…)` for one run,
 * `2 slower than their baseline` for several; empty if no run was slower.
 */
export function slowerTexts(results: readonly Pick<Result, 'baseline'>[]): string[] {
  const slower = results.flatMap(({ baseline }) => (baseline?.verdict === 'slower' ? [baseline] : []));
  const [only, ...others] = slower;
  if (only === undefined) return [];
  if (results.length > 1 || others.length > 0)
    return [`${slower.length} slower than ${others.length > 0 ? 'their' : 'its'} baseline`];
  const [first] = only.worse;
  return [`slower than ${baseText(only)}${first === undefined ? '' : `: ${changeText(first)}`}`];
}

/** With too few runs for a verdict on the builds: what differs between these two runs, then how many more runs are needed. */
function seenTitle({ worse, better, runs_needed, design }: BaselineResult, base: string): string {
  const more = plural(runs_needed, design === 'pairs' ? 'more pair' : 'more run');
  const [first] = worse.length > 0 ? worse : better;
  const builds = `undecided for the builds (against ${base}): ${more} needed`;
  if (first === undefined) return `No clear difference in these two runs; ${builds}`;
  const word = worse.length === 0 ? 'Faster' : better.length === 0 ? 'Slower' : 'Slower and faster';
  const others = worse.length + better.length - 1;
  const further = others === 0 ? '' : `, and ${plural(others, 'more figure')}`;
  return `${word} in these two runs: ${seenChange(first)}${further}; ${builds}`;
}

function mismatchText({ mismatches }: BaselineResult): string {
  return mismatches.map(({ topic }) => topic.toLowerCase()).join(', ');
}

/** `3 earlier runs were not used: another machine (2), aborted (1).` '' if all were used. */
export function leftOutText({ left_out: leftOut }: BaselineResult): string {
  const runs = leftOut.reduce((sum, each) => sum + each.runs, 0);
  if (runs === 0) return '';
  const reasons = leftOut.slice(0, 6).map((each) => `${each.reason.toLowerCase()} (${each.runs})`);
  return `${plural(runs, 'earlier run')} ${runs === 1 ? 'was' : 'were'} not used: ${reasons.join(', ')}.`;
}

export interface BaselineRow {
  readonly what: string;
  readonly from: string;
  readonly to: string;
  readonly change: string;
  /** The verdict on the builds. */
  readonly verdict: BaselineFigure['verdict'];
  /** The verdict in words; with too few runs for one on the builds, how the two runs differ. */
  readonly verdictText: string;
  readonly isChanged: boolean;
  readonly tone: 'warn' | 'good' | 'neutral';
}

const ORDER: readonly BaselineFigure['verdict'][] = ['slower', 'faster', 'undecided', 'same'];
const IN_TWO_RUNS: Readonly<Record<BaselineFigure['verdict'], string>> = {
  slower: 'slower in these two runs',
  faster: 'faster in these two runs',
  same: 'about the same in these two runs',
  undecided: 'undecided',
};
const TONES = { slower: 'warn', faster: 'good', same: 'neutral', undecided: 'neutral' } as const;

/** A row for every figure, those that changed first. */
export function baselineRows({ figures, runs_needed: needed }: BaselineResult): BaselineRow[] {
  const shown = (figure: BaselineFigure) => (needed > 0 ? figure.in_two_runs : figure.verdict);
  return [...figures]
    .sort((x, y) => ORDER.indexOf(shown(x)) - ORDER.indexOf(shown(y)) || byHeadline(x, y))
    .map((figure) => ({
      what: whatText(figure),
      from: VALUE_TEXTS[figure.unit](figure.a),
      to: VALUE_TEXTS[figure.unit](figure.b),
      change: sizeText(figure),
      verdict: figure.verdict,
      verdictText: needed > 0 ? IN_TWO_RUNS[figure.in_two_runs] : figure.verdict,
      isChanged: shown(figure) === 'slower' || shown(figure) === 'faster',
      tone: TONES[shown(figure)],
    }));
}
