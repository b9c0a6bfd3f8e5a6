// Criteria from requirement documents and SLOs, in English and German: each is a target, a target with a question, or nothing
// if no run could judge it.

import { expect } from 'chai';
import { speaksOfPerformance } from '../../runner/targets/about-performance.ts';
import { proposalLines } from './proposal-lines.ts';

type Row = readonly [sentence: string, targets: readonly string[]];

const ABOUT_PERFORMANCE: readonly Row[] = [
  ['Search answers in less than half a second', ['http_req_duration{} p(95) < 0.5 second?']],
  ['1.2s or less for the product page', ['http_req_duration{} p(95) <= 1.2 s??']],
  ['no more than 2 % of requests may fail', ['http_req_failed{} rate <= 2 %']],
  ['within 300 milliseconds for 95 % of requests', ['http_req_duration{} p(95) <= 300 milliseconds']],
  ['at least 50 requests per second', ['http_reqs{} rate >= 50 /s']],
  ['p99 under a second', ['http_req_duration{} p(99) < 1 second']],
  ['response times should stay below 800ms during peak', ['http_req_duration{} p(95) < 800 ms??']],
  ['average below 0,2 s', ['http_req_duration{} avg < 0.2 s']],
  ['twice as fast as today', []],
  ['The checkout must respond in under two seconds.', ['http_req_duration{} p(95) < 2 seconds?']],
  ['95% der Anfragen werden innerhalb von 500 ms beantwortet', ['http_req_duration{} p(95) <= 500 ms']],
  ['Die mittlere Antwortzeit liegt unter 1,5 Sekunden', ['http_req_duration{} avg < 1.5 seconds']],
  ['Höchstens 1 % der Anfragen dürfen fehlschlagen', ['http_req_failed{} rate <= 1 %']],
  ['Das System verarbeitet mindestens 200 Anfragen pro Sekunde', ['http_reqs{} rate >= 200 /s']],
  ['99th percentile < 1s', ['http_req_duration{} p(99) < 1 s']],
  ['99.9% of requests succeed over 30 days', ['http_req_failed{} rate <= 0.1 %?']],
  ['90% of page loads complete in under 3 seconds', ['http_req_duration{} p(90) < 3 seconds?']],
  [
    'Latency P95 <= 250ms, P99 <= 600ms',
    ['http_req_duration{} p(95) <= 250 ms', 'http_req_duration{} p(99) <= 600 ms'],
  ],
  [
    'p50/p95/p99 = 100/250/600 ms',
    [
      'http_req_duration{} p(50) <= 100 ms',
      'http_req_duration{} p(95) <= 250 ms',
      'http_req_duration{} p(99) <= 600 ms',
    ],
  ],
  ['SLO: 99% of GET /search requests served in < 300 ms', ['http_req_duration{name:GET /search} p(99) < 300 ms?']],
  ['Error budget 0.1%', ['http_req_failed{} rate <= 0.1 %']],
  [
    'The API shall support 1000 concurrent users with response times not exceeding 3 seconds',
    ['http_req_duration{} p(95) <= 3 seconds @1000 VUs?'],
  ],
  ['System shall respond to user input within 0.1 second', ['http_req_duration{} p(95) <= 0.1 second?']],
  ['Users should not wait more than a couple of seconds', []],
  ['Page load time must not exceed 2.5 s at the 90th percentile', ['http_req_duration{} p(90) <= 2.5 s?']],
  ['There must be no errors under normal load', ['http_req_failed{} rate <= 0 %?']],
  ['Apdex of 0.9 with T = 500 ms', []],
  ['Throughput of 10k requests/hour', ['http_reqs{} rate >= 2.77777777778 /s']],
  ['1M requests per day', ['http_reqs{} rate >= 11.5740740741 /s']],
  ['Median under 100ms; p95 under 300ms', ['http_req_duration{} med < 100 ms', 'http_req_duration{} p(95) < 300 ms']],
  [
    'response time is <200ms for 50% and <500ms for 99% of requests',
    ['http_req_duration{} p(50) < 200 ms', 'http_req_duration{} p(99) < 500 ms'],
  ],
  ['The search returns results instantly', []],
  ['Average response time should be between 200 and 300 ms', ['http_req_duration{} avg <= 300 ms?']],
  ['≤ 1 s (p95)', ['http_req_duration{} p(95) <= 1 s']],
  ['TTFB below 200 ms for p75', ['http_req_waiting{} p(75) < 200 ms']],
  ['The nightly import finishes in less than 30 minutes', ['http_req_duration{} p(95) < 30 minutes?']],
  ['fewer than 5 errors per 1000 requests', ['http_req_failed{} rate < 0.5 %']],
  ['less than 1 in 1000 requests fail', ['http_req_failed{} rate < 0.1 %']],
  ['one in a thousand requests may fail', ['http_req_failed{} rate <= 0.1 %']],
  ['Not more than 3 failed requests', []],
  ['Response time degradation no more than 10% compared to the last release', []],
  ['The p95 latency must not increase by more than 20 ms', []],
  ['Antwortzeit max. 2 Sek.', ['http_req_duration{} p(95) <= 2 seconds?']],
  ['95. Perzentil unter 400 ms', ['http_req_duration{} p(95) < 400 ms']],
  ['Fehlerrate < 0,5 %', ['http_req_failed{} rate < 0.5 %']],
  ['Emails are delivered within 5 minutes', ['http_req_duration{} p(95) <= 5 minutes?']],
  ['CPU usage stays below 70 %', ['server.machine_cpu_percent{} max < 70 %?']],
  ['Memory must not grow more than 50 MB per hour', ['server.memory{} growth <= 50 MB per hour']],
  ['GET /products p95 < 250 ms', ['http_req_duration{name:GET /products} p(95) < 250 ms?']],
  ['POST /orders: 99% < 1s', ['http_req_duration{name:POST /orders} p(99) < 1 s?']],
  ['responses must be smaller than 100 kB', []],
  ['time to first byte under 100 milliseconds on average', ['http_req_waiting{} avg < 100 milliseconds']],
  [
    'The system handles 500 rps with p95 below 300 ms',
    ['http_reqs{} rate >= 500 /s', 'http_req_duration{} p(95) < 300 ms @500'],
  ],
  ['300ms', ['http_req_duration{} p(95) <= 300 ms?']],
  ['p95 300', ['http_req_duration{} p(95) <= 300 ms?']],
  ['p95 < 0.3', ['http_req_duration{} p(95) < 0.3 s?']],
  ['availability 99.95 %', ['http_req_failed{} rate <= 0.05 %?']],
  ['success rate above 0.99', ['http_req_failed{} rate <= 1 %?']],
  ['Fast', []],
  ['As quick as possible', []],
  ['less than a tenth of a second', ['http_req_duration{} p(95) < 0.1 second?']],
  ['under one and a half seconds for p95', ['http_req_duration{} p(95) < 1.5 seconds']],
  ['p95 latency sub-second', ['http_req_duration{} p(95) < 1 second']],
  ['sub-200ms p95', ['http_req_duration{} p(95) < 200 ms']],
  ['p95 latency <300 msec @ 100 rps', ['http_req_duration{} p(95) < 300 msec @100']],
  ['4 nines availability', ['http_req_failed{} rate <= 0.01 %?']],
  ['zero downtime', []],
  ['error rate of 0', ['http_req_failed{} rate <= 0 %']],
  ['No request takes longer than 5 s', ['http_req_duration{} max <= 5 s']],
  ['all requests finish in under 5 s', ['http_req_duration{} max < 5 s']],
  ['every response arrives within 2 s', ['http_req_duration{} max <= 2 s']],
  ['the slowest request takes at most 4 s', ['http_req_duration{} max <= 4 s']],
  [
    'NFR-12: The system shall process 95 % of all orders in less than 1.5 seconds at a load of 40 orders per second.',
    ['http_req_duration{} p(95) < 1.5 seconds?'],
  ],
  [
    'REQ-PERF-003 The mean response time of the login service shall not exceed 750 milliseconds.',
    ['http_req_duration{} avg <= 750 milliseconds?'],
  ],
  ['As a shopper I want search results in under a second so that I stay', ['http_req_duration{} p(95) < 1 second?']],
  [
    'Given 200 concurrent users, when they search, then the p95 is below 400 ms',
    ['http_req_duration{} p(95) < 400 ms @200 VUs?'],
  ],
  ['The 3 slowest percent may take up to 2 s', ['http_req_duration{} p(95) <= 2 s?']],
  ['p95 ≤ 300 ms @ 50 VUs', ['http_req_duration{} p(95) <= 300 ms @50 VUs']],
  [
    'Latency budget: 250 ms (p95), 800 ms (p99)',
    ['http_req_duration{} p(95) <= 250 ms', 'http_req_duration{} p(99) <= 800 ms'],
  ],
  ['p95: 250 ms / p99: 800 ms', ['http_req_duration{} p(95) <= 250 ms', 'http_req_duration{} p(99) <= 800 ms']],
  ['99,9 % aller Anfragen müssen in maximal 2 Sekunden beantwortet sein', ['http_req_duration{} p(99.9) <= 2 seconds']],
  [
    'Unter Last von 100 Anfragen pro Sekunde bleibt das 99. Perzentil unter 800 ms',
    ['http_req_duration{} p(99) < 800 ms @100?'],
  ],
  [
    'Bei 50 gleichzeitigen Nutzern darf die Antwortzeit 1,2 s nicht überschreiten',
    ['http_req_duration{} p(95) <= 1.2 s @50 VUs?'],
  ],
  ['Keine Anfrage dauert länger als 5 Sekunden', ['http_req_duration{} max <= 5 seconds']],
  ['Der Durchsatz muss mindestens 6.000 Anfragen pro Minute betragen', ['http_reqs{} rate >= 0.1 /s?']],
  ['Die Seite lädt in unter 3 Sekunden', ['http_req_duration{} p(95) < 3 seconds?']],
  ['Die Verfügbarkeit beträgt 99,9 %', ['http_req_failed{} rate <= 0.1 %?']],
  ['error rate must remain below one percent', ['http_req_failed{} rate < 1 %']],
  ['errors < 1%', ['http_req_failed{} rate < 1 %']],
  ['5xx responses must stay under 0.1 % of all responses', ['http_req_failed{} rate < 0.1 %']],
  ['HTTP 500s below 0.5%', ['http_req_failed{} rate < 0.5 %']],
  ['No 5xx errors', ['http_req_failed{} rate <= 0 %']],
  ['At most 3 in 10,000 calls may time out', ['http_req_failed{} rate <= 0.03 %']],
  ['success rate >= 99.5 % for 10 minutes', ['http_req_failed{} rate <= 0.5 %?']],
  ['The service must not fall below 80 requests per second', ['http_reqs{} rate >= 80 /s']],
  ['must sustain 2,000 rpm for one hour', ['http_reqs{} rate >= 33.3333333333 /s?']],
  ['peak throughput of 1.2k rps', ['http_reqs{} rate >= 1200 /s']],
  [
    '100 transactions/sec with an average response time of two seconds',
    ['http_reqs{} rate >= 100 /s', 'http_req_duration{} avg <= 2 seconds'],
  ],
  [
    'Response times: 50% < 100 ms, 90% < 300 ms, 99% < 1 s',
    ['http_req_duration{} p(50) < 100 ms', 'http_req_duration{} p(90) < 300 ms', 'http_req_duration{} p(99) < 1 s'],
  ],
  ['It should feel snappy, i.e. around 200 ms', ['http_req_duration{} p(95) <= 200 ms??']],
  ['We alert when p99 exceeds 2 s for 5 minutes', ['http_req_duration{} p(99) <= 2 s???']],
  ['p99 > 2s is unacceptable', ['http_req_duration{} p(99) <= 2 s?']],
  ["p95 shouldn't be more than 10 % slower than v1.4.1", []],
  ['Keep latency flat over an 8 hour soak', []],
  ['p95 latency must be 300 ms or better on mobile', ['http_req_duration{} p(95) <= 300 ms?']],
  [
    'p95 latency < 300 ms in the EU, < 600 ms elsewhere',
    ['http_req_duration{} p(95) < 300 ms??', 'http_req_duration{} p(95) < 600 ms??'],
  ],
  [
    'search p95 250 ms, checkout p95 800 ms',
    ['http_req_duration{} p(95) <= 250 ms?', 'http_req_duration{} p(95) <= 800 ms?'],
  ],
  ['The p95 matters. It must be below 300 ms.', ['http_req_duration{} p(95) < 300 ms?']],
  ['Requests complete within 2s 95% of the time', ['http_req_duration{} p(95) <= 2 s']],
  ['19 out of 20 searches are answered within a second', ['http_req_duration{} p(95) <= 1 second']],
  ['half of all requests are done within 80 ms', ['http_req_duration{} p(50) <= 80 ms']],
  ['Average: 120 ms. Maximum: 2 s.', ['http_req_duration{} avg <= 120 ms', 'http_req_duration{} p(95) <= 2 s?']],
  ['max response time: 2 seconds', ['http_req_duration{} max <= 2 seconds']],
  ['maximum 2 seconds response time', ['http_req_duration{} p(95) <= 2 seconds?']],
  ['Login takes between 0.5 and 1 second', ['http_req_duration{} p(95) <= 1 second??']],
  ['time to interactive under 5 s on 3G', ['http_req_duration{} p(95) < 5 s??']],
  [
    'GET /api/v1/items/{id}: p(95)<150ms, p(99)<400ms',
    [
      'http_req_duration{name:GET /api/v1/items/{id}} p(95) < 150 ms?',
      'http_req_duration{name:GET /api/v1/items/{id}} p(99) < 400 ms?',
    ],
  ],
  ['the /health endpoint answers in 50 ms', ['http_req_duration{name:/health} p(95) <= 50 ms??']],
  ['500 ms p95 at 2x current traffic', ['http_req_duration{} p(95) <= 500 ms?']],
  ['ramp to 300 users without errors', ['http_req_failed{} rate <= 0 % @300 VUs']],
  ['99.95% uptime per month', ['http_req_failed{} rate <= 0.05 %?']],
  ['response time under 1,000 ms', ['http_req_duration{} p(95) < 1000 ms?']],
  ['response time under 1.000 ms (p95)', ['http_req_duration{} p(95) < 1 ms?']],
  ['p95 < 2,5s', ['http_req_duration{} p(95) < 2.5 s']],
  ['p95 less than 1 min', ['http_req_duration{} p(95) < 1 min']],
  ['The export of 10,000 rows completes in 20 seconds or less', ['http_req_duration{} p(95) <= 20 seconds?']],
  ['Rate limit: 100 requests per minute per user', ['http_reqs{} rate >= 1.66666666667 /s??']],
  ['API returns 429 above 100 requests per second', ['http_reqs{} rate > 100 /s?']],
  ['fewer than 1 % dropped iterations', []],
  ['checks pass in 99 % of cases', ['checks{} rate >= 99 %']],
  ['< 250ms', ['http_req_duration{} p(95) < 250 ms?']],
  [
    'fast enough: p95 <= 0.25 s, errors <= 0.1 %, >= 100 rps',
    ['http_req_duration{} p(95) <= 0.25 s', 'http_req_failed{} rate <= 0.1 %', 'http_reqs{} rate >= 100 /s'],
  ],
];

