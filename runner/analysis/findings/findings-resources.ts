// Findings about resources of the system under test that keep growing, and when they reach a limit.

import type { Finding } from '../../model/kpi.ts';
import type { Observation } from '../../model/observation.ts';
import { traitsOf } from '../../model/profile-traits.ts';
import type { ServerResult } from '../../model/server-result.ts';
import { meansOfLine } from '../../monitor/line-means.ts';
import { RESIDENT } from '../../monitor/panel-rules.ts';
import { panelsOf, type SeriesName } from '../../monitor/panels.ts';
import { withUnit } from '../../text/format.ts';
import { boundOf } from '../statistics/statistic.ts';
import { SLOWING } from '../verdict/judge-degradation.ts';
import { CERTAIN, type Explained, paragraphs } from './explained.ts';
import type { FindingsInput } from './findings-input.ts';
import { isSettled, observationText, paceText, reachText } from './observation-words.ts';

const MOST_RESOURCES = 5;
/** Panels of resources that should not be used more with time. */
const HOLDS = new Set(['memory', 'threads', 'connections', 'waiting', 'clients']);

/** The clearest growths, at most five. */
export function resourceFindings(observed: readonly Observation[], input: FindingsInput): Explained[] {
  return observed
    .filter(({ subject, shape, from, to, per_hour: pace }) => {
      if (subject.kind !== 'server' || !HOLDS.has(subject.panel)) return false;
      // A swing is not growth, but the lows of its cycles may rise.
      if (shape === 'swinging') return pace?.from_lows === true && pace.is_firm && (pace.low ?? 0) > 0;
      return to > from && shape !== 'levelled_off' && shape !== 'falling';
    })
    .sort((a, b) => resourceWeight(b) - resourceWeight(a))
    .slice(0, MOST_RESOURCES)
    .map((seen) => ({ finding: resource(seen, input), seen: [seen] }));
}

/** The weight for sorting: resident memory before a heap within it, because it is what exhausts the machine. */
function resourceWeight({ subject, from, to }: Observation): number {
  return (
    Math.abs(to - from) / Math.max(Math.abs(from), 1) +
    (subject.panel === 'memory' && subject.name === RESIDENT ? 1 : 0)
  );
}

function resource(seen: Observation, input: FindingsInput): Finding {
  const { profile, kpis } = input;
  const { subject, from, to, shape, evenness, clarity, per_hour: pace } = seen;
  const isSteady = shape === 'rising' && evenness >= SLOWING && clarity >= CERTAIN && pace !== null && isSettled(pace);
  const isLeak = isSteady || (shape === 'swinging' && pace !== null);
  const limits = kpis.filter(
    ({ metric, statistic, comparison }) =>
      metric.startsWith('server.') &&
      metric.includes(subject.panel) &&
      statistic !== 'growth' &&
      boundOf(comparison) === 'upper',
  );
  const times =
    pace === null
      ? []
      : limits.map((kpi) => ({ kpi, time: reachText(to, kpi.target, pace) })).filter(({ time }) => time !== '');
  const [reached] = times;
  const known = reached === undefined ? knownLimit(seen, input) : undefined;
  return {
    kind: 'server_growth',
    severity: isLeak ? (traitsOf(profile).isEndurance ? 'high' : 'medium') : 'low',
    title:
      shape === 'swinging' ? `${observationText(seen)}, and its minimum after each cycle grows` : observationText(seen),
    detail: paragraphs([
      paceText(seen),
      reached === undefined
        ? ''
        : `At this pace it reaches the target of ${withUnit(reached.kpi.target, seen.unit, { trim: true })} in ${reached.time}.`,
      known ?? '',
      isLeak && pace !== null && pace.value > 0 && from > 0
        ? `Probable cause: a memory leak, or a cache without a limit. Compare an early and a late heap snapshot.`
        : 'Memory may still be filling: check in a longer run whether it levels off.',
    ]),
    kpis: [],
    course: levelsSeen(seen, input),
    ...(isLeak ? { probableCause: 'a memory leak, or a cache without a limit' } : {}),
  };
}

/** The interval means of the observed line. */
function levelsSeen({ subject }: Observation, { watched, metrics }: FindingsInput): ReadonlyMap<number, number> {
  const under = metrics.server?.metrics;
  const panel = panelsOf(watched?.server.metrics ?? []).panels.find(({ id }) => id === subject.panel);
  const line = panel?.lines.find(({ label, source }) => label === subject.name && source === subject.source);
  if (under === undefined || line === undefined) return new Map();
  return new Map(
    meansOfLine(line, under).flatMap(({ startMs, value }) => (value === undefined ? [] : [[startMs, value]])),
  );
}

/** `At this pace it reaches the limit of 20 in about 40 min (…)`: the size of a pool, or the memory of the machine. */
function knownLimit(
  { subject, to, unit, per_hour: pace }: Observation,
  { watched, machineMemoryBytes }: FindingsInput,
): string | undefined {
  if (pace === null || watched === undefined) return undefined;
  const { panels } = panelsOf(watched.server.metrics ?? []);
  const panel = panels.find(({ id }) => id === subject.panel);
  const line = panel?.lines.find(({ role, source }) => role === 'limit' && source === subject.source);
  const limit = line === undefined ? undefined : lastOf(line.members, watched.server);
  const isMemory = subject.panel === 'memory' && machineMemoryBytes !== undefined;
  const [value, what] =
    limit !== undefined ? [limit, 'limit of'] : isMemory ? [machineMemoryBytes, 'memory of this machine,'] : [];
  const time = value === undefined ? '' : reachText(to, value, pace);
  return value === undefined || time === ''
    ? undefined
    : `At this pace it reaches the ${what} ${withUnit(value, unit, { trim: true })} in ${time}.`;
}

/** The sum of the members' last readings under load. */
function lastOf(members: readonly SeriesName[], { metrics = [] }: ServerResult): number | undefined {
  const found = members.flatMap(
    ({ name, source, labels }) =>
      metrics.find(
        (row) => row.name === name && row.source === source && JSON.stringify(row.labels) === JSON.stringify(labels),
      )?.during?.last ?? [],
  );
  return found.length === members.length && found.length > 0 ? found.reduce((sum, value) => sum + value, 0) : undefined;
}
