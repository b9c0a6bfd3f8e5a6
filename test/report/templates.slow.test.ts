import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'chai';
import type { Browser } from 'playwright-core';
import { renewed } from '../../docs/readme-tables.ts';
import { type Shape, viewShapes } from '../../docs/view-fields.ts';
import { renderRun } from '../../runner/report/render.ts';
import { buildReport } from '../../runner/report/view-model.ts';
import { presentationFor } from '../../runner/run/plan/presentation.ts';
import { UserError } from '../../runner/system/errors.ts';
import { packageRoot } from '../../runner/system/package-root.ts';
import { novaperf } from '../cli/in-process.ts';
import { runFolders } from '../cli/novaperf.ts';
import { launchBrowser, openPage, releaseBrowser } from './browser.ts';
import { hostileRun } from './hostile-run.ts';
import { resultOf, shopSamples } from './sample-run.ts';

const metrics = shopSamples({ seconds: 30, requestsPerSecond: 30 });
const result = resultOf(metrics);
const readme = () => readFile(join(packageRoot, 'templates/README.md'), 'utf8');

describe('templates/README.md', () => {
  let shapes: ReadonlyMap<string, Shape>;
  before(async () => {
    shapes = new Map((await viewShapes()).map((shape) => [shape.name, shape]));
  });

  it('has the current list of fields; npm run docs renews it', async () => {
    const text = await readme();
    expect(await renewed('templates/README.md')).to.equal(text);
  });

  it('lists every field of a view, of every type, and no other', () => {
    const { metrics: samples, hostile } = hostileRun();
    const seen = new Set<string>();
    for (const { view } of [buildReport(result, metrics), buildReport(hostile, samples)])
      walk(view, 'ReportView', 'view');
    expect([...seen]).to.include.members([
      'ReportView',
      'Mark',
      'Fact',
      'Verdict',
      'Trust',
      'KpiRow',
      'FindingRow',
      'Cell',
    ]);

    /** The fields of the types that `type` refers to, and of its inline objects. */
    function fieldsOf(type: string): Map<string, string> {
      const named = [...type.matchAll(/\w+/g)].flatMap(([name]) => shapes.get(name) ?? []);
      const inline = [...type.matchAll(/readonly (\w+): ([^;}]+)/g)].map(
        ([, name = '', inner = '']) => [name, inner] as const,
      );
      const outside =
        inline.length === 0 ? named : named.filter(({ name }) => type.startsWith(`ReadonlyArray<${name} &`));
      return new Map([
        ...outside.flatMap(({ name, parent, fields }) => {
          seen.add(name);
          const own = fields.map((field) => [field.name, field.type] as const);
          return [...(parent === undefined ? [] : fieldsOf(parent)), ...own];
        }),
        ...inline,
      ]);
    }

    function walk(value: unknown, type: string, path: string): void {
      if (Array.isArray(value)) {
        for (const item of value) walk(item, type, `${path}[]`);
        return;
      }
      if (typeof value !== 'object' || value === null) return;
      const documented = fieldsOf(type);
      const flat = Object.entries(value).flatMap(([name, inner]: [string, unknown]) =>
        documented.has(name) || typeof inner !== 'object' || inner === null || Array.isArray(inner)
          ? [[name, inner] as const]
          : Object.entries(inner).map(([deep, item]) => [`${name}.${deep}`, item] as const),
      );
      expect(
        flat.map(([name]) => name),
        path,
      ).to.have.members([...documented.keys()]);
      for (const [name, inner] of flat) walk(inner, documented.get(name) ?? '', `${path}.${name}`);
    }
  });
});

