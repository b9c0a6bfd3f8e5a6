// Tables of checks, errors, phases, status codes and groups, and the sections that they and other tables make up.

import type { PrimaryLatency } from '../../analysis/requests/primary.ts';
import { EVERY_PROTOCOL, type Protocol, protocolOfError } from '../../model/protocols.ts';
import type { Result, ResultError } from '../../model/result.ts';
import { NO_STATUS } from '../../model/result-rows.ts';
import { oneLine } from '../../text/display-text.ts';
import { count, duration, elapsed, isFigure, perSecond } from '../../text/format.ts';
import type { ChartInput } from '../charts/chart.ts';
import { lane } from '../charts/sparkline.ts';
import type { FigureOf } from '../tracks/book.ts';
import {
  following,
  momentCell,
  numberCell,
  numberColumn,
  shareCell,
  svgCell,
  table,
  textCell,
  textColumn,
} from './cells.ts';
import type { ErrorAnchors } from './error-details.ts';
import { errorFigures } from './error-range.ts';
import { metricTable } from './metric-table.ts';
import type { Cell, Section, Table } from './model.ts';
import { protocolSections } from './protocols.ts';
import { scenarioTable } from './scenarios.ts';
import { sourcesSection } from './sources.ts';
import { verificationSection } from './verification.ts';

/** Time since the start of the load; '–' if it never happened. */
function since(iso: string | null, input: ChartInput): string {
  return iso === null ? '–' : elapsed(Date.parse(iso) - input.loadStartMs);
}

function sinceCell(iso: string | null, input: ChartInput): Cell {
  return iso === null ? textCell('–') : momentCell(since(iso, input), Date.parse(iso));
}

/** `::shop::pay`, as k6 writes groups, becomes `shop › pay`; other text stays unchanged. */
function groupPath(group: string): string {
  return group.startsWith('::') ? group.slice(2).replaceAll('::', ' › ') : group;
}

/** The table of k6's checks. */
export function checkTable(result: Result, input: ChartInput): Table {
  return table(
    'checks',
    'Checks',
    [
      textColumn('Check'),
      textColumn('Group'),
      textColumn('Scenario'),
      ...['Passed', 'Failed', 'Pass rate'].map(numberColumn),
      textColumn('First failed'),
    ],
    result.checks.map((check) => {
      const tone = check.fails > 0 ? 'bad' : 'good';
      const { name, group, scenario } = check;
      const bound = (figure: FigureOf['figure'], format: 'count' | 'percent', more = {}) => {
        const of = { metric: 'checks', filter: { check: name, group, scenario } };
        return input.tracks.bind({ figure, of, format: [format] }, more);
      };
      return [
        textCell(check.name, { tone, icon: check.fails > 0 ? 'fail' : 'pass' }),
        textCell(groupPath(check.group) || '–'),
        textCell(check.scenario || '–'),
        following(numberCell(check.passes, count), bound('sum', 'count')),
        following(
          numberCell(check.fails, count, check.fails > 0 ? 'bad' : 'neutral'),
          bound('zeros', 'count', { bad: 'some' }),
        ),
        following(shareCell(check.rate), bound('mean', 'percent')),
        sinceCell(check.first_failure_at, input),
      ];
    }),
    'The script has no checks.',
    result.left_out?.checks,
  );
}

const ERROR_KINDS: Readonly<Record<ResultError['kind'], string>> = {
  http: 'error response',
  transport: 'no response',
  grpc: 'failed call',
  ws: 'no connection',
  browser: 'failed in the browser',
  check: 'check failed',
  exception: 'exception',
  log: 'logged error',
};

function errorLane(error: ResultError, input: ChartInput): Cell {
  if (error.first_seen_at === null || error.last_seen_at === null) return textCell('–');
  const at = (iso: string) => (Date.parse(iso) - input.loadStartMs) / input.axisMs;
  const [first, last] = [since(error.first_seen_at, input), since(error.last_seen_at, input)];
  const picture = lane(at(error.first_seen_at), at(error.last_seen_at));
  return svgCell(picture, '', Date.parse(error.first_seen_at), first === last ? first : `${first} to ${last}`);
}

