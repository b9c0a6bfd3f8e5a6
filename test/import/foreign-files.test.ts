// What files of other people and other tools look like: answers that nobody recorded, variables without a value, servers with variables.

import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'chai';
import { importScenario } from '../../runner/import/import-scenario.ts';
import { isSameSite } from '../../runner/import/read-har.ts';
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

  it('may have requests whose answers and times were not recorded', async () => {
    const request = { method: 'GET', url: 'https://shop.example.com/a' };
    const { source } = await imported('har', { log: { entries: [{ request, time: null }] } });
    expect(source).to.include(`http.get(\`\${baseUrl}/a\`)`);
  });

  it('have secrets within encoded texts', async () => {
    const token = 'q+Z/8hX2kL0pR7sT==';
    const url = `https://shop.example.com/a?password=${encodeURIComponent(token)}&state=${encodeURIComponent(`x ${token} y`)}`;
    const { source, secrets } = await imported('har', { log: { entries: [{ request: { method: 'GET', url } }] } });
    expect(source).not.to.include('8hX2kL0pR7sT');
    expect(source).to.include(
      `?password=\${encodeURIComponent(password)}&state=x%20\${encodeURIComponent(password)}%20y`,
    );
    expect(secrets).to.deep.equal(['PASSWORD']);
  });

  it('may send a field of a form twice, as lists and filters do', async () => {
    const entry = harEntry('POST', 'https://shop.example.com/a', {
      at: 0,
      body: 'tag=a&tag=b+c&x=1',
      mime: 'application/x-www-form-urlencoded',
    });
    const { source } = await imported('har', { log: { entries: [entry] } });
    expect(source).to.include(`'tag=a&tag=b%20c&x=1'`);
    expect(source).to.include(`'Content-Type': 'application/x-www-form-urlencoded'`);
  });

  it('name a page by its address: its site is recorded, not the first of its trackers', async () => {
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
    it(`${host} is ${same ? '' : 'not '}of the site ${site}`, () => {
      expect(isSameSite(host, site)).to.equal(same);
    });
  }

  it('of Postman may lack values of variables: they come from the environment, and the host from --base-url', async () => {
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

  it('of OpenAPI say by links where later parameters come from, and by variables which server', async () => {
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
