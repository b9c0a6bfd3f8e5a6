// The shipped templates become JavaScript at build time: compiling all of them takes longer than rendering a report.

import { createHash } from 'node:crypto';
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import Handlebars from 'handlebars';

const MODULE = /[\\/]report[\\/]compiled-templates\.ts$/;

/** Fills runner/report/compiled-templates.ts, which is empty in the sources. */
export const compiledTemplates = {
  name: 'compiled-templates',
  setup({ onLoad }) {
    onLoad({ filter: MODULE }, async () => ({ contents: await moduleText('templates'), loader: 'js' }));
  },
};

async function moduleText(folder) {
  const files = (await Promise.all(['', 'partials'].map((inner) => templatesIn(folder, inner)))).flat();
  const entries = await Promise.all(
    files.map(async (file) => {
      const text = await readFile(join(folder, file), 'utf8');
      const sha256 = createHash('sha256').update(text).digest('base64');
      const spec = Handlebars.precompile(text, { strict: true, noEscape: /[.-]md\.hbs$/.test(file) });
      return `${JSON.stringify(file)}: { sha256: ${JSON.stringify(sha256)}, spec: ${spec} }`;
    }),
  );
  return `export const COMPILED_TEMPLATES = {\n${entries.join(',\n')}\n};\n`;
}

async function templatesIn(folder, inner) {
  const names = await readdir(join(folder, inner));
  return names.filter((name) => name.endsWith('.hbs')).map((name) => (inner === '' ? name : `${inner}/${name}`));
}
