import { expect } from 'chai';
import { pathName } from '../../runner/text/path-name.ts';

describe('names in paths', () => {
  const names: ReadonlyArray<readonly [name: string, safe: string]> = [
    ['checkout', 'checkout'],
    ['Zahlung für Ärzte', 'Zahlung-für-Ärzte'],
    ['Zahlung fu\u0308r A\u0308rzte', 'Zahlung-für-Ärzte'],
    ['購入 テスト', '購入-テスト'],
    ['оплата', 'оплата'],
    ['खरीदारी', 'खरीदारी'],
    ['../../etc/passwd', 'etc-passwd'],
    ['a/b\\c:d', 'a-b-c-d'],
    ['x\u001b[31mred\u0007', 'x-31mred'],
    ['evil\u202egnp.js', 'evil-gnp.js'],
    ['.hidden', 'hidden'],
    ['', 'unnamed'],
    ['...', 'unnamed'],
    ['🚀', 'unnamed'],
    ['half \ud800', 'half'],
  ];
  for (const [name, safe] of names) {
    it(`${JSON.stringify(name)} is ${safe}`, () => {
      expect(pathName(name)).to.equal(safe);
    });
  }

  it('are cut between characters at 100 bytes', () => {
    const safe = pathName('ü'.repeat(300));
    expect(safe).to.equal('ü'.repeat(50));
    expect(Buffer.byteLength(pathName('購'.repeat(300)))).to.equal(99);
  });
});
