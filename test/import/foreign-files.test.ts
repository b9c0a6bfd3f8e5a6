// Files as other tools write them: without recorded answers, variables without a value, servers with variables.

import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'chai';
import { importScenario } from '../../runner/import/import-scenario.ts';
import { isSameSite } from '../../runner/import/read-har.ts';
import { errorOf } from '../scenario/error-of.ts';
import { harEntry } from './samples.ts';

describe('files of other tools', () => {
  let folder: string;
  before(async () => {
    folder = await mkdtemp(join(tmpdir(), 'novaperf-import-'));
  });
  after(() => rm(folder, { recursive: true, force: true }));
  const imported = async (kind: 'har' | 'openapi' | 'postman', content: unknown) => {
    const path = join(folder, `file.${kind}.json`);
    await writeFile(path, JSON.stringify(content));
    return importScenario({ kind, path }, { name: 'shop', component: 'Shop' });
  };

  it('may lack recorded answers and times', async () => {
    const request = { method: 'GET', url: 'https://shop.example.com/a' };
    const { source } = await imported('har', { log: { entries: [{ request, time: null }] } });
    expect(source).to.include(`http.get(\`\${baseUrl}/a\`)`);
  });

  it('may have secrets within encoded texts', async () => {
    const token = 'q+Z/8hX2kL0pR7sT==';
    const url = `https://shop.example.com/a?password=${encodeURIComponent(token)}&state=${encodeURIComponent(`x ${token} y`)}`;
    const { source, secrets } = await imported('har', { log: { entries: [{ request: { method: 'GET', url } }] } });
    expect(source).not.to.include('8hX2kL0pR7sT');
    expect(source).to.include(
      `?password=\${encodeURIComponent(password)}&state=x%20\${encodeURIComponent(password)}%20y`,
    );
    expect(secrets).to.deep.equal(['PASSWORD']);
  });

  const bodies: [what: string, mime: string, text: string, written: RegExp][] = [
    [
      'XML',
      'text/xml',
      '<login><user>ada</user><password>pw-1a</password></login>',
      /<password>\$\{password\}<\/password>/,
    ],
    ['attributes of XML', 'application/xml', '<login user="ada" password="pw-1a"/>', /password="\$\{password\}"/],
    [
      'multipart forms',
      'multipart/form-data; boundary=x',
      '--x\r\nContent-Disposition: form-data; name="password"\r\n\r\npw-1a\r\n--x--\r\n',
      /name="password"\\r\\n\\r\\n\$\{password\}\\r\\n--x--/,
    ],
    ['texts', 'text/plain', 'user: ada, password: pw-1a', /password: \$\{password\}/],
  ];
  for (const [what, mime, body, written] of bodies) {
    it(`may have short secrets in ${what}`, async () => {
      const entry = harEntry('POST', 'https://shop.example.com/a', { at: 0, body, mime });
      const { source, secrets } = await imported('har', { log: { entries: [entry] } });
      expect(source).not.to.include('pw-1a');
      expect(secrets).to.deep.equal(['PASSWORD']);
      expect(source).to.match(written);
    });
  }

  it('may have user and password in a URL: they become a header from a variable', async () => {
    const request = { method: 'GET', url: 'https://ada:pw-1a@shop.example.com/a' };
    const { source, secrets } = await imported('har', { log: { entries: [{ request }] } });
    expect(source).not.to.match(/pw-1a|ada:/);
    expect(source).to.include('Authorization: `Basic ${authorization}`');
    expect(secrets).to.deep.equal(['AUTHORIZATION']);
  });

  it('may redirect to a page with a token: the status is checked, and the token is read from it', async () => {
    const csrf = 'c5rf-t0ken-91';
    const log = {
      entries: [
        harEntry('POST', 'https://shop.example.com/login', {
          at: 0,
          status: 302,
          redirectURL: 'https://shop.example.com/home',
        }),
        harEntry('GET', 'https://shop.example.com/home', {
          at: 1,
          answerMime: 'text/html',
          answer: `<input name="csrf" value="${csrf}">`,
        }),
        harEntry('GET', `https://shop.example.com/cart?csrf=${csrf}`, { at: 2 }),
      ],
    };
    const { source } = await imported('har', { log });
    expect(source).to.include("'POST /login: 200'").and.not.to.include('/home');
    expect(source).to.include('cart?csrf=${session.csrf}').and.not.to.include(csrf);
  });

  it('of OpenAPI may describe a redirect, which is not followed', async () => {
    const { source } = await imported('openapi', {
      openapi: '3.0.0',
      info: { title: 'Shop', version: '1' },
      paths: { '/file': { get: { responses: { 302: { description: 'elsewhere' } } } } },
    });
    expect(source).to.include("{ name: 'GET /file', redirects: 0 }").and.to.include("'GET /file: 302'");
  });

  it('may have the fields of a multipart form without its text', async () => {
    const request = {
      method: 'POST',
      url: 'https://shop.example.com/a',
      postData: { mimeType: 'multipart/form-data; boundary=b1', params: [{ name: 'colour', value: 'red' }] },
    };
    const { source } = await imported('har', { log: { entries: [{ request }] } });
    expect(source).to.include('name="colour"\\r\\n\\r\\nred\\r\\n--b1--');
  });

  it("may have a token in a page's path", async () => {
    const token = 'q9Z8hX2kL0pR7sTq9Z8hX2kL0pR7';
    const address = `https://shop.example.com/reset/${token}`;
    const log = {
      pages: [{ id: 'p', title: address }],
      entries: [harEntry('GET', address, { at: 0, page: 'p', answerMime: 'text/html' })],
    };
    const { source } = await imported('har', { log });
    expect(source).not.to.include(token);
    expect(source).to.include("group('/reset/:id'");
  });

  it('may have a form field twice, as for lists and filters', async () => {
    const entry = harEntry('POST', 'https://shop.example.com/a', {
      at: 0,
      body: 'tag=a&tag=b+c&x=1',
      mime: 'application/x-www-form-urlencoded',
    });
    const { source } = await imported('har', { log: { entries: [entry] } });
    expect(source).to.include(`'tag=a&tag=b%20c&x=1'`);
    expect(source).to.include(`'Content-Type': 'application/x-www-form-urlencoded'`);
  });

  it("may name a page by its URL: the page's site is used, not that of a tracker", async () => {
    const log = {
      pages: [{ id: 'p', title: 'https://www.shop.example.com/start' }],
      entries: ['https://track.test/pixel', 'https://www.shop.example.com/start'].map((url) =>
        harEntry('GET', url, { at: 0, page: 'p', answerMime: 'text/html' }),
      ),
    };
    expect((await imported('har', { log })).baseUrl).to.equal('https://www.shop.example.com');
  });

  const hosts: [host: string, site: string, same: boolean][] = [
    ['api.shop.example.com', 'www.example.com', true],
    ['www.bbc.co.uk', 'sa.bbc.co.uk', true],
    ['tracker.co.uk', 'www.bbc.co.uk', false],
    ['10.0.0.1', '10.0.0.1', true],
    ['11.0.0.1', '10.0.0.1', false],
  ];
  for (const [host, site, same] of hosts) {
    it(`${host} is ${same ? '' : 'not '}part of the site ${site}`, () => {
      expect(isSameSite(host, site)).to.equal(same);
    });
  }

  it('of Postman may lack values of variables: they are read from the environment, and the host from --base-url', async () => {
    const collection = {
      info: { name: 'Conduit' },
      item: [
        {
          name: 'Log in',
          request: {
            method: 'POST',
            url: '{{APIURL}}/users/{{userId}}?trace={{$guid}}',
            header: [
              { key: 'Content-Type', value: 'application/json' },
              { key: 'Authorization', value: 'Token {{token}}' },
            ],
            body: { mode: 'raw', raw: '{"email":"{{EMAIL}}", "password":"{{PASSWORD}}"}' },
          },
        },
      ],
    };
    const { source, secrets, baseUrl } = await imported('postman', { collection });
    expect(baseUrl).to.equal('http://127.0.0.1:8080');
    expect(secrets).to.have.members(['USER_ID', 'TOKEN', 'EMAIL', 'PASSWORD']);
    expect(source).to.include('Authorization: `Token ${token}`').and.to.include('email: email, password: password');
    expect(source).not.to.match(/\{\{/);
  });

  const commands: [what: string, command: string, written: RegExp[]][] = [
    [
      'of Windows',
      'curl "https://shop.example.com/a" ^\n  -H "accept: application/json" ^\n  --data-raw "{^\\"a^\\":1}"',
      [/\$\{baseUrl\}\/a/, /JSON\.stringify\(\{ a: 1 \}\)/],
    ],
    ['with encoded data', "curl https://a.test/x --data-urlencode 'To=+49 1' -d b=2", [/To: '\+49 1'/, /b: '2'/]],
    [
      'with JSON without a type',
      `curl https://a.test/x -d '{"a":"b&c=d"}'`,
      [/'application\/json'/, /\{ a: 'b&c=d' \}/],
    ],
    ['with a text without a type', 'curl https://a.test/x -d \'<a b="c"/>\'', [/'text\/plain'/, /'<a b="c"\/>'/]],
    ['with a form', "curl -F 'n=daniel' -F 'p=OK;type=text/plain' https://a.test/x", [/name="p"[\\rn]+OK[\\rn]+--/]],
  ];
  for (const [what, command, written] of commands) {
    it(`may be a curl command ${what}`, async () => {
      const { source } = await importScenario({ kind: 'curl', command }, { name: 'shop', component: 'Shop' });
      for (const pattern of written) expect(source).to.match(pattern);
    });
  }

  it('of Postman may have authorization by folder and bodies of any kind', async () => {
    const basic = { type: 'basic', basic: { username: 'ada', password: 'pw-1a' } };
    const key = {
      type: 'apikey',
      apikey: [
        { key: 'key', value: 'X-Key' },
        { key: 'value', value: 'key-77f3' },
      ],
    };
    const collection = {
      name: 'No info',
      auth: basic,
      item: [
        { name: 'a', request: 'https://shop.example.com/a' },
        { name: 'folder', auth: key, item: [{ name: 'b', request: { url: 'https://shop.example.com/b' } }] },
        { name: 'c', request: { url: 'https://shop.example.com/c', auth: { type: 'noauth' } } },
        { name: 'd', request: { url: 'https://shop.example.com/d', auth: { type: 'digest' } } },
        {
          name: 'e',
          request: {
            method: 'POST',
            url: 'https://shop.example.com/e',
            body: { mode: 'graphql', graphql: { query: 'query($id: Int) { a }', variables: '{ "id": 3 }' } },
          },
        },
        {
          name: 'f',
          request: {
            method: 'POST',
            url: 'https://shop.example.com/f',
            body: {
              mode: 'formdata',
              formdata: [
                { key: 'colour', value: 'red', type: 'text' },
                { key: 'picture', type: 'file', src: '/home/ada/a.png' },
              ],
            },
          },
        },
      ],
    };
    const { source, secrets } = await imported('postman', collection);
    expect(secrets).to.have.members(['X_KEY', 'AUTHORIZATION']);
    expect(source).not.to.match(/pw-1a|key-77f3|YWRhOnB3LTFh|\/home\/ada/);
    expect(source.match(/Authorization: /g)).to.have.length(3);
    expect(source).to.include("'X-Key': xKey").and.to.include('1 requests signed with digest');
    expect(source).to.include("JSON.stringify({ query: 'query($id: Int) { a }', variables: { id: 3 } })");
    expect(source).to.include('name="colour"\\r\\n\\r\\nred').and.to.include('1 forms without their files');
  });

  it('of Postman in format 1 are rejected with the command that converts them', async () => {
    const { message, next } = await errorOf(
      imported('postman', { name: 'Old', order: ['1'], requests: [{ id: '1' }] }),
    );
    expect(message).to.match(/found one of format 1/);
    expect(next).to.match(/postman-collection-transformer convert -i file\.postman\.json/);
  });

  const info = { title: 'Hooks', version: '1' };
  const webhooks = { paid: { post: { responses: { 200: { description: 'ok' } } } } };
  for (const [what, fields, found] of [
    ['webhooks alone', { webhooks }, /operations below paths, found only a webhook/],
    ['webhooks and no path', { paths: {}, webhooks }, /operations below paths, found only a webhook/],
    ['neither', { paths: {}, webhooks: {} }, /no operations below paths/],
  ] as const) {
    it(`of OpenAPI that describe ${what} are rejected with the place`, async () => {
      const error = await errorOf(imported('openapi', { openapi: '3.1.0', info, ...fields }));
      expect(error.message).to.match(found);
      expect(error.where).to.include('file.openapi.json');
    });
  }

  it('of OpenAPI may have extensions that refer to missing files', async () => {
    const { source } = await imported('openapi', {
      openapi: '3.0.0',
      info: { title: 'Shop', version: '1' },
      components: {
        'x-policy': {
          policies: { $ref: '../policies.yaml' },
          list: [{ $ref: '#/components/x-policy/policies/Downloading' }],
        },
      },
      paths: { '/a': { get: { responses: { 200: { description: 'ok' } } } } },
    });
    expect(source).to.include('function getA(');
  });

  it('of OpenAPI may define later parameters with links, and the server with variables', async () => {
    const links = { mine: { operationId: 'orders', parameters: { 'path.owner': '$response.body#/user/name~1id' } } };
    const { source, baseUrl } = await imported('openapi', {
      openapi: '3.0.0',
      info: { title: 'Shop', version: '1' },
      servers: [{ url: 'https://{region}.example.com', variables: { region: { default: 'eu' } } }],
      paths: {
        '/me': { get: { operationId: 'me', responses: { 200: { description: 'ok', links } } } },
        '/orders/{owner}': {
          get: {
            operationId: 'orders',
            parameters: [{ name: 'owner', in: 'path', required: true, schema: { type: 'string' } }],
            responses: { 200: { description: 'ok' } },
          },
        },
      },
    });
    expect(baseUrl).to.equal('https://eu.example.com');
    expect(source).to.include("remember('owner', response, 'user.name/id');");
  });
});
