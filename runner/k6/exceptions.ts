// Counts script exceptions in k6's log by kind and place in the TypeScript. k6 exits with 0 even if every iteration
// throws (measured with 2.2.0), so only the log shows them.

import { join, sep } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { ScriptException } from '../model/run.ts';
import { packageRoot } from '../system/package-root.ts';
import type { LogEntry } from './log.ts';

/** The stage in which an exception was thrown. k6 exits with 107 for every stage but `iteration`. */
type ExceptionStage = ScriptException['stage'];

export interface StackFrame {
  /** undefined: top level of a module. */
  readonly functionName: string | undefined;
  /** Absolute path if the URL is a file: URL; otherwise the URL. */
  readonly file: string;
  readonly line: number;
  /** Counted from 1, as in editors. */
  readonly column: number;
}

// A stack as k6 prints it; the number in parentheses is a position in the bytecode:
//   \n\tat boom (file:///s/lib/m.ts:4:10(7))
//   \n\tat file:///s/main.ts:6:19(50)
//   \n\tat go.k6.io/k6/v2/js/modules/k6/http.(*RootModule).NewModuleInstance.func2 (native)
const FRAME = /^at (?:(\S+) \()?((?:file|https?):\/\/.+?):(\d+):(\d+)\(\d+\)\)?$/;
const STACK = /(?:\s+at (?:\S+ \()?(?:(?:file|https?):\/\/\S.*?:\d+:\d+\(\d+\)|\S+ \(native)\)?)+\s*$/;

/** The path of `file:///-`, k6's name for a script read from stdin. */
export const BUNDLE_FILE = process.platform === 'win32' ? 'file:///-' : '/-';

/** Splits an exception into its message and its frames, innermost first. Native frames are left out. */
export function parseStack(text: string): { readonly message: string; readonly frames: readonly StackFrame[] } {
  const start = text.search(STACK);
  if (start === -1) return { message: text.trim(), frames: [] };
  const frames: StackFrame[] = [];
  // Frames have their own lines, except after test.abort(), where k6 puts them on the message's line.
  for (const part of text.slice(start).split(/\s+(?=at )/)) {
    const match = FRAME.exec(part.trim());
    if (match === null) continue;
    const [, functionName, url = '', line, column] = match;
    const file = toPath(url);
    // k6 counts columns from 1, but passes columns of a source map unchanged, which count from 0 (2.2.0). All our files
    // except the bundle itself (`-`) come from the source map.
    const isMapped = url.startsWith('file:') && file !== BUNDLE_FILE;
    frames.push({ functionName, file, line: Number(line), column: Number(column) + (isMapped ? 1 : 0) });
  }
  return { message: text.slice(0, start).trim(), frames };
}

function toPath(url: string): string {
  if (!url.startsWith('file:')) return url;
  try {
    return fileURLToPath(url);
  } catch {
    return url; // a file: URL of another system
  }
}

/**
 * The modules that scenarios import from novaperf: their `http` and `check` are in the stack between k6 and the user's
 * line.
 */
const OURS = [['runner'], ['dist', 'esm']].map((parts) => join(packageRoot, ...parts, 'scenario') + sep);

/**
 * `file:line:column` of the innermost frame in the user's code (not in node_modules or novaperf), or of the innermost
 * frame if there is none. undefined without frames.
 */
export function placeOf(frames: readonly StackFrame[]): string | undefined {
  const frame =
    frames.find(
      ({ file }) => !/[\\/]node_modules[\\/]/.test(file) && !OURS.some((folder) => file.startsWith(folder)),
    ) ?? frames[0];
  return frame === undefined ? undefined : `${frame.file}:${frame.line}:${frame.column}`;
}

/**
 * The stage of a script exception; undefined if the entry is not one. An unhandled rejection has no hint, only the text
 * `Uncaught (in promise)` and its scenario. The script's `console.error` is never one.
 */
export function exceptionStage(entry: LogEntry, frames: readonly StackFrame[]): ExceptionStage | undefined {
  if (entry.source === 'console' || entry.source === 'raw') return undefined;
  // k6 1.3 has no hint.
  const isException =
    entry.source === 'stacktrace' ||
    entry.hint?.includes('script exception') ||
    entry.message.startsWith('Uncaught (in promise)');
  if (!isException) return undefined;
  if (entry.scenario !== undefined) return 'iteration';
  // Code that runs while a module loads is called from its top level, which has no function name.
  if (frames.length === 0 || frames.at(-1)?.functionName === undefined) return 'init';
  return frames.some(({ functionName }) => functionName === 'teardown') ? 'teardown' : 'setup';
}

/** Limit of distinct signatures; further exceptions are counted together. */
const MAX_SIGNATURES = 100;

/** Counts script exceptions by stage, place and message (ignoring numbers), in bounded memory. */
export class ExceptionCounter {
  readonly #tallies = new Map<string, ScriptException>();
  /** Number of exceptions in iterations. */
  iterationCount = 0;
  /** Number of exceptions beyond the limit of signatures; those in iterations are also in iterationCount. */
  uncountedSignatures = 0;

  /** Takes any log entry; returns true if it is a script exception. */
  add(entry: LogEntry): boolean {
    // Most entries are not exceptions, so the stack is parsed only if the entry may be one.
    if (entry.source === 'console' || entry.source === 'raw') return false;
    const { message, frames } = parseStack(entry.message);
    const stage = exceptionStage(entry, frames);
    if (stage === undefined) return false;
    if (stage === 'iteration') this.iterationCount++;
    const where = placeOf(frames);
    const key = `${stage}\n${where ?? ''}\n${message.replace(/\b0x[0-9a-f]+\b|[0-9a-f]{8}-[0-9a-f-]{27}|\d+/gi, '#')}`;
    const tally = this.#tallies.get(key);
    if (tally !== undefined) {
      tally.count++;
      tally.lastMs = entry.timeMs;
    } else if (this.#tallies.size < MAX_SIGNATURES) {
      this.#tallies.set(key, {
        stage,
        message: message.slice(0, 2000),
        where: where ?? null,
        count: 1,
        firstMs: entry.timeMs,
        lastMs: entry.timeMs,
      });
    } else {
      this.uncountedSignatures++;
    }
    return true;
  }

  /** All signatures, most frequent first. */
  exceptions(): readonly ScriptException[] {
    return [...this.#tallies.values()].map((tally) => ({ ...tally })).sort((a, b) => b.count - a.count);
  }
}
