// The project's rules on hosts: where load may go, decided before any connection, and the k6 flags that enforce them.

import { isIP } from 'node:net';
import { expect } from 'chai';
import { matchingPattern, readHostPattern } from '../../runner/model/host-pattern.ts';
import { mayLoad } from '../../runner/verify/allowed.ts';
import { enforcedHosts, hostFlags } from '../../runner/verify/enforced-hosts.ts';

const patterns = (...texts: string[]) => texts.flatMap((text) => readHostPattern(text) ?? []);
const forbid = patterns('*.shop.example', '10.0.0.0/8');
const only = patterns('staging.example', 'www.shop.example', '192.0.2.0/28');
const NO_RULES = { forbid: [], only: undefined };

const ROWS: ReadonlyArray<[title: string, host: string, addresses: readonly string[], may: boolean, says: string]> = [
  ['localhost', 'localhost', [], true, 'this machine'],
  ['a name below localhost', 'shop.localhost', ['127.0.0.1'], true, 'this machine'],
  ['the loopback address of IPv6', '::1', ['::1'], true, 'this machine'],
  ['a name that /etc/hosts gives to this machine', 'dev.example', ['127.0.0.1', '::1'], true, 'this machine'],
  ['a name of which only one address is of this machine', 'dev.example', ['127.0.0.1', '198.51.100.1'], false, 'only'],
  ['a listed name', 'staging.example', ['198.51.100.1'], true, 'only'],
  ['a name with all addresses listed', 'perf.example', ['192.0.2.1', '192.0.2.2'], true, 'only'],
  ['a name of which one address is not listed', 'perf.example', ['192.0.2.1', '192.0.2.99'], false, 'perf.example'],
  ['a listed address', '192.0.2.7', ['192.0.2.7'], true, 'only'],
  ['a host that is not listed', 'example.com', ['198.51.100.1'], false, 'example.com'],
  ['a forbidden name that is listed', 'www.shop.example', [], false, '*.shop.example'],
  ['a forbidden name that leads to this machine', 'x.shop.example', ['127.0.0.1'], false, '*.shop.example'],
  ['a listed name with a forbidden address', 'staging.example', ['10.4.5.6'], false, 'staging.example (10.4.5.6)'],
  ['a name with a forbidden address in IPv6 form', 'staging.example', ['::ffff:10.4.5.6'], false, '10.0.0.0/8'],
];

describe('load', () => {
  for (const [title, host, addresses, may, says] of ROWS) {
    it(`${may ? 'may' : 'may not'} go to ${title}`, () => {
      const { state, detail, next = '' } = mayLoad(host, addresses, { forbid, only });
      expect(state).to.equal(may ? 'passed' : 'failed');
      expect(`${detail} ${next}`).to.include(says);
    });
  }

  it('may go anywhere without rules, because the user names the host', () => {
    expect(mayLoad('example.com', ['198.51.100.1'], NO_RULES).state).to.equal('passed');
  });

  it('may not go to this machine if that is forbidden', () => {
    expect(mayLoad('localhost', ['127.0.0.1'], { forbid: patterns('127.0.0.0/8'), only }).state).to.equal('failed');
  });
});

describe('k6', () => {
  const own = { options: {}, k6Args: [] };
  const resolve = async (host: string) => (host === 'staging.example' ? ['198.51.100.7', '2001:db8::7'] : []);

  it('may connect only to the addresses of "only" and to this machine', async () => {
    const flags = await hostFlags({ forbid: [], only: patterns('staging.example', '192.0.2.0/28') }, own, resolve);
    expect(flags[0]).to.equal('--blacklist-ip');
    const refused = patterns(...(flags[1] ?? '').split(','));
    // As in Go, a range of one address family contains no address of the other.
    const isRefused = (address: string) => {
      const family = isIP(address) === 4 ? 'ipv4' : 'ipv6';
      const ranges = refused.filter((pattern) => pattern.kind === 'range' && pattern.family === family);
      return matchingPattern(address, ranges) !== undefined;
    };
    for (const address of ['198.51.100.7', '2001:db8::7', '192.0.2.0', '192.0.2.15', '127.0.0.1', '127.9.9.9', '::1'])
      expect(isRefused(address), address).to.equal(false);
    for (const address of ['198.51.100.6', '198.51.100.8', '192.0.2.16', '192.0.1.255', '0.0.0.1', '255.255.255.255'])
      expect(isRefused(address), address).to.equal(true);
    for (const address of ['2001:db8::6', '2001:db8::8', '2001:db8:1::', 'ffff::', '::2'])
      expect(isRefused(address), address).to.equal(true);
  });

  it('gets no flags without rules; rules that it cannot enforce are reported', async () => {
    expect(await hostFlags(NO_RULES, own)).to.deep.equal([]);
    expect(enforcedHosts(NO_RULES, {}).state).to.equal('skipped');
    expect(enforcedHosts({ forbid: patterns('prod-*.example'), only: undefined }, {}).detail).to.include(
      'prod-*.example',
    );
    expect(enforcedHosts({ forbid, only }, { HTTPS_PROXY: 'http://proxy:3128' }).state).to.equal('warning');
  });

  it('is not started if a name of "only" does not resolve', async () => {
    const failing = hostFlags({ forbid: [], only: patterns('gone.example') }, own, () =>
      Promise.reject(new Error('ENOTFOUND')),
    );
    expect(await failing.catch((error: unknown) => error))
      .to.be.an('error')
      .with.property('message')
      .that.includes('gone.example');
  });
});
