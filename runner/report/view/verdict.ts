// Status, trust and headline figures of a Result as view models: what a reader sees first.

import type { PrimaryLatency } from '../../analysis/primary.ts';
import type { Result, RunStatus } from '../../model/result.ts';
import { oneLine, sentence } from '../../text/display-text.ts';
import { bytes, compact, count, duration, isFigure, percent, perSecond, plural } from '../../text/format.ts';
import type { FigureOf, TrackBook } from '../tracks/book.ts';
import { mark } from './cells.ts';
import type { Mark, Tile, Tone, Trust, Verdict } from './model.ts';

const STATUS: Readonly<Record<RunStatus, Mark>> = {
  pass: mark('good', 'pass', 'Passed'),
  fail: mark('bad', 'fail', 'Failed'),
  inconclusive: mark('warn', 'unknown', 'Inconclusive'),
  aborted: mark('warn', 'stop', 'Aborted'),
  error: mark('bad', 'stop', 'Error'),
};

/** A status as word, icon and tone, for lists of runs too. */
export function statusMark(status: RunStatus): Mark {
  return STATUS[status];
}

export function verdictView(result: Result): Verdict {
  return {
    ...STATUS[result.status],
    reason: sentence(oneLine(result.status_reason, 600)),
    isPartial: result.partial,
    trust: trustView(result),
  };
}

type Point = Trust['points'][number];

const GOOD = mark('good', 'pass', 'good');
const DOUBT = mark('warn', 'warn', 'doubt');
const BAD = mark('bad', 'fail', 'bad');
const OPEN = mark('neutral', 'unknown', 'not known');

function intervalPoint({ kpis }: Result): Point {
  const judged = kpis.filter(({ verdict }) => verdict !== 'no_data');
  const having = (confidence: Result['kpis'][number]['confidence']) =>
    judged.filter((kpi) => kpi.confidence === confidence).length;
  const [firm, provisional, open] = [having('firm'), having('provisional'), having('open')];
  const all = plural(judged.length, 'target');
  if (judged.length === 0) return { ...OPEN, text: 'No target had data to be judged by.' };
  if (open > 0) {
    return { ...DOUBT, text: `${open} of ${all} could be either: the 95 % interval spans the target.` };
  }
  if (provisional > 0) {
    return { ...DOUBT, text: `${provisional} of ${all} clear by the 95 % interval, but from a short run.` };
  }
  if (firm === judged.length)
    return {
      ...GOOD,
      text: `The 95 % interval is wholly on one side for ${firm === 1 ? 'the target' : `all ${all}`}.`,
    };
  return firm > 0
    ? { ...OPEN, text: `${firm} of ${all} clear by the 95 % interval; the rest have none.` }
    : {
        ...OPEN,
        text: `No 95 % interval for ${judged.length === 1 ? 'the target' : `any of ${all}`}: too few samples, or a statistic that has none.`,
      };
}

function generatorPoint({ generator }: Result): Point {
  const reasons = generator.reasons
    .slice(0, 2)
    .map((reason) => oneLine(reason, 160).replace(/[.]$/, ''))
    .join('; ');
  switch (generator.state) {
    case 'clean':
      return { ...GOOD, text: 'The load generator had room to spare.' };
    case 'warn':
      return { ...DOUBT, text: `The load generator was strained${reasons === '' ? '.' : `: ${reasons}.`}` };
    case 'saturated':
      return {
        ...BAD,
        text: `The load generator was saturated, so latency is partly its own${reasons === '' ? '.' : `: ${reasons}.`}`,
      };
    case 'unknown':
      return { ...OPEN, text: "The load generator's own health was not measured." };
  }
}

function streamPoint({ stream, partial }: Result): Point {
  const faults = [
    ...(stream.complete ? [] : ['it ended early']),
    ...(stream.lost_lines > 0 ? [`${plural(stream.lost_lines, 'line')} lost`] : []),
    ...(stream.bad_lines > 0 ? [`${plural(stream.bad_lines, 'line')} not readable`] : []),
    ...(stream.bad_values > 0 ? [`${plural(stream.bad_values, 'value')} not a number`] : []),
  ];
  if (faults.length > 0) return { ...DOUBT, text: `The stream of samples has gaps: ${faults.join(', ')}.` };
  if (partial) return { ...DOUBT, text: 'The run ended before its plan did; the figures cover what ran.' };
  return { ...GOOD, text: 'Every sample that k6 wrote was read.' };
}

function iterationPoints({ iterations, generator }: Result): Point[] {
  const points: Point[] = [];
  if (iterations.exceptions > 0) {
    points.push({ ...DOUBT, text: `The script threw ${plural(iterations.exceptions, 'exception')}; see Errors.` });
  }
  if (isFigure(generator.achieved_rate)) {
    const dropped = iterations.dropped > 0 ? `, ${plural(iterations.dropped, 'iteration')} dropped` : '';
    const text = `${percent(generator.achieved_rate)} of the asked arrival rate was reached${dropped}.`;
    points.push({ ...(generator.achieved_rate >= 0.98 ? GOOD : DOUBT), text });
  } else if (iterations.dropped > 0) {
    points.push({
      ...DOUBT,
      text: `${plural(iterations.dropped, 'iteration')} dropped: the asked load was not reached.`,
    });
  }
  return points;
}

