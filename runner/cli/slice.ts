// novaperf slice: a range of time, or some tags, of a kept run are judged and reported as a run of their own.

import { resolve } from 'node:path';
import { Command } from '@commander-js/extra-typings';
import { parseFlags, sliceFlagsSchema } from '../run/flags.ts';
import { presentationOf } from '../run/presentation.ts';
import { sliceRun } from '../run/slice.ts';
import { DEFAULT_CONPORT, DEFAULT_OUT } from '../system/default-folders.ts';
import { UserError } from '../system/errors.ts';
import type { ExitCode } from '../system/exit-codes.ts';
import { openTerminal } from '../system/terminal.ts';
import { printJudged } from './judged-run.ts';
import { ASSETS_HELP, collect } from './shared-options.ts';

/** The `slice` command; `finish` receives the exit code of the part's verdict. */
export function sliceCommand(finish: (code: ExitCode) => void) {
  return new Command('slice')
    .description('judge and report a part of a kept run: a range of time, requests with certain tags, or both')
    .argument('<run>', "a run's folder, its name below --out, latest, or previous")
    .option(
      '--from <time>',
      'from here on: time since the load began (90s, 5m), or a time of day (2026-11-29T21:00:00Z)',
    )
    .option('--to <time>', 'up to here, likewise')
    .option(
      '--tag <name=value>',
      'only samples with this tag; of one name several values count; may be repeated',
      collect,
    )
    .option('--out <dir>', "where the runs' folders are", DEFAULT_OUT)
    .option('--conport <dir>', 'where the targets come from', DEFAULT_CONPORT)
    .option('--template <dir>', 'override templates by file name')
    .option('--assets <where>', ASSETS_HELP, 'inline')
    .option('--json', 'the result as one JSON document on stdout, nothing else there')
    .action(async (run, raw) => {
      const options = parseFlags(sliceFlagsSchema, raw);
      const { from, to, tag } = options;
      if (from === undefined && to === undefined && tag.length === 0) {
        throw new UserError('Expected --from, --to or --tag, found none: that would be the whole run.', {
          next: 'novaperf report <run> judges a whole run again',
        });
      }
      const terminal = openTerminal({ json: options.json });
      const tags = new Map<string, string[]>();
      for (const [name, value] of tag) tags.set(name, [...(tags.get(name) ?? []), value]);
      const judged = await sliceRun({
        run,
        from,
        to,
        tags: Object.fromEntries(tags),
        out: resolve(options.out),
        conportDir: resolve(options.conport),
        presentation: await presentationOf(options, resolve(options.conport), resolve('.')),
      });
      finish(await printJudged(judged, options.json, terminal));
    });
}
