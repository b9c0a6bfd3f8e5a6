// Log entries become script exceptions: counted by signature, each with its place in the TypeScript. k6 exits 0 even when every
// iteration throws (measured, 2.2.0), so only its log shows it.

import { join, sep } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { ScriptException } from '../model/run.ts';
import { packageRoot } from '../system/package-root.ts';
import type { LogEntry } from './log.ts';

/** Where in the script's life an exception was thrown. k6 ends with 107 for all but `iteration`. */
type ExceptionStage = ScriptException['stage'];

export interface StackFrame {
  /** undefined at the top level of a module. */
  readonly functionName: string | undefined;
  /** Absolute path for file: URLs; otherwise the URL. */
  readonly file: string;
  readonly line: number;
  /** From 1, as editors count. */
  readonly column: number;
}

// A stack as k6 prints it; the number in parentheses is a position in the bytecode:
//   \n\tat boom (file:///s/lib/m.ts:4:10(7))
//   \n\tat file:///s/main.ts:6:19(50)
//   \n\tat go.k6.io/k6/v2/js/modules/k6/http.(*RootModule).NewModuleInstance.func2 (native)
const FRAME = /^at (?:(\S+) \()?((?:file|https?):\/\/.+?):(\d+):(\d+)\(\d+\)\)?$/;
const STACK = /(?:\s+at (?:\S+ \()?(?:(?:file|https?):\/\/\S.*?:\d+:\d+\(\d+\)|\S+ \(native)\)?)+\s*$/;

/** How k6 calls the script it reads from stdin, `file:///-`, as a path. */
export const BUNDLE_FILE = process.platform === 'win32' ? 'file:///-' : '/-';

/** The message of an exception without its stack, and its frames, innermost first. Native frames are left out. */
export function parseStack(text: string): { readonly message: string; readonly frames: readonly StackFrame[] } {
  const start = text.search(STACK);
  if (start === -1) return { message: text.trim(), frames: [] };
  const frames: StackFrame[] = [];
  // Frames are on lines of their own, except after test.abort(), where k6 puts them on the message's line.
  for (const part of text.slice(start).split(/\s+(?=at )/)) {
    const match = FRAME.exec(part.trim());
    if (match === null) continue;
    const [, functionName, url = '', line, column] = match;
    const file = toPath(url);
    // k6 counts columns from 1, but passes on those of a source map as they are there, from 0 (2.2.0). Every file of ours but
    // the bundle itself, which stands on stdin as `-`, comes by the source map.
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

/** What scenarios import of novaperf: `http` and `check` stand between k6 and the user's line. */
const OURS = [['runner'], ['dist', 'esm']].map((parts) => join(packageRoot, ...parts, 'scenario') + sep);

/** `file:line:column` of the innermost frame in the user's own code: not in node_modules nor ours, where there is such a frame. */
export function placeOf(frames: readonly StackFrame[]): string | undefined {
  const frame =
    frames.find(
      ({ file }) => !/[\\/]node_modules[\\/]/.test(file) && !OURS.some((folder) => file.startsWith(folder)),
    ) ?? frames[0];
  return frame === undefined ? undefined : `${frame.file}:${frame.line}:${frame.column}`;
}

/**
 * The stage of a script exception; undefined for an entry that is none. An unhandled rejection carries no hint, only
 * `Uncaught (in promise)` and its scenario; a `console.error` of the script is never one.
 */
export function exceptionStage(entry: LogEntry, frames: readonly StackFrame[]): ExceptionStage | undefined {
  if (entry.source === 'console' || entry.source === 'raw') return undefined;
  // k6 1.3 gives no hint.
  const isException =
    entry.source === 'stacktrace' ||
    entry.hint?.includes('script exception') ||
    entry.message.startsWith('Uncaught (in promise)');
  if (!isException) return undefined;
  if (entry.scenario !== undefined) return 'iteration';
  // What runs while a module loads is called from its top level, which has no name.
  if (frames.length === 0 || frames.at(-1)?.functionName === undefined) return 'init';
  return frames.some(({ functionName }) => functionName === 'teardown') ? 'teardown' : 'setup';
}

/** Signatures that are distinguished; exceptions beyond them are counted together. */
const MAX_SIGNATURES = 100;

/** Counts script exceptions by stage, place and message (numbers in the message aside), in bounded memory. */
export class ExceptionCounter {
  readonly #tallies = new Map<string, ScriptException>();
  /** Exceptions thrown in iterations, all of them. */
  iterationCount = 0;
  /** Exceptions whose signature came after 100 others; included in iterationCount where they belong there. */
  uncountedSignatures = 0;

  /** Takes any log entry; true when it was a script exception. */
  add(entry: LogEntry): boolean {
    // Most entries are not; the stack is taken apart only for those that may be.
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

  /** Every signature, the most frequent first. */
  exceptions(): readonly ScriptException[] {
    return [...this.#tallies.values()].map((tally) => ({ ...tally })).sort((a, b) => b.count - a.count);
  }
}
