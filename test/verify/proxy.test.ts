import { expect } from 'chai';
import { proxyVariable } from '../../runner/verify/proxy.ts';
import { targetOf } from '../../runner/verify/target.ts';

/** Cases from golang.org/x/net/http/httpproxy (proxy_test.go), which k6 uses. */
const ROWS: ReadonlyArray<readonly [noProxy: string, url: string, isProxied: boolean]> = [
  ['', 'http://example.com/', true],
  ['*', 'http://example.com/', false],
  ['example.com', 'http://example.com/', false],
  ['example.com', 'http://www.example.com/', false],
  ['.example.com', 'http://example.com/', true],
  ['.example.com', 'http://www.example.com/', false],
  ['*.example.com', 'http://www.example.com/', false],
  ['ample.com', 'http://example.com/', true],
  ['example.net', 'http://example.com/', true],
  ['foo.com, EXAMPLE.com', 'http://example.com/', false],
  ['example.com:8080', 'http://example.com:8080/', false],
  ['example.com:8080', 'http://example.com/', true],
  ['10.1.2.3', 'http://10.1.2.3/', false],
  ['10.0.0.0/8', 'http://10.1.2.3/', false],
  ['10.0.0.0/8', 'http://11.1.2.3/', true],
  ['10.0.0.0/8', 'http://ten.example/', true],
  ['10.0.0.0/99', 'http://10.1.2.3/', true],
  ['10.0.0.0/', 'http://10.1.2.3/', true],
  ['10.0.0.0/8.5', 'http://10.1.2.3/', true],
  ['10.0.0.0/8/8', 'http://10.1.2.3/', true],
  ['0.0.0.0/0', 'http://10.1.2.3/', false],
  ['2001:db8::/129', 'http://[2001:db8::1]/', true],
  ['2001:db8::/32', 'http://[2001:db8::1]/', false],
  ['2001:db8::1', 'http://[2001:db8::1]/', false],
  ['2001:db8::/32', 'http://10.1.2.3/', true],
];

describe('the proxy that k6 uses', () => {
  for (const [noProxy, url, isProxied] of ROWS) {
    it(`for ${url} is ${isProxied ? 'that of HTTP_PROXY' : 'none'} with NO_PROXY ${noProxy === '' ? 'empty' : noProxy}`, () => {
      const env = { HTTP_PROXY: 'http://proxy.example:3128', NO_PROXY: noProxy };
      expect(proxyVariable(targetOf(url), env)).to.equal(isProxied ? 'HTTP_PROXY' : undefined);
    });
  }

  it('depends on the scheme, and is not used for this machine', () => {
    const env = { HTTPS_PROXY: 'http://proxy.example:3128' };
    expect(proxyVariable(targetOf('https://example.com/'), env)).to.equal('HTTPS_PROXY');
    expect(proxyVariable(targetOf('http://example.com/'), env)).to.equal(undefined);
    expect(proxyVariable(targetOf('https://127.0.0.1/'), env)).to.equal(undefined);
    expect(proxyVariable(targetOf('https://localhost:8443/'), env)).to.equal(undefined);
  });
});
