import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'chai';
import { latencyFigures } from '../../runner/analysis/requests/primary.ts';
import type { Result } from '../../runner/model/result.ts';
import { logTicks, scaleFor, timeStep } from '../../runner/report/charts/axes.ts';
import { readableMarkdown, renderCyclePage, renderCycleReport } from '../../runner/report/cycle-report.ts';
import { renderJunit } from '../../runner/report/junit.ts';
import { listedRun } from '../../runner/report/listed-run.ts';
import { renderRun } from '../../runner/report/render.ts';
import { UserError } from '../../runner/system/errors.ts';
import { count, duration, percent } from '../../runner/text/format.ts';
import { resultOf, shopSamples } from './sample-run.ts';

const metrics = shopSamples({ seconds: 60, requestsPerSecond: 30 });
const result = resultOf(metrics);

describe('report.md', () => {
  it('has the verdict and numbers of the Result, and refers to the pictures next to it', async () => {
    const files = await renderRun(result, metrics);
    const markdown = files.get('report.md') ?? '';
    expect(markdown).to.match(/^# Failed: browse · load\n/);
    expect(markdown).to.include(`**${result.status_reason}**`);
    for (const endpoint of result.endpoints) {
      const row = markdown.split('\n').find((line) => line.startsWith(`| ${endpoint.name.replace(/[{}]/g, '\\$&')} |`));
      expect(row?.split('|').map((cell) => cell.trim())).to.include.members([
        count(endpoint.requests),
        duration(endpoint.p95),
        duration(endpoint.p99),
        duration(endpoint.max),
      ]);
    }
    const pictures = [...markdown.matchAll(/!\[[^\]]*\]\(([^)]+)\)/g)].map(([, file]) => file ?? '');
    expect(pictures).to.include.members(['latency.svg', 'throughput.svg', 'vus.svg']);
    for (const picture of pictures) expect(files.has(picture), picture).to.equal(true);
  });
});

describe('junit.xml', () => {
  const casesOf = (xml: string) => xml.match(/<testcase /g)?.length ?? 0;

  it('has one case per KPI and per check, which fails if it was missed or had no data', () => {
    const xml = renderJunit(result);
    expect(casesOf(xml)).to.equal(result.kpis.length + result.checks.length);
    const missed = result.kpis.filter(({ verdict }) => verdict === 'fail' || verdict === 'no_data');
    expect(xml.match(/<failure /g)).to.have.length(missed.length);
    expect(xml).to.include('target &lt; 60 ms');
  });

  it('fails a failed check, and skips one that is within its threshold', () => {
    const without = renderJunit({ ...result, kpis: [] });
    expect(without.match(/<failure /g)).to.have.length(result.checks.filter(({ fails }) => fails > 0).length);
    const within = renderJunit({ ...result, kpis: result.kpis.filter(({ metric }) => metric === 'checks') });
    expect(within).not.to.include('<failure ');
    expect(within).to.include('<skipped');
  });

  it('tolerates failures of a check only with a target that covers it', () => {
    const [check] = result.checks;
    const [target] = result.kpis.filter(({ metric }) => metric === 'checks');
    if (check === undefined || target === undefined) throw new Error('the sample run has checks and a target on them');
    const failing = { ...check, name: 'cart ok', group: '::cart', scenario: 'default', passes: 0, fails: 10, rate: 0 };
    const rows = [
      [{}, 'pass', 'skipped'],
      [{ check: 'cart ok' }, 'pass', 'skipped'],
      [{ group: '::cart', scenario: 'default' }, 'pass', 'skipped'],
      [{ check: 'login ok' }, 'pass', 'failure'],
      [{ check: 'cart ok', status: '200' }, 'pass', 'failure'],
      [{ check: 'cart ok' }, 'fail', 'failure'],
    ] as const;
    for (const [filter, verdict, outcome] of rows) {
      const xml = renderJunit({ ...result, kpis: [{ ...target, filter, verdict }], checks: [failing] });
      const [, ofCheck = ''] = xml.split('cart::cart ok');
      expect(ofCheck.match(/<(failure|skipped)\b/)?.[1], JSON.stringify([filter, verdict])).to.equal(outcome);
    }
  });

  it('has a skipped case for a run without verdicts', () => {
    const xml = renderJunit({ ...result, kpis: [], checks: [], status: 'unjudged', status_reason: 'no targets' });
    expect(xml.match(/<(testcase|skipped|failure|error)\b/g)).to.deep.equal(['<testcase', '<skipped']);
  });

  it('has an error for a run that ended in one', () => {
    expect(renderJunit({ ...result, status: 'error', status_reason: 'setup threw' })).to.match(
      /<error message="setup threw"/,
    );
  });
});

