// One iteration as lines for a terminal: every request as a bar over time, with request, response and checks.

import { nameWithMethod } from '../model/protocols.ts';
import { nearPath } from '../system/near-path.ts';
import type { Terminal } from '../system/terminal.ts';
import { oneLine, visible } from '../text/display-text.ts';
import { bytes, count, duration, plural } from '../text/format.ts';
import { redactField, redactPayload, redactText, withoutValues } from '../text/secrets.ts';
import { cell, clipped, shortName } from '../text/text-columns.ts';
import { type HttpMessage, header } from './http-debug.ts';
import { groupName, type Iteration, type Lane, type RequestStep, type Step } from './iteration.ts';
import { wrapped } from './wrapped.ts';

/** How to print an iteration. */
export interface WaterfallOptions {
  readonly columns: number;
  readonly style: Terminal['style'];
  /** Whether to print headers and complete bodies. */
  readonly full: boolean;
  /** Removed from the names of requests; '' if only the script has it. */
  readonly baseUrl: string;
  /** Values of secrets, which no line may show. */
  readonly secrets: readonly string[];
}

const STATUS_WIDTH = 4;
const DURATION_WIDTH = 8;
const LEAST_BAR = 10;

/** The lines, none wider than `columns`. */
export function waterfall(iteration: Iteration, options: WaterfallOptions): string[] {
  const { columns, style } = options;
  const lanes = iteration.lanes.filter(({ steps, iterationMs }) => steps.length > 0 || iterationMs !== undefined);
  const isOnly = lanes.length < 2;
  const lines = lanes.flatMap((lane) => [
    ...(isOnly ? [] : ['', style('bold', clipped(oneLine(lane.name), columns))]),
    ...laneLines(lane, options),
  ]);
  if (iteration.left > 0) lines.push(clipped(`  … and ${count(iteration.left)} more steps`, columns));
  const wrong = [
    ...iteration.exceptions.map(({ message, where, stage }) => {
      const text = `${message}${where === null ? '' : `\n  at ${nearPath(where)}`}${stage === 'iteration' ? '' : ` (${stage})`}`;
      return `exception: ${text}`;
    }),
    ...iteration.notes,
  ];
  for (const text of wrong) {
    for (const line of safe(text, options).split('\n'))
      lines.push(...wrapped(line, columns).map((each) => style('red', each)));
  }
  return lines;
}

function laneLines(lane: Lane, options: WaterfallOptions): string[] {
  const { columns, style } = options;
  const requests = lane.steps.filter((step) => step.kind === 'request');
  const scale = scaleOf(lane, requests);
  const nameWidth = Math.min(34, Math.max(12, columns - 2 - STATUS_WIDTH - DURATION_WIDTH - 4 - LEAST_BAR - 12));
  const barWidth = columns - 2 - nameWidth - 1 - STATUS_WIDTH - DURATION_WIDTH - 2;
  const lines: string[] = [];
  let group = '';
  for (const step of lane.steps) {
    if ((step.kind === 'request' || step.kind === 'check') && step.group !== group) {
      group = step.group;
      const name = groupName(group).replace(/^(setup|teardown)( › )?/, '');
      if (name !== '') lines.push(style('bold', clipped(`  ${oneLine(name)}`, columns)));
    }
    lines.push(...stepLines(step, scale, nameWidth, barWidth, options));
  }
  lines.push(...wrapped(sums(lane, requests), columns).map((line) => style('dim', line)));
  return lines;
}

interface Scale {
  readonly fromMs: number;
  readonly spanMs: number;
}

function scaleOf(lane: Lane, requests: readonly RequestStep[]): Scale {
  const starts = requests.map(({ endedAtMs, durationMs, connectMs }) => endedAtMs - durationMs - connectMs);
  const fromMs = Math.min(...starts, ...(starts.length === 0 ? [0] : []));
  const toMs = Math.max(...requests.map(({ endedAtMs }) => endedAtMs), fromMs + 1);
  return { fromMs, spanMs: Math.max(toMs - fromMs, Math.min(lane.iterationMs ?? 0, (toMs - fromMs) * 1.5)) };
}

function stepLines(step: Step, scale: Scale, nameWidth: number, barWidth: number, options: WaterfallOptions): string[] {
  const { columns, style } = options;
  switch (step.kind) {
    case 'request': {
      const failed = step.isFailed;
      const status = step.status === '0' || step.status === '' ? (failed ? '–' : '') : step.status;
      const named = nameWithMethod(step);
      const head = `  ${cell(shortName(redactText(withoutBase(named, options.baseUrl)), nameWidth), nameWidth)} `;
      const figures = `${cell(oneLine(status), STATUS_WIDTH, 'right')}${cell(duration(step.durationMs), DURATION_WIDTH + 1, 'right')}`;
      const row = `${style(failed ? 'red' : 'bold', head)}${failed ? style('red', figures) : figures} ${style('cyan', bar(step, scale, barWidth - 1))}`;
      return [row.trimEnd(), ...exchangeLines(step, options)];
    }
    case 'check':
      return [
        style(
          step.passed ? 'green' : 'red',
          clipped(`    ${step.passed ? '✓' : '✗'} ${safe(oneLine(step.name), options)}`, columns),
        ),
      ];
    case 'metric':
      return [clipped(`    + ${oneLine(step.name)} ${figureOf(step.value, step.unit)}`, columns)];
    case 'group':
      return [style('dim', clipped(`    ${oneLine(step.name)} took ${duration(step.durationMs)}`, columns))];
    case 'log':
      return wrapped(
        `    ${step.level === 'info' ? '' : `${step.level}: `}${safe(oneLine(step.text, 2000), options)}`,
        columns,
      );
  }
}