/** Times, shares and numbers that are not targets. */
const NOT_ABOUT_PERFORMANCE: readonly string[] = [
  'The session cookie is valid for 30 minutes',
  'Search supports at least 20 filters',
  'Discount of 5 % applies above 100 EUR',
  'Retry after 3 seconds on failure',
  'Search index is refreshed every 5 minutes',
  'Sessions time out after 15 minutes of inactivity',
  'Passwords expire after 90 days',
  'Two-factor codes are valid for 30 seconds',
  'Prices are rounded to 2 decimals',
  'Up to 5 retries with 200 ms backoff',
  'The video is at least 30 seconds long',
  'A discount of at least 10 % is shown',
  '95 % of users are over 18',
  'No more than two clicks to checkout',
];

describe('a criterion in free text', () => {
  for (const [sentence, targets] of ABOUT_PERFORMANCE) {
    it(`"${sentence}" is ${targets.join('; ') || 'a question'}`, () => {
      expect(speaksOfPerformance(sentence)).to.equal(true);
      expect(proposalLines(sentence)).to.deep.equal(targets);
    });
  }
  for (const sentence of NOT_ABOUT_PERFORMANCE) {
    it(`"${sentence}" is not a target`, () => expect(speaksOfPerformance(sentence)).to.equal(false));
  }
});
