// Findings about observations: what got worse over the steady part of the load, and how severe it is for this profile.

import { type Finding, type JudgedKpi, type Severity, worstSeverity } from '../../model/kpi.ts';
import type { Observation } from '../../model/observation.ts';
import { traitsOf } from '../../model/profile-traits.ts';
import { oneLine, sentence } from '../../text/display-text.ts';
import { count, elapsed, withUnit } from '../../text/format.ts';
import { saturatedClause } from '../generator/saturation-words.ts';
import { boundOf, quantileOf } from '../statistics/statistic.ts';
import { carrierText } from './carrier.ts';
import { CERTAIN, courseOfObservation, type Explained, paragraphs } from './explained.ts';
import type { FindingsInput } from './findings-input.ts';
import { resourceFindings } from './findings-resources.ts';
import { changeText, observationText, paceText, reachText, subjectText } from './observation-words.ts';

/** Smallest changes of response times that matter: relative, and milliseconds. */
const MATTERS = { share: 0.2, ms: 5 } as const;
/**
 * In a soak, smaller changes matter if they continue: this share within the run, and this share of the level per hour.
 */
const CONTINUES = { share: 0.08, perHour: 0.2 } as const;
const PASSING = { clarity: 8, share: 0.5 } as const;
const MOST_ENDPOINTS = 5;
const MOST_OTHERS = 12;

/**
 * One finding each for response times, error rates and resources that got worse, and one for all other observations.
 */
export function observationFindings(input: FindingsInput): Finding[] {
  const { observed = [] } = input;
  const latency = latencyFindings(observed, input);
  const errors = errorRateFindings(observed, input);
  const resources = resourceFindings(observed, input);
  const used = new Set([...latency, ...errors, ...resources].flatMap(({ seen }) => seen));
  return [
    ...[...latency, ...errors, ...resources].map(({ finding }) => finding),
    ...others(
      observed.filter((seen) => !used.has(seen)),
      used.size > 0,
    ),
  ];
}

const isTime = ({ figure }: Observation) => figure === 'p50' || figure === 'p95';
const isWorse = ({ shape, from, to }: Observation) =>
  to > from && (shape === 'rising' || shape === 'stepped' || shape === 'levelled_off');

const isLasting = ({ until_ms: until }: Observation) => until === null;

function latencyFindings(observed: readonly Observation[], input: FindingsInput): Explained[] {
  const slower = observed.filter((seen) => isTime(seen) && isWorse(seen));
  const byEndpoint = new Map<string, Observation[]>();
  for (const seen of slower.filter(({ subject }) => subject.kind === 'endpoint')) {
    byEndpoint.set(seen.subject.name, [...(byEndpoint.get(seen.subject.name) ?? []), seen]);
  }
  const together = slower.find(({ subject }) => subject.kind === 'endpoints');
  const groups = [...byEndpoint.values()].sort((a, b) => weightOf(b) - weightOf(a));
  if (together !== undefined && isBroad(together)) {
    // A temporary change of all endpoints, for example because other programs used the machine, does not explain a
    // lasting change of one.
    const lasting = together.until_ms === null ? [] : groups.map((seen) => seen.filter(isLasting));
    const own = lasting.filter((seen) => seen.length > 0).slice(0, MOST_ENDPOINTS);
    const rest = together.until_ms === null ? groups : groups.map((seen) => seen.filter((each) => !isLasting(each)));
    const shared = rest.filter((seen) => seen.length > 0);
    return [...own.map((seen) => oneEndpoint(seen, input)), allEndpoints(together, shared, input)];
  }
  if (groups.length === 0 && together !== undefined) return [mostOn(together, input)];
  const spoken = groups.slice(0, MOST_ENDPOINTS).map((seen) => oneEndpoint(seen, input));
  // The change of all endpoints together is part of the first finding and needs no own one.
  return spoken.map((each, i) =>
    i === 0 && together !== undefined ? { ...each, seen: [...each.seen, together] } : each,
  );
}

/** The weight for sorting: a larger relative change first, a clear one before an unclear one. */
function weightOf(seen: readonly Observation[]): number {
  return Math.max(
    ...seen.map(({ from, to, clarity }) => Math.log(to / Math.max(from, 1e-9)) * Math.min(1, clarity / CERTAIN)),
  );
}

/** Without the endpoint that changed most, the others must show at least this share of the change, in logarithms. */
const BROAD = 0.5;