/** `GET http://127.0.0.1:8080/cart` → `GET /cart`. */
function withoutBase(name: string, baseUrl: string): string {
  return baseUrl === '' ? name : name.replace(`${baseUrl}/`, '/');
}

function figureOf(value: number, unit: '' | 'ms' | 'bytes'): string {
  if (unit === 'ms') return duration(value);
  return unit === 'bytes' ? bytes(value) : count(value);
}

/** The request on the time axis: ░ connecting, █ waiting for the first byte, ▒ receiving. */
function bar(
  { endedAtMs, durationMs, connectMs, receiveMs }: RequestStep,
  { fromMs, spanMs }: Scale,
  width: number,
): string {
  const at = (ms: number) => Math.round(((ms - fromMs) / spanMs) * width);
  const startedAtMs = endedAtMs - durationMs;
  const from = Math.min(Math.max(0, at(startedAtMs - connectMs)), width - 1);
  const connected = Math.min(Math.max(from, at(startedAtMs)), width);
  const first = Math.min(Math.max(connected, at(endedAtMs - receiveMs)), width);
  const to = Math.min(Math.max(from + 1, first, at(endedAtMs)), width);
  const waits = first > connected ? first - connected : connected === from && to === first ? 1 : 0;
  const text = `${' '.repeat(from)}${'░'.repeat(connected - from)}${'█'.repeat(waits)}`;
  return `${text}${'▒'.repeat(Math.max(0, to - from - (connected - from) - waits))}` || '█';
}

function exchangeLines(step: RequestStep, options: WaterfallOptions): string[] {
  const { exchange } = step;
  const { columns, style, full } = options;
  if (exchange === undefined)
    return step.error === '' ? [] : [style('red', clipped(`    ${safe(oneLine(step.error), options)}`, columns))];
  const { request, response } = exchange;
  const [method = '', path = ''] = request.startLine.split(' ');
  const sent = `${method} ${header(request, 'host') ?? ''}${path}`;
  const lines = [...messageLines('→', sent, request, options)];
  if (response === undefined) {
    lines.push(
      style('red', clipped(`    ← ${safe(oneLine(step.error === '' ? 'no response' : step.error), options)}`, columns)),
    );
    return lines;
  }
  const status = response.startLine.replace(/^HTTP\/\S+ /, '');
  const got = [status, header(response, 'content-type')?.split(';')[0], bytes(Buffer.byteLength(response.body))];
  lines.push(...messageLines('←', got.filter((part) => part !== undefined).join(' · '), response, options));
  return full ? lines : lines.map((line) => style('dim', line));
}

/** Maximum lines of a body without --full. */
const BODY_LINES = 2;
const FULL_BODY_LINES = 200;

function messageLines(arrow: string, head: string, message: HttpMessage, options: WaterfallOptions): string[] {
  const { columns, full } = options;
  const lines = [clipped(`    ${arrow} ${safe(oneLine(head, 400), options)}`, columns)];
  if (full) {
    for (const [name, value] of message.headers) {
      lines.push(
        clipped(
          `      ${oneLine(name)}: ${withoutValues(oneLine(redactField(name, value)), options.secrets)}`,
          columns,
        ),
      );
    }
  }
  const body = bodyOf(message, options);
  if (body === '') return lines;
  const rows = full
    ? body.split('\n').flatMap((line) => wrapped(`      ${line}`, columns))
    : wrapped(`      ${oneLine(body, 4000)}`, columns);
  const most = full ? FULL_BODY_LINES : BODY_LINES;
  if (rows.length <= most) return [...lines, ...rows];
  const shown = rows.slice(0, most);
  const last = shown.pop() ?? '';
  return [...lines, ...shown, `${clipped(last, columns - 2)} …`];
}

function bodyOf(message: HttpMessage, { secrets, full }: WaterfallOptions): string {
  const encoding = header(message, 'content-encoding');
  if (encoding !== undefined && encoding !== 'identity') return `(${oneLine(encoding)})`;
  // A file or a picture is not printed.
  if (message.body.includes('\ufffd') || message.body.includes('\0'))
    return `(binary, ${bytes(Buffer.byteLength(message.body))})`;
  const text = withoutValues(redactPayload(message.body), secrets);
  const pretty = full ? indented(text) : text;
  return `${visible(pretty).trim()}${message.isCut ? ' … (cut)' : ''}`;
}

function indented(text: string): string {
  if (!/^\s*[{[]/.test(text)) return text;
  try {
    return JSON.stringify(JSON.parse(text), null, 2);
  } catch {
    return text;
  }
}

function sums({ iterationMs, steps }: Lane, requests: readonly RequestStep[]): string {
  const checks = steps.filter((step) => step.kind === 'check');
  const failed = checks.filter(({ passed }) => !passed).length;
  const parts = [
    plural(requests.length, 'request'),
    ...(requests.some(({ isFailed }) => isFailed)
      ? [`${requests.filter(({ isFailed }) => isFailed).length} failed`]
      : []),
    ...(checks.length === 0
      ? []
      : [
          failed === 0
            ? `${plural(checks.length, 'check')} passed`
            : `${failed} of ${plural(checks.length, 'check')} failed`,
        ]),
    ...(iterationMs === undefined ? [] : [`iteration ${duration(iterationMs)}`]),
  ];
  return `  ${parts.join(' · ')}`;
}

function safe(text: string, { secrets }: WaterfallOptions): string {
  return visible(withoutValues(redactText(text), secrets));
}
