// The checks of a system under test against real servers on loopback, with their faults.

import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createServer, type RequestListener } from 'node:http';
import { createServer as createTlsServer } from 'node:https';
import { createServer as createTcpServer, type Server } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'chai';
import { readHostPattern } from '../../runner/model/host-pattern.ts';
import type { Check } from '../../runner/model/preflight-check.ts';
import { type TargetToVerify, type VerifiedTarget, verifyTarget } from '../../runner/verify/verify-target.ts';
import { authority, type Issued, type Wish } from './certificates.ts';

const DEFAULTS: Omit<TargetToVerify, 'url'> = {
  healthPath: '/health',
  build: undefined,
  permission: { forbid: [], only: undefined },
  trust: { skipsVerify: false, showsCertificate: false },
  env: {},
};

async function listening<T>(server: Server, work: (port: number) => Promise<T>): Promise<T> {
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  const port = typeof address === 'object' && address !== null ? address.port : 0;
  try {
    return await work(port);
  } finally {
    server.close();
  }
}

function found({ checks }: VerifiedTarget, id: string): Check {
  const check = checks.find((each) => each.id === id);
  if (check === undefined) throw new Error(`no check ${id}`);
  return check;
}

const states = ({ checks }: VerifiedTarget) => checks.map(({ id, state }) => `${id} ${state}`).join(', ');

const WELL: RequestListener = (_request, response) => response.end('{"status":"ready","version":"2.1.0"}');