/** True if endpoints in general became slower: the others changed too, without the one that changed most. */
function isBroad({ from, to, carried_by: most }: Observation): boolean {
  if (most === null || most.others_from <= 0) return false;
  return Math.log(most.others_to / most.others_from) >= BROAD * Math.log(to / from);
}

function allEndpoints(
  together: Observation,
  groups: ReadonlyArray<readonly Observation[]>,
  input: FindingsInput,
): Explained {
  const lines = groups
    .slice(0, MOST_ENDPOINTS)
    .flatMap((seen) => (seen[0] === undefined ? [] : [`${observationText(seen[0])}.`]));
  const more =
    groups.length > MOST_ENDPOINTS ? [`${count(groups.length - MOST_ENDPOINTS)} more endpoints likewise.`] : [];
  const detail = [
    'This is the median of all endpoints, each relative to its own median over the run.',
    paceText(together),
    ...lines,
    ...more,
    carrierText(together, {}, input),
    mayBeMachine(together, input)
      ? MACHINE_FIRST
      : 'The probable cause is a shared resource: the process and its garbage collection, CPU, a database, a pool or the network.',
  ];
  return {
    finding: {
      kind: 'response_time_rose',
      severity: latencySeverity(together, input),
      title: `Response times ${changeText(together, ' on all endpoints, p50')}`,
      detail: paragraphs(detail),
      kpis: missedOf(input.kpis, undefined),
      course: courseIn(together, input),
      probableCause: 'a shared resource: the process, its CPU and memory, a database, a pool or the network',
    },
    seen: [together, ...groups.flat()],
  };
}

/**
 * The finding if all endpoints together changed, the others did not without this one, and alone it has too few requests
 * to show it.
 */
function mostOn(together: Observation, input: FindingsInput): Explained {
  const name = together.carried_by?.name ?? '';
  return {
    finding: {
      kind: 'response_time_rose',
      severity: latencySeverity(together, input),
      title:
        name === ''
          ? observationText(together)
          : `Response times ${changeText(together, ', p50 of all endpoints')}, most of it on ${oneLine(name)}`,
      detail: paragraphs([
        'This is the median of all endpoints, each relative to its own median over the run.',
        paceText(together),
        name === '' ? '' : `The other endpoints did not change.`,
        name === '' ? '' : carrierText(together, { name }, input),
      ]),
      kpis: missedOf(input.kpis, undefined),
      course: courseIn(together, input),
      ...(name === '' ? {} : { probableCause: `what only "${oneLine(name)}" uses` }),
    },
    seen: [together],
  };
}

function oneEndpoint(seen: readonly Observation[], input: FindingsInput): Explained {
  // The median rises if every request waits, p95 alone if some do.
  const first = seen.find(({ figure }) => figure === 'p50') ?? seen[0];
  if (first === undefined) throw new Error('an endpoint without an observation');
  const name = first.subject.name;
  const rest = seen.filter((other) => other !== first).map((other) => `${observationText(other)}.`);
  const detail = [
    paceText(first),
    reaching(seen, input.kpis),
    ...rest,
    carrierText(first, { name }, input),
    mayBeMachine(first, input)
      ? MACHINE_FIRST
      : `Profile "${oneLine(name)}" first${first.shape === 'stepped' ? ', and what began at that time: a deployment, a job, a cache that expired' : ''}.`,
  ];
  return {
    finding: {
      kind: 'response_time_rose',
      severity: worstSeverity(seen.map((each) => latencySeverity(each, input))) ?? 'low',
      title: observationText(first),
      detail: paragraphs(detail),
      kpis: missedOf(input.kpis, name),
      course: courseIn(first, input),
      probableCause: `a resource that only "${oneLine(name)}" uses, which ${first.shape === 'stepped' ? `changed at ${elapsed(first.at_ms ?? first.start_ms)}` : 'grows with time'}`,
    },
    seen,
  };
}

function courseIn(seen: Observation, { metrics, loadStartMs }: FindingsInput): ReadonlyMap<number, number> {
  const intervals = metrics.timeline('http_reqs').map(({ startMs }) => startMs);
  return courseOfObservation(seen, loadStartMs ?? metrics.firstSampleMs ?? 0, intervals);
}

/** A temporary change while other programs use the load generator's machine may come from there. */
function mayBeMachine({ until_ms: untilMs }: Observation, { generator }: FindingsInput): boolean {
  return untilMs !== null && generator?.machine.state === 'saturated';
}

