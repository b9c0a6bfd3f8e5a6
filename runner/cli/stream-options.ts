// Options that analyze and merge share.

import { resolve } from 'node:path';
import type { CommandUnknownOpts } from '@commander-js/extra-typings';
import type { z } from 'zod';
import { PROFILES } from '../model/plan.ts';
import { type analyzeFlagsSchema, assignments } from '../run/plan/flags.ts';
import { presentationOf } from '../run/plan/presentation.ts';
import type { StreamToAnalyse } from '../run/streams/analyse-stream.ts';
import { DEFAULT_CONPORT, DEFAULT_OUT } from '../system/default-folders.ts';
import { ASSETS_HELP, collect, OUT_HELP, TEMPLATE_HELP } from './shared-options.ts';

/** Adds the options; `help` has the texts that differ between the two commands. */
export function addStreamOptions(
  command: CommandUnknownOpts,
  help: { readonly scenario: string; readonly profile: string },
): void {
  command
    .option('--scenario <script>', help.scenario)
    .option(
      '-e, --script-env <NAME=value>',
      'environment variable that the script had (__ENV.NAME); may be repeated',
      collect,
    )
    .option('--component <name>', 'component under test; its targets are judged')
    .option('--profile <name>', `${help.profile}: ${PROFILES.join(' | ')}`)
    .option('--build <version>', 'version of the build under test')
    .option('--out <dir>', OUT_HELP, DEFAULT_OUT)
    .option('--conport <dir>', 'ConPort folder with the targets', DEFAULT_CONPORT)
    .option('--template <dir>', TEMPLATE_HELP)
    .option('--assets <where>', ASSETS_HELP, 'inline')
    .option('--k6 <path>', 'path to the k6 executable, for --scenario (also K6_BIN)')
    .option('--json', 'print only the result, as JSON');
}

/** The request of the checked options. */
export async function streamsOf(
  streams: readonly string[],
  options: z.infer<typeof analyzeFlagsSchema>,
): Promise<StreamToAnalyse> {
  const conportDir = resolve(options.conport);
  return {
    streams,
    scriptPath: options.scenario,
    scriptEnv: assignments(options.scriptEnv),
    component: options.component,
    profile: options.profile,
    buildVersion: options.build,
    out: resolve(options.out),
    conportDir,
    k6Flag: options.k6,
    presentation: await presentationOf(options, conportDir, resolve('.')),
  };
}
