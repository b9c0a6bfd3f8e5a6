// k6's execution segment: which iterations of a test belong to this instance, computed as in k6 2.2.0
// (lib/execution_segment.go). Each instance of a test has its own segment.

/** This instance's share of something that can be counted, such as iterations. */
export interface SegmentShare {
  /** Share of the whole, 0 to 1. */
  readonly share: number;
  /** Returns how many of the first `value` items belong to this instance. */
  readonly scale: (value: number) => number;
}

/** Consecutive segments: the length of each as a whole number of parts, `parts` in total. */
interface Sequence {
  readonly parts: number;
  readonly lengths: readonly number[];
  /** Index of this instance's segment. */
  readonly own: number;
}

const WHOLE: SegmentShare = { share: 1, scale: (value) => value };

/**
 * The share of an arrival-rate scenario with this many `maxVUs`: k6 distributes the VUs first and then the rate like
 * the VUs, so half of a test with 5 VUs makes two or three fifths of its iterations. `options` are those printed by `k6
 * inspect`. A segment that cannot be parsed counts as the whole.
 */
export function shareOf(options: Readonly<Record<string, unknown>>, maxVUs: number): SegmentShare {
  const sequence = sequenceOf(options.executionSegment, options.executionSegmentSequence);
  if (sequence === undefined) return WHOLE;
  const byVUs = byValue(sequence, maxVUs);
  if (byVUs === undefined) return { share: 0, scale: () => 0 };
  const { parts, lengths, own } = byVUs;
  return { share: (lengths[own] ?? 0) / parts, scale: (value) => scale(byVUs, own, value) };
}

function sequenceOf(segment: unknown, sequence: unknown): Sequence | undefined {
  if (typeof segment !== 'string' || segment === '') return undefined;
  const [from, to] = segment.includes(':') ? segment.split(':') : ['0', segment];
  const own = { from: fractionOf(from), to: fractionOf(to) };
  if (own.from === undefined || own.to === undefined) return undefined;
  const given = typeof sequence === 'string' && sequence !== '' ? sequence.split(',').map(fractionOf) : [];
  const inner = given.length > 1 ? given : [own.from, own.to];
  const borders = [ZERO, ...inner, ONE].filter((border) => border !== undefined);
  const parts = borders.reduce((all, { below }) => leastCommonMultiple(all, below), 1);
  if (!Number.isSafeInteger(parts)) return undefined;
  const at = [...new Set(borders.map(({ above, below }) => (above * parts) / below))].sort((a, b) => a - b);
  const lengths = at.slice(1).map((border, i) => border - (at[i] ?? 0));
  const index = at.indexOf((own.from.above * parts) / own.from.below);
  const isOwn = at[index + 1] === (own.to.above * parts) / own.to.below;
  if (index < 0 || !isOwn || lengths.length < 2) return undefined;
  const divisor = lengths.reduce(greatestCommonDivisor, parts);
  return { parts: parts / divisor, lengths: lengths.map((length) => length / divisor), own: index };
}

/**
 * GetNewExecutionSegmentSequenceFromValue: the segments over which `value` items can be distributed; undefined if ours
 * gets none.
 */
function byValue(sequence: Sequence, value: number): Sequence | undefined {
  if (value < 1 || value % sequence.parts === 0) return sequence;
  const dealt = sequence.lengths.map((_, index) => scale(sequence, index, value));
  if (dealt[sequence.own] === 0) return undefined;
  const lengths = dealt.filter((count) => count > 0);
  const own = dealt.slice(0, sequence.own).filter((count) => count > 0).length;
  const divisor = lengths.reduce(greatestCommonDivisor, value);
  return { parts: value / divisor, lengths: lengths.map((length) => length / divisor), own };
}

/** ScaleInt64: how many of the first `value` items belong to a segment. */
function scale(sequence: Sequence, index: number, value: number): number {
  const { parts, lengths } = sequence;
  const rest = value % parts;
  const inRest = owners(sequence, rest).filter((owner) => owner === index).length;
  return Math.floor(value / parts) * (lengths[index] ?? 0) + inRest;
}

/**
 * NewExecutionSegmentSequenceWrapper: the segment of each of the first `count` items; the longest segments choose
 * first.
 */
function owners({ parts, lengths }: Sequence, count: number): number[] {
  const order = lengths.map((length, index) => ({ length, index, chosen: 0 })).sort((a, b) => b.length - a.length);
  return Array.from({ length: count }, (_, i) => {
    const next = order.find(({ chosen, length }) => i * length >= chosen * parts);
    if (next === undefined) return -1;
    next.chosen++;
    return next.index;
  });
}

interface Fraction {
  readonly above: number;
  readonly below: number;
}

const ZERO: Fraction = { above: 0, below: 1 };
const ONE: Fraction = { above: 1, below: 1 };

/** Parses `1/2`, `0`, `0.25` or `25%`. */
function fractionOf(text: string | undefined): Fraction | undefined {
  const [, above, decimals = '', below, percent] =
    /^(\d{1,9})(?:\.(\d{1,6}))?(?:\/(\d{1,9}))?(%)?$/.exec(text?.trim() ?? '') ?? [];
  if (above === undefined) return undefined;
  const of = Number(below ?? 1) * 10 ** decimals.length * (percent === undefined ? 1 : 100);
  return of > 0 ? { above: Number(above + decimals), below: of } : undefined;
}

function greatestCommonDivisor(a: number, b: number): number {
  return b === 0 ? a : greatestCommonDivisor(b, a % b);
}

function leastCommonMultiple(a: number, b: number): number {
  return (a / greatestCommonDivisor(a, b)) * b;
}
