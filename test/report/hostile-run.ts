// A run in which every text is hostile, for tests of pages and files.

import type { MetricsStore } from '../../runner/metrics/store/store.ts';
import type { Result } from '../../runner/model/result.ts';
import { resultOf, shopSamples } from './sample-run.ts';

/** Each tries to break out in another way, detectable by a dialog, a title or a request. */
export const HOSTILE = [
  `</script><script>alert(1)</script>`,
  `</style><img src=x onerror="alert(2)">`,
  `"><svg onload=alert(3)>`,
  `' onmouseover='document.title=4`,
  `\u202Egnp.exe\u202C and \u2066isolated`,
  `]]><a href="javascript:alert(5)">`,
  `{{constructor.constructor "alert(6)"}}`,
  `| pipe \`tick\` **bold** [link](http://127.0.0.1:9/) ![x](http://127.0.0.1:9/y.png) <b>html</b>`,
  `nul \u0000 bell \u0007 esc \u001b[31m`,
  `日本語 עברית العربية 👩‍👧 ${'e\u0301'.repeat(40)}`,
  `http://127.0.0.1:9/${'a'.repeat(10_000)}`,
  'W'.repeat(10_000),
  '\ud800 lone',
  '=cmd()|calc',
];

const all = HOSTILE.join(' ');

/** `hostile` is `plain` with hostile text in every text field; both have the same metrics. */
export function hostileRun(): { metrics: MetricsStore; plain: Result; hostile: Result } {
  const metrics = shopSamples({
    seconds: 20,
    requestsPerSecond: 40,
    names: HOSTILE,
    checkNames: HOSTILE,
    scenario: HOSTILE[0] ?? '',
    errorShare: 0.3,
  });
  const plain = resultOf(metrics);
  const hostile: Result = {
    ...plain,
    run: 'hostile_run',
    scenario: all,
    component: HOSTILE[1] ?? '',
    description: all,
    profile: HOSTILE[2] ?? '',
    environment: HOSTILE[3] ?? '',
    target_url: HOSTILE[10] ?? '',
    build_version: HOSTILE[11] ?? '',
    status_reason: all,
    script: HOSTILE[5] ?? '',
    k6: { ...plain.k6, version: HOSTILE[2] ?? '', path: all, command: HOSTILE },
    machine: { ...plain.machine, os: all, cpu: HOSTILE[11] ?? '' },
    kpis: plain.kpis.map((kpi, index) => ({
      ...kpi,
      id: HOSTILE[index] ?? '',
      expression: all,
      note: all,
      metric: HOSTILE[11] ?? '',
      filter: Object.fromEntries(HOSTILE.map((text) => [text, text])),
      unit: HOSTILE[index + 1] ?? '',
      statistic: HOSTILE[index + 2] ?? '',
    })),
    findings: HOSTILE.map((text) => ({ kind: text, severity: 'high', title: text, detail: all, kpis: HOSTILE })),
    phases: HOSTILE.map((text, index) => ({
      name: text,
      kind: text,
      start_ms: index * 1000,
      end_ms: (index + 1) * 1000,
    })),
    scenarios: Object.fromEntries(HOSTILE.map((text) => [text, { executor: text, vus: 1, startTime: text }])),
    errors: HOSTILE.map((text) => ({
      kind: 'exception',
      endpoint: text,
      method: text,
      url: text,
      status: text,
      code: text,
      message: text,
      count: 1,
      share: 1,
      first_seen_at: plain.started_at,
      last_seen_at: plain.ended_at,
      where: text,
      samples: [0, 1, 2].map(() => ({
        at: plain.started_at,
        request: { method: text, url: text, headers: { [text]: text }, body: text },
        response: { status: 500, headers: { [text]: text }, body: all.slice(0, 2000), duration_ms: 1, error: text },
        vu: 1,
        iteration: 0,
        scenario: text,
      })),
    })),
    options: Object.fromEntries(HOSTILE.map((text) => [text, text])),
    generator: { ...plain.generator, state: 'saturated', reasons: HOSTILE },
    files: Object.fromEntries(HOSTILE.map((text) => [text, text])),
  };
  return { metrics, plain, hostile };
}