/** The table of errors; those with samples are links to them. */
export function errorTable(result: Result, input: ChartInput, anchors: ErrorAnchors): Table {
  return table(
    'errors',
    'Errors',
    [
      textColumn('What'),
      textColumn('Where'),
      textColumn('Status'),
      textColumn('Message'),
      ...['Count', 'Share'].map(numberColumn),
      textColumn('First to last seen'),
    ],
    result.errors.map((error) => {
      const bound = errorFigures(error, result, input.tracks);
      const protocol = protocolOfError(error);
      const code = error.code === '' || error.code === error.status ? '' : `code ${error.code}`;
      const status = error.status === '' ? '' : (protocol?.statusName?.(error.status) ?? error.status);
      const place = groupPath(error.endpoint);
      // The same name as in the table of endpoints.
      const where = place === '' ? error.url : (protocol?.titleOf({ name: place, method: error.method }) ?? place);
      return [
        textCell(ERROR_KINDS[error.kind], { tone: 'bad' }),
        textCell([where, error.where ?? ''].filter((part) => part !== '').join(' · ') || '–', {
          note: error.url !== '' && error.url !== error.endpoint ? oneLine(error.url, 120) : '',
        }),
        textCell([status, code].filter((part) => part !== '').join(', ') || '–', {
          note: status === '' ? '' : (protocol?.statusNote(error.status) ?? ''),
        }),
        textCell(oneLine(error.message, 300) || '–', { anchor: anchors.get(error) ?? null }),
        following(numberCell(error.count, count), bound.count),
        following(shareCell(error.share), bound.share),
        errorLane(error, input),
      ];
    }),
    'No errors.',
  );
}

const section = (title: string, note: string, made: Table): Section => ({ id: made.id, title, note, table: made });

const isFilled = ({ table: { isEmpty } }: Section) => !isEmpty;

function scenarioSection(result: Result, input: ChartInput, primary: PrimaryLatency | undefined): Section {
  const made = scenarioTable(result, input, primary);
  return result.journeys === undefined
    ? section('Scenarios', 'The k6 scenarios of this run.', made)
    : section('Journeys', 'Each journey is one kind of user and runs as a k6 scenario.', made);
}

/** Tables that divide the run. One with a single row is left out, because it would repeat the tiles. */
export function furtherSections(result: Result, input: ChartInput, primary: PrimaryLatency | undefined): Section[] {
  const leastRows = 2;
  return [
    scenarioSection(result, input, primary),
    section('Phases', 'The run by the phases of its load profile.', phaseTable(result, input, primary)),
    section('Status codes', 'All endpoints together.', statusTable(result, input)),
  ]
    .filter(({ table: { rows } }) => rows.length >= leastRows)
    .concat(protocolSections(input));
}

/** Long tables and tables for reference, of those that the run has data for. */
export function foldedSections(result: Result, input: ChartInput): Section[] {
  return [
    section('Groups', 'Duration of each group, including everything in it.', groupTable(input)),
    section('All metrics', 'Custom metrics first, then the built-in metrics of k6.', metricTable(result, input)),
    verificationSection(result),
    sourcesSection(result),
  ].filter(isFilled);
}

function phaseTable(result: Result, input: ChartInput, primary: PrimaryLatency | undefined): Table {
  const rows = result.phases.map(({ name, kind, start_ms, end_ms }) => {
    const range = { fromMs: input.loadStartMs + start_ms, toMs: input.loadStartMs + end_ms };
    const latency = primary && input.metrics.total(primary.metric, primary.filter, range);
    const requests = input.metrics.total('http_reqs', {}, range)?.sum ?? latency?.count;
    const seconds = Math.min(end_ms, input.axisMs) - start_ms;
    const failed = input.metrics.total('http_req_failed', {}, range)?.mean;
    const within = { fromMs: start_ms, toMs: Math.min(end_ms, input.axisMs) };
    const bound = (figure: FigureOf | undefined) =>
      figure === undefined
        ? ''
        : input.tracks.bind(figure, { within, ...(figure.figure === 'mean' ? { bad: 'some' } : {}) });
    const of = (metric: string, figure: FigureOf['figure'], format: 'count' | 'perSecond' | 'percent') =>
      bound({ figure, of: { metric }, format: [format] });
    const at = (q: number) =>
      following(
        numberCell(latency?.quantile(q), duration),
        bound(primary && { figure: 'q', q, of: primary, format: ['duration'] }),
      );
    return [
      textCell(name, { note: name === kind ? '' : kind }),
      momentCell(`${elapsed(start_ms)} to ${elapsed(end_ms)}`, input.loadStartMs + start_ms),
      following(numberCell(input.metrics.total('vus', {}, range)?.max, count), of('vus', 'max', 'count')),
      following(numberCell(requests, count), of('http_reqs', 'sum', 'count')),
      following(
        numberCell(requests !== undefined && seconds > 0 ? (requests * 1000) / seconds : undefined, perSecond),
        of('http_reqs', 'perSecond', 'perSecond'),
      ),
      following(
        shareCell(failed, isFigure(failed) && failed > 0 ? 'bad' : 'neutral'),
        of('http_req_failed', 'mean', 'percent'),
      ),
      at(0.5),
      at(0.95),
      at(0.99),
    ];
  });
  const numbers = ['VUs', 'Requests', 'Rate', 'Errors', 'p50', 'p95', 'p99'];
  return table('phases', 'Phases', [textColumn('Phase'), textColumn('When'), ...numbers.map(numberColumn)], rows, '');
}