const MACHINE_FIRST = sentence(
  `${saturatedClause('machine')} in this run and the change passed: see first what else ran on that machine at that time`,
);

function latencySeverity(seen: Observation, input: FindingsInput): Severity {
  const { profile } = input;
  const { from, to, clarity, shape, per_hour: pace } = seen;
  const share = to / Math.max(from, 1e-9) - 1;
  if (clarity < CERTAIN) return 'low';
  // A temporary change could be at many places and lengths, so more is needed to exclude chance.
  if (seen.until_ms !== null) {
    return !mayBeMachine(seen, input) && clarity >= PASSING.clarity && share >= PASSING.share ? 'medium' : 'low';
  }
  const { isEndurance } = traitsOf(profile);
  const continues =
    shape === 'rising' && pace !== null && pace.low !== null && pace.low > 0 && pace.value >= CONTINUES.perHour * from;
  if (isEndurance && continues && share >= CONTINUES.share) return 'high';
  if (share < MATTERS.share || to - from < MATTERS.ms) return 'low';
  // A level that was reached once, such as that of a cold cache, does not continue to rise.
  if (shape === 'levelled_off') return 'medium';
  return isEndurance || share >= 1 ? 'high' : 'medium';
}

/** `At this pace p95 reaches the target of 500 ms in about 9 h (7 h to 13 h).` */
function reaching(seen: readonly Observation[], kpis: readonly JudgedKpi[]): string {
  for (const { figure, subject, to, per_hour: pace } of seen) {
    if (pace === null) continue;
    const q = figure === 'p95' ? 0.95 : 0.5;
    for (const kpi of kpis) {
      const isMeant =
        kpi.metric === 'http_req_duration' &&
        quantileOf(kpi.statistic) === q &&
        boundOf(kpi.comparison) === 'upper' &&
        (kpi.filter.name === undefined || kpi.filter.name === subject.name);
      const time = isMeant ? reachText(to, kpi.target, pace) : '';
      if (time !== '')
        return `At this pace its ${figure} reaches the target of ${withUnit(kpi.target, 'ms', { trim: true })} in ${time}.`;
    }
  }
  return '';
}

function missedOf(kpis: readonly JudgedKpi[], name: string | undefined): string[] {
  return kpis
    .filter(
      ({ verdict, metric, filter }) =>
        verdict === 'fail' &&
        metric === 'http_req_duration' &&
        (name === undefined || filter.name === undefined || filter.name === name),
    )
    .map(({ id }) => id);
}

function errorRateFindings(observed: readonly Observation[], input: FindingsInput): Explained[] {
  return observed
    .filter((seen) => seen.figure === 'error_rate' && isWorse(seen) && seen.clarity >= CERTAIN)
    .sort((a, b) => b.to - b.from - (a.to - a.from))
    .slice(0, MOST_ENDPOINTS)
    .map((seen) => ({
      finding: {
        kind: 'errors_rose',
        severity: seen.to >= 0.05 ? 'high' : 'medium',
        title: observationText(seen),
        detail: paragraphs([paceText(seen), 'For details see the list of errors.']),
        kpis: input.kpis
          .filter(
            ({ verdict, metric, filter }) =>
              verdict === 'fail' &&
              metric === 'http_req_failed' &&
              (filter.name === undefined || filter.name === seen.subject.name),
          )
          .map(({ id }) => id),
        course: courseIn(seen, input),
        probableCause: `a dependency of "${oneLine(seen.subject.name)}" that changed at that time`,
      },
      seen: [seen],
    }));
}

/** One finding for all other changes, because it explains and judges nothing. */
function others(rest: readonly Observation[], areMore: boolean): Finding[] {
  if (rest.length === 0) return [];
  const [first] = rest;
  if (first === undefined) return [];
  const lines = rest.slice(0, MOST_OTHERS).map((seen) => `${observationText(seen)}.`);
  const more = rest.length > MOST_OTHERS ? [`${count(rest.length - MOST_OTHERS)} more.`] : [];
  return [
    {
      kind: 'observed',
      severity: 'low',
      title:
        rest.length === 1
          ? observationText(first)
          : `${count(rest.length)} ${areMore ? 'more ' : ''}series changed under constant load: ${subjectText(first)} ${changeText(first)}`,
      detail: paragraphs([...lines, ...more]),
      kpis: [],
    },
  ];
}
