// k6's log lines about samples that it could not write.

import { expect } from 'chai';
import { LogReader } from '../../runner/k6/log.ts';
import { lostSamples } from '../../runner/k6/lost-samples.ts';

describe('samples that k6 could not write', () => {
  for (const [fields, lost] of [
    [{ msg: "Sample(s) couldn't be marshalled to JSON", failed: 7, error: 'json: unsupported value: +Inf' }, 7],
    [{ msg: "Sample(s) couldn't be marshalled to JSON" }, 1],
    [{ msg: "Sample(s) couldn't be marshalled to JSON", failed: 7, source: 'console' }, 0],
    [{ msg: 'something else', failed: 7 }, 0],
  ] as const) {
    it(`are ${lost} for ${JSON.stringify(fields)}`, () => {
      let sum = 0;
      const reader = new LogReader((entry) => {
        sum += lostSamples(entry);
      });
      reader.push(Buffer.from(`${JSON.stringify({ level: 'error', time: '2026-11-23T14:00:00Z', ...fields })}\n`));
      reader.end();
      expect(sum).to.equal(lost);
    });
  }
});
