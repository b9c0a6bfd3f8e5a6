// novaperf open: opens the page of a kept run, or the list of all runs, in the browser.

import { access } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { Command } from '@commander-js/extra-typings';
import { findRun } from '../runs/find-run.ts';
import { capture } from '../system/capture.ts';
import { DEFAULT_OUT } from '../system/default-folders.ts';
import { UserError } from '../system/errors.ts';
import { nearPath } from '../system/near-path.ts';
import { openTerminal } from '../system/terminal.ts';
import { OUT_HELP, RUN_HELP } from './shared-options.ts';

/** The program that opens a file with the user's default application. */
const OPENER: Readonly<Partial<Record<NodeJS.Platform, readonly [string, ...string[]]>>> = {
  darwin: ['open'],
  win32: ['cmd', '/c', 'start', ''],
};
const ELSEWHERE = ['xdg-open'] as const;

/** An opener that is still running after this time shows the page itself. */
const OPEN_WITHIN_MS = 10_000;

/** The `open` command. Always prints the path, because over SSH and in containers there is no browser. */
export function openCommand() {
  return new Command('open')
    .description('open the report of a kept run, or the list of all runs, in the browser')
    .argument('[run]', `${RUN_HELP} (default: the list of all runs)`)
    .option('--out <dir>', OUT_HELP, DEFAULT_OUT)
    .action(async (run, options) => {
      const terminal = openTerminal({ json: false });
      const out = resolve(options.out);
      const path = run === undefined ? join(out, 'index.html') : join(await findRun(run, out), 'report.html');
      await access(path).catch((cause: unknown) => {
        throw new UserError(`Expected ${run === undefined ? 'the list of runs' : 'a report'}, found no such file.`, {
          where: nearPath(path),
          next: run === undefined ? 'novaperf run makes one' : `novaperf report ${run} writes it again`,
          cause,
        });
      });
      terminal.line(nearPath(path));
      const [command, ...args] = OPENER[process.platform] ?? ELSEWHERE;
      const opened = await capture(command, [...args, path], { timeoutMs: OPEN_WITHIN_MS }).then(
        ({ exitCode, timedOut }) => exitCode === 0 || timedOut,
        () => false,
      );
      if (!opened) terminal.warn(`${command} could not open the page. Open the file in a browser.`);
    });
}
