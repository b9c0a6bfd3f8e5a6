import { expect } from 'chai';
import { elfOf } from '../../runner/cluster/elf.ts';
import { imageName, pushLines } from '../../runner/cluster/image-name.ts';

describe("the runners' image", () => {
  for (const [given, expected] of [
    [undefined, 'localhost/k6-novaperf:2.2.0-abc'],
    ['k6', 'k6:2.2.0-abc'],
    ['k6:1', 'k6:1'],
    ['localhost:5000/load/k6', 'localhost:5000/load/k6:2.2.0-abc'],
    ['registry.example/a/b__c-d:V1_2.3-x', 'registry.example/a/b__c-d:V1_2.3-x'],
  ] as const) {
    it(`is named ${expected} if ${given ?? 'nothing'} is given`, () => {
      expect(imageName(given, '2.2.0-abc')).to.equal(expected);
    });
  }
  for (const given of [
    '',
    'k6:',
    'k6:latest',
    ':1',
    'a b',
    'K6',
    'k6/',
    'https://x/k6',
    'k6:1; rm -rf /',
    '$(id)',
    `k6:${'a'.repeat(129)}`,
  ]) {
    it(`cannot be named "${given.slice(0, 20)}"`, () => {
      expect(() => imageName(given, '1')).to.throw('tag other than latest');
    });
  }

  it('is pushed with the file name quoted for the shell', () => {
    for (const { command } of pushLines('my images; id.tar', 'k6:1')) expect(command).to.contain("'my images; id.tar'");
  });

  for (const [what, file] of [
    ['an empty file', Buffer.alloc(0)],
    ['a script', Buffer.from('#!/bin/sh\n'.padEnd(200))],
    ['the beginning of an executable', Buffer.from('7f454c460201', 'hex')],
    ['an executable of 32 bits', Buffer.concat([Buffer.from('7f454c460101', 'hex'), Buffer.alloc(100)])],
  ] as const) {
    it(`rejects ${what} as k6`, () => {
      expect(elfOf(file)).to.equal(undefined);
    });
  }
});
