// Text from the commands goes out here and nowhere else: lines, a live area that is redrawn, and the one JSON document.

import { styleText } from 'node:util';
import { createLogUpdate } from 'log-update';
import { type OutputStream, safeStream } from './output-stream.ts';
import { visible, visibleJson, visibleStyled } from './printable.ts';
import { isGithubActions, jsonWithoutCommands, withoutCommands } from './workflow-commands.ts';

type Style = 'bold' | 'dim' | 'red' | 'green' | 'yellow' | 'cyan';

export interface Terminal {
  /** People look at it: the live area may be redrawn in place, colours may be used. */
  readonly interactive: boolean;
  readonly columns: number;
  readonly rows: number;
  /** A line for people. On stdout, or on stderr when stdout belongs to a JSON document. */
  line(text?: string): void;
  /** A line on stderr whatever happens on stdout. */
  warn(text: string): void;
  /** Replaces the live area; plain terminals never call it. Lines that come meanwhile stand above it. */
  live(text: string): void;
  /** Leaves the live area as it stands and goes on below it. */
  endLive(): void;
  /** The one JSON document of --json. */
  json(document: unknown): void;
  /** A workflow command of GitHub Actions, whose runner reads both streams; on stderr when stdout belongs to a JSON document. */
  command(text: string): void;
  style(style: Style, text: string): string;
}

/** A terminal over the process's own streams. `json`: stdout is kept for one JSON document. */
export function openTerminal(options: { json: boolean }): Terminal {
  const out = options.json ? process.stderr : process.stdout;
  const stdout = safeStream(process.stdout);
  const stderr = safeStream(process.stderr);
  const people = safeStream(out);
  const interactive = out.isTTY === true && process.env.CI === undefined && process.env.TERM !== 'dumb';
  const update = createLogUpdate(out);
  /** The live area draws by itself; on a terminal that was closed it would fail at every tick. */
  const draw = (work: () => void) => {
    if (people.problem !== undefined) return;
    try {
      work();
    } catch {
      // The stream's own error says it.
    }
  };
  const isRead = isGithubActions(process.env);
  // styleText checks NO_COLOR, FORCE_COLOR and whether the stream is a terminal.
  const style = (name: Style, text: string) => styleText(name, text, { stream: out });
  const safe = style('bold', 'x') === 'x' ? visible : visibleStyled;
  const plain = isRead ? (text: string) => withoutCommands(safe(text)) : safe;
  let area: string | undefined;
  /** On a terminal both streams end in the same window: what is written through the area would be overwritten with it. */
  const writeAbove = (stream: OutputStream, text: string) => {
    const shown = area;
    if (shown !== undefined) draw(() => update.clear());
    stream.write(`${plain(text)}\n`);
    if (shown !== undefined) draw(() => update(shown));
  };
  return {
    interactive,
    // Asked each time: a window is resized during a long run; a pseudo-terminal that nobody sized says 0.
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
