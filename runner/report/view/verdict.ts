// Status, trust and headline figures of a result: the first things on a report.

import { STRAINED, saturatedTitle } from '../../analysis/generator/saturation-words.ts';
import type { PrimaryLatency } from '../../analysis/requests/primary.ts';
import { callsByStatus } from '../../analysis/result/run-figures.ts';
import { tally } from '../../analysis/verdict/status-words.ts';
import { traitsOf } from '../../model/profile-traits.ts';
import { FAILED_BY_STATUS, type Protocol } from '../../model/protocols.ts';
import type { Result, RunStatus } from '../../model/result.ts';
import { EXIT } from '../../system/exit-codes.ts';
import { LOAD_LIMITS } from '../../targets/builtin-kpis.ts';
import { statisticName } from '../../targets/kpi-name.ts';
import { oneLine, sentence } from '../../text/display-text.ts';
import {
  bytes,
  compact,
  count,
  duration,
  isFigure,
  percent,
  perSecond,
  plural,
  significant,
} from '../../text/format.ts';
import type { FigureOf, TrackBook } from '../tracks/book.ts';
import { capacityTitle } from './capacity.ts';
import { mark } from './cells.ts';
import { betweenText, targetText } from './kpi-text.ts';
import type { Mark, Tile, Tone, Trust, Verdict } from './model.ts';

const STATUS: Readonly<Record<RunStatus, Mark>> = {
  pass: mark('good', 'pass', 'Passed'),
  unjudged: mark('neutral', 'unknown', 'Finished, nothing judged'),
  fail: mark('bad', 'fail', 'Failed'),
  inconclusive: mark('warn', 'unknown', 'Inconclusive'),
  aborted: mark('warn', 'stop', 'Aborted'),
  error: mark('bad', 'stop', 'Error'),
};

/** The mark of a status, in reports and in lists of runs. */
export function statusMark(status: RunStatus): Mark {
  return STATUS[status];
}

/** The verdict on a run: status, reason, and what limits it. */
export function verdictView(result: Result): Verdict {
  return {
    ...STATUS[result.status],
    reason: reasonSentence(result, reasonOf(result), 600),
    isPartial: result.partial,
    trust: trustView(result),
  };
}

/** The reason of a status, at most `most` characters. For a capacity search the result of the search comes first. */
export function reasonSentence({ capacity }: Pick<Result, 'capacity'>, reason: string, most: number): string {
  const given = sentence(oneLine(reason, most));
  return capacity === undefined ? given : `${sentence(oneLine(capacityTitle(capacity), most))} ${given}`;
}

/** Whether a run failed because it was slower than its baseline. Results before `status_cause` have only the exit code. */
export function failedByRegression({
  status_cause: cause,
  exit_code,
}: Pick<Result, 'status_cause' | 'exit_code'>): boolean {
  return cause === 'regression' || (cause === undefined && exit_code === EXIT.regression);
}

/** A reason that names missed targets becomes their number, because the report lists them next to it. */
function reasonOf({ status_cause: cause, status_reason: reason, kpis }: Result): string {
  if (cause !== 'targets_missed') return reason;
  return tally(kpis.map((kpi) => ({ ...kpi, noDataPasses: kpi.no_data_passes === true })));
}

const QUIET: Trust = { ...mark('neutral', 'pass', ''), sentence: '' };

function doubt(sentence: string): Trust {
  return { ...mark('warn', 'warn', 'Caution'), sentence };
}

/** A saturated load generator is the strongest limit, because it inflates latencies. */
function generatorTrust({ generator }: Result): Trust | undefined {
  const reasons = generator.reasons
    .slice(0, 2)
    .map((reason) => oneLine(reason, 240).replace(/[.]$/, ''))
    .join('; ');
  const why = reasons === '' ? '.' : `: ${reasons}.`;
  if (generator.state === 'saturated') {
    return {
      ...mark('bad', 'fail', 'Unreliable'),
      sentence: `${saturatedTitle('generator')}${why}`,
    };
  }
  if (generator.machine?.state === 'saturated') {
    const { cpu_sustained: cpu, cores, other_cores_avg: others } = generator.machine;
    const used =
      isFigure(cpu) && isFigure(cores)
        ? `: ${percent(Math.round(cpu * 100) / 100)} of its ${count(cores)} cores in use`
        : '';
    const by = isFigure(others) ? `, ${significant(others, 2)} of them by other programs` : '';
    return doubt(`${saturatedTitle('machine')}${used}${by}.`);
  }
  return generator.state === 'warn' ? doubt(`${STRAINED}${why}`) : undefined;
}

