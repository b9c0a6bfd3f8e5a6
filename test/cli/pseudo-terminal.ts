// Runs a command on a real pseudo-terminal, and keeps the screen that a terminal emulator draws from its output.

import { spawn } from 'node:child_process';
import { Terminal } from '@xterm/headless';
import { quote } from 'shell-quote';

export interface Screen {
  /** The visible lines, without trailing spaces. */
  lines(): string[];
  /** All lines, including those scrolled out of the window. */
  history(): string[];
}

export interface Attached {
  readonly screen: Screen;
  /** The whole output, with escape sequences. */
  readonly written: () => string;
  /** Resolves when `test` holds for the visible lines; rejects if the command ends before that. */
  until(test: (lines: readonly string[]) => boolean): Promise<string[]>;
  /** Types Ctrl-C. */
  interrupt(): void;
  readonly ended: Promise<number | null>;
}

export interface Size {
  readonly columns: number;
  readonly rows: number;
}

/** `command` as the child of script(1); its pseudo-terminal gets this size first. */
export function attach(
  command: readonly string[],
  size: Size,
  options: { cwd: string; env?: Readonly<Record<string, string>> },
): Attached {
  const { CI: _, NO_COLOR: __, ...environment } = process.env;
  const sized = `stty cols ${size.columns} rows ${size.rows}; exec ${quote([...command])}`;
  const child = spawn('script', ['-qefc', sized, '/dev/null'], {
    cwd: options.cwd,
    env: { ...environment, TERM: 'xterm-256color', ...options.env },
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  const terminal = new Terminal({
    cols: size.columns,
    rows: size.rows,
    allowProposedApi: true,
    scrollback: 5000,
  });
  const buffer = () => terminal.buffer.active;
  const linesFrom = (from: number, to: number) =>
    Array.from(
      { length: to - from },
      (_, row) =>
        buffer()
          .getLine(from + row)
          ?.translateToString(true) ?? '',
    );
  const screen: Screen = {
    lines: () => linesFrom(buffer().viewportY, buffer().viewportY + size.rows),
    history: () => linesFrom(0, buffer().length),
  };
  let written = '';
  const waiting = new Set<() => void>();
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    written += text;
    terminal.write(text, () => {
      for (const check of waiting) check();
    });
  });
  const ended = new Promise<number | null>((resolve, reject) => {
    child.on('error', reject);
    child.on('close', (code) => terminal.write('', () => resolve(code)));
  });
  return {
    screen,
    written: () => written,
    until: (test) =>
      new Promise((resolve, reject) => {
        const check = () => {
          const lines = screen.lines();
          if (!test(lines)) return;
          waiting.delete(check);
          resolve(lines);
        };
        waiting.add(check);
        check();
        void ended.then(() => reject(new Error(`ended before it was to be seen:\n${screen.history().join('\n')}`)));
      }),
    interrupt: () => void child.stdin.write('\u0003'),
    ended,
  };
}
