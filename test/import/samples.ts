// A recording, a description and a collection of one shop, with secrets and with texts that try to break out of literals.

export const HOSTILE = '`${process.exit(1)}` \' " */ \u2028 </script>';
export const SECRETS = [
  'hunter2-secret-pass',
  'eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxMjM0NTY3ODkwIn0.dozjgNryP4J3jVmNHl0w5N_XgL0n3I9PlFUP0THsR8U',
  'ak_live_4eC39HqLyjWDarjtT1zdp7dc',
  'canary-cookie-value',
];
const [PASSWORD = '', JWT = '', API_KEY = '', COOKIE = ''] = SECRETS;

const json = 'application/json';

interface EntryOptions {
  readonly at: number;
  readonly page?: string;
  readonly body?: string;
  readonly mime?: string;
  readonly headers?: readonly { name: string; value: string }[];
  readonly status?: number;
  readonly answer?: string;
  readonly answerMime?: string;
  readonly redirectURL?: string;
}

export function harEntry(method: string, url: string, options: EntryOptions) {
  const {
    at,
    page = 'page_1',
    body,
    mime = json,
    headers = [],
    status = 200,
    answer = '',
    answerMime = json,
    redirectURL = '',
  } = options;
  return {
    pageref: page,
    startedDateTime: new Date(Date.UTC(2026, 0, 1) + at * 1000).toISOString(),
    time: 50,
    request: {
      method,
      url,
      httpVersion: 'HTTP/1.1',
      headers: [{ name: 'Cookie', value: `session=${COOKIE}` }, { name: 'User-Agent', value: 'x' }, ...headers],
      ...(body === undefined ? {} : { postData: { mimeType: mime, text: body } }),
    },
    response: { status, headers: [], redirectURL, content: { mimeType: answerMime, text: answer } },
  };
}

const SHOP = 'https://shop.example.com';
const bearer = { name: 'Authorization', value: `Bearer ${JWT}` };

/** Two pages: a login that returns a token, and an order with a number that the next request uses. */
export const HAR = {
  log: {
    version: '1.2',
    pages: [
      { id: 'page_1', title: `Log in ${HOSTILE}` },
      { id: 'page_2', title: `${SHOP}/orders` },
    ],
    entries: [
      harEntry('GET', `${SHOP}/`, {
        at: 0,
        answerMime: 'text/html',
        answer: '<input type="hidden" name="csrf" value="c5rf-t0ken-91">',
      }),
      harEntry('GET', `${SHOP}/app.js`, { at: 0.1, answerMime: 'text/javascript' }),
      harEntry('GET', 'https://www.analytics.test/collect?x=1', { at: 0.2 }),
      harEntry('POST', `${SHOP}/login`, {
        at: 4,
        body: JSON.stringify({ user: 'ada', password: PASSWORD, csrf: 'c5rf-t0ken-91' }),
        answer: JSON.stringify({ auth: { token: JWT } }),
        headers: [{ name: 'Content-Type', value: json }],
      }),
      harEntry('POST', `${SHOP}/cart`, {
        at: 4.2,
        status: 302,
        redirectURL: `${SHOP}/cart/view`,
        body: 'product=7&note=' + encodeURIComponent(HOSTILE),
        mime: 'application/x-www-form-urlencoded',
        headers: [bearer],
      }),
      harEntry('GET', `${SHOP}/cart/view`, { at: 4.3, headers: [bearer] }),
      harEntry('POST', `https://api.example.com/orders?key=${API_KEY}`, {
        at: 12,
        page: 'page_2',
        status: 201,
        body: '{"product":7}',
        headers: [bearer],
        answer: '{"order":{"id":90210,"state":"open"}}',
      }),
      harEntry('GET', 'https://api.example.com/orders/90210', { at: 13, page: 'page_2', headers: [bearer] }),
      harEntry('PATCH', 'https://api.example.com/orders/90210', {
        at: 13.1,
        page: 'page_2',
        body: '{"orderId":90210}',
        headers: [bearer],
      }),
    ],
  },
};

export const OPENAPI = {
  openapi: '3.0.3',
  info: { title: `Shop ${HOSTILE}`, version: '1' },
  servers: [{ url: 'https://api.example.com/v1' }],
  security: [{ token: [] }],
  components: {
    securitySchemes: { token: { type: 'http', scheme: 'bearer' } },
    schemas: {
      Pet: {
        type: 'object',
        required: ['name', 'kind'],
        properties: {
          id: { type: 'integer', readOnly: true },
          name: { type: 'string', example: HOSTILE },
          kind: { enum: ['cat', 'dog'] },
          parent: { $ref: '#/components/schemas/Pet' },
        },
      },
    },
  },
  paths: {
    '/pets': {
      get: {
        operationId: 'list pets',
        summary: `Lists ${HOSTILE}`,
        parameters: [{ name: 'limit', in: 'query', required: true, schema: { type: 'integer', default: 20 } }],
        responses: { 200: { description: 'ok' } },
      },
      post: {
        operationId: 'default',
        requestBody: { content: { 'application/json': { schema: { $ref: '#/components/schemas/Pet' } } } },
        responses: { 201: { description: 'ok' } },
      },
    },
    '/pets/{petId}': {
      parameters: [{ name: 'petId', in: 'path', required: true, schema: { type: 'integer', example: 5 } }],
      get: { responses: { 200: { description: 'ok' } }, security: [] },
      delete: { responses: { 204: { description: 'ok' } } },
    },
  },
};

export const POSTMAN = {
  info: { name: `Shop ${HOSTILE}`, schema: 'https://schema.getpostman.com/json/collection/v2.1.0/collection.json' },
  variable: [
    { key: 'base', value: SHOP },
    { key: 'token', value: JWT },
  ],
  auth: { type: 'bearer', bearer: [{ key: 'token', value: '{{token}}' }] },
  item: [
    {
      name: 'Orders',
      item: [
        { name: 'list', request: { method: 'GET', url: { raw: '{{base}}/orders?state=open' }, header: [] } },
        {
          name: 'create',
          request: {
            method: 'POST',
            url: '{{base}}/orders',
            header: [
              { key: 'Content-Type', value: json },
              { key: 'X-Api-Key', value: API_KEY },
            ],
            body: { mode: 'raw', raw: JSON.stringify({ product: 7, password: PASSWORD, note: HOSTILE }) },
          },
        },
      ],
    },
    { name: 'home', request: '{{base}}/' },
  ],
};

export const CURL = `curl '${SHOP}/orders?page=2' -X POST -H 'content-type: application/json' -H 'authorization: Bearer ${JWT}' \\
  --data-raw $'{"note":"it\\'s \\u0041","password":"${PASSWORD}"}' --compressed`;
