// A name becomes the text of a new scenario, from templates/scenario.ts.hbs.

import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import Handlebars from 'handlebars';
import { pascalCase } from '../scenario/derive-plan.ts';
import { UserError } from '../system/errors.ts';
import { packageRoot } from '../system/package-root.ts';
import { typescriptString } from '../text/typescript-source.ts';

/** The texts of a new scenario. */
export interface NewScenario {
  /** File name without extension: letters, digits, dash and underscore. */
  readonly name: string;
  /** Default: the name in PascalCase. */
  readonly component?: string | undefined;
  readonly description?: string | undefined;
  /** Path of the first request, below the base URL. Default `/`. */
  readonly path?: string | undefined;
  /** Its environment; default: that of the project. */
  readonly environment?: string | undefined;
}

const NAME = /^[A-Za-z][A-Za-z0-9_-]*$/;

/** Throws a UserError for a name that is not a file name. */
export function checkName(name: string): void {
  if (NAME.test(name)) return;
  throw new UserError(
    `Expected a name of letters, digits, - and _ that starts with a letter, found ${JSON.stringify(name)}.`,
    { next: 'novaperf new browse-catalog' },
  );
}

/** The source of the scenario, with all texts escaped. Throws a UserError for a name that is not a file name. */
export async function renderNewScenario(scenario: NewScenario): Promise<string> {
  const { name, path = '/' } = scenario;
  checkName(name);
  const component = scenario.component ?? pascalCase(name);
  const handlebars = Handlebars.create();
  handlebars.registerHelper('text', typescriptString);
  handlebars.registerHelper('comment', (text: string) => text.replace(/[\r\n\u2028\u2029]+/g, ' ').replace(/\.$/, ''));
  const template = await readFile(join(packageRoot, 'templates/scenario.ts.hbs'), 'utf8');
  return handlebars.compile(template, { noEscape: true })({
    name,
    component,
    description: scenario.description ?? `A user of ${component}`,
    path,
    environment: scenario.environment,
    requestName: `GET ${path}`,
    threshold: `http_req_duration{name:GET ${path}}`,
  });
}