describe('a target', () => {
  it('that works passes every check', () =>
    listening(createServer(WELL), async (port) => {
      const seen = await verifyTarget({ ...DEFAULTS, url: `http://localhost:${port}`, build: '2.1.0' });
      expect(states(seen)).to.equal(
        'name passed, allowed passed, tcp passed, tls skipped, health passed, build passed, clock passed',
      );
      expect(seen.version).to.equal('2.1.0');
      for (const { durationMs } of seen.checks) expect(durationMs).to.be.at.least(0);
    }));

  const rows: ReadonlyArray<
    [title: string, answer: RequestListener, more: Partial<TargetToVerify>, id: string, state: string, says: RegExp]
  > = [
    [
      'answers its health page with 503',
      (_, response) => void response.writeHead(503).end(),
      {},
      'health',
      'failed',
      /answer 2xx, found 503/,
    ],
    [
      'redirects its health page',
      (_, response) => void response.writeHead(302, { location: 'http://127.0.0.1:1/' }).end(),
      {},
      'health',
      'failed',
      /found 302/,
    ],
    [
      'resets the connection',
      (request) => void request.socket.destroy(),
      {},
      'health',
      'failed',
      /to answer, found: socket hang up/,
    ],
    [
      'reports another build',
      WELL,
      { build: '3.0.0' },
      'build',
      'failed',
      /Expected build 3\.0\.0 under test, found 2\.1\.0/,
    ],
    [
      'reports no build',
      (_, response) => void response.end('fine'),
      { build: '3.0.0' },
      'build',
      'skipped',
      /does not report/,
    ],
    [
      'reports a version that is a number',
      (_, response) => void response.end('{"version":3}'),
      { build: '3' },
      'build',
      'skipped',
      /does not report/,
    ],
    [
      'sends an endless health page',
      (_, response) => void response.write('event: 1\n'),
      {},
      'health',
      'passed',
      /answers 200/,
    ],
    [
      'has no health page and answers 404',
      (_, response) => void response.writeHead(404).end(),
      { healthPath: undefined },
      'health',
      'passed',
      /answers 404/,
    ],
    [
      'has no health page and answers 500',
      (_, response) => void response.writeHead(500).end(),
      { healthPath: undefined },
      'health',
      'warning',
      /answers 500/,
    ],
    [
      'has no Date header',
      (_, response) => {
        response.sendDate = false;
        response.end();
      },
      {},
      'clock',
      'skipped',
      /no Date header/,
    ],
    [
      'answers from a cache',
      (_, response) => void response.setHeader('age', '30').end(),
      {},
      'clock',
      'skipped',
      /cache/,
    ],
    [
      'has an invalid Date',
      (_, response) => void response.setHeader('date', 'soon').end(),
      {},
      'clock',
      'skipped',
      /no Date header/,
    ],
  ];
  for (const [title, answer, more, id, state, says] of rows) {
    it(`that ${title}: ${id} ${state}`, () =>
      listening(createServer(answer), async (port) => {
        const check = found(await verifyTarget({ ...DEFAULTS, url: `http://127.0.0.1:${port}`, ...more }), id);
        expect(check.state, check.detail).to.equal(state);
        expect(check.detail).to.match(says);
      }));
  }

  for (const [offsetS, state, side] of [
    [-3600, 'warning', 'behind'],
    [3600, 'warning', 'ahead of'],
    [0, 'passed', ''],
  ] as const) {
    it(`with a clock ${offsetS} s off: ${state}`, () => {
      const server = createServer((_, response) => {
        response.setHeader('date', new Date(Date.now() + offsetS * 1000).toUTCString()).end();
      });
      return listening(server, async (port) => {
        const { state: is, detail } = found(
          await verifyTarget({ ...DEFAULTS, url: `http://127.0.0.1:${port}` }),
          'clock',
        );
        expect(is, detail).to.equal(state);
        const [, size, word] = /clock of the system under test is (.+?) (behind|ahead of) that/.exec(detail) ?? [];
        // The Date header has whole seconds, so an hour may be off by one second.
        expect(size, detail).to.match(offsetS === 0 ? /^[\d.]+ [mµ]s$/ : /^(59|60) min|^1 h/);
        if (side !== '') expect(word).to.equal(side);
      });
    });
  }

  it('is shown without its user and password', async () => {
    const port = await listening(createTcpServer(), (open) => Promise.resolve(open));
    const gone = await verifyTarget({ ...DEFAULTS, url: `http://me:hunter2@127.0.0.1:${port}` });
    expect(found(gone, 'tcp').detail).to.include('127.0.0.1').and.not.to.include('hunter2');
    await listening(
      createServer((_, response) => void response.writeHead(503).end()),
      async (open) => {
        const ill = await verifyTarget({ ...DEFAULTS, url: `http://me:hunter2@127.0.0.1:${open}` });
        expect(found(ill, 'health').detail).to.include('found 503').and.not.to.include('hunter2');
      },
    );
  });

  it('that refuses connections fails, and checks that need a connection are skipped', async () => {
    const port = await listening(createTcpServer(), (open) => Promise.resolve(open));
    const seen = await verifyTarget({ ...DEFAULTS, url: `http://127.0.0.1:${port}` });
    expect(states(seen)).to.equal(
      'name skipped, allowed passed, tcp failed, tls skipped, health skipped, build skipped, clock skipped',
    );
    expect(found(seen, 'tcp').detail).to.include('ECONNREFUSED');
  });

  it('that does not speak HTTP passes without a health page, and fails with one', () =>
    listening(
      createTcpServer((socket) => {
        // The client closes the connection on invalid data.
        socket.on('error', () => undefined);
        socket.end('\u0000\u0000 garbage\r\n');
      }),
      async (port) => {
        const url = `http://127.0.0.1:${port}`;
        expect(found(await verifyTarget({ ...DEFAULTS, url, healthPath: undefined }), 'health').state).to.equal(
          'skipped',
        );
        expect(found(await verifyTarget({ ...DEFAULTS, url }), 'health').state).to.equal('failed');
      },
    ));

  it('with a name that does not resolve fails, and is not connected to', async () => {
    const resolve = () => Promise.reject(Object.assign(new Error('getaddrinfo'), { code: 'ENOTFOUND' }));
    const seen = await verifyTarget({ ...DEFAULTS, url: 'http://staging.example', resolve });
    expect(found(seen, 'name').detail).to.include('staging.example').and.to.include('ENOTFOUND');
    expect(found(seen, 'tcp').state).to.equal('skipped');
  });

  it('that is forbidden is not connected to, whatever its name resolves to', () => {
    let connections = 0;
    const server = createTcpServer((socket) => {
      connections++;
      socket.destroy();
    });
    return listening(server, async (port) => {
      const forbid = ['127.0.0.0/8'].flatMap((text) => readHostPattern(text) ?? []);
      const permission = { ...DEFAULTS.permission, forbid };
      const resolve = () => Promise.resolve(['127.0.0.1']);
      const seen = await verifyTarget({ ...DEFAULTS, permission, url: `http://staging.example:${port}`, resolve });
      expect(found(seen, 'allowed').detail).to.include('staging.example (127.0.0.1)').and.to.include('127.0.0.0/8');
      expect(seen.checks.slice(2).every(({ state }) => state === 'skipped')).to.equal(true);
      expect(connections).to.equal(0);
    });
  });

  it('that k6 reaches through a proxy is not checked', async () => {
    const resolve = () => Promise.reject(new Error('unknown outside'));
    const env = { HTTPS_PROXY: 'http://127.0.0.1:1' };
    const seen = await verifyTarget({ ...DEFAULTS, url: 'https://staging.example', resolve, env });
    expect(seen.checks.filter(({ state }) => state === 'failed')).to.deep.equal([]);
    expect(found(seen, 'tcp').detail).to.include('HTTPS_PROXY');
  });
});