function streamTrust({ stream, partial }: Result): Trust | undefined {
  const faults = [
    ...(stream.complete ? [] : ['the stream ended early']),
    ...(stream.lost_lines > 0 ? [`${plural(stream.lost_lines, 'line')} lost`] : []),
    ...(stream.bad_lines > 0 ? [`${plural(stream.bad_lines, 'line')} not readable`] : []),
    ...(stream.bad_values > 0 ? [`${plural(stream.bad_values, 'value')} not a number`] : []),
  ];
  if (faults.length > 0) return doubt(`Some of k6's data is missing: ${faults.join(', ')}.`);
  return partial ? doubt('The run ended early; the figures cover what ran.') : undefined;
}

function loadTrust({ iterations, generator }: Result): Trust | undefined {
  const dropped = iterations.dropped > 0 ? `; ${plural(iterations.dropped, 'iteration')} dropped` : '';
  if (isFigure(generator.achieved_rate) && generator.achieved_rate < LOAD_LIMITS.achievedShare) {
    return doubt(`Only ${percent(generator.achieved_rate)} of the requested rate was reached${dropped}.`);
  }
  if (iterations.dropped > 0 && !isFigure(generator.achieved_rate)) {
    return doubt(`The requested load was not reached${dropped}.`);
  }
  if (iterations.exceptions === 0) return undefined;
  return doubt(`The script threw ${plural(iterations.exceptions, 'exception')}.`);
}

/** Targets that are too close to call: `p95 of http_req_duration is between 480 ms and 530 ms; the target of < 500 ms is too close to call`. */
function closeTrust(result: Result): Trust | undefined {
  if (!traitsOf(result.profile).isStatistical) return undefined;
  const open = result.kpis.filter(({ confidence }) => confidence === 'open');
  const [first] = open;
  if (first === undefined) return undefined;
  const one = `${statisticName(first)} is ${betweenText(first, result)}; the target of ${targetText(first, result)} is too close to call.`;
  return doubt(
    open.length === 1 ? one : `${open.length} of ${plural(result.kpis.length, 'target')} are too close to call. ${one}`,
  );
}

/** The strongest limit of the verdict, or none. */
function trustView(result: Result): Trust {
  return (
    [generatorTrust, streamTrust, loadTrust, closeTrust]
      .map((trust) => trust(result))
      .find((found) => found !== undefined) ?? QUIET
  );
}

/** Up to six headline figures that the run has data for. `latency` is that of `primary`. */
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
      plural(requests.count, 'request'),
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
  for (const protocol of FAILED_BY_STATUS) addCalls(add, protocol, callsByStatus(result, [protocol]), tracks);
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
    isFigure(iterations?.rate) ? perSecond(iterations?.rate) : '',
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

type Add = (label: string, value: string, note: string, tone?: Tone, follows?: string, noteFollows?: string) => void;

function addCalls(
  add: Add,
  { latency: metric, expected: filter, noun, plural: name }: Protocol,
  calls: ReturnType<typeof callsByStatus>,
  tracks: TrackBook,
): void {
  if (calls.count === 0) return;
  add(
    `${name} per second`,
    compact(calls.rate),
    plural(calls.count, noun),
    'neutral',
    tracks.bind({ figure: 'countPerSecond', of: { metric }, format: ['compact'] }),
    tracks.bind({ figure: 'count', of: { metric }, format: ['plural', noun] }),
  );
  add(
    `Failed ${noun}s`,
    percent(calls.failed / calls.count),
    calls.failed > 0 ? `of ${count(calls.count)}` : 'none',
    calls.failed > 0 ? 'bad' : 'neutral',
    tracks.bind(
      { figure: 'missingShare', of: { metric, filter }, per: { metric }, format: ['percent'] },
      { bad: 'some' },
    ),
    calls.failed > 0 ? tracks.bind({ figure: 'count', of: { metric }, format: ['count'] }, { text: ['of '] }) : '',
  );
}

/** Percentiles of the primary latency over the whole run, milliseconds. */
export interface LatencyTotals {
  readonly p50: number | undefined;
  readonly p95: number | undefined;
  readonly p99: number | undefined;
}
