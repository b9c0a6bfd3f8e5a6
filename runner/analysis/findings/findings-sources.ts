// Findings about one of several load generators that is incomplete or differs from the others.

import type { Finding } from '../../model/kpi.ts';
import type { SourceFacts } from '../../model/source.ts';
import { count, duration, plural, times } from '../../text/format.ts';
import { median } from '../statistics/numbers.ts';

/** A source differs if its p95 is this many times that of the others, and longer by this much. */
const SLOWER = 2;
const SLOWER_BY_MS = 5;
/** A source with less than this share of the others' requests did less. */
const FEWER = 0.5;
/** With fewer requests, p95 is not compared. */
const ENOUGH = 40;
/** Limit of sources that are listed individually. */
const MOST_LISTED = 10;

/**
 * Findings about load generators with incomplete data or differing figures, or with an early or different end. Empty for
 * a run with a single k6.
 */
export function sourceFindings(sources: readonly SourceFacts[], loadStartMs: number): Finding[] {
  if (sources.length === 0) return [];
  const incomplete = sources.filter(({ isComplete }) => !isComplete);
  return [
    ...incomplete.slice(0, MOST_LISTED).map((source) => incompleteFinding(source, loadStartMs)),
    ...moreIncomplete(incomplete.slice(MOST_LISTED)),
    ...endedFindings(sources),
    ...apartFinding(sources),
    ...differing(sources),
  ];
}

/** `00:12 to 00:15` from the start of the load, with the time of day by the source's own clock. */
export function missingTimes(source: Pick<SourceFacts, 'gaps' | 'cutAtMs'>, loadStartMs: number): string[] {
  const at = (ms: number) =>
    `${duration(Math.max(0, ms - loadStartMs), { trim: true })} (${new Date(ms).toISOString().slice(11, 19)})`;
  const gaps = source.gaps.map(({ fromMs, toMs }) => `${at(fromMs)} to ${at(toMs)}`);
  return source.cutAtMs === null ? gaps : [...gaps, `${at(source.cutAtMs)} to its end`];
}

function incompleteFinding(source: SourceFacts, loadStartMs: number): Finding {
  const { name, lostLines, missingSamples, cutAtMs, firstMs, problem, lastMs } = source;
  const times = missingTimes(source, loadStartMs);
  const what = [
    ...(lostLines > 0 ? [`${plural(lostLines, 'line')} of its stream did not arrive`] : []),
    ...(missingSamples > 0 ? [`${plural(missingSamples, 'sample')} did not arrive`] : []),
    ...(cutAtMs !== null || lastMs === null ? ['its stream ends early'] : []),
  ];
  const when =
    firstMs === null
      ? 'none could be read'
      : times.length === 0
        ? 'the missing time is not known'
        : `missing: ${times.slice(0, 5).join(', ')}${times.length > 5 ? ` and ${times.length - 5} more` : ''}`;
  return {
    kind: 'source_incomplete',
    severity: 'high',
    title: `The numbers of ${name} are incomplete: ${when}`,
    detail: `${what.join('; ')}.${problem === null ? '' : ` ${capital(problem)}.`} Totals and rates are lower bounds.`,
    kpis: [],
  };
}

function moreIncomplete(sources: readonly SourceFacts[]): Finding[] {
  if (sources.length === 0) return [];
  const names = sources.map(({ name }) => name);
  const title = `The numbers of ${plural(sources.length, 'further source')} are incomplete`;
  return [{ kind: 'source_incomplete', severity: 'high', title, detail: `${names.join(', ')}.`, kpis: [] }];
}

/** The findings about sources with a complete stream and a k6 that ended early. */
function endedFindings(sources: readonly SourceFacts[]): Finding[] {
  return sources
    .filter(({ problem, isComplete }) => problem !== null && isComplete)
    .slice(0, MOST_LISTED)
    .map(({ name, problem }) => ({
      kind: 'source_ended',
      severity: 'medium',
      title: `${name}: ${problem}`,
      detail: 'Its stream is complete, so its numbers count in full.',
      kpis: [],
    }));
}

function apartFinding(sources: readonly SourceFacts[]): Finding[] {
  const ran = sources.flatMap(({ name, firstMs, lastMs }) =>
    firstMs === null || lastMs === null ? [] : [{ name, firstMs, lastMs }],
  );
  const latest = ran.toSorted((a, b) => b.firstMs - a.firstMs)[0];
  const earliest = ran.toSorted((a, b) => a.lastMs - b.lastMs)[0];
  if (latest === undefined || earliest === undefined || latest.firstMs < earliest.lastMs) return [];
  return [
    {
      kind: 'sources_apart',
      severity: 'medium',
      title: `The sources did not all run at the same time: ${latest.name} began ${duration(latest.firstMs - earliest.lastMs)} after ${earliest.name} ended`,
      detail:
        'Rates include the pause, and the load of all sources together was never reached. Different clocks have the same effect.',
      kpis: [],
    },
  ];
}

function differing(sources: readonly SourceFacts[]): Finding[] {
  if (sources.length < 2) return [];
  const found: Finding[] = [];
  for (const source of sources) {
    const others = sources.filter((other) => other !== source);
    const p95 = source.latency?.p95;
    const usual = median(others.flatMap(({ latency }) => latency?.p95 ?? []));
    const { count: samples = 0 } = source.latency ?? {};
    if (p95 != null && usual !== undefined && samples >= ENOUGH) {
      if (p95 >= usual * SLOWER && p95 - usual >= SLOWER_BY_MS) {
        found.push({
          kind: 'source_slower',
          severity: 'medium',
          title: `${source.name} measured response times ${times(p95 / usual)} as long as the others: p95 ${duration(p95)}, theirs ${duration(usual)}`,
          detail: `Usual causes are its machine and its network. Its load generator is ${source.generator.state}. Percentiles of the run cover all sources.`,
          kpis: [],
        });
      }
    }
    const usualRequests = median(others.map(({ requests }) => requests));
    if (usualRequests !== undefined && usualRequests >= ENOUGH && source.requests < usualRequests * FEWER) {
      found.push({
        kind: 'source_fewer',
        severity: 'medium',
        title: `${source.name} made ${count(source.requests)} requests, the others ${count(usualRequests)}`,
        detail: 'It started late, ended early, was slower, or had less load.',
        kpis: [],
      });
    }
  }
  return found.slice(0, MOST_LISTED);
}

function capital(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1);
}
