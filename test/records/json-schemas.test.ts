// The JSON Schemas accept the YAML and JSON files of this repository and its runs, and reject mistakes.

import { existsSync } from 'node:fs';
import { mkdir, readdir, readFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { Ajv2020, type ValidateFunction } from 'ajv/dist/2020.js';
import { expect } from 'chai';
import { parse } from 'yaml';
import { schemaLine } from '../../runner/config/schema-line.ts';
import { settingsSchema } from '../../runner/config/settings-schema.ts';
import { jsonSchemas } from '../../runner/records/store/json-schemas.ts';
import { openStore } from '../../runner/records/store/store.ts';
import { capture } from '../../runner/system/capture.ts';
import { packageRoot } from '../../runner/system/package-root.ts';
import { inTemporaryFolder } from './samples.ts';

describe('the JSON Schemas', () => {
  const schemas = jsonSchemas();
  const checks = new Map<string, ValidateFunction>();
  const validate = (name: string, value: unknown) => {
    const check =
      checks.get(name) ?? new Ajv2020({ strict: false, validateFormats: false }).compile(schemas.get(name) ?? {});
    checks.set(name, check);
    return check(value) ? [] : (check.errors ?? []).map(({ instancePath, message }) => `${instancePath} ${message}`);
  };

  it('are in schemas/ as built', async () => {
    const kept = await readdir(join(packageRoot, 'schemas'));
    expect(kept).to.have.members([...schemas.keys()].map((name) => `${name}.json`));
    for (const name of ['ProjectConfig', 'PerformanceTargets', 'progress']) {
      const text = await readFile(join(packageRoot, 'schemas', `${name}.json`), 'utf8');
      expect(JSON.parse(text)).to.deep.equal(JSON.parse(JSON.stringify(schemas.get(name))));
    }
  });

  it('are named in the first line of every YAML record of this repository, and accept it', async function () {
    if (!existsSync(join(packageRoot, '.git'))) this.skip();
    const folder = join(packageRoot, 'conport/custom_data');
    // Records of local runs may be next to them.
    const listed = await capture('git', ['ls-files'], { cwd: folder, timeoutMs: 20_000 });
    const files = listed.stdout.split('\n').filter((path) => path.endsWith('.yaml'));
    expect(files).to.have.length.above(3);
    for (const path of files) {
      const text = await readFile(join(folder, path), 'utf8');
      const [category = ''] = path.split('/');
      expect(text.split('\n')[0]).to.equal(`# yaml-language-server: $schema=../../../schemas/${category}.json`);
      expect(validate(category, parse(text)), path).to.deep.equal([]);
    }
  });

  it('describe every key of the configuration', async () => {
    const { properties } = JSON.parse(await readFile(join(packageRoot, 'schemas/config.json'), 'utf8'));
    const described = Object.keys(properties).filter((key) => properties[key].description !== undefined);
    expect(described).to.have.members(Object.keys(settingsSchema.shape));
  });

  const target = { metric: 'http_req_duration', statistic: 'p(95)', comparison: '<', target: 400 };
  const item = (category: string, value: unknown) => ({ category, key: 'K', value });
  const rows: [name: string, value: unknown, holds: boolean][] = [
    ['config', { environments: { shop: 'http://a.test', demo: { kind: 'demo', seed: 3 } }, inconclusive: 98 }, true],
    ['config', { environments: { shop: { url: 'http://a.test', healthpath: '/' } } }, false],
    ['config', { scenario: 'x' }, false],
    ['config', { conport_server: { command: 'conport', workspace_id: 'w' }, no_data: 'fail' }, true],
    ['config', { no_data: 'stop' }, false],
    [
      'config',
      { environments: { shop: { url: 'http://a.test', server_metrics: ['machine', { source: 'port:1' }] } } },
      true,
    ],
    ['PerformanceTargets', item('PerformanceTargets', { targets: [target] }), true],
    ['PerformanceTargets', { targets: [target] }, true],
    ['PerformanceTargets', item('PerformanceTargets', { targets: [{ ...target, comparison: 'below' }] }), false],
    ['ProjectConfig', item('ProjectConfig', { testing: { performance: { records: 'no' } } }), false],
    ['progress', { id: 1, timestamp: 't', status: 'DONE', description: 'x' }, true],
    ['progress', { id: 0, timestamp: 't', status: 'DONE', description: 'x' }, false],
  ];
  for (const [name, value, holds] of rows) {
    it(`${holds ? 'accept' : 'reject'} the ${name} ${JSON.stringify(value).slice(0, 90)}`, () => {
      expect(validate(name, value).length === 0).to.equal(holds);
    });
  }

  it('are named in new records by a path in the project if novaperf is installed there', () =>
    inTemporaryFolder(async (dir) => {
      const conport = join(dir, 'qa/conport');
      expect(schemaLine(join(conport, 'progress/1.yaml'))).to.equal('');
    }));

  it('are named in the files of a run', () =>
    inTemporaryFolder(async (dir) => {
      const schemasDir = join(dir, 'node_modules/novaperf/schemas');
      await mkdir(schemasDir, { recursive: true });
      const store = await openStore(join(dir, 'qa/conport'));
      const description = 'x';
      const id = await store.progress.create((number) => ({
        id: number,
        timestamp: '2026-01-01T00:00:00Z',
        status: 'DONE',
        description,
        parent_id: null,
      }));
      await store.customData.update('Own', 'K', () => ({ a: 1 }));
      const lineOf = async (path: string) => (await readFile(path, 'utf8')).split('\n')[0];
      const path = store.progress.path(id);
      expect(await lineOf(path)).to.equal(
        '# yaml-language-server: $schema=../../../node_modules/novaperf/schemas/progress.json',
      );
      await store.progress.update(id, (record) => ({ ...record, status: 'FAILED' }));
      expect(await lineOf(path)).to.match(/progress\.json$/);
      expect(parse(await readFile(path, 'utf8'))).to.include({ id, status: 'FAILED' });
      const own = store.customData.path('Own', 'K');
      expect(await lineOf(own)).to.match(/\.\.\/\.\.\/\.\.\/\.\.\/node_modules\/novaperf\/schemas\/custom-data\.json$/);
      expect(dirname(own)).to.match(/custom_data\/Own$/);
    }));
});
