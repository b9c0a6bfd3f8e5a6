import { expect } from 'chai';
import { learnSecrets, NO_RULES, useSecretRules } from '../../runner/text/secret-rules.ts';
import { isOrdinary } from '../../runner/text/secret-values.ts';
import {
  redactArguments,
  redactPayload,
  redactSelector,
  redactTag,
  redactText,
  redactValue,
  secretValues,
} from '../../runner/text/secrets.ts';

const KEY = 'q7Zt3Kp9Xw2Rb8Lm4Vc6';
const TOKEN = 'eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxMjM0NTY3ODkwIn0.dozjgNryP4J3jVmNHl0w5N_XgL0n3I9PlFUP0THsR8U';

describe('secrets in names', () => {
  afterEach(() => useSecretRules(NO_RULES));

  const ordinary = [
    '/home/ann/shop',
    '/mnt/c/Users/Ann Example/shop-2',
    './data/users.json',
    'C:\\Users\\ann',
    'http://127.0.0.1:41234',
    'https://idp.example.com/realms/shop?client=web',
    'auth.example.com',
    'idp-1:8443',
    'auth.svc.production:8443',
    'idp.team.internal',
    '10.0.0.12:9000',
    '[::1]:8080',
    'default',
    'client-credentials',
    'PerUser',
    '3600',
    '30s',
    '1.5',
    '2026-11-29T20:00:00Z',
    'true',
    'a.example.com,b.example.com',
  ];
  for (const value of ordinary) {
    it(`no secret, whatever its variable is called: ${value}`, () => {
      expect(isOrdinary(value)).to.equal(true);
      expect(secretValues({ SESSION_TOKEN: value })).to.deep.equal([]);
      expect(redactTag('session_token', value)).to.equal(value);
    });
  }

  const secret = [
    'hunter2',
    KEY,
    TOKEN,
    's3cr3t.Canary',
    'vault.value.of.an.environment',
    'http://ann:p4ssw0rd@idp.example.com',
    `/${KEY}${KEY}`,
    'xkqzwvbnmprt',
  ];
  for (const value of secret) {
    it(`a secret where the name says so: ${value.slice(0, 30)}`, () => {
      expect(isOrdinary(value)).to.equal(false);
      expect(secretValues({ SESSION_TOKEN: value })).to.include(value);
      expect(redactTag('session_token', value)).to.equal('REDACTED');
    });
  }

  it('names about a secret, and those of shells, hide nothing', () => {
    const env = {
      PWD: `/srv/${KEY}`,
      OLDPWD: KEY,
      AUTH_URL: 'http://h/1',
      SESSION_MODE: 'v2-b7x9',
      XDG_SESSION_ID: KEY,
    };
    expect(secretValues(env)).to.deep.equal([]);
  });

  it('passwords in the URLs of an environment are secret, whatever the variable is called', () => {
    expect(secretValues({ DATABASE: 'postgres://ann:p%40ss-w0rd1@db/shop' })).to.include.members([
      'p%40ss-w0rd1',
      'p@ss-w0rd1',
    ]);
  });

  const texts: ReadonlyArray<readonly [text: string, safe: string]> = [
    ['rpc failed, sent Cookie: sid=q7Zt3Kp; theme=dark', 'rpc failed, sent Cookie: REDACTED'],
    ['Set-Cookie: JSESSIONID=ab12cd34ef\nnext line', 'Set-Cookie: REDACTED\nnext line'],
    ['{"headers":{"Cookie":"sid=q7Zt3Kp"}}', '{"headers":{"Cookie":"REDACTED"}}'],
    ['Authorization: Digest username="ann"', 'Authorization: REDACTED"ann"'],
    ['Cookie: none', 'Cookie: none'],
    [`invalid token ${KEY}`, 'invalid token REDACTED'],
    ['unknown key products-by-category-name', 'unknown key products-by-category-name'],
    ['data {\\"token\\":\\"q7Zt3Kp9\\"}', 'data {\\"token\\":\\"REDACTED"}'],
    [`GET http://h/a?token=${KEY}&page=2`, 'GET http://h/a?token=REDACTED&page=2'],
    ['GET /login?pin=1234', 'GET /login?pin=REDACTED'],
    [`http://h/a?x=${KEY}`, 'http://h/a?x=REDACTED'],
    [`http://h/a?x=${TOKEN}`, 'http://h/a?x=REDACTED'],
    // biome-ignore lint/suspicious/noTemplateCurlyInString: k6's http.url keeps it
    ['http://h/a?token=${}&id=7', 'http://h/a?token=${}&id=7'],
    [
      'http://h/a?request_id=5f0c1d2e3b4a5968778695a4b3c2d1e0',
      'http://h/a?request_id=5f0c1d2e3b4a5968778695a4b3c2d1e0',
    ],
    ['http://h/a;jsessionid=0A1B2C', 'http://h/a;jsessionid=REDACTED'],
    ['Get "http://ann:hunter@h:8080/x": refused', 'Get "http://REDACTED:REDACTED@h:8080/x": refused'],
    ['ws://ann@h/feed', 'ws://REDACTED@h/feed'],
    [`has ${TOKEN}`, 'has REDACTED'],
    ['key AKIAIOSFODNN7EXAMPLE leaked', 'key REDACTED leaked'],
    [`pulled with dop_v1_${'0a1b2c3d'.repeat(8)} today`, 'pulled with REDACTED today'],
    ['Authorization: Bearer letmein99', 'Authorization: Bearer REDACTED'],
    ['uses basic authentication', 'uses basic authentication'],
    ['password=hunter', 'password=REDACTED'],
    ['{"token": "hunter"}', '{"token": "REDACTED"}'],
    ['SyntaxError: Unexpected token: identifier', 'SyntaxError: Unexpected token: identifier'],
    ['GET /authors?author=ann&authority=h', 'GET /authors?author=ann&authority=h'],
    ['at file:///home/ann/shop/x.js:3:1', 'at file:///home/ann/shop/x.js:3:1'],
  ];
  for (const [text, safe] of texts) {
    it(`${text.slice(0, 60)} becomes ${safe.slice(0, 60)}, and stays so when redacted again`, () => {
      expect(redactText(text)).to.equal(safe);
      expect(redactText(safe)).to.equal(safe);
    });
  }

  it('known values are removed from any text, in every spelling', () => {
    learnSecrets(secretValues({ API_TOKEN: "it's (s3cret) & more" }));
    expect(redactText("status of it's (s3cret) & more is 200")).to.equal('status of REDACTED is 200');
    expect(redactTag('name', '/x/it%27s+%28s3cret%29+%26+more/y')).to.equal('/x/REDACTED/y');
    expect(redactTag('check', "it's%20(s3cret)%20%26%20more")).to.equal('REDACTED');
  });

  const selectors: ReadonlyArray<readonly [selector: string, tags: Readonly<Record<string, string>>]> = [
    [`http_req_duration{name:http://h/?token=${KEY},status:200}`, { name: `http://h/?token=${KEY}`, status: '200' }],
    [`http_reqs{session:${KEY}}`, { session: KEY }],
    [`http_reqs{ name : "GET /x?sig=${KEY}" }`, { name: `GET /x?sig=${KEY}` }],
  ];
  for (const [selector, tags] of selectors) {
    it(`a threshold has the redacted tags of the series: ${selector}`, () => {
      const safe = redactSelector(selector);
      expect(safe).not.to.include(KEY);
      for (const [name, value] of Object.entries(tags)) expect(safe).to.include(`:${redactTag(name, value)}`);
    });
  }

  it('a selector without secrets is unchanged', () => {
    for (const text of ['http_reqs', 'http_req_duration{ name : "GET /x" , status:200}', 'a{b:c:d}'])
      expect(redactSelector(text)).to.equal(text);
  });

  it('variables are redacted in arguments by value, and fields in options by name', () => {
    expect(redactArguments(['k6', 'run', '-e', `API_TOKEN=${KEY}`, '-e', 'SESSION_MODE=default', '--x'])).to.deep.equal(
      [...['k6', 'run', '-e', 'API_TOKEN=REDACTED', '-e', 'SESSION_MODE=default', '--x']],
    );
    const options = {
      tags: { session: 'blue' },
      env: { AUTH_URL: 'http://h', TOKEN: KEY },
      tlsAuth: [{ password: 'word' }],
    };
    expect(redactValue(options)).to.deep.equal({
      ...{ tags: { session: 'blue' }, env: { AUTH_URL: 'http://h', TOKEN: 'REDACTED' } },
      tlsAuth: [{ password: 'REDACTED' }],
    });
  });

  it("a project's rules add names and patterns, and exempt names and texts", () => {
    useSecretRules({ names: ['x-tenant*'], patterns: ['TN-\\d{4}'], allow: ['page_token', 'letmein99'] });
    expect(redactText('/a?X-Tenant-Id=blue')).to.equal('/a?X-Tenant-Id=REDACTED');
    expect(redactTag('group', 'tenant TN-1234')).to.equal('tenant REDACTED');
    expect(redactText('/a?page_token=2&token=letmein99')).to.equal('/a?page_token=2&token=letmein99');
    expect(secretValues({ 'x-tenant-key': 'blue' })).to.include('blue');
    useSecretRules(NO_RULES);
    expect(redactText('/a?page_token=2')).to.equal('/a?page_token=REDACTED');
  });

  it('the quick check skips only texts that no pattern would change', () => {
    const words = [
      'bearer',
      'basic ',
      'token',
      'secret ',
      'key ',
      'password ',
      'hunter2',
      'plain words',
      '4111',
      ' 1111',
    ];
    const begins = ['AKIA', 'xoxb-', 'sk-', 'ghp_', 'PRIVATE KEY-----', 'eyJhbGciOi', '.e', '11111111'];
    const rests = ['ABCDEFGHIJKLMNOP', '1234567890', KEY, KEY.slice(0, 12), TOKEN.slice(0, 14)];
    const parts = [...words, ...begins, ...rests, ...[' ', '-', '.', '/', '%3D', '~', '\n', '?', '&', ';', '"']];
    let seed = 7;
    const next = (below: number) => {
      seed = (seed * 1103515245 + 12345) % 2147483648;
      return Math.floor((seed / 2147483648) * below);
    };
    for (let run = 0; run < 3000; run++) {
      const text = Array.from({ length: 1 + next(5) }, () => parts[next(parts.length)]).join('');
      // The parts contain no trigger of the quick check; with one at the end every pattern is tried.
      expect(`${redactPayload(text)} : `, text).to.equal(redactPayload(`${text} : `));
    }
  });

  it('a long JSON body, redacted in part, equals the beginning of the whole one redacted', () => {
    const text = JSON.stringify(
      Array.from({ length: 200 }, (_, id) => ({
        id,
        name: `thing ${id}`,
        token: KEY,
        note: TOKEN,
        pin: 1234,
        deep: { x: [KEY] },
      })),
    );
    for (const kept of [0, 1, 50, 333, 1024, 5000]) {
      const short = redactPayload(text, kept);
      expect(short.slice(0, kept)).to.equal(redactPayload(text).slice(0, kept));
      for (const secret of [KEY, TOKEN]) expect(short).not.to.include(secret);
    }
  });
});
