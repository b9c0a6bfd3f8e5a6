import { expect } from 'chai';
import { sentence } from '../../runner/text/display-text.ts';

describe('sentence', () => {
  const rows: ReadonlyArray<[clause: string, expected: string]> = [
    ['all targets were met', 'All targets were met.'],
    ['k6 itself was too busy', 'k6 itself was too busy.'],
    ['p(95) of search is 3 ms', 'p(95) of search is 3 ms.'],
    ['http_req_failed is 3 %', 'http_req_failed is 3 %.'],
    ['novaperf was delayed by 2 s', 'novaperf was delayed by 2 s.'],
    ['stopped!', 'Stopped!'],
    ['', ''],
  ];
  for (const [clause, expected] of rows) {
    it(`makes "${expected}" of "${clause}"`, () => expect(sentence(clause)).to.equal(expected));
  }
});
