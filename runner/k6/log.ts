// Parses k6's stderr (JSON lines and other text) into log entries, and formats entries as lines of k6.log.

import { StringDecoder } from 'node:string_decoder';
import { z } from 'zod';
import { parseJson } from '../system/json.ts';
import { visible } from '../system/printable.ts';

export type LogLevel = 'trace' | 'debug' | 'info' | 'warning' | 'error' | 'fatal' | 'panic';

/** One entry of k6's log. Fields that it did not have are absent. */
export interface LogEntry {
  /** When k6 wrote it, epoch milliseconds; k6 logs whole seconds. For a line that is not JSON: when it was read. */
  readonly timeMs: number;
  readonly level: LogLevel;
  readonly message: string;
  /**
   * `console`: console.log of the script. `stacktrace`: an exception. `raw`: a line of stderr that is not a log entry.
   */
  readonly source?: string;
  /** `script exception` marks an exception; other hints are advice. */
  readonly hint?: string;
  /** The k6 scenario of the iteration. */
  readonly scenario?: string;
  /** All other fields as text: `error`, `executor`, `url`, … */
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

/** A longer line is cut: logging response bodies must not fill the memory. */
const MAX_LINE_CHARACTERS = 64 * 1024;

/** How Go's runtime begins when it crashes; all lines that follow belong to its trace. */
const GO_CRASH = /^(panic: |fatal error: |runtime: |SIGSEGV|SIGABRT|unexpected fault address)/;

/**
 * Parses k6's stderr from chunks of any size; `onEntry` gets every line in order. Call end() when stderr has closed.
 */
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

/**
 * Parses one line of k6's stderr. A line that is not a log entry becomes a warning with source `raw` and time `nowMs`.
 */
export function parseLogLine(line: string, nowMs: number): LogEntry {
  const raw = (): LogEntry => ({
    timeMs: nowMs,
    level: 'warning',
    message: cut(line),
    source: 'raw',
    fields: {},
  });
  if (!line.startsWith('{')) return raw();
  const parsed = lineSchema.safeParse(parseJson(line));
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
 * Formats an entry as in k6.log and the terminal: `12:00:01 ERRO Error: boom …`, local time, several lines for a stack.
 * No newline at the end. Control characters other than newline and tab are escaped, because a script may log data it
 * received.
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

/** Number of lines of one kind that LogText writes before it only counts them. */
const REPEATS_SHOWN = 20;
/** Limit of distinct kinds; all further ones count as one kind. */
const KINDS_KNOWN = 2000;

/**
 * Builds the text of k6.log with a size limit: in a soak where every iteration throws, one line would fill the disk.
 * Two entries are of one kind if they differ only in numbers. The first 20 of each kind are written, the rest are
 * counted.
 */
export class LogText {
  readonly #counts = new Map<string, number>();
  #suppressed = 0;

  /** Returns the text for this entry, with a newline; '' if its kind was written often enough. */
  add(entry: LogEntry): string {
    const kind = `${entry.level} ${entry.source ?? ''} ${entry.message.slice(0, 500).replace(/\d+/g, '#')}`;
    const known = this.#counts.has(kind) || this.#counts.size < KINDS_KNOWN ? kind : '(other)';
    const count = (this.#counts.get(known) ?? 0) + 1;
    this.#counts.set(known, count);
    // A Go trace has only different lines and is needed completely.
    const limit = known === '(other)' ? KINDS_KNOWN : REPEATS_SHOWN;
    if (count > limit && entry.level !== 'panic') {
      this.#suppressed++;
      return count === limit + 1
        ? `${renderLogEntry(entry)}\n    (further lines like this one are counted, not written)\n`
        : '';
    }
    return `${renderLogEntry(entry)}\n`;
  }

  /** Returns the text for the end of the run: the kinds that were cut, with their counts; '' if there are none. */
  end(): string {
    if (this.#suppressed === 0) return '';
    const rows = [...this.#counts]
      .filter(([kind, count]) => kind !== '(other)' && count > REPEATS_SHOWN)
      .sort((a, b) => b[1] - a[1])
      .slice(0, 50)
      .map(([kind, count]) => `${String(count).padStart(10)} × ${visible(kind.split('\n')[0] ?? '')}`);
    return ['', 'Lines that occurred more often than written above:', ...rows, ''].join('\n');
  }
}
