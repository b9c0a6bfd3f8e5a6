import { mkdir, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect } from 'chai';
import { readProjectConfig } from '../../runner/config/project-config.ts';
import { checkTargets, readTargets, unusedTargets } from '../../runner/config/targets-store.ts';
import { PROFILES } from '../../runner/model/plan.ts';
import { checkConfig } from '../../runner/records/repair/config-check.ts';
import { errorOf } from '../records/error-of.ts';
import { inTemporaryFolder } from '../records/samples.ts';

const SHIPPED = fileURLToPath(new URL('../../conport', import.meta.url));
const CONFIG = 'custom_data/ProjectConfig/ActiveConfig.yaml';

/** The configuration that a file with this text gives. */
async function withConfig(text: string, work: (dir: string, path: string) => Promise<void>): Promise<void> {
  await inTemporaryFolder(async (dir) => {
    const path = join(dir, CONFIG);
    await mkdir(dirname(path), { recursive: true });
    await writeFile(path, text);
    await work(dir, path);
  });
}

/** The QA team's public example, without any setting for novaperf. */
const PUBLIC_EXAMPLE = `
project_name: "Nova Project Example"
project_type: web
testing:
  unit_test_command: npm test
  paths:
    performance_scripts: tests/performance
  commands:
    performance_load_test: k6 run tests/performance/main_load_test.js --vus 10 -e X=y
    performance_chaos_test: k6 run chaos.js
  environments:
    staging_url: https://staging.example.com
    performance_env_url: https://perf.example.com
    uat_env_url: "[to be filled in]"
    note: ask the platform team
logging:
  paths:
    app: logs/app.log
`;

