import { execFile } from 'node:child_process';
import { writeFile } from 'node:fs/promises';
import { promisify } from 'node:util';
import { expect } from 'chai';
import fc from 'fast-check';
import { curlLine, reproductionSteps } from '../../runner/analysis/result/reproduction.ts';
import type { Result } from '../../runner/model/result.ts';
import { actualOf } from '../../runner/records/cycle/error-log-words.ts';
import { distinctErrors, recordErrors } from '../../runner/records/cycle/error-logs.ts';
import { signatureOf } from '../../runner/records/cycle/error-signature.ts';
import { errorLogSchema } from '../../runner/records/store/error-log-value.ts';
import type { ConportStore } from '../../runner/records/store/store.ts';
import {
  redactField,
  redactPayload,
  redactText,
  redactUrl,
  secretValues,
  withoutValues,
} from '../../runner/text/secrets.ts';
import { shellWord } from '../../runner/text/shell-word.ts';
import { hasFacts } from '../facts.ts';
import { anError, aResult, inStore } from './samples.ts';

const run = promisify(execFile);

const record = (store: ConportStore, result: Result) =>
  recordErrors(store, { result, progressId: 2, reportPath: '/out/report.html' });

async function onlyLog(store: ConportStore) {
  const { items } = await store.customData.readable('ErrorLogs');
  expect(items).to.have.length(1);
  return errorLogSchema.parse(items[0]?.value);
}

