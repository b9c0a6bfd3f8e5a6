// k6's stderr (JSON lines, with whatever else gets in between) becomes log entries, and entries become the lines of k6.log.

import { StringDecoder } from 'node:string_decoder';
import { z } from 'zod';
import { visible } from '../system/printable.ts';

export type LogLevel = 'trace' | 'debug' | 'info' | 'warning' | 'error' | 'fatal' | 'panic';

/** One entry of k6's log. Absent fields were not in it. */
export interface LogEntry {
  /** When k6 wrote it, epoch milliseconds; k6 gives whole seconds. For lines that are no JSON: when it was read. */
  readonly timeMs: number;
  readonly level: LogLevel;
  readonly message: string;
  /** `console` = the script's console.log, `stacktrace` = an exception, `raw` = a line of stderr that is no entry of k6's. */
  readonly source?: string;
  /** `script exception` marks one; other hints are advice. */
  readonly hint?: string;
  /** The k6 scenario whose iteration it came from. */
  readonly scenario?: string;
  /** Every other field, as text: `error`, `executor`, `url`, … */
  readonly fields: Readonly<Record<string, string>>;
}

const LEVELS: readonly LogLevel[] = ['trace', 'debug', 'info', 'warning', 'error', 'fatal', 'panic'];

const lineSchema = z.looseObject({
  level: z.string(),
  msg: z.string(),
  time: z.string().optional(),
  source: z.string().optional(),
  hint: z.string().optional(),
  scenario: z.string().optional(),
});
const NAMED_FIELDS = new Set(Object.keys(lineSchema.shape));

/** A line longer than this is cut: a console.log of a response body must not fill the memory. */
const MAX_LINE_CHARACTERS = 64 * 1024;

/** Go's runtime writes these first when it dies; all that follows belongs to its trace. */
const GO_CRASH = /^(panic: |fatal error: |runtime: |SIGSEGV|SIGABRT|unexpected fault address)/;

/** Reads k6's stderr as it comes, in chunks of any size; `onEntry` gets every line, in order. Call end() when it closed. */
export class LogReader {
  readonly #onEntry: (entry: LogEntry) => void;
  readonly #decoder = new StringDecoder('utf8');
  #rest = '';
  #isSkipping = false;
  #hasCrashed = false;

  constructor(onEntry: (entry: LogEntry) => void) {
    this.#onEntry = onEntry;
  }

  push(chunk: Buffer): void {
    this.#take(this.#decoder.write(chunk));
  }

