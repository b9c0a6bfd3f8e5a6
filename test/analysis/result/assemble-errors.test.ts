import { expect } from 'chai';
import { resultOf, shopSamples } from '../../report/sample-run.ts';

describe('the errors of a run', () => {
  it('say if their message is no more than the status', () => {
    const { errors } = resultOf(shopSamples({ seconds: 20, requestsPerSecond: 30 }));
    const requests = errors.filter(({ kind }) => kind === 'http' || kind === 'transport');
    expect(requests.map(({ kind }) => kind)).to.include.members(['http', 'transport']);
    for (const { kind, message_is_status } of requests) {
      expect(message_is_status, kind).to.equal(kind === 'http' ? true : undefined);
    }
  });
});
