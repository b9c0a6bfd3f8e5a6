import { expect } from 'chai';
import { parse } from 'yaml';
import { speaksOfPerformance } from '../../runner/targets/about-performance.ts';
import { proposalsYaml } from '../../runner/targets/proposal.ts';
import { proposeTargets } from '../../runner/targets/propose.ts';
import { targetsOf } from '../../runner/targets/targets.ts';
import { proposalLines } from './proposal-lines.ts';

describe('a sentence about performance', () => {
  const rows: ReadonlyArray<[sentence: string, targets: string[]]> = [
    ['Search answers within 2 s for 95 % of requests', ['http_req_duration{} p(95) <= 2 s']],
    ['The 99th percentile of the response time must stay below 800 ms', ['http_req_duration{} p(99) < 800 ms']],
    ['p95 response time < 2 s under 100 RPS', ['http_req_duration{} p(95) < 2 s @100']],
    [
      'Under a load of 6,000 requests per minute the median response time is at most 150 ms and fewer than 0.5 % of requests fail',
      ['http_req_duration{} med <= 150 ms @100', 'http_req_failed{} rate < 0.5 % @100'],
    ],
    ['The service must handle at least 200 requests per second', ['http_reqs{} rate >= 200 /s']],
    ['Response times average less than 300ms with 50 concurrent users', ['http_req_duration{} avg < 300 ms @50 VUs']],
    ['99.9 % of checks pass', ['checks{} rate >= 99.9 %']],
    ['A success rate of at least 99.5 percent', ['http_req_failed{} rate <= 0.5 %']],
    // Ambiguous parts become questions.
    ['Search responds within 2 seconds', ['http_req_duration{} p(95) <= 2 seconds?']],
    ['p95 of GET /search is under 300 ms', ['http_req_duration{name:GET /search} p(95) < 300 ms?']],
    ['p95 latency of 200-300 ms', ['http_req_duration{} p(95) <= 300 ms?']],
    ['p95 latency of about 300 ms', ['http_req_duration{} p(95) <= 300 ms?']],
    ['p95 below 2 s during peak hours', ['http_req_duration{} p(95) < 2 s?']],
    ['p95 at most 1.500 ms', ['http_req_duration{} p(95) <= 1.5 ms?']],
    ['Uptime of 99.9 %', ['http_req_failed{} rate <= 0.1 %?']],
    // No limit that a load test can judge.
    ['The page must be fast', []],
    ['95 % of users are happy', []],
  ];
  for (const [sentence, targets] of rows) {
    it(`"${sentence}" proposes ${targets.join('; ') || 'nothing'}`, () =>
      expect(proposalLines(sentence)).to.deep.equal(targets));
  }

  it('gives YAML that can be read as targets', () => {
    for (const [sentence, targets] of rows) {
      if (targets.length === 0) continue;
      const value: unknown = { targets: parse(proposalsYaml(proposeTargets(sentence))) };
      const { kpis, unread } = targetsOf(value, { profile: 'load', where: 'proposed', source: 'target' });
      expect(kpis, sentence).to.have.length(targets.length);
      expect(unread).to.deep.equal([]);
    }
  });

  const spoken: ReadonlyArray<[text: string, speaks: boolean]> = [
    ['The page must be fast', true],
    ['The report is rendered within 5 seconds', true],
    ['Latency must not grow', true],
    ['Handles 50 concurrent users', true],
    ['The session expires after 30 minutes', false],
    ['A mail is sent once', false],
    ['Passwords have at least 12 characters', false],
    ['The list shows 20 products', false],
    ['Measured at noon', false],
  ];
  for (const [text, speaks] of spoken) {
    it(`is ${speaks ? '' : 'not '}found in "${text}"`, () => expect(speaksOfPerformance(text)).to.equal(speaks));
  }
});
