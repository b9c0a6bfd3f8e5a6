// The guard over production hosts: where load may go, decided before any connection.

import { expect } from 'chai';
import { readHostPattern } from '../../runner/model/host-pattern.ts';
import { mayLoad } from '../../runner/verify/allowed.ts';

const FORBID = ['*.shop.example', '10.0.0.0/8'];
const permission = {
  forbid: FORBID.flatMap((text) => readHostPattern(text) ?? []),
  listed: ['staging.example', 'www.shop.example'],
  allowed: ['perf.example', 'api.shop.example', '192.0.2.7'],
};

const ROWS: ReadonlyArray<[title: string, host: string, addresses: readonly string[], may: boolean, says: string]> = [
  ['localhost', 'localhost', [], true, 'this machine'],
  ['a name below localhost', 'shop.localhost', ['127.0.0.1'], true, 'this machine'],
  ['a loopback address', '127.9.9.9', ['127.9.9.9'], true, 'this machine'],
  ['the loopback address of IPv6', '::1', ['::1'], true, 'this machine'],
  ['a name that /etc/hosts gives to this machine', 'dev.example', ['127.0.0.1', '::1'], true, 'this machine'],
  [
    'a name of which only one address is of this machine',
    'dev.example',
    ['127.0.0.1', '192.0.2.1'],
    false,
    '--allow-target dev.example',
  ],
  ['an environment of ProjectConfig', 'staging.example', ['192.0.2.1'], true, 'ProjectConfig'],
  ['a host of --allow-target', 'perf.example', ['192.0.2.1'], true, '--allow-target'],
  ['an address of --allow-target', '192.0.2.7', ['192.0.2.7'], true, '--allow-target'],
  ['a host that nobody named', 'example.com', ['192.0.2.1'], false, '--allow-target example.com'],
  ['an address that nobody named', '192.0.2.1', ['192.0.2.1'], false, '--allow-target 192.0.2.1'],
  ['a forbidden name that is listed', 'www.shop.example', [], false, '*.shop.example'],
  ['a forbidden name that is allowed', 'api.shop.example', [], false, '*.shop.example'],
  ['a forbidden name that leads to this machine', 'x.shop.example', ['127.0.0.1'], false, '*.shop.example'],
  [
    'a listed name with a forbidden address',
    'staging.example',
    ['192.0.2.1', '10.4.5.6'],
    false,
    'staging.example (10.4.5.6)',
  ],
  ['a name with a forbidden address in IPv6 dress', 'staging.example', ['::ffff:10.4.5.6'], false, '10.0.0.0/8'],
];

describe('load', () => {
  for (const [title, host, addresses, may, says] of ROWS) {
    it(`${may ? 'may' : 'may not'} go to ${title}`, () => {
      const { state, detail, next = '' } = mayLoad(host, addresses, permission);
      expect(state).to.equal(may ? 'passed' : 'failed');
      expect(`${detail} ${next}`).to.include(says);
    });
  }

  it('may not go to this machine either when that is forbidden', () => {
    const forbid = ['127.0.0.0/8'].flatMap((text) => readHostPattern(text) ?? []);
    expect(mayLoad('localhost', ['127.0.0.1'], { ...permission, forbid }).state).to.equal('failed');
  });
});
