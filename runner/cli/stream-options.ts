// What analyze and merge ask of their streams: the same options, which become the same request.

import { resolve } from 'node:path';
import type { CommandUnknownOpts } from '@commander-js/extra-typings';
import type { z } from 'zod';
import { PROFILES } from '../model/plan.ts';
import type { StreamToAnalyse } from '../run/analyse-stream.ts';
import { type analyzeFlagsSchema, assignments } from '../run/flags.ts';
import { presentationOf } from '../run/presentation.ts';
import { DEFAULT_CONPORT, DEFAULT_OUT } from '../system/default-folders.ts';
import { ASSETS_HELP, collect } from './shared-options.ts';

/** Adds the options; `help` is what the two commands say of them differently. */
export function addStreamOptions(
  command: CommandUnknownOpts,
  help: { readonly scenario: string; readonly profile: string; readonly out: string },
): void {
  command
    .option('--scenario <script>', help.scenario)
    .option('-e, --script-env <NAME=value>', "a variable that the script's __ENV had; may be repeated", collect)
    .option('--component <name>', 'component under test: its targets are judged')
    .option('--profile <name>', `${help.profile}: ${PROFILES.join(' | ')}`)
    .option('--build <version>', 'version of the build that was under test')
    .option('--out <dir>', help.out, DEFAULT_OUT)
    .option('--conport <dir>', 'where the targets come from', DEFAULT_CONPORT)
    .option('--template <dir>', 'override templates by file name')
    .option('--assets <where>', ASSETS_HELP, 'inline')
    .option('--k6 <path>', 'k6 executable, for --scenario (also K6_BIN)')
    .option('--json', 'the result as one JSON document on stdout, nothing else there');
}

/** The request that the checked options make. */
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
