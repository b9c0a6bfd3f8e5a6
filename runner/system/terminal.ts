// The only place that writes to the terminal: lines, a live area that is redrawn, and the JSON document.

import { styleText } from 'node:util';
import { createLogUpdate } from 'log-update';
import { type OutputStream, safeStream } from './output-stream.ts';
import { visible, visibleJson, visibleStyled } from './printable.ts';
import { isGithubActions, jsonWithoutCommands, withoutCommands } from './workflow-commands.ts';

type Style = 'bold' | 'dim' | 'red' | 'green' | 'yellow' | 'cyan';

/** The output of a command. */
export interface Terminal {
  /** True if a person is watching: the live area is redrawn in place, and colours may be used. */
  readonly interactive: boolean;
  readonly columns: number;
  readonly rows: number;
  /** Writes a line for people: to stdout, or to stderr if stdout is reserved for JSON. */
  line(text?: string): void;
  /** Writes a line to stderr. */
  warn(text: string): void;
  /** Replaces the live area; not called on plain terminals. Lines written later appear above it. */
  live(text: string): void;
  /** Keeps the live area as it is and continues below it. */
  endLive(): void;
  /** Writes the JSON document of --json. */
  json(document: unknown): void;
  /**
   * Writes a workflow command of GitHub Actions, which reads both streams; to stderr if stdout is reserved for JSON.
   */
  command(text: string): void;
  style(style: Style, text: string): string;
}

/** Opens a terminal on the streams of this process. `json`: stdout is reserved for one JSON document. */
export function openTerminal(options: { json: boolean }): Terminal {
  const out = options.json ? process.stderr : process.stdout;
  const stdout = safeStream(process.stdout);
  const stderr = safeStream(process.stderr);
  const people = safeStream(out);
  const interactive = out.isTTY === true && process.env.CI === undefined && process.env.TERM !== 'dumb';
  const update = createLogUpdate(out);
  /** The live area redraws itself, which would fail repeatedly on a closed terminal. */
  const draw = (work: () => void) => {
    if (people.problem !== undefined) return;
    try {
      work();
    } catch {
      // The stream's own error event reports it.
    }
  };
  const isRead = isGithubActions(process.env);
  // styleText checks NO_COLOR, FORCE_COLOR and whether the stream is a terminal.
  const style = (name: Style, text: string) => styleText(name, text, { stream: out });
  const safe = style('bold', 'x') === 'x' ? visible : visibleStyled;
  const plain = isRead ? (text: string) => withoutCommands(safe(text)) : safe;
  let area: string | undefined;
  /** On a terminal both streams show in the same window, where the live area would overwrite the text. */
  const writeAbove = (stream: OutputStream, text: string) => {
    const shown = area;
    if (shown !== undefined) draw(() => update.clear());
    stream.write(`${plain(text)}\n`);
    if (shown !== undefined) draw(() => update(shown));
  };
  return {
    interactive,
    // Read each time, because a window may be resized. A pseudo-terminal without a size reports 0.
    get columns() {
      return out.columns > 0 ? out.columns : 80;
    },
    get rows() {
      return out.rows > 0 ? out.rows : 24;
    },
    line: (text = '') => writeAbove(people, text),
    warn: (text) => writeAbove(stderr, text),
    live(text) {
      const shown = safe(text);
      area = shown;
      draw(() => update(shown));
    },
    endLive() {
      area = undefined;
      draw(() => update.done());
    },
    json: (document) => {
      const text = visibleJson(JSON.stringify(document, null, 2));
      stdout.write(`${isRead ? jsonWithoutCommands(text) : text}\n`);
    },
    command: (text) => void people.write(`${visible(text)}\n`),
    style,
  };
}
