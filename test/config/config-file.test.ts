// novaperf.config files: what is read, the origin of each setting, and errors in broken files.

import { mkdir, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { expect } from 'chai';
import { readProjectConfig } from '../../runner/config/project-config.ts';
import { environmentOfFolder } from '../../runner/scenario/environment-of.ts';
import { scenariosFolderOf } from '../../runner/scenario/resolve.ts';
import { errorOf } from '../records/error-of.ts';
import { inTemporaryFolder } from '../records/samples.ts';

const PROJECT_CONFIG = 'conport/custom_data/ProjectConfig/ActiveConfig.yaml';

async function withFiles(files: Readonly<Record<string, string>>, work: (dir: string) => Promise<void>): Promise<void> {
  await inTemporaryFolder(async (dir) => {
    for (const [path, text] of Object.entries(files)) {
      await mkdir(dirname(join(dir, path)), { recursive: true });
      await writeFile(join(dir, path), text);
    }
    await work(dir);
  });
}

const read = (dir: string) => readProjectConfig(join(dir, 'conport'), dir);

const TYPED = `import { defineConfig } from 'novaperf';
const shop: string = 'http://127.0.0.1:8080';
export default defineConfig({
  scenarios: 'load',
  out: 'load/runs',
  environments: { shop, staging: { url: 'https://staging.example.com', health_path: '/health' } },
  default_environment: 'shop',
  environment_of: { 'load/pay': 'staging' },
});
`;

describe('a configuration file', () => {
  it('is evaluated if it is TypeScript', () =>
    withFiles({ 'novaperf.config.ts': TYPED }, async (dir) => {
      const config = await read(dir);
      expect(config.defaultEnvironment).to.equal('shop');
      expect([...config.environments.keys()]).to.deep.equal(['demo', 'shop', 'staging']);
      expect(config.environments.get('staging')).to.include({ healthPath: '/health' });
      expect(scenariosFolderOf(config, dir)).to.equal('load');
      expect(config.out).to.equal('load/runs');
      expect(environmentOfFolder(join(dir, 'load/pay/x.ts'), dir, config.environmentOf)).to.equal('staging');
      expect(environmentOfFolder(join(dir, 'load/payment.ts'), dir, config.environmentOf)).to.equal(undefined);
    }));

  it('may be JSON', () =>
    withFiles(
      {
        'novaperf.config.json':
          '{ "$schema": "x", "environments": { "shop": "http://127.0.0.1:1" }, "default_environment": "shop" }',
      },
      async (dir) => {
        expect((await read(dir)).environments.get('shop')).to.include({ url: 'http://127.0.0.1:1' });
      },
    ));

  it('is overridden by ProjectConfig setting by setting, and every setting has its origin', () =>
    withFiles(
      {
        'novaperf.config.ts': TYPED,
        [PROJECT_CONFIG]: `category: ProjectConfig
key: ActiveConfig
value:
  testing:
    performance:
      default_environment: staging
      environments: { shop: http://10.0.0.1 }
`,
      },
      async (dir) => {
        const config = await read(dir);
        expect(config.defaultEnvironment).to.equal('staging');
        expect(config.environments.get('shop')).to.include({ url: 'http://10.0.0.1' });
        const origins = config.settings
          .filter(({ origin }) => origin !== 'default')
          .map(({ key, origin }) => [key, origin]);
        expect(Object.fromEntries(origins)).to.deep.equal({
          out: 'novaperf.config',
          scenarios: 'novaperf.config',
          default_environment: 'ProjectConfig',
          'environments.shop': 'ProjectConfig',
          'environments.staging': 'novaperf.config',
          'environment_of.load/pay': 'novaperf.config',
        });
      },
    ));

  const broken: [what: string, files: Record<string, string>, message: RegExp, where: RegExp][] = [
    [
      'an unknown setting',
      { 'novaperf.config.json': '{ "enviroments": {} }' },
      /only known fields, found "enviroments"/,
      /novaperf\.config\.json: enviroments$/,
    ],
    [
      'an environment without an address',
      { 'novaperf.config.json': '{ "environments": { "a": { "url": "nope" } } }' },
      /expected an http\(s\) URL/,
      /: environments\.a\.url$/,
    ],
    [
      'a default that is not there',
      { 'novaperf.config.json': '{ "default_environment": "x" }' },
      /found "x"/,
      /default_environment$/,
    ],
    ['no JSON', { 'novaperf.config.json': '{' }, /^Expected JSON/, /novaperf\.config\.json$/],
    ['a syntax error', { 'novaperf.config.ts': 'export default {{' }, /Expected/, /novaperf\.config\.ts:1:/],
    ['an exception', { 'novaperf.config.ts': 'throw new Error("no token")' }, /no token/, /novaperf\.config\.ts$/],
    [
      'no default export',
      { 'novaperf.config.ts': 'export const a = 1;' },
      /Expected an object/,
      /novaperf\.config\.ts$/,
    ],
    [
      'two of them',
      { 'novaperf.config.ts': TYPED, 'novaperf.config.json': '{}' },
      /found novaperf\.config\.ts and novaperf\.config\.json/,
      /./,
    ],
  ];
  for (const [what, files, message, where] of broken) {
    it(`with ${what} is an error with its place`, () =>
      withFiles(files, async (dir) => {
        const userError = await errorOf(() => read(dir));
        expect(userError.message).to.match(message);
        expect(userError.where).to.match(where);
        expect(userError.exitCode).to.equal(2);
      }));
  }
});