describe('the error logs of a run', () => {
  it('have one item for each distinct functional error, valid by their schema', () =>
    inStore(async (store) => {
      const errors = [
        anError(),
        anError({ kind: 'transport', status: '0', code: '1212', message: 'dial tcp 10.0.0.1:443: connection refused' }),
        anError({
          kind: 'check',
          endpoint: '::order',
          message: 'order: has a number',
          status: '',
          method: '',
          count: 99,
        }),
        anError({ kind: 'exception', endpoint: '', message: "TypeError: cannot read 'id'", where: 'checkout.ts:12:3' }),
        anError({ kind: 'log', message: 'console.error was called' }),
      ];
      const logged = await record(store, aResult({ errors }));
      expect(logged.map(({ key }) => key.replace(/-[0-9a-f]{6}$/, ''))).to.have.members([
        'EL_20261123_Http500_POST-orders',
        'EL_20261123_Transport1212_POST-orders',
        'EL_20261123_CheckFailed_order',
        'EL_20261123_Exception_Catalog',
      ]);
      const { items } = await store.customData.readable('ErrorLogs');
      for (const item of items) errorLogSchema.parse(item.value);
      const http = items.find(({ key }) => key.includes('Http500'));
      expect(http?.value).to.include({ severity: 'HIGH', priority: 'HIGH', status: 'OPEN', occurrences: 12 });
      expect(http?.value).to.have.nested.property('environment_snapshot.application_version', '1.4.2');
    }));

  for (const [metric, browser] of [
    ['http_req_failed', 'none (k6 2.2.0)'],
    ['browser_http_req_failed', 'Chromium (k6 2.2.0)'],
  ] as const) {
    it(`name the browser of a run with ${metric}`, () =>
      inStore(async (store) => {
        const { k6 } = aResult({});
        const figures = { avg: null, min: null, med: null, p90: null, p95: null, p99: null, p999: null, max: null };
        const rate = { type: 'rate' as const, unit: '%', count: 1, rate: 1, value: null, ...figures };
        const result = { errors: [anError()], k6: { ...k6, version: '2.2.0' }, metrics: { [metric]: rate } };
        await record(store, aResult(result));
        expect((await onlyLog(store)).environment_snapshot.browser).to.equal(browser);
      }));
  }

  it('have one item for failed requests and the checks that fail with them, unless the check has its own already', () =>
    inStore(async (store) => {
      const check = anError({ kind: 'check', endpoint: '', message: 'status is 200', status: '', method: '' });
      await record(store, aResult({ run: 'one', errors: [anError(), check] }));
      expect((await onlyLog(store)).summary).to.contain('500');
      await record(store, aResult({ run: 'two', errors: [check] }));
      const again = await record(store, aResult({ run: 'three', errors: [anError(), check] }));
      expect(again).to.have.length(2);
    }));

  it('are updated while they are open: counts, last run and build, but nothing that people wrote', () =>
    inStore(async (store) => {
      const [first] = await record(store, aResult({ run: 'one', errors: [anError()] }));
      await store.customData.update('ErrorLogs', first?.key ?? '', (value) => ({
        ...Object(value),
        status: 'AWAITING_FIX',
        root_cause_analysis: 'the pool is too small',
      }));
      const later = anError({ count: 3, last_seen_at: '2026-11-23T14:40:00.000Z' });
      const again = await record(store, aResult({ run: 'two', build_version: '1.5.0', errors: [later] }));
      expect(again.map(({ key }) => key)).to.deep.equal([first?.key]);
      expect(await onlyLog(store)).to.include({
        ...{ status: 'AWAITING_FIX', root_cause_analysis: 'the pool is too small', occurrences: 15, runs_seen: 2 },
        ...{ last_seen_at: '2026-11-23T14:40:00Z', last_run: 'two', last_build_version: '1.5.0' },
        first_seen_at: '2026-11-23T14:37:00Z',
      });
      // The same run analysed again is not a new sighting.
      await record(store, aResult({ run: 'two', errors: [later] }));
      expect(await onlyLog(store)).to.include({ occurrences: 15, runs_seen: 2 });
    }));

  it('are reopened if they were resolved, but not if they were closed for good', () =>
    inStore(async (store) => {
      const [logged] = await record(store, aResult({ run: 'one', errors: [anError()] }));
      const close = (status: string) =>
        store.customData.update('ErrorLogs', logged?.key ?? '', (value) => ({ ...Object(value), status }));
      await close('RESOLVED');
      expect((await record(store, aResult({ run: 'two', errors: [anError()] })))[0]?.open).to.equal(true);
      const log = await onlyLog(store);
      expect(log.status).to.equal('REOPENED');
      hasFacts(log.investigation_notes, 'run two', '1.4.2');
      await close('CLOSED_WONTFIX');
      expect((await record(store, aResult({ run: 'three', errors: [anError()] })))[0]?.open).to.equal(false);
      expect((await onlyLog(store)).status).to.equal('CLOSED_WONTFIX');
    }));

  it('are written even if an earlier one is invalid', () =>
    inStore(async (store) => {
      const [logged] = await record(store, aResult({ errors: [anError()] }));
      await writeFile(store.customData.path('ErrorLogs', logged?.key ?? ''), 'a: [');
      expect(await record(store, aResult({ run: 'two', errors: [anError()] }))).to.have.length(1);
    }));

  it('are limited to the 50 most frequent of a run', () => {
    const errors = Array.from({ length: 80 }, (_, index) =>
      anError({ endpoint: `GET /p${String.fromCharCode(97 + (index % 26))}${'x'.repeat(index)}`, count: index + 1 }),
    );
    const distinct = distinctErrors(aResult({ errors }));
    expect(distinct.errors).to.have.length(50);
    expect(distinct.leftOut).to.equal(30);
    expect(distinct.errors[49]?.error.count).to.equal(31);
  });

  const messages: ReadonlyArray<[a: string, b: string, same: boolean]> = [
    ['order 17 was refused', 'order 4711 was refused', true],
    ['user 3f2a90cd-1111-4222-8333-123456789abc', 'user 00000000-1111-4222-8333-123456789abc', true],
    ['Get "http://a/x?id=1": timeout', 'Get "http://b/y": timeout', true],
    ['dial tcp 10.0.0.1:443: refused', 'dial tcp 10.0.0.2:8443: refused', true],
    ['no product', 'no price', false],
  ];
  for (const [a, b, same] of messages) {
    it(`treat "${a}" and "${b}" as ${same ? 'one error' : 'two'}`, () => {
      const [first, second] = [a, b].map((message) => signatureOf(aResult(), anError({ kind: 'exception', message })));
      expect(first === second).to.equal(same);
    });
  }
});

