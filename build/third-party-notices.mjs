// The licences of the npm packages in the bundles become one text: most of them ask to be kept with copies.

import { readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

const LICENCE_FILE = /^(licen[cs]e|copying|notice)([._-].*)?$/i;
const RULE = '-'.repeat(100);

/** `metafiles`: esbuild's, of every bundle that is published. */
export async function writeNotices(metafiles, path) {
  const inputs = metafiles.flatMap(({ outputs }) =>
    Object.values(outputs).flatMap((output) =>
      Object.entries(output.inputs)
        .filter(([, { bytesInOutput }]) => bytesInOutput > 0)
        .map(([input]) => input),
    ),
  );
  const folders = [...new Set(inputs.flatMap((input) => packageFolder(input) ?? []))].sort();
  const notices = await Promise.all(folders.map(noticeOf));
  const head =
    'novaperf is licensed under Apache-2.0, see LICENSE. Its bundles contain code of these packages, each under its own licence.\n' +
    'No code of k6 is in this package: novaperf runs k6 as a program. A k6 that is built on your machine with the output in\n' +
    'runner/k6/output is a combined work under the licence of k6, AGPL-3.0.\n';
  await writeFile(path, [head, ...new Set(notices)].join(`\n${RULE}\n\n`));
}

/** `node_modules/a/node_modules/@b/c` of a path within it. */
function packageFolder(input) {
  // A module that is made at build time (build/plain-widths.mjs) stands in front of the real one, which is an input too.
  const match = /^(?!plain-widths:)(.*node_modules\/(?:@[^/]+\/)?[^/]+)\//.exec(input);
  return match === null ? undefined : match[1];
}

async function noticeOf(folder) {
  const { name, version, license, author } = JSON.parse(await readFile(join(folder, 'package.json'), 'utf8'));
  const title = typeof license === 'string' ? `${name} ${version}, ${license}` : `${name} ${version}`;
  const files = (await readdir(folder)).filter((file) => LICENCE_FILE.test(file)).sort();
  const texts = await Promise.all(files.map((file) => readFile(join(folder, file), 'utf8')));
  if (texts.length > 0) return `${title}\n\n${texts.map((text) => text.trim()).join('\n\n')}\n`;
  if (typeof license !== 'string') throw new Error(`Expected a licence in ${folder}, found neither a file nor a field`);
  const by = typeof author === 'string' ? author : (author?.name ?? 'its authors');
  return `${title}\nCopyright of ${by}. The package has no licence file; the licence it names is at https://spdx.org/licenses/${license}.\n`;
}
