// novaperf init: shows, then adds what an existing npm project needs to run scenarios.

import { resolve } from 'node:path';
import { createInterface } from 'node:readline/promises';
import { Command, Option } from '@commander-js/extra-typings';
import { z } from 'zod';
import { CI_SYSTEMS, type InitPlan, planInit, writeInit } from '../project/init.ts';
import { parseFlags, urlFlag } from '../run/plan/flags.ts';
import { openTerminal, type Terminal } from '../system/terminal.ts';

const flagsSchema = z.object({ baseUrl: urlFlag.optional() });

/** The `init` command. It overwrites no file but adds to package.json and .gitignore. */
export function initCommand() {
  return new Command('init')
    .description('add a scenarios folder, npm scripts and a configuration to this npm project; safe to repeat')
    .option('-y, --yes', 'write without asking')
    .option('--adopt <folder>', 'folder of existing k6 scripts; they stay where they are')
    .option('--base-url <url>', 'URL of the system under test (default: the demo shop)')
    .addOption(new Option('--ci <system>', 'also add a CI job').choices(CI_SYSTEMS))
    .action(async ({ yes, adopt, baseUrl, ci }) => {
      const terminal = openTerminal({ json: false });
      const projectDir = resolve('.');
      const flags = parseFlags(flagsSchema, { baseUrl });
      const plan = await planInit({ projectDir, adopt, ci, baseUrl: flags.baseUrl });
      show(plan, terminal);
      if (plan.files.length > 0 && !(yes === true || (await isWanted(terminal)))) return;
      await writeInit(projectDir, plan);
      for (const step of plan.next) terminal.line(`next: ${step}`);
    });
}

function show({ files }: InitPlan, terminal: Terminal): void {
  if (files.length === 0) terminal.line('Everything is already set up.');
  for (const { path, isNew, purpose } of files) {
    terminal.line(`${isNew ? 'write' : 'add to'} ${terminal.style('bold', path)}: ${purpose}`);
  }
}

async function isWanted(terminal: Terminal): Promise<boolean> {
  if (!process.stdin.isTTY) {
    terminal.line('No files written. Use --yes to write them.');
    return false;
  }
  const prompt = createInterface({ input: process.stdin, output: process.stderr });
  try {
    return /^y(es)?$/i.test((await prompt.question('Write these files? [y/N] ')).trim());
  } finally {
    prompt.close();
  }
}