describe("the project's configuration", () => {
  it('is the built-in one without a file, with the demo environment, which no scenario loads by default', () =>
    inTemporaryFolder(async (dir) => {
      const config = await readProjectConfig(dir);
      expect(config.where).to.equal('built-in defaults');
      expect(config.defaultEnvironment).to.equal(undefined);
      expect([...config.environments]).to.deep.equal([['demo', { kind: 'demo' }]]);
      expect((await checkConfig(dir)).notes.join('\n')).to.contain(join(dir, CONFIG));
    }));

  it('can be the public example; what cannot be used is ignored with a warning', () =>
    withConfig(PUBLIC_EXAMPLE, async (dir) => {
      const config = await readProjectConfig(dir);
      expect(config.defaultEnvironment).to.equal('performance');
      expect([...config.environments.keys()]).to.deep.equal(['demo', 'staging', 'performance']);
      expect(config.environments.get('performance')).to.deep.equal({
        kind: 'url',
        url: 'https://perf.example.com',
        healthPath: undefined,
      });
      expect([...config.commands]).to.deep.equal([
        ['load', 'k6 run tests/performance/main_load_test.js --vus 10 -e X=y'],
      ]);
      expect(config.scriptsPath).to.equal('tests/performance');
      expect(config.remarks.join('\n'))
        .to.match(/uat_env_url is no http/)
        .and.to.match(/"chaos".*profile/);
      const { problems } = await checkConfig(dir);
      expect(problems.map(({ text }) => text).join('\n')).to.contain('there is no ');
    }));

  it('has environments, their health check, a server, and title and logo of reports in testing.performance', () =>
    withConfig(
      `value:
  testing:
    environments: { performance_env_url: https://old.example.com }
    performance:
      default_environment: slow-demo
      environments:
        performance: { url: https://perf.example.com, health_path: /health }
        plain: http://127.0.0.1:8080
        slow-demo: { kind: demo, seed: 7, version: "1.10", faults: ["slow:GET /search=800ms"] }
      conport_server: { command: conport-mcp, args: [--mode, stdio], workspace_id: ., timeout: 2m }
      report: { title: Example Inc., logo: assets/logo.svg }
category: ProjectConfig
key: ActiveConfig
`,
      async (dir) => {
        const { environments, defaultEnvironment, conportServer, report } = await readProjectConfig(dir);
        expect(defaultEnvironment).to.equal('slow-demo');
        expect(Object.fromEntries(environments)).to.deep.equal({
          demo: { kind: 'demo' },
          performance: { kind: 'url', url: 'https://perf.example.com', healthPath: '/health' },
          plain: { kind: 'url', url: 'http://127.0.0.1:8080', healthPath: undefined },
          'slow-demo': { kind: 'demo', seed: 7, version: '1.10', faults: ['slow:GET /search=800ms'] },
        });
        expect(conportServer).to.deep.equal({
          kind: 'stdio',
          command: 'conport-mcp',
          args: ['--mode', 'stdio'],
          env: {},
          workspaceId: '.',
          timeoutMs: 120_000,
        });
        expect(report).to.deep.equal({ title: 'Example Inc.', logo: 'assets/logo.svg' });
      },
    ));

  const wrong: ReadonlyArray<[what: string, text: string, where: string, message: RegExp]> = [
    ['broken YAML', 'testing:\n  a: "x\n', ':3:1', /^Expected ProjectConfig:ActiveConfig in YAML, found: /],
    ['a list', '- a\n', ':1:1', /found a value: .*expected object/],
    [
      'an environment without a URL',
      'testing:\n  performance:\n    environments:\n      x:\n        url: perf.example.com\n',
      ':5:9: testing.performance.environments.x.url',
      /expected an http\(s\) URL/,
    ],
    [
      'a version that YAML takes for a number',
      'testing:\n  performance:\n    environments:\n      x: { kind: demo, version: 1.10 }\n',
      ':4:24: testing.performance.environments.x.version',
      /in quotes/,
    ],
    [
      'a field that we do not know',
      'testing:\n  performance:\n    enviroments: {}\n',
      ':3:5: testing.performance.enviroments',
      /found "enviroments"/,
    ],
    [
      'a default environment that there is not',
      'testing:\n  performance:\n    default_environment: dmeo\n',
      ':3:5: testing.performance.default_environment',
      /environments demo.*, found "dmeo"/,
    ],
    [
      'a server without a workspace',
      'testing:\n  performance:\n    conport_server: { command: x }\n',
      ':3:5: testing.performance.conport_server.workspace_id',
      /expected string/,
    ],
  ];
  for (const [what, text, where, message] of wrong) {
    it(`with ${what} is an error with file, line and field`, () =>
      withConfig(text, async (dir, path) => {
        const userError = await errorOf(() => readProjectConfig(dir));
        expect(userError.message).to.match(message);
        expect(userError.where).to.equal(`${path}${where}`);
        expect((await checkConfig(dir)).problems[0]?.level).to.equal('error');
      }));
  }
});

describe('the shipped conport folder', () => {
  it('can be read whole, and every shipped component has targets for every profile', async () => {
    // The shipped scenarios name the demo themselves; no other scenario is sent there.
    expect((await readProjectConfig(SHIPPED)).defaultEnvironment).to.equal(undefined);
    expect(await checkTargets(SHIPPED)).to.deep.equal({ broken: [], unread: [] });
    for (const component of ['Catalog', 'Checkout', 'Search']) {
      for (const profile of PROFILES) {
        const { kpis } = await readTargets(SHIPPED, component, profile);
        expect(kpis.length, `${component} ${profile}`).to.be.greaterThan(0);
      }
    }
  });
});

const target = (id: string, more = '') =>
  `  - { id: ${id}, metric: checks, statistic: rate, comparison: '>', target: 0.9${more} }\n`;

