// novaperf new: a name becomes a scenario file from the template, ready to run.

import { mkdir, writeFile } from 'node:fs/promises';
import { join, relative, resolve } from 'node:path';
import { Command } from '@commander-js/extra-typings';
import { readProjectConfig } from '../config/project-config.ts';
import { renderNewScenario } from '../project/new-scenario.ts';
import { scenariosFolderOf } from '../scenario/resolve.ts';
import { errorCode, UserError } from '../system/errors.ts';
import { openTerminal } from '../system/terminal.ts';
import { DEFAULT_CONPORT } from './run.ts';

/** The `new` command. It never overwrites a file. */
export function newCommand() {
  return new Command('new')
    .description('write a new scenario from the template')
    .argument('<name>', 'such as browse-catalog: becomes scenarios/browse-catalog.ts')
    .option('--component <name>', 'component under test (default: from the name)')
    .option('--description <sentence>', 'who does what')
    .option('--path <path>', 'path of the first request', '/')
    .action(async (name, options) => {
      const text = await renderNewScenario({ name, ...options });
      const folder = resolve(scenariosFolderOf(await readProjectConfig(resolve(DEFAULT_CONPORT)), resolve('.')));
      const file = join(folder, `${name}.ts`);
      await mkdir(folder, { recursive: true });
      try {
        await writeFile(file, text, { flag: 'wx' });
      } catch (error) {
        if (errorCode(error) !== 'EEXIST') throw error;
        throw new UserError('Expected the name of a scenario that does not exist yet, found one that does.', {
          where: relative('.', file),
          next: 'choose another name, or edit that file',
        });
      }
      const terminal = openTerminal({ json: false });
      terminal.line(`wrote ${relative('.', file)}`);
      terminal.line(`next: npx novaperf run ${name} --profile smoke`);
    });
}
