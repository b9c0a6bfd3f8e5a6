// Samples of a KPI become its value and whether that meets the target, over all requests and over those that were answered.

import type { JudgedKpi, Kpi, Verdict } from '../model/kpi.ts';
import type { Aggregate, RunMetrics } from '../model/metrics.ts';
import { confidenceOf, intervalOf, type JudgedInterval } from './interval.ts';
import { without } from './responses.ts';
import { comparedValue, meets, quantileOf, worstOf } from './statistic.ts';

/** Samples to judge: all of them, and those among them that got no response. */
export interface Part {
  readonly all: Aggregate;
  readonly failed: Aggregate | undefined;
  readonly elapsedMs: number | undefined;
}

/** What the samples of a KPI come to. */
export interface Reading {
  readonly actual: number | undefined;
  readonly verdict: Verdict;
  readonly samples: number;
  readonly notes: readonly string[];
}

/**
 * Reads the statistic of a part and compares it. Where requests got no response, it must hold over all samples and over
 * those that did; `reasons` says why they did not.
 */
export function readPart(kpi: Kpi, part: Part, reasons: string): Reading {
  const k6Figure = comparedValue(part.all, kpi, part.elapsedMs);
  const samples = part.all.count;
  if (k6Figure === undefined) {
    return { actual: undefined, verdict: 'no_data', samples, notes: ['the run has no length to divide by'] };
  }
  const met = meets(k6Figure, kpi.comparison, kpi.target);
  if (part.failed === undefined || part.failed.count === 0) {
    const notes = isTooClose(kpi, part.all, k6Figure)
      ? ['it is closer to the target than the 0.1 % to which percentiles are known, so k6 may say otherwise']
      : [];
    return { actual: k6Figure, verdict: met ? 'pass' : 'fail', samples, notes };
  }
  const failed = `${part.failed.count} of ${samples} requests got no response: ${reasons}`;
  const responses = without(part.all, part.failed);
  const ofResponses = responses && comparedValue(responses, kpi, part.elapsedMs);
  if (responses === undefined || ofResponses === undefined) {
    const note = `${failed}; k6 counts them as ${figure(k6Figure)} ${kpi.unit}`;
    return met
      ? { actual: undefined, verdict: 'no_data', samples: 0, notes: [note] }
      : { actual: k6Figure, verdict: 'fail', samples, notes: [note] };
  }
  const both = met && meets(ofResponses, kpi.comparison, kpi.target);
  const actual = worstOf([k6Figure, ofResponses], kpi);
  const note = `${failed}; ${kpi.statistic} is ${figure(ofResponses)} ${kpi.unit} over those that did and ${figure(k6Figure)} ${kpi.unit} over all, as k6 counts`;
  return {
    actual,
    verdict: both ? 'pass' : 'fail',
    samples: actual === k6Figure ? samples : responses.count,
    notes: [note],
  };
}

/** Whether the histogram's resolution decides: a percentile between other values than the smallest and the largest. */
function isTooClose(kpi: Kpi, all: Aggregate, actual: number): boolean {
  if (all.type !== 'trend' || quantileOf(kpi.statistic) === undefined) return false;
  if (actual === all.min || actual === all.max) return false;
  return Math.abs(actual - kpi.target) <= 0.001 * Math.abs(actual);
}

function figure(value: number): string {
  return String(Number(value.toPrecision(4)));
}

/** Where requests failed in transport the actual value is the worse of two figures, of which neither interval speaks. */
export function intervalUnlessMixed(kpi: Kpi, lost: Kpi['filter'][], metrics: RunMetrics, cells?: readonly number[]) {
  return lost.length > 0 ? undefined : intervalOf(kpi, metrics, cells);
}

/** The KPI with what was read of it. */
export function finish(kpi: Kpi, reading: Reading, interval: JudgedInterval | undefined): JudgedKpi {
  const { actual, verdict, samples, notes } = reading;
  return {
    ...kpi,
    verdict,
    actual,
    ciLow: interval?.low,
    ciHigh: interval?.high,
    confidence: confidenceOf(kpi, interval),
    samples,
    note: notes.length === 0 ? undefined : notes.join('; '),
  };
}

/** The KPI without data, and why. */
export function noData(kpi: Kpi, note: string): JudgedKpi {
  return {
    ...kpi,
    verdict: 'no_data',
    actual: undefined,
    ciLow: undefined,
    ciHigh: undefined,
    confidence: 'unknown',
    samples: 0,
    note,
  };
}

/**
 * The KPI as judged over the samples that surely match its filter; inconclusive where `uncertain` further ones may match, because
 * the series beyond the cap lost a tag that it names.
 */
export function doubtWhereTagsAreLost(kpi: JudgedKpi, uncertain: number): JudgedKpi {
  if (uncertain === 0) return kpi;
  const note = `${uncertain} more samples may match this filter: their tags were lost to the cap of series`;
  return { ...kpi, verdict: 'inconclusive', note: kpi.note === undefined ? note : `${note}; ${kpi.note}` };
}

/** A target that this run cannot judge, whatever it measured; `note` says why. */
export function notJudged(kpi: Kpi, note: string): JudgedKpi {
  return { ...noData(kpi, note), verdict: 'inconclusive' };
}
