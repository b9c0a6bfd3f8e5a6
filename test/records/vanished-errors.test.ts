import { expect } from 'chai';
import type { Result } from '../../runner/model/result.ts';
import { recordErrors } from '../../runner/records/cycle/error-logs.ts';
import { resolveVanished } from '../../runner/records/cycle/vanished-errors.ts';
import { anEndpoint, anError, aResult, inStore } from './samples.ts';

const requests = (count: number) => ({ endpoints: [anEndpoint({ name: 'POST /orders', requests: count })] });

describe('an error that does not occur in a later run', () => {
  // It was 5 % of the requests to POST /orders.
  const rows: ReadonlyArray<[title: string, later: Partial<Result>, status: string]> = [
    ['is resolved after enough requests', requests(200), 'RESOLVED'],
    ['stays open after too few', requests(40), 'OPEN'],
    ['stays open after a run that did not finish', { ...requests(200), partial: true }, 'OPEN'],
    ['stays open after a run of another load', { ...requests(200), profile: 'smoke' }, 'OPEN'],
    ['stays open after a run elsewhere', { ...requests(200), environment: 'staging' }, 'OPEN'],
    ['stays open after another scenario', { ...requests(200), scenario: 'search' }, 'OPEN'],
    ['stays open when it was not called', requests(0), 'OPEN'],
  ];
  for (const [title, later, status] of rows) {
    it(title, () =>
      inStore(async (store) => {
        const context = { progressId: 2, reportPath: '/out/report.html' };
        const [log] = await recordErrors(store, { result: aResult({ errors: [anError()] }), ...context });
        const key = log?.key ?? '';
        const result = aResult({ run: 'later', build_version: '1.5.0', ...later });
        expect(await resolveVanished(store, result, new Set())).to.have.length(status === 'OPEN' ? 0 : 1);
        const value = (await store.customData.read('ErrorLogs', key))?.value;
        expect(value).to.have.property('status', status);

        // It is reopened when it comes back; one that people work on is not changed.
        await recordErrors(store, { result: aResult({ run: 'back', errors: [anError()] }), ...context });
        await store.customData.update('ErrorLogs', key, (old) => ({ ...Object(old), status: 'INVESTIGATING' }));
        expect(await resolveVanished(store, result, new Set())).to.deep.equal([]);
      }),
    );
  }
});