describe('OverallPerformanceReport', () => {
  const second: Result = {
    ...result,
    scenario: 'checkout',
    run: 'checkout_20261123T100300Z',
    status: 'pass',
    kpis: [],
  };
  const report = renderCycleReport([result, second], {
    beganAtMs: Date.parse('2026-11-23T10:00:00Z'),
    endedAtMs: Date.parse('2026-11-23T10:05:00Z'),
    failures: ['search: its data file is missing'],
    outDir: '/tmp',
  });

  it('begins with go or no-go and why, then changes, targets once, findings, evidence and references', () => {
    expect(report).to.match(/^# No go: Catalog, 2026-11-23\n\n\*\*No go\.\*\* 1 of 3 scenarios passed, /);
    expect(report).to.include('search: its data file is missing');
    const headings = [...report.matchAll(/^## (.*)$/gm)].map(([, heading]) => heading);
    expect(headings).to.deep.equal([
      ...['What changed since the last cycle', 'Targets', 'Findings', 'Evidence', 'References'],
    ]);
    for (const fact of ['k6 v2.2.0', 'novaperf 0.1.0', 'Node v20.19.4', '1.4.2+7f3c1d', 'missed by']) {
      expect(report).to.include(fact);
    }
    const slowest = result.endpoints.toSorted((a, b) => (b.p95 ?? 0) - (a.p95 ?? 0))[0];
    expect(report).to.include(`| ${slowest?.name} | ${count(slowest?.requests)} | ${duration(slowest?.p95)} |`);
  });

  it('is readable as plain text', () => {
    expect(report).to.match(/p95 of http_req_duration.*\| < \d+ ms \|/);
    expect(report).not.to.match(/&lt;|&gt;|&amp;|http\\_|\\[<>]/);
    expect(report).to.include('| > 95 % |').and.to.include('Did not run: search: its data file is missing.');
    expect(readableMarkdown('> 95 %')).to.equal('> 95 %');
    expect(readableMarkdown('> quoted')).to.equal('\\> quoted');
    expect(readableMarkdown('a <b> | c_d_e *f* [g](h) &lt; _i_')).to.equal(
      'a ‹b> / c_d_e \\*f\\* \\[g\\](h) ＆lt; \\_i\\_',
    );
  });

  it('lists what changed since the last run of the same scenario', () => {
    const before = { ...listedRun(result, 'before'), status: 'pass', p95_ms: 40, build: '1.4.1' } as const;
    const kpis = before.kpis.map((kpi) => ({ ...kpi, verdict: 'pass' as const }));
    const facts = { beganAtMs: 0, endedAtMs: 1, failures: [], outDir: '/tmp' };
    const previous = new Map([[result.run, { ...before, kpis }]]);
    const text = renderCycleReport([result], { ...facts, previous });
    expect(text).to.include('passed → failed').and.to.include('build 1.4.1').and.to.include('newly missed: ');
    const page = renderCyclePage([result], { ...facts, previous }, { markdownFile: 'x.md' });
    expect(page).to.include('passed → failed').and.to.include('href="browse_20261123T100000Z/report.html"');
    expect(page).to.include('<details class="fold" open>');
  });

  it('names the state of the load generator as the report of the run does', () => {
    const strained: Result = { ...result, generator: { ...result.generator, state: 'warn' } };
    const facts = { beganAtMs: 0, endedAtMs: 1, failures: [], outDir: '/tmp' };
    expect(renderCycleReport([strained], facts)).to.match(/^- browse: .*, load generator strained$/m);
  });

  it('links reports and pictures by paths relative to its folder', () => {
    expect(report).to.include('(browse_20261123T100000Z/report.html)');
    expect(report).to.include('(checkout_20261123T100300Z/latency.svg)');
  });

  it('is also a report if no scenario ran', () => {
    const empty = renderCycleReport([], { beganAtMs: 0, endedAtMs: 1, failures: ['browse: no'], outDir: '/tmp' });
    expect(empty).to.include('# No go:');
    expect(empty).to.include('- browse: no');
  });
});

describe('templates of the user', () => {
  let folder: string;
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'templates-'));
    await mkdir(join(folder, 'partials'));
  });
  afterEach(() => rm(folder, { recursive: true, force: true }));

  it('override shipped ones of the same name only @slow', async () => {
    await writeFile(join(folder, 'partials', 'custom.hbs'), '<section id="ours"><h2>Ours: {{scenario}}</h2></section>');
    await mkdir(join(folder, 'styles'));
    await writeFile(join(folder, 'styles', 'ours.css'), 'body { color: rgb(1, 2, 3) }');
    await writeFile(join(folder, 'styles', 'print.css'), '.ours { color: rgb(4, 5, 6) }');
    const html = (await renderRun(result, metrics, { templatesDir: folder })).get('report.html') ?? '';
    expect(html).to.include('<h2>Ours: browse</h2>');
    expect(html).to.match(/\.stamp \{[\s\S]*rgb\(4, 5, 6\)[\s\S]*rgb\(1, 2, 3\)/);
    expect(html, 'the shipped print.css').not.to.include('size: A4');
    expect(html).to.include('id="endpoints-section"');
  });

  it('get an error with the file if they use an unknown field', async () => {
    await writeFile(join(folder, 'report.hbs'), '{{verdict.werdict}}');
    const fault: unknown = await renderRun(result, metrics, { templatesDir: folder }).catch((error: unknown) => error);
    expect(fault).to.be.instanceOf(UserError);
    expect(String(fault)).to.match(/report\.hbs.*werdict/);
  });

  it('get an error if their folder is missing', async () => {
    const fault: unknown = await renderRun(result, metrics, { templatesDir: join(folder, 'no') }).catch(
      (error: unknown) => error,
    );
    expect(fault).to.be.instanceOf(UserError);
  });
});

describe('figures of charts', () => {
  it('have axes with round numbers that include the highest value', () => {
    for (const highest of [0.0004, 0.9, 1, 7.3, 10, 23, 99, 101, 480, 5_000, 123_456]) {
      const { max, interval } = scaleFor(highest);
      expect(max, String(highest)).to.be.at.least(highest * 0.9999);
      expect(max / interval, String(highest)).to.be.within(1.99, 6.01);
    }
    expect(scaleFor(0)).to.deep.equal({ max: 1, interval: 0.25 });
    expect(timeStep(90_000, 10)).to.equal(10_000);
    expect(logTicks(0.9, 3.1, 8).map((exponent) => Math.round(10 ** exponent))).to.deep.equal([
      10, 20, 50, 100, 200, 500, 1000,
    ]);
  });

  it('cover in result.latency the requests that endpoints count as not failed', () => {
    const figures = latencyFigures(metrics);
    expect(figures?.metric).to.equal('http_req_duration');
    expect(figures?.count).to.equal(result.endpoints.reduce((sum, { requests, failed }) => sum + requests - failed, 0));
    expect(percent(1 - (figures?.count ?? 0) / 1800)).to.equal(percent(result.metrics.http_req_failed?.rate));
  });
});
