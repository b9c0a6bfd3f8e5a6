// schemas/: JSON Schemas of every YAML and JSON file that people and runs write, for editors. The keys of the configuration are described by
// the comments of the type NovaperfConfig.

import { mkdir, readFile, rm, writeFile } from 'node:fs/promises';

/** `schemas`: from file name, without .json, to schema. */
export async function writeJsonSchemas(schemas) {
  const described = descriptions(await readFile('runner/model/novaperf-config.ts', 'utf8'));
  await rm('schemas', { recursive: true, force: true });
  await mkdir('schemas');
  for (const [name, schema] of schemas) {
    if (name === 'config') describe(schema, described);
    await writeFile(`schemas/${name}.json`, `${JSON.stringify(schema, null, 1)}\n`);
  }
}

/** The comment in front of each field of the interface NovaperfConfig. */
function descriptions(source) {
  const [, body = ''] = /export interface NovaperfConfig \{\n([\s\S]*?)\n\}/.exec(source) ?? [];
  return new Map([...body.matchAll(/^ {2}\/\*\* (.*?) \*\/\n {2}(\w+)\?:/gm)].map(([, text, key]) => [key, text]));
}

function describe({ properties }, described) {
  for (const [key, property] of Object.entries(properties)) {
    const description = described.get(key);
    if (description !== undefined) property.description = description;
  }
}