/** The number of requests of a protocol with each status; gRPC statuses have names. */
function statusRows(protocol: Protocol, { endpoints, left_out }: Result, { tracks }: ChartInput): Cell[][] {
  const { id, latency: metric, statusName, statusNote } = protocol;
  if (statusName === undefined) return [];
  const amounts = new Map<string, number>();
  const rows = [...endpoints, ...(left_out?.endpoints ?? [])];
  for (const endpoint of rows.filter((each) => each.protocol === id)) {
    for (const [status, amount] of Object.entries(endpoint.statuses)) {
      amounts.set(status, (amounts.get(status) ?? 0) + amount);
    }
  }
  const all = [...amounts.values()].reduce((sum, amount) => sum + amount, 0);
  return [...amounts]
    .sort(([a], [b]) => a.localeCompare(b, 'en', { numeric: true }))
    .map(([status, amount]) => {
      const of = { metric, filter: { status: status === NO_STATUS ? '' : status } };
      return [
        textCell(statusName(status), { note: statusNote(status) }),
        following(numberCell(amount, count), tracks.bind({ figure: 'count', of, format: ['count'] })),
        following(shareCell(amount / all), tracks.bind({ figure: 'share', of, per: { metric }, format: ['percent'] })),
      ];
    });
}

function statusTable(result: Result, input: ChartInput): Table {
  return table(
    'statuses',
    'Status codes',
    [textColumn('Status'), numberColumn('Requests'), numberColumn('Share')],
    EVERY_PROTOCOL.flatMap((protocol) => statusRows(protocol, result, input)),
    '',
  );
}

/** The deepest indentation in the style sheets (`depth-6`). */
const DEEPEST = 6;

function indented(cell: Cell, depth: number): Cell {
  return depth === 0 ? cell : { ...cell, classes: `${cell.classes} depth-${Math.min(depth, DEEPEST)}`.trim() };
}

function groupTable({ metrics, tracks }: ChartInput): Table {
  const rows = metrics
    .groupBy('group_duration', ['group'])
    .map(({ tags, aggregate }) => ({
      path: (tags.group ?? '').replace(/^::/, '').split('::'),
      aggregate,
      of: { metric: 'group_duration', filter: { group: tags.group ?? '' } },
    }))
    .sort((a, b) => a.path.join('\u0000').localeCompare(b.path.join('\u0000')))
    .map(({ path, aggregate, of }) => {
      const time = (value: number | undefined, figure: 'mean' | 'max') =>
        following(numberCell(value, duration), tracks.bind({ figure, of, format: ['duration'] }));
      return [
        indented(textCell(`${'› '.repeat(path.length - 1)}${path.at(-1) || '(root)'}`), path.length - 1),
        following(numberCell(aggregate.count, count), tracks.bind({ figure: 'count', of, format: ['count'] })),
        time(aggregate.mean, 'mean'),
        ...[0.5, 0.95, 0.99].map((q) =>
          following(
            numberCell(aggregate.quantile(q), duration),
            tracks.bind({ figure: 'q', q, of, format: ['duration'] }),
          ),
        ),
        time(aggregate.max, 'max'),
      ];
    });
  const numbers = ['Count', 'avg', 'p50', 'p95', 'p99', 'max'];
  return table('groups', 'Groups', [textColumn('Group'), ...numbers.map(numberColumn)], rows, '');
}