describe('the targets of a component', () => {
  const files: Readonly<Record<string, string>> = {
    'PerformanceTargets/Catalog_Targets_v2.yaml': `targets:\n${target('two')}`,
    'PerformanceTargets/Catalog_Targets_v10.yaml': `targets:\n${target('ten')}${target('load_only', ', profiles: [load]')}`,
    'PerformanceTargets/Product-Search_Targets_v1.yaml': 'p95_ms: 300\n',
    'PerformanceTargets/Каталог_Targets_v1.yaml': `targets:\n${target('cyrillic')}`,
    'AcceptanceCriteria/Browsing_AC_v1.yaml': `component: Catalog\nperformance_targets:\n${target('old')}`,
    'AcceptanceCriteria/Browsing_AC_v2.yaml': `component: Catalog\ncriteria: [it works]\nperformance_targets:\n${target('ten')}${target('other', ', component: Checkout')}`,
    'AcceptanceCriteria/Words_AC_v1.yaml': 'component: Catalog\ncriteria: [it feels quick]\n',
  };
  const inFiles = (work: (dir: string) => Promise<void>) =>
    inTemporaryFolder(async (dir) => {
      for (const [file, text] of Object.entries(files)) {
        const path = join(dir, 'custom_data', file);
        await mkdir(dirname(path), { recursive: true });
        await writeFile(path, text);
      }
      await work(dir);
    });
  const rows: ReadonlyArray<[component: string, profile: string | undefined, ids: string[]]> = [
    ['Catalog', 'smoke', ['ten', 'ten (AcceptanceCriteria:Browsing_AC_v2)']],
    ['catalog', 'load', ['ten', 'load_only', 'ten (AcceptanceCriteria:Browsing_AC_v2)']],
    ['Catalog', undefined, ['ten', 'load_only', 'ten (AcceptanceCriteria:Browsing_AC_v2)']],
    ['Checkout', 'load', ['other']],
    ['Product Search', 'load', ['p95_ms']],
    ['Каталог', 'load', ['cyrillic']],
    ['Unknown', 'load', []],
    ['', 'load', []],
  ];
  for (const [component, profile, ids] of rows) {
    it(`"${component}" under ${profile ?? 'any profile'} are ${ids.join(', ') || 'none'}`, () =>
      inFiles(async (dir) => {
        const { kpis, sources } = await readTargets(dir, component, profile);
        expect(kpis.map(({ id }) => id)).to.deep.equal(ids);
        expect(sources).to.have.length(ids.length === 0 ? 0 : new Set(sources).size);
      }));
  }

  it('are read only from the newest version, even if it is broken', () =>
    inFiles(async (dir) => {
      await writeFile(join(dir, 'custom_data/PerformanceTargets/Catalog_Targets_v2.yaml'), '[');
      expect((await readTargets(dir, 'Catalog', 'smoke')).kpis).to.have.length(2);
      expect((await checkTargets(dir)).broken[0]?.where).to.match(/Catalog_Targets_v2\.yaml:\d+:\d+$/);
    }));

  it('that no run uses are listed: unreadable ones, and those of unknown components', () =>
    inFiles(async (dir) => {
      expect(await unusedTargets(dir, undefined)).to.deep.equal([]);
      await writeFile(join(dir, 'custom_data/PerformanceTargets/Billing_Targets_v1.yaml'), 'p95_ms: 300\n');
      await writeFile(join(dir, 'custom_data/PerformanceTargets/Pay_Targets_v1.yaml'), 'targets: [\n');
      const [unreadable, ...more] = await unusedTargets(dir, undefined);
      expect(unreadable).to.match(/^Nothing is judged by .*Pay_Targets_v1\.yaml:\d+:\d+: Expected /);
      expect(more).to.deep.equal([]);
      const known = ['Catalog', 'Checkout', 'Product Search', 'Каталог', 'Pay'];
      expect((await unusedTargets(dir, known)).slice(1)).to.deep.equal([
        'PerformanceTargets:Billing_Targets_v1 is never judged: no scenario has the component Billing',
      ]);
    }));

  it('with a mistake are an error with file, line and field', () =>
    inFiles(async (dir) => {
      const path = join(dir, 'custom_data/PerformanceTargets/Catalog_Targets_v11.yaml');
      await writeFile(path, `targets:\n${target('one')}  - id: two\n    metric: checks\n    statistic: p95th\n`);
      const userError = await errorOf(() => readTargets(dir, 'Catalog', 'load'));
      expect(userError.where).to.equal(`${path}:5:5: targets[1].statistic`);
      expect(userError.message).to.contain('found "p95th"');
    }));
});
