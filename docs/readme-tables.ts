// Parts of the documentation that are made from the code: profiles, exit codes, fields of the view model, the picture of the rooms.
// `npm run docs` writes them between their markers; a test says when they are out of date.

import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { EXIT_SENTENCES } from '../runner/system/exit-codes.ts';
import { packageRoot } from '../runner/system/package-root.ts';
import { profilesTable } from './profiles-table.ts';
import { apiReference, commandReference, configReference } from './reference-parts.ts';
import { importsOfRooms, picture } from './rooms-picture.ts';
import { viewFields } from './view-fields.ts';

/** Pages with tables made from the code, and their tables. */
const PAGES: Readonly<Record<string, readonly string[]>> = {
  'README.md': ['scenario', 'exit-codes'],
  'docs/scenarios.md': ['scenario'],
  'docs/profiles.md': ['profiles'],
  'docs/targets.md': ['targets'],
  'docs/architecture.md': ['rooms'],
  'docs/reference.md': ['commands', 'config', 'api'],
  'templates/README.md': ['fields'],
};

/** Paths of the pages, relative to the repository. */
export const PAGES_WITH_TABLES: readonly string[] = Object.keys(PAGES);

/** The Markdown that belongs between `<!-- name -->` and `<!-- /name -->`. */
async function table(name: string): Promise<string> {
  const read = (path: string) => readFile(join(packageRoot, path), 'utf8');
  switch (name) {
    case 'profiles':
      return profilesTable().trim();
    case 'exit-codes':
      return exitCodes();
    case 'scenario':
      return fenced('ts', await read('docs/example-scenario.ts'));
    case 'targets':
      return fenced('yaml', await read('conport/custom_data/PerformanceTargets/Search_Targets_v1.yaml'));
    case 'rooms':
      return picture(await importsOfRooms());
    case 'fields':
      return viewFields();
    case 'commands':
      return commandReference();
    case 'config':
      return configReference();
    case 'api':
      return apiReference();
    default:
      throw new Error(`There is no table ${name}`);
  }
}

function exitCodes(): string {
  const rows = EXIT_SENTENCES.map(([code, sentence]) => `| ${code} | ${sentence} |`);
  return ['| code | meaning |', '|---|---|', ...rows].join('\n');
}

function fenced(language: string, text: string): string {
  return `\`\`\`${language}\n${text.trimEnd()}\n\`\`\``;
}

/** The text of a page with its tables renewed. Throws where a marker is missing. */
export async function renewed(page: string): Promise<string> {
  let text = await readFile(join(packageRoot, page), 'utf8');
  for (const name of PAGES[page] ?? []) {
    const between = new RegExp(`(<!-- ${name} -->\n)[\\s\\S]*?(\n<!-- /${name} -->)`);
    if (!between.test(text)) throw new Error(`${page} has no <!-- ${name} --> … <!-- /${name} -->`);
    const content = await table(name);
    text = text.replace(between, (_, before: string, after: string) => `${before}${content}${after}`);
  }
  return text;
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href) {
  for (const page of PAGES_WITH_TABLES) await writeFile(join(packageRoot, page), await renewed(page));
}
