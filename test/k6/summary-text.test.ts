// stdout of k6 with its own summary: the stream's lines and the text are separated, for any chunk borders.

import { expect } from 'chai';
import { SummaryText } from '../../runner/k6/summary-text.ts';

const TEXT = '\n  checks: 100 %\n{"root_group":{}}\n[ok]';
const STREAMS = {
  histograms: '[0,"novaperf",{"v":1}]\n[1,0,17,12,12]\n[2,"end",{"totals":{}}]\n',
  samples: '{"metric":"vus","type":"Point","data":{}}\n{"type":"Metric","data":{},"metric":"vus"}\n',
} as const;

describe('stdout of k6 with its own summary', () => {
  for (const kind of ['histograms', 'samples'] as const) {
    for (const size of [1, 7, 1000]) {
      it(`separates the lines of the ${kind} stream from the text, in chunks of ${size} bytes`, () => {
        const all = Buffer.from(STREAMS[kind] + TEXT);
        const summary = new SummaryText(kind);
        let lines = '';
        for (let at = 0; at < all.length; at += size) lines += summary.push(all.subarray(at, at + size)).toString();
        expect(lines).to.equal(STREAMS[kind]);
        expect(summary.end()).to.equal(TEXT);
      });
    }
  }
});