describe('the command that reproduces an error', () => {
  const rows: ReadonlyArray<[url: string, endpoint: string, method: string, line: string]> = [
    ['http://h/orders?x=1', 'http://h/orders', 'GET', "curl -i -X GET 'http://h/orders?x=1'"],
    ['POST /orders', 'POST /orders', 'POST', 'curl -i -X POST http://127.0.0.1:8080/orders'],
    ['', 'GET /products/:id', 'GET', 'curl -i -X GET http://127.0.0.1:8080/products/:id'],
    ['', 'GET /p/{id}/x', 'GET', "curl -i -X GET 'http://127.0.0.1:8080/p/{id}/x'"],
    ['http://u:p@h/a?token=abc&q=1', 'x', 'GET', "curl -i -X GET 'http://REDACTED:REDACTED@h/a?token=REDACTED&q=1'"],
    ["http://h/it's;rm -rf /", 'x', 'GET; rm', `curl -i -X GET 'http://h/it'\\''s;rm%20-rf%20/'`],
    ['', 'the login page', 'GET', 'novaperf run browse-catalog --profile load --env demo'],
  ];
  for (const [url, endpoint, method, line] of rows) {
    it(`for ${method} ${url || endpoint} is ${line}`, () => {
      expect(reproductionSteps(aResult(), anError({ url, endpoint, method }))[0]).to.equal(line);
    });
  }

  it('is quoted for the shell, with hostile tags too', async () => {
    const words = fc.sample(fc.string({ unit: 'grapheme', minLength: 1 }), { numRuns: 40, seed: 7 });
    const all = [...words, "a'b", '$(id)', '`id`', '"; id', '\\', '-n', '!x', '*'].filter(
      (word) => !word.includes('\0'),
    );
    const quoted = all.map((word) => shellWord(`x${word}`));
    const { stdout } = await run('sh', ['-c', `printf '%s\\0' ${quoted.join(' ')}`]);
    expect(stdout).to.equal(all.map((word) => `x${word}\0`).join(''));
  });
});

describe('the command that reproduces an error with a sample', () => {
  const sample = {
    at: '2026-11-23T14:37:05.120Z',
    request: {
      method: 'POST',
      url: 'http://127.0.0.1:8080/orders?page=2',
      headers: { 'User-Agent': 'Grafana k6/2.2.0', Authorization: 'REDACTED', 'Content-Type': 'application/json' },
      body: `{"note":"it's"}`,
    },
    response: { status: 500, headers: {}, body: '{"error":"the pool is empty"}', duration_ms: 43.9, error: '' },
    vu: 3,
    iteration: 12,
    scenario: 'default',
  };

  it('has method, headers and body, and names what to fill in', () => {
    expect(reproductionSteps(aResult(), anError({ samples: [sample] }))).to.deep.equal([
      `curl -i -X POST 'http://127.0.0.1:8080/orders?page=2' -H 'Authorization: REDACTED' -H 'Content-Type: application/json' --data-raw '{"note":"it'\\''s"}'`,
      'Replace REDACTED with your secrets.',
      'Under load: novaperf run browse-catalog --profile load --env demo',
    ]);
  });

  it('reaches curl unchanged through a shell', async () => {
    const line = curlLine(sample.request).replace(/^curl/, 'printf "%s\\n"');
    const { stdout } = await run('sh', ['-c', line]);
    expect(stdout.trimEnd().split('\n').at(-1)).to.equal(`{"note":"it's"}`);
  });

  for (const body of ['(binary, 512 bytes)', '{"a":"b… (900 more characters)']) {
    it(`leaves out an incomplete body: ${body}`, () => {
      const partial = { ...sample, request: { ...sample.request, headers: {}, body } };
      const [line, hint] = reproductionSteps(aResult(), anError({ samples: [partial] }));
      expect(line).to.equal("curl -i -X POST 'http://127.0.0.1:8080/orders?page=2'");
      expect(hint).to.match(/^Add the complete body that the scenario sends/);
    });
  }

  it('is in the error log, with the response', () =>
    inStore(async (store) => {
      await record(store, aResult({ errors: [anError({ samples: [sample] })] }));
      const log = await onlyLog(store);
      expect(log.reproduction_steps[0]).to.include('--data-raw');
      hasFacts(log.actual_behavior, '500', '1500', '12 times', '2026-11-23T14:37:05.120Z', '500', '44 ms');
      expect(log.actual_behavior).to.include('{"error":"the pool is empty"}');
    }));
});

describe('the actual behavior of an error log', () => {
  for (const [what, error, times] of [
    ['a message that only names the status', { status: '503', message: 'status 503', message_is_status: true }, 1],
    ['a message of k6', { status: '503', message: 'the pool is empty' }, 1],
    ['no response', { status: '0', message: 'no response' }, 0],
  ] as const) {
    it(`names the status ${times} time(s) for ${what}`, () => {
      const text = actualOf(anError({ ...error, code: '', samples: [] }));
      expect(text.split(/status \d/)).to.have.length(times + 1);
      expect(text).to.include(error.message);
    });
  }
});

