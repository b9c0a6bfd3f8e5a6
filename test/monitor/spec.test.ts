// A source as written in a flag or in ProjectConfig, and its errors.

import { expect } from 'chai';
import { parse as parseYaml } from 'yaml';
import { configOf } from '../../runner/config/project-config.ts';
import { openSources } from '../../runner/monitor/open.ts';
import { planWatch } from '../../runner/monitor/plan.ts';
import { sourceSchema } from '../../runner/monitor/spec.ts';

const VARIABLE = '{NOVAPERF_NO_SUCH_TOKEN}';
const specOf = (text: unknown) => sourceSchema.parse(text);

describe('a source', () => {
  const taken: Array<[text: unknown, part: Record<string, unknown>]> = [
    ['pid:42', { kind: 'process', choice: { by: 'pid', pid: 42 }, name: undefined }],
    ['shop=port:8080', { kind: 'process', choice: { by: 'port', port: 8080 }, name: 'shop' }],
    ['name:nginx', { kind: 'process', choice: { by: 'name', name: 'nginx' } }],
    ['machine', { kind: 'machine' }],
    ['http://127.0.0.1:9100/metrics', { kind: 'exposition', url: 'http://127.0.0.1:9100/metrics' }],
    [
      'db=http://127.0.0.1:9187/metrics#pg_*,datname=shop',
      {
        name: 'db',
        kind: 'exposition',
        url: 'http://127.0.0.1:9187/metrics',
        filter: { match: ['pg_*'], labels: { datname: 'shop' }, maxSeries: 500 },
      },
    ],
    [
      'prometheus+http://127.0.0.1:9090?cpu=rate(x[1m])&query=up&step=5s',
      {
        kind: 'prometheus',
        url: 'http://127.0.0.1:9090/',
        stepMs: 5000,
        queries: [
          { name: 'cpu', query: 'rate(x[1m])' },
          { name: undefined, query: 'up' },
        ],
      },
    ],
    ['/tmp/a.csv#offset=-2s,time=ts', { kind: 'csv', path: '/tmp/a.csv', csv: { offsetMs: -2000, timeColumn: 'ts' } }],
    ['cmd:A=1 tool | grep "#x"', { kind: 'command', command: 'A=1 tool | grep "#x"', name: undefined }],
    ['stream:vmstat 1', { kind: 'stream', command: 'vmstat 1' }],
    [
      { source: 'machine', name: 'box' },
      { kind: 'machine', name: 'box' },
    ],
    [
      { source: 'http://127.0.0.1:1/', match: ['a*'], max_series: 10 },
      { filter: { match: ['a*'], labels: {}, maxSeries: 10 } },
    ],
  ];
  for (const [text, part] of taken) {
    it(`may be ${JSON.stringify(text)}`, () => {
      expect(specOf(text)).to.deep.include(part);
    });
  }

  const refused: Array<[text: unknown, message: RegExp]> = [
    ['nonsense', /expected pid:N, port:N, name:X, machine/],
    ['pid:0', /expected a pid from 1/],
    ['port:99999', /expected a port from 1 to 65535/],
    ['ftp://x/metrics', /expected pid:N/],
    ['http://', /expected the URL/],
    ['prometheus+http://127.0.0.1:9090', /expected a query/],
    ['prometheus+http://127.0.0.1:9090?query=up&step=5ms', /step of 1s or more/],
    ['a.csv#offset=soon', /offset such as 2s/],
    ['a.csv#colour=red', /found "colour=red"/],
    [{ source: 'machine', match: ['x'] }, /expected no match for a source of this kind/],
    [{ source: 'machine', colour: 'red' }, /colour/],
    [{ name: 'x' }, /expected string/i],
    [7, /expected/i],
    ['', /./],
  ];
  for (const [text, message] of refused) {
    it(`is rejected: ${JSON.stringify(text)}`, () => {
      const parsed = sourceSchema.safeParse(text);
      expect(parsed.success).to.equal(false);
      expect(parsed.error?.issues[0]?.message).to.match(message);
    });
  }

  it('gets a unique name', () => {
    const names = openSources(
      ['machine', 'machine', 'http://127.0.0.1:1/metrics', 'http://127.0.0.1:1/other', 'cmd:/usr/bin/tool -x'].map(
        specOf,
      ),
    ).map(({ name }) => name);
    expect(names).to.deep.equal(['machine', 'machine-2', '127.0.0.1:1', '127.0.0.1:1/other', 'tool']);
  });

  it('may read a header from the environment, and names a missing variable', () => {
    const spec = specOf({
      source: 'http://127.0.0.1:1/metrics',
      headers: { authorization: `Bearer $${VARIABLE}` },
    });
    expect(() => openSources([spec])).to.throw(/NOVAPERF_NO_SUCH_TOKEN/);
  });
});