/**
 * The worst of the points decides: one bad is low trust, one doubt is limited. Where nothing speaks against the verdict, it
 * is high when everything was measured, fair when something was not, and not known when no target has an interval.
 */
function trustView(result: Result): Trust {
  const intervals = intervalPoint(result);
  const points = [intervals, generatorPoint(result), streamPoint(result), ...iterationPoints(result)];
  const first = (tone: Tone) => points.find((point) => point.tone === tone);
  const [bad, doubt, open] = [first('bad'), first('warn'), first('neutral')];
  if (bad !== undefined) return { ...mark('bad', 'fail', 'Low'), sentence: bad.text, points };
  if (doubt !== undefined) return { ...mark('warn', 'warn', 'Limited'), sentence: doubt.text, points };
  if (result.kpis.every(({ confidence }) => confidence === 'unknown')) {
    return { ...mark('neutral', 'unknown', 'Not known'), sentence: intervals.text, points };
  }
  if (open !== undefined) return { ...mark('neutral', 'unknown', 'Fair'), sentence: open.text, points };
  return { ...mark('good', 'pass', 'High'), sentence: intervals.text, points };
}

/** Headline figures, at most six, those that the run has. */
export function tilesView(
  result: Result,
  primary: PrimaryLatency | undefined,
  latency: LatencyTotals,
  tracks: TrackBook,
): Tile[] {
  const { metrics } = result;
  const tiles: Tile[] = [];
  const add = (label: string, value: string, note: string, tone: Tone = 'neutral', follows = '', noteFollows = '') =>
    tiles.push({ label, value, note, tone, follows, noteFollows });
  const total = (metric: string, figure: FigureOf['figure'], format: FigureOf['format']): FigureOf => ({
    figure,
    of: { metric },
    format,
  });
  const requests = metrics.http_reqs;
  const failed = metrics.http_req_failed;
  if (primary !== undefined) {
    const { label } = primary;
    const at = (q: number): FigureOf => ({ figure: 'q', q, of: primary, format: ['duration'] });
    add(
      `${label}, p95`,
      duration(latency.p95),
      `p50 ${duration(latency.p50)} · p99 ${duration(latency.p99)}`,
      'neutral',
      tracks.bind(at(0.95)),
      tracks.bind([at(0.5), at(0.99)], { text: ['p50 ', ' · p99 '] }),
    );
  }
  if (requests !== undefined && isFigure(requests.rate)) {
    add(
      'Requests per second',
      compact(requests.rate),
      `${count(requests.count)} requests in all`,
      'neutral',
      tracks.bind(total('http_reqs', 'perSecond', ['compact'])),
      tracks.bind(total('http_reqs', 'sum', ['plural', 'request'])),
    );
  }
  if (failed !== undefined && isFigure(failed.rate)) {
    add(
      'Failed requests',
      percent(failed.rate),
      failed.rate > 0 ? `of ${count(failed.count)}` : 'none',
      failed.rate > 0 ? 'bad' : 'neutral',
      tracks.bind(total('http_req_failed', 'mean', ['percent']), { bad: 'some' }),
      failed.rate > 0 ? tracks.bind(total('http_req_failed', 'count', ['count']), { text: ['of '] }) : '',
    );
  }
  const checks = metrics.checks;
  if (checks !== undefined && isFigure(checks.rate)) {
    add(
      'Checks passed',
      percent(checks.rate),
      `of ${count(checks.count)}`,
      checks.rate < 1 ? 'bad' : 'neutral',
      tracks.bind(total('checks', 'mean', ['percent']), { bad: 'short' }),
      tracks.bind(total('checks', 'count', ['count']), { text: ['of '] }),
    );
  }
  const iterations = metrics.iterations;
  add(
    'Iterations',
    compact(result.iterations.completed),
    isFigure(iterations?.rate) ? perSecond(iterations?.rate) : 'no rate',
    result.iterations.exceptions > 0 ? 'warn' : 'neutral',
    tracks.bind(total('iterations', 'sum', ['compact'])),
    tracks.bind(total('iterations', 'perSecond', ['perSecond'])),
  );
  if (isFigure(result.vus_max)) {
    const { duration_ms: lengthMs } = result;
    const vus = tracks.bind(total('vus', 'max', ['count']));
    const length = tracks.bind(total('vus', 'elapsed', ['duration']), { text: ['for '] });
    add('Virtual users', count(result.vus_max), `for ${duration(lengthMs)}`, 'neutral', vus, length);
  }
  const received = metrics.data_received;
  if (tiles.length < 6 && received !== undefined && received.count > 0) {
    add(
      'Received',
      bytes(received.count),
      isFigure(received.rate) ? `${bytes(received.rate)}/s` : '',
      'neutral',
      tracks.bind(total('data_received', 'sum', ['bytes'])),
      tracks.bind(total('data_received', 'perSecond', ['bytesPerSecond'])),
    );
  }
  return tiles.slice(0, 6);
}

/** Percentiles of the primary latency over the whole run, milliseconds. */
export interface LatencyTotals {
  readonly p50: number | undefined;
  readonly p95: number | undefined;
  readonly p99: number | undefined;
}
