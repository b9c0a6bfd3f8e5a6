// novaperf slice: judges and reports a time range or some tags of a kept run as a separate run.

import { resolve } from 'node:path';
import { Command } from '@commander-js/extra-typings';
import { parseFlags, sliceFlagsSchema } from '../run/plan/flags.ts';
import { presentationOf } from '../run/plan/presentation.ts';
import { sliceRun } from '../run/streams/slice.ts';
import { DEFAULT_CONPORT, DEFAULT_OUT } from '../system/default-folders.ts';
import { UserError } from '../system/errors.ts';
import type { ExitCode } from '../system/exit-codes.ts';
import { openTerminal } from '../system/terminal.ts';
import { printJudged } from './judged-run.ts';
import { ASSETS_HELP, collect, OUT_HELP, RUN_HELP, TEMPLATE_HELP } from './shared-options.ts';

/** The `slice` command; `finish` receives the exit code of the part's verdict. */
export function sliceCommand(finish: (code: ExitCode) => void) {
  return new Command('slice')
    .description('judge and report a part of a kept run: a time range, requests with certain tags, or both')
    .argument('<run>', RUN_HELP)
    .option(
      '--from <time>',
      'start of the range: time since the load began (90s, 5m), or a timestamp (2026-11-29T21:00:00Z)',
    )
    .option('--to <time>', 'end of the range, in the same form')
    .option(
      '--tag <name=value>',
      'only samples with this tag; may be repeated, also with several values of one name',
      collect,
    )
    .option('--out <dir>', OUT_HELP, DEFAULT_OUT)
    .option('--conport <dir>', 'ConPort folder with the targets', DEFAULT_CONPORT)
    .option('--template <dir>', TEMPLATE_HELP)
    .option('--assets <where>', ASSETS_HELP, 'inline')
    .option('--json', 'print only the result, as JSON')
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
