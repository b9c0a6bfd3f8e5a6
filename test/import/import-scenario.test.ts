// Recordings, descriptions, collections and commands become scenarios; broken ones are errors.

import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'chai';
import { type ImportSource, importScenario } from '../../runner/import/import-scenario.ts';
import { errorOf } from '../scenario/error-of.ts';
import { CURL, HAR, harEntry, OPENAPI, POSTMAN, SECRETS } from './samples.ts';

const OPTIONS = { name: 'shop', component: 'Shop' };

describe('a scenario from what exists', () => {
  let folder: string;
  before(async () => {
    folder = await mkdtemp(join(tmpdir(), 'novaperf-import-'));
  });
  after(() => rm(folder, { recursive: true, force: true }));

  const written = async (name: string, content: unknown) => {
    const path = join(folder, name);
    await writeFile(path, typeof content === 'string' ? content : JSON.stringify(content));
    return path;
  };
  const sources = async (): Promise<ImportSource[]> => [
    { kind: 'har', path: await written('shop.har', HAR) },
    { kind: 'openapi', path: await written('shop.json', OPENAPI) },
    { kind: 'postman', path: await written('shop.postman.json', POSTMAN) },
    { kind: 'curl', command: CURL },
  ];

  it('contains no secret of its source', async () => {
    for (const source of await sources()) {
      const { source: text } = await importScenario(source, OPTIONS);
      for (const secret of SECRETS) expect(text, source.kind).not.to.include(secret);
    }
  });

  it('of a HAR follows its pages, without static files, other sites and redirects', async () => {
    const { source, baseUrl, secrets } = await importScenario(
      { kind: 'har', path: await written('a.har', HAR) },
      OPTIONS,
    );
    expect(baseUrl).to.equal('https://shop.example.com');
    expect(secrets).to.deep.equal(['PASSWORD', 'KEY']);
    expect(source).not.to.match(/app\.js'|analytics\.test\/|cart\/view`|Cookie|User-Agent/);
    expect(source).to.include("const apiExampleComUrl = __ENV.API_EXAMPLE_COM_URL || 'https://api.example.com';");
    expect(source.match(/http\.\w+\(/g)).to.deep.equal(
      ['get', 'post', 'post', 'post', 'get', 'patch'].map((call) => `http.${call}(`),
    );
    expect(source)
      .to.match(/sleep\(4\)/)
      .and.to.match(/sleep\(7\.\d\)/);
    expect(source).to.include("'POST /login: 200': ({ status }) => status === 200");
  });

  it('of a HAR reads tokens and ids from the responses that provided them', async () => {
    const { source } = await importScenario({ kind: 'har', path: await written('b.har', HAR) }, OPTIONS);
    expect(source).to.include(`session.csrf = htmlAttribute(response, 'input[name="csrf"]', 'value');`);
    expect(source).to.include('csrf: session.csrf');
    expect(source).to.include("session.authToken = jsonText(response2, 'auth.token');");
    expect(source).to.include("'POST /login: has authToken': () => session.authToken !== '',");
    expect(source).to.include('Authorization: `Bearer ${session.authToken}`');
    expect(source).to.include("session.orderId = jsonText(response, 'order.id');");
    expect(source).to.include('/orders/${session.orderId}`');
    expect(source).to.include('orderId: Number(session.orderId)');
    expect(source).to.include("'GET /orders/:id: 200'");
  });

  it('of an OpenAPI description has a function per operation, bodies by schema, and ids from responses', async () => {
    const { source, baseUrl, secrets } = await importScenario(
      { kind: 'openapi', path: await written('c.json', OPENAPI) },
      OPTIONS,
    );
    expect({ baseUrl, secrets }).to.deep.equal({ baseUrl: 'https://api.example.com', secrets: ['TOKEN'] });
    expect(source.match(/^function \w+/gm)).to.deep.equal(
      ['listPets', 'default2', 'getPetsPetId', 'deletePetsPetId', 'remember'].map((name) => `function ${name}`),
    );
    expect(source)
      .to.include('`${baseUrl}/v1/pets?limit=20`')
      .and.to.include('/v1/pets/${encodeURIComponent(known.petId)}`');
    expect(source).to.include("kind: 'cat'").and.not.to.include('parent');
    expect(source).to.include("petId: '5'").and.to.include("remember('petId', response)");
    expect(source)
      .to.match(/\[10, listPets\]/)
      .and.to.match(/\[1, deletePetsPetId\]/);
  });

  it('of a description with schemas in a long circle has its operations', async () => {
    const length = 600;
    const schemas = Object.fromEntries(
      Array.from({ length }, (_, index) => [
        `S${index}`,
        {
          type: 'object',
          properties: { a: { type: 'string' }, next: { $ref: `#/components/schemas/S${(index + 1) % length}` } },
        },
      ]),
    );
    const content = { 'application/json': { schema: { $ref: '#/components/schemas/S0' } } };
    const document = {
      openapi: '3.0.3',
      info: { title: 'Deep', version: '1' },
      paths: { '/deep': { get: { responses: { 200: { description: 'ok', content } } } } },
      components: { schemas },
    };
    const { source } = await importScenario({ kind: 'openapi', path: await written('deep.json', document) }, OPTIONS);
    expect(source).to.include('`${baseUrl}/deep`');
  });

  it('of Swagger 2 is like that of OpenAPI 3', async () => {
    const swagger = {
      swagger: '2.0',
      info: { title: 'Old', version: '1' },
      host: 'old.example.com',
      basePath: '/api',
      schemes: ['http'],
      paths: {
        '/things': {
          post: {
            parameters: [
              { in: 'body', name: 'body', schema: { type: 'object', properties: { a: { type: 'integer' } } } },
            ],
            responses: { 200: { description: 'ok' } },
          },
        },
      },
    };
    const { source, baseUrl } = await importScenario(
      { kind: 'openapi', path: await written('d.json', swagger) },
      OPTIONS,
    );
    expect(baseUrl).to.equal('http://old.example.com');
    expect(source).to.include('`${baseUrl}/api/things`').and.to.include('body = { a: 1 }');
  });

  it('of a Postman collection fills its variables and keeps its folders', async () => {
    const { source, secrets } = await importScenario(
      { kind: 'postman', path: await written('e.json', POSTMAN) },
      OPTIONS,
    );
    expect(secrets).to.have.members(['AUTHORIZATION', 'X_API_KEY', 'PASSWORD']);
    expect(source).to.include('`${baseUrl}/orders?state=open`').and.to.include("group('Orders'");
  });

  it('of a curl command is its request', async () => {
    const { source, baseUrl, secrets } = await importScenario({ kind: 'curl', command: CURL }, OPTIONS);
    expect({ baseUrl, secrets }).to.deep.equal({
      baseUrl: 'https://shop.example.com',
      secrets: ['AUTHORIZATION', 'PASSWORD'],
    });
    expect(source).to.include('http.post(`${baseUrl}/orders?page=2`, JSON.stringify(');
    expect(source).to.include(`note: 'it\\'s A'`);
  });

  const broken: [what: string, source: () => Promise<ImportSource>, message: RegExp, where: RegExp | undefined][] = [
    ['a HAR that is not JSON', async () => ({ kind: 'har', path: await written('x.har', '{') }), /HAR.*JSON/, /x\.har/],
    [
      'JSON that is not a HAR',
      async () => ({ kind: 'har', path: await written('y.har', { log: { entries: [{}] } }) }),
      /Expected a HAR file/,
      /log\.entries\.0\.request/,
    ],
    [
      'a HAR of images',
      async () => ({
        kind: 'har',
        path: await written('z.har', { log: { entries: [harEntry('GET', 'http://a/x.png', { at: 0 })] } }),
      }),
      /found none/,
      /z\.har/,
    ],
    ['no file', async () => ({ kind: 'har', path: '/no/such.har' }), /at most 256 MB, found ENOENT/, /such\.har/],
    [
      'no description',
      async () => ({ kind: 'openapi', path: await written('x.json', { a: 1 }) }),
      /Expected an OpenAPI/,
      /x\.json/,
    ],
    [
      'a reference to a file elsewhere',
      async () => ({
        kind: 'openapi',
        path: await written('r.json', { ...OPENAPI, paths: { '/a': { $ref: '../../../etc/passwd' } } }),
      }),
      /Expected an OpenAPI/,
      /r\.json/,
    ],
    [
      'no collection',
      async () => ({ kind: 'postman', path: await written('p.json', { item: 3 }) }),
      /Postman collection/,
      /p\.json/,
    ],
    ['another command', async () => ({ kind: 'curl', command: 'rm -rf /' }), /found "rm"/, undefined],
    ['two commands', async () => ({ kind: 'curl', command: 'curl a; rm b' }), /found ";"/, undefined],
    ['an upload of a file', async () => ({ kind: 'curl', command: 'curl -F a=@b http://a' }), /--form/, undefined],
    ['no address', async () => ({ kind: 'curl', command: 'curl -s' }), /no URL/, undefined],
  ];
  for (const [what, source, message, where] of broken) {
    it(`is rejected for ${what}, with the place`, async () => {
      const userError = await errorOf(importScenario(await source(), OPTIONS));
      expect(userError.message).to.match(message);
      if (where !== undefined) expect(userError.where).to.match(where);
    });
  }
});