describe("a user's own section", function () {
  this.timeout(120_000);
  let folder: string;
  let browser: Browser;
  before(async () => {
    browser = await launchBrowser();
  });
  after(() => releaseBrowser(browser));
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'templates-'));
    await mkdir(join(folder, 'ours/partials'), { recursive: true });
  });
  afterEach(() => rm(folder, { recursive: true, force: true }));
  const ours = (name: string, text: string) => writeFile(join(folder, 'ours', name), text);

  /** The example of the README, to prove that it works. */
  const example = async () => /```hbs\n([\s\S]*?)```/.exec(await readme())?.[1] ?? '';

  it('appears on the page, as the README shows it', async () => {
    await ours('partials/custom.hbs', await example());
    const file = join(folder, 'report.html');
    const files = await renderRun(result, metrics, { templatesDir: join(folder, 'ours') });
    await writeFile(file, files.get('report.html') ?? '');
    const { page, complaints } = await openPage(browser, file);
    expect(await page.locator('#budget h2').textContent()).to.equal('Budget of Catalog');
    expect(await page.locator('#budget li').count()).to.equal(result.kpis.length);
    expect(complaints).to.deep.equal([]);
  });

  it('gets hostile text of the run as data, too', async () => {
    await ours('partials/custom.hbs', await example());
    const { metrics: samples, hostile } = hostileRun();
    const file = join(folder, 'report.html');
    const files = await renderRun(hostile, samples, { templatesDir: join(folder, 'ours') });
    await writeFile(file, files.get('report.html') ?? '');
    const { page, complaints } = await openPage(browser, file);
    expect(await page.locator('#budget li').count()).to.equal(hostile.kpis.length);
    expect(complaints).to.deep.equal([]);
  });

  for (const [what, partial] of [
    ['in the view', '{{componnent}}'],
    ['in a row', '{{#each kpis.rows}}{{componnent}}{{/each}}'],
  ]) {
    it(`gets an error that names an unknown field ${what}`, async () => {
      await ours('partials/custom.hbs', partial ?? '');
      const fault: unknown = await renderRun(result, metrics, { templatesDir: join(folder, 'ours') }).catch(
        (error: unknown) => error,
      );
      expect(fault).to.be.instanceOf(UserError);
      expect(String(fault)).to.match(/"componnent" not defined/);
    });
  }

  it('gets an error with its file before any load if it does not parse', async () => {
    await ours('partials/custom.hbs', '<p>{{#each kpis.rows}}</p>');
    const config = { report: { title: undefined, logo: undefined }, where: '' };
    const fault: unknown = await presentationFor({ template: 'ours', assets: 'inline' }, config, folder).catch(
      (error: unknown) => error,
    );
    expect(fault).to.be.instanceOf(UserError);
    expect(fault instanceof UserError ? fault.where : '').to.equal(join(folder, 'ours/partials/custom.hbs'));
  });

  it('appears with external assets, title and logo after novaperf analyze and novaperf report', async () => {
    await ours('partials/custom.hbs', await example());
    await mkdir(join(folder, 'conport/custom_data/ProjectConfig'), { recursive: true });
    await writeFile(join(folder, 'logo.svg'), '<svg xmlns="http://www.w3.org/2000/svg" width="9" height="9"></svg>');
    await writeFile(
      join(folder, 'conport/custom_data/ProjectConfig/ActiveConfig.yaml'),
      'category: ProjectConfig\nkey: ActiveConfig\nvalue:\n  testing:\n    performance:\n      report: { title: Example Inc., logo: logo.svg }\n',
    );
    const stream = join(packageRoot, 'test/fixtures/samples/k6-v2.2.0.json');
    const looks = ['--template', 'ours', '--assets', 'external'];
    const analysed = await novaperf(['analyze', stream, ...looks], { cwd: folder });
    expect(analysed.stderr).to.equal('');
    const [run = ''] = await runFolders(folder);
    const html = () => readFile(join(run, 'report.html'), 'utf8');
    for (const text of ['id="budget"', 'href="report.css"', 'src="logo.svg"', 'Example Inc.']) {
      expect(await html()).to.include(text);
    }
    await novaperf(['report', run], { cwd: folder });
    expect(await html()).not.to.include('id="budget"');
    expect(await html())
      .to.include('Example Inc.')
      .and.to.include('src="data:image/svg+xml;base64,');
  });
});
