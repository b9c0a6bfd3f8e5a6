// The hosts that a script names itself: seen in its bundle and its variables, and held against the same list as the target.

import { expect } from 'chai';
import { readHostPattern } from '../../runner/model/host-pattern.ts';
import { hostsOf, scriptHosts } from '../../runner/verify/script-hosts.ts';

const ROWS: ReadonlyArray<[title: string, code: string, env: Record<string, string>, hosts: readonly string[]]> = [
  ['a URL in a call', 'http.get("https://api.example/v1?x=1");', {}, ['api.example']],
  [
    'several, each once',
    'a("http://a.example"); b(\'wss://b.example:8443/s\'); c(`http://a.example/2`);',
    {},
    ['a.example', 'b.example'],
  ],
  [
    'an address',
    'http.get("http://[2001:db8::1]:80/"); http.get("http://10.1.2.3/");',
    {},
    ['2001:db8::1', '10.1.2.3'],
  ],
  [
    'what a module is imported from',
    'import x from "https://jslib.example/x.js"; require("https://jslib.example/y.js");',
    {},
    [],
  ],
  ['the names of XML', 'http.post(u, `<soap:Envelope xmlns:soap="http://schemas.example/soap/">`);', {}, []],
  ['a URL within a sentence', 'throw new Error("see https://docs.example/x");', {}, []],
  // biome-ignore lint/suspicious/noTemplateCurlyInString: it is the code of a script
  ['a host that is put together', 'http.get(`https://${__ENV.HOST}/x`);', {}, []],
  ['a default that takes effect', 'const b = __ENV.TARGET || "https://prod.example";', {}, ['prod.example']],
  [
    'a default that does not',
    'const b = __ENV.TARGET || "https://prod.example";',
    { TARGET: 'http://127.0.0.1:1' },
    ['127.0.0.1'],
  ],
  [
    'a variable that the script reads',
    'http.get(__ENV["SHOP_URL"] + "/x");',
    { SHOP_URL: 'https://shop.example/a' },
    ['shop.example'],
  ],
  ['a variable that it does not read', 'http.get(__ENV.OTHER);', { SHOP_URL: 'https://shop.example' }, []],
  [
    'a package from npm',
    '// node_modules/x/index.js\nvar docs = "https://docs.example";\n\n// scripts/a.js\nvar u = "https://own.example";\n',
    {},
    ['own.example'],
  ],
];

describe('the hosts of a script', () => {
  for (const [title, code, env, hosts] of ROWS) {
    it(`with ${title} are ${hosts.join(', ') || 'none'}`, () =>
      expect(hostsOf({ code }, env).map(({ host }) => host)).to.deep.equal(hosts));
  }

  it('do not tell a password', () => {
    const permission = { forbid: [], listed: [], allowed: [] };
    const { state, detail } = scriptHosts({ code: 'http.get("https://me:hunter2@prod.example/");' }, {}, permission);
    expect(state).to.equal('failed');
    expect(detail).to.include('prod.example').and.not.to.include('hunter2');
  });

  it('pass with --allow-target, unless they are forbidden', () => {
    const code = 'http.get("https://prod.example/");';
    const permission = { forbid: [], listed: [], allowed: ['prod.example'] };
    expect(scriptHosts({ code }, {}, permission).state).to.equal('passed');
    const forbid = ['*.example'].flatMap((text) => readHostPattern(text) ?? []);
    expect(scriptHosts({ code }, {}, { ...permission, forbid }).state).to.equal('failed');
  });
});
