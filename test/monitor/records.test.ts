// The system under test in ConPort records and in the report of a cycle.

import { expect } from 'chai';
import { serverResult } from '../../runner/monitor/server-figures.ts';
import { executionReport } from '../../runner/records/cycle/execution-report.ts';
import { renderCycleReport } from '../../runner/report/cycle-report.ts';
import { LOAD_START_MS, resultOf, shopSamples } from '../report/sample-run.ts';
import { watchedRun } from './watched-run.ts';

function watchedResult() {
  const metrics = shopSamples({ seconds: 30, requestsPerSecond: 10 });
  const at = (second: number) => (second >= 0 && second < 30 ? 80 : 5);
  const gap = {
    about: 'gap',
    source: 'demo',
    fromMs: LOAD_START_MS,
    toMs: LOAD_START_MS + 2000,
    reason: 'token=abc123 | gone',
  } as const;
  metrics.server = watchedRun(
    [
      { metric: 'server.cpu_percent', unit: '%', at },
      { metric: 'server.disk_read_bytes_per_s', unit: 'bytes/s', at: () => 0 },
    ],
    { loadSeconds: 30, notes: [gap] },
  );
  return resultOf(metrics, { server: serverResult(metrics.server) });
}

describe('the records of a run with monitoring', () => {
  it('have figures before, during and after the load, and the gaps of sources without secrets', () => {
    const report = executionReport({
      component: 'Shop',
      environment: 'demo',
      targetUrl: '',
      buildVersion: '1',
      trigger: 'requested',
      beganAtMs: LOAD_START_MS,
      endedAtMs: LOAD_START_MS + 1,
      status: 'DONE',
      results: [watchedResult()],
      failures: [],
      interrupted: false,
      overallReportPath: null,
      progressId: 1,
      decisionId: 1,
    });
    const [scenario] = Array.isArray(report.scenarios) ? report.scenarios : [];
    const [cpu, ...others] = scenario.server_metrics;
    expect(others).to.deep.equal([]);
    expect({ ...cpu, during_avg: Number(cpu.during_avg.toFixed(9)) }).to.deep.equal({
      what: 'CPU: process (100 % = one core)',
      source: 'demo',
      unit: 'share',
      before_avg: 0.05,
      during_avg: 0.8,
      during_p95: 0.8,
      during_max: 0.8,
      after_last: 0.05,
      recovered: true,
    });
    expect(scenario.server_sources[0]).to.include({ name: 'demo', state: 'gaps' });
    expect(JSON.stringify(scenario.server_sources)).not.to.include('abc123');
  });

  it("are in the cycle's report, and are left out without monitoring", () => {
    const facts = { beganAtMs: LOAD_START_MS, endedAtMs: LOAD_START_MS + 1, failures: [], outDir: '/tmp' };
    const watched = renderCycleReport([watchedResult()], facts);
    expect(watched).to.match(
      /\| CPU: process \(100 % = one core\) \| demo \| 5 % \| 80 % \| 80 % \| 80 % \| 5 % \| yes \|/,
    );
    expect(renderCycleReport([{ ...watchedResult(), server: {} }], facts)).not.to.include('system under test');
  });
});