  end(): void {
    this.#take(this.#decoder.end());
    if (this.#rest !== '') this.#line(this.#rest);
    this.#rest = '';
  }

  #take(text: string): void {
    let from = 0;
    for (let at = text.indexOf('\n'); at !== -1; at = text.indexOf('\n', from)) {
      const line = this.#rest + text.slice(from, at);
      this.#rest = '';
      from = at + 1;
      if (!this.#isSkipping) this.#line(line);
      this.#isSkipping = false;
    }
    if (this.#isSkipping) return;
    this.#rest += text.slice(from);
    if (this.#rest.length > MAX_LINE_CHARACTERS) {
      this.#line(this.#rest);
      this.#rest = '';
      this.#isSkipping = true;
    }
  }

  #line(text: string): void {
    const line = text.endsWith('\r') ? text.slice(0, -1) : text;
    if (line === '') return;
    const entry = parseLogLine(line, Date.now());
    if (entry.source === 'raw' && GO_CRASH.test(line)) this.#hasCrashed = true;
    this.#onEntry(entry.source === 'raw' && this.#hasCrashed ? { ...entry, level: 'panic' } : entry);
  }
}

/** One line of k6's stderr. A line that is no log entry of k6's becomes a warning with source `raw`. `nowMs`: its time then. */
export function parseLogLine(line: string, nowMs: number): LogEntry {
  const raw = (): LogEntry => ({
    timeMs: nowMs,
    level: 'warning',
    message: cut(line),
    source: 'raw',
    fields: {},
  });
  if (!line.startsWith('{')) return raw();
  let json: unknown;
  try {
    json = JSON.parse(line);
  } catch {
    return raw();
  }
  const parsed = lineSchema.safeParse(json);
  if (!parsed.success) return raw();
  const { level, msg, time, source, hint, scenario, ...others } = parsed.data;
  const timeMs = time === undefined ? Number.NaN : Date.parse(time);
  return {
    timeMs: Number.isNaN(timeMs) ? nowMs : timeMs,
    level: LEVELS.find((known) => known === level) ?? 'info',
    message: cut(msg),
    ...(source === undefined ? {} : { source }),
    ...(hint === undefined ? {} : { hint }),
    ...(scenario === undefined ? {} : { scenario }),
    fields: Object.fromEntries(
      Object.entries(others)
        .filter(([name]) => !NAMED_FIELDS.has(name))
        .map(([name, value]) => [name, cut(typeof value === 'string' ? value : JSON.stringify(value))]),
    ),
  };
}

function cut(text: string): string {
  return text.length <= MAX_LINE_CHARACTERS ? text : `${text.slice(0, MAX_LINE_CHARACTERS)}… (cut)`;
}

const SHORT_LEVELS: Readonly<Record<LogLevel, string>> = {
  trace: 'TRAC',
  debug: 'DEBU',
  info: 'INFO',
  warning: 'WARN',
  error: 'ERRO',
  fatal: 'FATA',
  panic: 'PANI',
};

/**
 * An entry as the line (or lines, for a stack) that k6.log and the terminal show: `12:00:01 ERRO Error: boom …`, local time.
 * No newline at the end. Control characters other than newline and tab are written out: a script may log what it received.
 */
export function renderLogEntry(entry: LogEntry): string {
  const time = new Date(entry.timeMs);
  const clock = [time.getHours(), time.getMinutes(), time.getSeconds()]
    .map((part) => String(part).padStart(2, '0'))
    .join(':');
  const message = entry.message.replace(/\s+$/, '').replaceAll('\n', '\n    ').replaceAll('    \t', '    ');
  const fields = Object.entries({
    ...(entry.scenario === undefined ? {} : { scenario: entry.scenario }),
    ...entry.fields,
    ...(entry.hint === undefined || entry.hint === 'script exception' ? {} : { hint: entry.hint }),
  })
    .map(([name, value]) => ` ${name}=${/^[\w./:-]+$/.test(value) ? value : JSON.stringify(value)}`)
    .join('');
  const console = entry.source === 'console' ? ' console:' : '';
  return visible(`${clock} ${SHORT_LEVELS[entry.level]}${console} ${message}${fields}`);
}

/** Lines of one kind that LogText lets through in full before it only counts them. */
const REPEATS_SHOWN = 20;
/** Kinds that are distinguished; what comes beyond counts as one. */
const KINDS_KNOWN = 2000;

/**
 * Entries become the text of k6.log, bounded: in a soak whose every iteration throws, the same line would fill the disk. Two
 * entries are of one kind when they differ in numbers only. Of each kind the first 20 are written, the rest counted.
 */
export class LogText {
  readonly #counts = new Map<string, number>();
  #suppressed = 0;

  /** The text to append to k6.log for this entry, newline included; '' when its kind was shown often enough. */
  add(entry: LogEntry): string {
    const kind = `${entry.level} ${entry.source ?? ''} ${entry.message.slice(0, 500).replace(/\d+/g, '#')}`;
    const known = this.#counts.has(kind) || this.#counts.size < KINDS_KNOWN ? kind : '(other)';
    const count = (this.#counts.get(known) ?? 0) + 1;
    this.#counts.set(known, count);
    // A Go trace is all different lines and wanted whole.
    const limit = known === '(other)' ? KINDS_KNOWN : REPEATS_SHOWN;
    if (count > limit && entry.level !== 'panic') {
      this.#suppressed++;
      return count === limit + 1
        ? `${renderLogEntry(entry)}\n    (further lines like this one are counted, not written)\n`
        : '';
    }
    return `${renderLogEntry(entry)}\n`;
  }

  /** What to append when the run is over: the kinds that were cut short with their counts; '' when none was. */
  end(): string {
    if (this.#suppressed === 0) return '';
    const rows = [...this.#counts]
      .filter(([kind, count]) => kind !== '(other)' && count > REPEATS_SHOWN)
      .sort((a, b) => b[1] - a[1])
      .slice(0, 50)
      .map(([kind, count]) => `${String(count).padStart(10)} × ${visible(kind.split('\n')[0] ?? '')}`);
    return ['', 'Lines that came more often than they are written above:', ...rows, ''].join('\n');
  }
}
