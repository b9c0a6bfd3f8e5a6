import { expect } from 'chai';
import { listedChecks, listedEndpoints } from '../../../runner/analysis/result/listed-rows.ts';
import type { ResultEndpoint } from '../../../runner/model/result.ts';

const endpoint = (index: number, more: Partial<ResultEndpoint> = {}): ResultEndpoint => ({
  name: `GET /products/${index}`,
  method: 'GET',
  protocol: 'http',
  requests: 10_000 - index,
  rate_per_s: 1,
  failed: 0,
  error_rate: 0,
  avg: 5,
  min: 5,
  med: 5,
  p90: 5,
  p95: 5,
  p99: 5,
  p999: 5,
  max: 5,
  all: { med: 5, p95: 5, p99: 5, max: 5 },
  statuses: { '200': 10_000 - index },
  ...more,
});

describe('rows that result.json lists', () => {
  it('are all rows if there are at most 1,000', () => {
    const rows = Array.from({ length: 1000 }, (_, i) => endpoint(i));
    expect(listedEndpoints(rows)).to.deep.equal({ listed: rows, leftOut: [] });
  });

  it('are the busiest, the failed and the slowest rows, and the others are added up', () => {
    const rows = Array.from({ length: 6000 }, (_, i) =>
      endpoint(i, i === 5999 ? { failed: 3 } : i === 5998 ? { p95: 900 } : i === 5000 ? { protocol: 'grpc' } : {}),
    );
    const { listed, leftOut } = listedEndpoints(rows);
    expect(listed.length).to.be.within(801, 1000);
    expect(listed.slice(0, 800)).to.deep.equal(rows.slice(0, 800));
    expect(listed.slice(-2)).to.deep.equal(rows.slice(-2));
    const all = [...listed, ...leftOut];
    const sum = (figure: (row: { requests: number; failed: number; statuses: Record<string, number> }) => number) =>
      all.reduce((total, row) => total + figure(row), 0);
    const expected = rows.reduce((total, { requests }) => total + requests, 0);
    expect(sum(({ requests }) => requests)).to.equal(expected);
    expect(sum(({ statuses }) => statuses['200'] ?? 0)).to.equal(expected);
    expect(sum(({ failed }) => failed)).to.equal(3);
    expect(listed.length + leftOut.reduce((total, row) => total + row.rows, 0)).to.equal(6000);
    expect(leftOut.map(({ protocol, rows: count }) => [protocol, count])).to.deep.include(['grpc', 1]);
  });

  it('take less than a megabyte for names of any length', () => {
    const rows = Array.from({ length: 3000 }, (_, i) => endpoint(i, { name: `${i}${'x'.repeat(10_000)}` }));
    const { listed, leftOut } = listedEndpoints(rows);
    expect(JSON.stringify(listed).length).to.be.within(100_000, 1_000_000);
    expect(listed.length + (leftOut[0]?.rows ?? 0)).to.equal(3000);
  });

  it('are the checks with most failures', () => {
    const checks = Array.from({ length: 5000 }, (_, i) => ({
      ...{ name: `c${i}`, group: '', scenario: '', passes: 1, fails: 5000 - i, rate: 0.5 },
      ...{ first_failure_at: null, last_failure_at: null },
    }));
    const { listed, leftOut } = listedChecks(checks);
    expect([listed, leftOut]).to.deep.equal([checks.slice(0, 1000), 4000]);
  });
});
