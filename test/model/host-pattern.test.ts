// Lines of testing.performance.forbid: what they match, errors, and the k6 flags that they become.

import { expect } from 'chai';
import {
  forbidFlags,
  type HostPattern,
  k6Understands,
  matchingPattern,
  readHostPattern,
} from '../../runner/model/host-pattern.ts';

function pattern(text: string): HostPattern {
  const read = readHostPattern(text);
  if (read === undefined) throw new Error(`${text} is no pattern`);
  return read;
}

const MATCHES: ReadonlyArray<[text: string, yes: readonly string[], no: readonly string[]]> = [
  [
    'www.shop.example',
    ['www.shop.example', 'WWW.Shop.Example', 'www.shop.example.'],
    ['shop.example', 'xwww.shop.example'],
  ],
  ['*.shop.example', ['a.shop.example', 'a.b.shop.example'], ['shop.example', 'a.shop.example.org', 'shopxexample']],
  ['*shop.example', ['shop.example', 'myshop.example', 'a.shop.example'], ['shop.example.org']],
  ['prod-*.example', ['prod-1.example', 'prod-a.b.example'], ['preprod-1.example', 'prod.example']],
  ['Bücher.example', ['xn--bcher-kva.example', 'bücher.example'], ['bucher.example']],
  ['*', ['anything', 'a.b.c'], ['10.1.2.3', '::1']],
  ['10.1.2.3', ['10.1.2.3', '::ffff:10.1.2.3', '[::ffff:a01:203]'], ['10.1.2.4', '10.1.2.3.example']],
  ['10.0.0.0/8', ['10.255.0.1'], ['11.0.0.1', '::1']],
  ['2001:db8::/32', ['2001:db8::5', '[2001:db8:1::]'], ['2001:db9::5', '10.1.2.3']],
  ['[::1]', ['::1', '[::1]', '0:0:0:0:0:0:0:1'], ['127.0.0.1']],
];

describe('a pattern of hosts', () => {
  for (const [text, yes, no] of MATCHES) {
    it(`${text} matches ${yes.join(', ')} and not ${no.join(', ')}`, () => {
      const patterns = [pattern(text)];
      for (const host of yes) expect(matchingPattern(host, patterns)?.text, host).to.equal(text);
      for (const host of no) expect(matchingPattern(host, patterns), host).to.equal(undefined);
    });
  }

  const wrong = [
    '',
    ' ',
    'https://shop.example',
    'shop.example/path',
    'shop.example:443',
    '10.1.*',
    '10.0.0.0/33',
    '10.0.0.0/x',
  ];
  for (const text of [
    ...wrong,
    '10.0.0.0/8/8',
    '300.1.1.1',
    '::1/129',
    'user@shop.example',
    'a b',
    'fe80::1%eth0',
    '$(x)',
  ]) {
    it(`cannot be ${JSON.stringify(text)}`, () => expect(readHostPattern(text)).to.equal(undefined));
  }

  const inK6: ReadonlyArray<[text: string, understands: boolean]> = [
    ['www.shop.example', true],
    ['*.shop.example', true],
    ['*shop.example', true],
    ['*', true],
    ['10.0.0.0/8', true],
    ['prod-*.example', false],
    ['a_b.example', false],
    ['shop.*', false],
  ];
  for (const [text, understands] of inK6) {
    it(`${text} is ${understands ? '' : 'not '}enforced by k6 itself`, () =>
      expect(k6Understands(pattern(text))).to.equal(understands));
  }
});

describe('the k6 flags that block forbidden hosts', () => {
  const patterns = ['*.shop.example', 'prod-*.example', '10.1.2.3', '10.2.0.0/16'].map(pattern);
  const none = { options: { blockHostnames: null, blacklistIPs: null }, k6Args: [] };

  it('are empty without a pattern, so that the script’s own blocks stay', () => {
    expect(
      forbidFlags([], { options: { blockHostnames: ['a'], blacklistIPs: ['10.0.0.0/8'] }, k6Args: [] }),
    ).to.deep.equal([]);
  });

  it('list addresses as the ranges that k6 accepts, and leave out patterns on which k6 fails', () => {
    expect(forbidFlags(patterns, none)).to.deep.equal([
      '--block-hostnames',
      '*.shop.example',
      '--blacklist-ip',
      '10.1.2.3/32,10.2.0.0/16',
    ]);
  });

  it("include the script's own blocks, because k6 lets flags replace them", () => {
    const options = { blockHostnames: ['*.own.example'], blacklistIPs: ['10.9.0.0/16'] };
    const all = forbidFlags(patterns, { options, k6Args: [] }).flatMap((word) => word.split(','));
    expect(all).to.include.members(['*.own.example', '10.9.0.0/16']);
    const flags = forbidFlags(patterns, { options, k6Args: ['--block-hostnames', 'x.example'] });
    expect(flags.flatMap((word) => word.split(','))).to.include('10.9.0.0/16');
    expect(flags).to.not.include('*.own.example');
  });
});
