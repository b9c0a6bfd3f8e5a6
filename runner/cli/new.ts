// novaperf new: creates a scenario file that runs, from the template, a recording, an API description or a request.

import { writeFile } from 'node:fs/promises';
import { dirname, join, relative, resolve } from 'node:path';
import { Command, Option } from '@commander-js/extra-typings';
import { readProjectConfig } from '../config/project-config.ts';
import { type ImportSource, importScenario } from '../import/import-scenario.ts';
import { checkName, renderNewScenario } from '../project/new-scenario.ts';
import { pascalCase } from '../scenario/derive-plan.ts';
import { scenariosFolderOf } from '../scenario/resolve.ts';
import { DEFAULT_CONPORT } from '../system/default-folders.ts';
import { errorCode, UserError } from '../system/errors.ts';
import { makeFolder } from '../system/folder.ts';
import { openTerminal } from '../system/terminal.ts';

/** The `new` command. It never overwrites a file. */
export function newCommand() {
  return new Command('new')
    .description('create a scenario from the template, a recording, an API description or a request')
    .argument('<name>', 'name of the scenario: browse-catalog becomes scenarios/browse-catalog.ts')
    .option('--component <name>', 'component under test (default: from the name)')
    .option('--description <sentence>', 'what the users do, in one sentence')
    .option('--path <path>', 'path of the first request')
    .addOption(
      new Option('--har <file>', 'create from a browser recording (HAR)').conflicts([
        'openapi',
        'curl',
        'postman',
        'path',
      ]),
    )
    .addOption(
      new Option('--openapi <file|url>', 'create from an OpenAPI or Swagger description').conflicts([
        'curl',
        'postman',
        'path',
      ]),
    )
    .addOption(new Option('--curl <command>', 'create from a curl command, in quotes').conflicts(['postman', 'path']))
    .addOption(new Option('--postman <file>', 'create from a Postman collection').conflicts(['path']))
    .action(async (name, { component, description, path, ...from }) => {
      checkName(name);
      const source = sourceOf(from);
      const folder = resolve(scenariosFolderOf(await readProjectConfig(resolve(DEFAULT_CONPORT)), resolve('.')));
      const file = join(folder, `${name}.ts`);
      const terminal = openTerminal({ json: false });
      if (source === undefined) {
        await writeNew(file, await renderNewScenario({ name, component, description, path }));
        terminal.line(`wrote ${relative('.', file)}`);
        terminal.line(`next: npx novaperf run ${name} --profile smoke`);
        return;
      }
      const rendered = await importScenario(source, { name, component: component ?? pascalCase(name), description });
      await writeNew(file, rendered.source);
      const secrets = rendered.secrets.map((secret) => ` -e ${secret}=…`).join('');
      terminal.line(`wrote ${relative('.', file)}`);
      terminal.line(`next: npx novaperf run ${name} --profile smoke --base-url ${rendered.baseUrl}${secrets}`);
    });
}

function sourceOf(from: {
  readonly har?: string | undefined;
  readonly openapi?: string | undefined;
  readonly curl?: string | undefined;
  readonly postman?: string | undefined;
}): ImportSource | undefined {
  if (from.har !== undefined) return { kind: 'har', path: from.har };
  if (from.openapi !== undefined) return { kind: 'openapi', path: from.openapi };
  if (from.curl !== undefined) return { kind: 'curl', command: from.curl };
  if (from.postman !== undefined) return { kind: 'postman', path: from.postman };
  return undefined;
}

async function writeNew(file: string, text: string): Promise<void> {
  await makeFolder(dirname(file));
  try {
    await writeFile(file, text, { flag: 'wx' });
  } catch (error) {
    if (errorCode(error) !== 'EEXIST') throw error;
    throw new UserError('Expected the name of a new scenario, found a file of that name.', {
      where: relative('.', file),
      next: 'choose another name, or edit the file',
    });
  }
}