describe('monitoring of a system', () => {
  const configured = (yaml: string) =>
    configOf({
      category: 'ProjectConfig',
      key: 'ActiveConfig',
      timestamp: undefined,
      bare: true,
      path: 'ActiveConfig.yaml',
      text: yaml,
      value: parseYaml(yaml),
      placeOf: () => 'ActiveConfig.yaml:7',
    });
  const environment = (lines: string) =>
    `testing:\n  performance:\n    environments:\n      stage:\n        url: http://127.0.0.1:8080\n${lines}`;

  it('is configured in ProjectConfig per environment', () => {
    const config = configured(
      environment(
        "        server_metrics: [machine, {source: 'http://127.0.0.1:9100/metrics', match: [node_cpu*]}]\n        baseline_time: 10s\n        recovery_time: 0s\n",
      ),
    );
    const plan = planWatch({}, config.environments.get('stage'), { url: '' });
    expect(plan.sources.map(({ kind }) => kind)).to.deep.equal(['machine', 'exposition']);
    expect([plan.idleMs, plan.recoveryMs]).to.deep.equal([10_000, 0]);
  });

  it('is overridden by flags; the demo is monitored by default, unless the list is empty', () => {
    const flags = { serverMetrics: [specOf('machine')], baselineTime: 1000 };
    expect(planWatch(flags, { idleMs: 5, recoveryMs: 7 }, { demoPid: 1, url: 'http://x' })).to.deep.include({
      idleMs: 1000,
      recoveryMs: 7,
    });
    expect(planWatch({}, undefined, { demoPid: 1, url: 'http://x' }).sources.map(({ name }) => name)).to.deep.equal([
      'demo',
      'demo-metrics',
    ]);
    expect(planWatch({}, { serverMetrics: [] }, { demoPid: 1, url: 'http://x' }).sources).to.deep.equal([]);
    expect(planWatch({}, undefined, { url: 'http://x' }).sources).to.deep.equal([]);
  });

  const profiles = [
    ['smoke', 1000],
    ['load', 5000],
    [undefined, 5000],
  ] as const;
  for (const [profile, ms] of profiles) {
    it(`takes ${ms} ms before and after a ${profile ?? 'plain'} run by default`, () => {
      const { idleMs, recoveryMs } = planWatch({}, undefined, { url: '' }, profile);
      expect([idleMs, recoveryMs]).to.deep.equal([ms, ms]);
      expect(planWatch({ baselineTime: 7 }, { recoveryMs: 8 }, { url: '' }, profile)).to.deep.include({
        idleMs: 7,
        recoveryMs: 8,
      });
    });
  }

  it('is an error with the invalid field', () => {
    expect(() => configured(environment('        server_metrics: [machine, nonsense]\n'))).to.throw(
      /environments\.stage\.server_metrics\.1: expected pid:N/,
    );
    expect(() => configured(environment('        baseline_time: soon\n'))).to.throw(
      /baseline_time: expected a duration/,
    );
  });
});
