// The tables of README.md and templates/README.md that the code knows better: profiles, exit codes, fields of the view model.
// `npm run docs` writes them between their markers; a test says when they are out of date.

import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { profilesTable } from '../runner/scenario/profiles-table.ts';
import { EXIT_SENTENCES } from '../runner/system/exit-codes.ts';
import { packageRoot } from '../runner/system/package-root.ts';
import { viewFields } from './view-fields.ts';

const README = join(packageRoot, 'README.md');
const TEMPLATES_README = join(packageRoot, 'templates/README.md');

/** The Markdown that belongs between `<!-- name -->` and `<!-- /name -->`. */
export async function readmeTables(): Promise<ReadonlyMap<string, string>> {
  const scenario = await readFile(join(packageRoot, 'docs/example-scenario.ts'), 'utf8');
  const targets = await readFile(
    join(packageRoot, 'conport/custom_data/PerformanceTargets/Search_Targets_v1.yaml'),
    'utf8',
  );
  return new Map([
    ['profiles', profilesTable().trim()],
    ['exit-codes', exitCodes()],
    ['scenario', fenced('ts', scenario)],
    ['targets', fenced('yaml', targets)],
  ]);
}

function exitCodes(): string {
  const rows = EXIT_SENTENCES.map(([code, sentence]) => `| ${code} | ${sentence} |`);
  return ['| code | meaning |', '|---|---|', ...rows].join('\n');
}

function fenced(language: string, text: string): string {
  return `\`\`\`${language}\n${text.trimEnd()}\n\`\`\``;
}

/** The README with its tables renewed. Throws where a marker is missing. */
export async function renewed(readme: string): Promise<string> {
  return withTables(readme, await readmeTables());
}

/** templates/README.md with its list of fields renewed. */
export async function renewedTemplates(readme: string): Promise<string> {
  return withTables(readme, new Map([['fields', await viewFields()]]));
}

function withTables(readme: string, tables: ReadonlyMap<string, string>): string {
  let text = readme;
  for (const [name, table] of tables) {
    const between = new RegExp(`(<!-- ${name} -->\n)[\\s\\S]*?(\n<!-- /${name} -->)`);
    if (!between.test(text)) throw new Error(`The README has no <!-- ${name} --> … <!-- /${name} -->`);
    text = text.replace(between, (_, before: string, after: string) => `${before}${table}${after}`);
  }
  return text;
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href) {
  await writeFile(README, await renewed(await readFile(README, 'utf8')));
  await writeFile(TEMPLATES_README, await renewedTemplates(await readFile(TEMPLATES_README, 'utf8')));
}