describe('secrets', () => {
  const urls: ReadonlyArray<[url: string, redacted: string]> = [
    ['http://h/a?b=1', 'http://h/a?b=1'],
    ['http://u:p@h/', 'http://REDACTED:REDACTED@h/'],
    ['http://h/?access_token=x&API-Key=y&page=2', 'http://h/?access_token=REDACTED&API-Key=REDACTED&page=2'],
    ['no url', 'no url'],
  ];
  for (const [url, redacted] of urls) {
    it(`are removed from ${url}`, () => expect(redactUrl(url)).to.equal(redacted));
  }
  const texts: ReadonlyArray<[text: string, redacted: string]> = [
    ['Get "http://u:p@h/x?sig=1": refused', 'Get "http://REDACTED:REDACTED@h/x?sig=REDACTED": refused'],
    ['Authorization: Bearer abcdef.123', 'Authorization: Bearer REDACTED'],
    ['{"password":"hunter2","n":1}', '{"password":"REDACTED","n":1}'],
    ['eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxIn0.abc', 'REDACTED'],
    ['status 500', 'status 500'],
  ];
  for (const [text, redacted] of texts) {
    it(`are removed from ${text}`, () => expect(redactText(text)).to.equal(redacted));
  }

  const payloads: ReadonlyArray<[text: string, redacted: string]> = [
    [
      '{"user":{"password":"x y","pin":1234,"name":"Ada"},"n":7}',
      '{"user":{"password":"REDACTED","pin":"REDACTED","name":"Ada"},"n":7}',
    ],
    [
      '{"auth":{"user":"ada","scopes":["a"]},"author":"Ada"}',
      '{"auth":{"user":"REDACTED","scopes":["REDACTED"]},"author":"Ada"}',
    ],
    ['{"error":{"code":"out_of_stock","key":"email"}}', '{"error":{"code":"out_of_stock","key":"email"}}'],
    ['{"password":"cut off in the mid', '{"password":REDACTED'],
    ['user=ada&password=hunter2&card_number=1', 'user=ada&password=REDACTED&card_number=REDACTED'],
    [
      '<login><Password kind="x">hunter2</Password><name>ada</name>',
      '<login><Password kind="x">REDACTED</Password><name>ada</name>',
    ],
    ['paid with 4111 1111 1111 1111 at 1795714283212', 'paid with REDACTED at 1795714283212'],
    ['{"card":4111111111111111,"order":4111111111111112}', '{"card":"REDACTED","order":4111111111111112}'],
    ['see q7Zt3Kp9Xw2Rb8Lm4Vc6Nf1Hd5 there', 'see REDACTED there'],
    [
      'at com.acme.OrderControllerV2Implementation.place(OrderController.java:17)',
      'at com.acme.OrderControllerV2Implementation.place(OrderController.java:17)',
    ],
    [
      'id 3f2a90cd-1111-4222-8333-123456789abc, 2026-11-23T14:37:05.120Z',
      'id 3f2a90cd-1111-4222-8333-123456789abc, 2026-11-23T14:37:05.120Z',
    ],
    ['-----BEGIN RSA PRIVATE KEY-----\nMIIE', 'REDACTED'],
  ];
  for (const [text, redacted] of payloads) {
    it(`are removed from a body: ${text}`, () => {
      expect(redactPayload(text)).to.equal(redacted);
      expect(redactPayload(redacted), 'again').to.equal(redacted);
    });
  }

  const fields: ReadonlyArray<[name: string, value: string, redacted: string]> = [
    ['Authorization', 'Digest a', 'REDACTED'],
    ['Set-Cookie', 'sid=1', 'REDACTED'],
    ['X-Api-Key', 'a', 'REDACTED'],
    ['X-Request-Id', '4bf92f3577b34da6a3ce929d0e0e4736', '4bf92f3577b34da6a3ce929d0e0e4736'],
    ['Content-Type', 'application/json', 'application/json'],
  ];
  for (const [name, value, redacted] of fields) {
    it(`are removed from the header ${name}`, () => expect(redactField(name, value)).to.equal(redacted));
  }

  it('of the environment are recognised by their names, and removed in any notation', () => {
    const values = secretValues({
      DB_PASSWORD: 'p&ss "word"',
      PATH: '/usr/bin/thing',
      XDG_SESSION_TYPE: 'wayland',
      PWD: '/usr/bin',
      PIN: '12',
    });
    for (const text of ['a p&ss "word" b', `a ${encodeURIComponent('p&ss "word"')} b`, 'a p&ss \\"word\\" b']) {
      expect(withoutValues(text, values)).to.equal('a REDACTED b');
    }
    expect(withoutValues('/usr/bin/thing on wayland, 12', values)).to.equal('/usr/bin/thing on wayland, 12');
  });
});