describe('the certificate of a target', () => {
  let folder: string;
  let env: NodeJS.ProcessEnv;
  let issuer: Awaited<ReturnType<typeof authority>>;

  before(async () => {
    issuer = await authority();
    folder = await mkdtemp(join(tmpdir(), 'novaperf-tls-'));
    await writeFile(join(folder, 'ca.pem'), issuer.cert);
    env = { SSL_CERT_FILE: join(folder, 'ca.pem') };
  });
  after(() => rm(folder, { recursive: true }));

  const HERE: Wish['names'] = [
    { type: 'dns', value: 'localhost' },
    { type: 'ip', value: '127.0.0.1' },
  ];
  const rows: ReadonlyArray<
    [title: string, wish: Wish & { self?: boolean }, state: string, insecure: string, says: RegExp]
  > = [
    ['is valid', { toDays: 90.5, names: HERE }, 'passed', 'passed', /valid for 90 days/],
    ['ends in 15 days', { toDays: 15.5, names: HERE }, 'passed', 'passed', /15 days/],
    ['ends in 13 days', { toDays: 13.5, names: HERE }, 'warning', 'warning', /expires in 13 days/],
    ['ends today', { toDays: 0.2, names: HERE }, 'warning', 'warning', /less than a day/],
    ['has ended', { toDays: -3.5, names: HERE }, 'failed', 'warning', /expired 3 days ago/],
    ['has not begun', { fromDays: 2.5, toDays: 90, names: HERE }, 'failed', 'warning', /valid only in 2 days/],
    [
      'is for another host',
      { toDays: 90, names: [{ type: 'dns', value: 'other.example' }] },
      'failed',
      'warning',
      /for (localhost|127\.0\.0\.1), found one for other\.example/,
    ],
    ['is self-signed', { toDays: 90, names: HERE, self: true }, 'failed', 'warning', /self-signed/],
  ];
  for (const [title, { self = false, ...wish }, state, insecure, says] of rows) {
    for (const host of ['localhost', '127.0.0.1']) {
      it(`that ${title}, asked for as ${host}: ${state}, and ${insecure} if the script skips verification`, async () => {
        const issued: Issued = self ? await issuer.self(wish) : await issuer.issue(wish);
        await listening(createTlsServer(issued, WELL), async (port) => {
          const request = { ...DEFAULTS, env, url: `https://${host}:${port}` };
          const seen = await verifyTarget(request);
          const check = found(seen, 'tls');
          expect(check.state, check.detail).to.equal(state);
          expect(check.detail).to.match(says);
          expect(found(seen, 'health').state, 'health is reported too').to.equal('passed');
          const trust = { skipsVerify: true, showsCertificate: false };
          expect(found(await verifyTarget({ ...request, trust }), 'tls').state).to.equal(insecure);
        });
      });
    }
  }

  it("is checked against the system's authorities, as in k6, not Node's", async () => {
    const issued = await issuer.issue({ toDays: 90, names: HERE });
    await listening(createTlsServer(issued, WELL), async (port) => {
      const request = { ...DEFAULTS, url: `https://localhost:${port}`, env: { SSL_CERT_FILE: '/dev/null' } };
      expect(found(await verifyTarget(request), 'tls').state).to.equal('failed');
    });
  });

  it('fails if the server does not speak TLS', () =>
    listening(createServer(WELL), async (port) => {
      const seen = await verifyTarget({ ...DEFAULTS, env, url: `https://localhost:${port}` });
      expect(found(seen, 'tls').state).to.equal('failed');
      expect(found(seen, 'tls').detail).to.match(/to speak TLS, found an answer that is not TLS\.$/);
    }));
});
