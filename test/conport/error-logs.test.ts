import { execFile } from 'node:child_process';
import { writeFile } from 'node:fs/promises';
import { promisify } from 'node:util';
import { expect } from 'chai';
import fc from 'fast-check';
import { distinctErrors, recordErrors } from '../../runner/conport/error-logs.ts';
import { signatureOf } from '../../runner/conport/error-signature.ts';
import { errorLogSchema } from '../../runner/conport/item-values.ts';
import { reproductionSteps, shellWord } from '../../runner/conport/reproduction.ts';
import { redactText, redactUrl } from '../../runner/conport/secrets.ts';
import type { ConportStore } from '../../runner/conport/store.ts';
import type { Result } from '../../runner/report/result.ts';
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
  it('are one for each distinct functional error, valid by their schema', () =>
    inStore(async (store) => {
      const errors = [
        anError(),
        anError({ kind: 'transport', status: '0', code: '1212', message: 'dial tcp 10.0.0.1:443: connection refused' }),
        anError({ kind: 'check', endpoint: '::order', message: 'order: has a number', status: '', method: '' }),
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

  it('are seen again while they are open: counts, last run and build, and nothing that people wrote', () =>
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
      // The same run analysed again is no new sighting.
      await record(store, aResult({ run: 'two', errors: [later] }));
      expect(await onlyLog(store)).to.include({ occurrences: 15, runs_seen: 2 });
    }));

  it('that were resolved are reopened, and those closed for good stay closed', () =>
    inStore(async (store) => {
      const [logged] = await record(store, aResult({ run: 'one', errors: [anError()] }));
      const close = (status: string) =>
        store.customData.update('ErrorLogs', logged?.key ?? '', (value) => ({ ...Object(value), status }));
      await close('RESOLVED');
      expect((await record(store, aResult({ run: 'two', errors: [anError()] })))[0]?.open).to.equal(true);
      const log = await onlyLog(store);
      expect(log.status).to.equal('REOPENED');
      expect(log.investigation_notes).to.equal('Seen again after it was resolved: run two, build 1.4.2.');
      await close('CLOSED_WONTFIX');
      expect((await record(store, aResult({ run: 'three', errors: [anError()] })))[0]?.open).to.equal(false);
      expect((await onlyLog(store)).status).to.equal('CLOSED_WONTFIX');
    }));

  it('are written although an earlier one is broken', () =>
    inStore(async (store) => {
      const [logged] = await record(store, aResult({ errors: [anError()] }));
      await writeFile(store.customData.path('ErrorLogs', logged?.key ?? ''), 'a: [');
      expect(await record(store, aResult({ run: 'two', errors: [anError()] }))).to.have.length(1);
    }));

  it('are at most 50 a run, the most frequent ones', () => {
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
    it(`take "${a}" and "${b}" for ${same ? 'one error' : 'two'}`, () => {
      const [first, second] = [a, b].map((message) => signatureOf(aResult(), anError({ kind: 'exception', message })));
      expect(first === second).to.equal(same);
    });
  }
});

describe('how to see an error again', () => {
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
    it(`of ${method} ${url || endpoint} is ${line}`, () => {
      expect(reproductionSteps(aResult(), anError({ url, endpoint, method }))[0]).to.equal(line);
    });
  }

  it('is a line that a shell takes as it is, whatever a tag held', async () => {
    const words = fc.sample(fc.string({ unit: 'grapheme', minLength: 1 }), { numRuns: 40, seed: 7 });
    for (const word of [...words, "a'b", '$(id)', '`id`', '"; id', '\\', '-n', '!x', '*']) {
      if (word.includes('\0')) continue;
      const { stdout } = await run('sh', ['-c', `printf %s ${shellWord(`x${word}`)}`]);
      expect(stdout).to.equal(`x${word}`);
    }
  });
});

describe('secrets', () => {
  const urls: ReadonlyArray<[url: string, redacted: string]> = [
    ['http://h/a?b=1', 'http://h/a?b=1'],
    ['http://u:p@h/', 'http://REDACTED:REDACTED@h/'],
    ['http://h/?access_token=x&API-Key=y&page=2', 'http://h/?access_token=REDACTED&API-Key=REDACTED&page=2'],
    ['no url', 'no url'],
  ];
  for (const [url, redacted] of urls) {
    it(`are taken out of ${url}`, () => expect(redactUrl(url)).to.equal(redacted));
  }
  const texts: ReadonlyArray<[text: string, redacted: string]> = [
    ['Get "http://u:p@h/x?sig=1": refused', 'Get "http://REDACTED:REDACTED@h/x?sig=REDACTED": refused'],
    ['Authorization: Bearer abcdef.123', 'Authorization: Bearer REDACTED'],
    ['{"password":"hunter2","n":1}', '{"password":"REDACTED","n":1}'],
    ['eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxIn0.abc', 'REDACTED'],
    ['status 500', 'status 500'],
  ];
  for (const [text, redacted] of texts) {
    it(`are taken out of ${text}`, () => expect(redactText(text)).to.equal(redacted));
  }
});
