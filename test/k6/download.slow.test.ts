import { createHash } from 'node:crypto';
import { mkdir, readdir, readFile, symlink, writeFile } from 'node:fs/promises';
import { createServer, type RequestListener, type ServerResponse } from 'node:http';
import { dirname, join } from 'node:path';
import { expect } from 'chai';
import { zipSync } from 'fflate';
import { create } from 'tar';
import { downloadedK6Path, downloadK6 } from '../../runner/k6/download.ts';
import { findK6 } from '../../runner/k6/find.ts';
import { RELEASE_CHECKSUMS } from '../../runner/k6/release-checksums.ts';
import { PINNED_K6 } from '../../runner/k6/version.ts';
import { UserError } from '../../runner/system/errors.ts';
import { fixture, withFolder } from './real-k6.ts';

const LINUX = `k6-v${PINNED_K6}-linux-amd64`;
const MAC = `k6-v${PINNED_K6}-macos-arm64`;

type Reply = (response: ServerResponse, content: Buffer) => void;

const whole: Reply = (response, content) => response.end(content);
const missing: Reply = (response) => response.writeHead(404).end('Not Found');

/** A mirror on loopback that serves the given replies below /v2.2.0/. */
async function onMirror(
  files: ReadonlyArray<readonly [name: string, file: { content: Buffer; reply?: Reply }]>,
  work: (mirror: { env: NodeJS.ProcessEnv; asked: string[]; folder: string }) => Promise<void>,
): Promise<void> {
  const asked: string[] = [];
  const listener: RequestListener = (request, response) => {
    const name = /^\/v2\.2\.0\/([^/]+)$/.exec(request.url ?? '')?.[1] ?? '';
    asked.push(name);
    const file = files.find(([known]) => known === name)?.[1];
    if (file === undefined) missing(response, Buffer.alloc(0));
    else (file.reply ?? whole)(response, file.content);
  };
  const server = createServer(listener);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('Expected a port');
  try {
    await withFolder((folder) =>
      work({
        env: {
          PATH: '',
          NOVAPERF_CACHE: join(folder, 'cache'),
          NOVAPERF_K6_DOWNLOAD: `http://127.0.0.1:${address.port}/`,
        },
        asked,
        folder,
      }),
    );
  } finally {
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  }
}

/** A release archive like k6's: one folder of the archive's name with k6 in it. */
async function tarGz(prepare?: (folder: string) => Promise<void>): Promise<Buffer> {
  let archive = Buffer.alloc(0);
  await withFolder(async (folder) => {
    await mkdir(join(folder, LINUX));
    if (prepare === undefined) {
      await writeFile(join(folder, LINUX, 'k6'), await readFile(fixture('stock-but-silent').path));
      await writeFile(join(folder, LINUX, 'README'), 'not asked for');
    } else {
      await prepare(join(folder, LINUX));
    }
    await create({ gzip: true, file: join(folder, 'a.tar.gz'), cwd: folder }, [LINUX]);
    archive = await readFile(join(folder, 'a.tar.gz'));
  });
  return archive;
}

async function zip(): Promise<Buffer> {
  const k6 = await readFile(fixture('stock-but-silent').path);
  return Buffer.from(zipSync({ [`${MAC}/k6`]: k6, [`${MAC}/../../evil`]: Buffer.from('x') }));
}

/** The pinned checksums if these archives are the release. */
function pinned(...archives: ReadonlyArray<readonly [name: string, content: Buffer]>): ReadonlyMap<string, string> {
  return new Map(archives.map(([name, content]) => [name, createHash('sha256').update(content).digest('hex')]));
}

async function errorOf(downloading: Promise<string>): Promise<UserError> {
  const error = await downloading.then(
    () => new Error('Expected an error, but the download was accepted'),
    (thrown: unknown) => thrown,
  );
  if (error instanceof UserError) return error;
  throw error;
}

const onProgress = () => {};
const onLinux = { platform: 'linux x64', onProgress };

describe('downloading k6', () => {
  it('verifies the checksum, unpacks only k6, and does not download it again', async () => {
    const archive = await tarGz();
    await onMirror([[`${LINUX}.tar.gz`, { content: archive }]], async ({ env, asked }) => {
      const checksums = pinned([`${LINUX}.tar.gz`, archive]);
      const path = await downloadK6({ env, ...onLinux, checksums });
      expect(path).to.equal(downloadedK6Path(env));
      expect(await readdir(dirname(path))).to.deep.equal(['k6']);
      expect(await downloadK6({ env, ...onLinux, checksums })).to.equal(path);
      expect(asked).to.deep.equal([`${LINUX}.tar.gz`]);
      const found = await findK6({ env, goFolders: [] });
      expect(found).to.include({ path, origin: 'downloaded', hasHistograms: false, version: '2.2.0' });
    });
  });

  it('unpacks a zip for macOS without files outside of its folder', async () => {
    const archive = await zip();
    await onMirror([[`${MAC}.zip`, { content: archive }]], async ({ env, folder }) => {
      const path = await downloadK6({
        env,
        onProgress,
        platform: 'darwin arm64',
        checksums: pinned([`${MAC}.zip`, archive]),
      });
      expect(await readdir(dirname(path))).to.deep.equal(['k6']);
      expect(await readdir(folder)).to.deep.equal(['cache']);
    });
  });

  const cutBody: Reply = (response, content) => {
    response.writeHead(200, { 'content-length': content.length });
    response.write(content.subarray(0, content.length / 2), () => response.destroy());
  };
  const cutChunks: Reply = (response, content) => {
    response.write(content.subarray(0, content.length / 2), () => response.destroy());
  };
  const shortBody: Reply = (response, content) => response.end(content.subarray(0, content.length / 2));
  const stalls: Reply = (response, content) => {
    response.writeHead(200, { 'content-length': content.length });
    response.write(content.subarray(0, 10));
  };
  const never: Reply = () => {};
  const changed: Reply = (response, content) => {
    const other = Buffer.from(content);
    other.writeUInt8(other.readUInt8(other.length - 1) ^ 1, other.length - 1);
    response.end(other);
  };
  const signIn: Reply = (response) =>
    response.writeHead(200, { 'content-type': 'text/html' }).end('<html>Please sign in</html>');
  const loops: Reply = (response) => response.writeHead(302, { location: `/v2.2.0/${LINUX}.tar.gz` }).end();

  const faults: ReadonlyArray<readonly [title: string, reply: Reply, message: RegExp, options?: { stallMs: number }]> =
    [
      ['a missing asset', missing, /HTTP 404/],
      ['a server error', (response) => response.writeHead(503).end(), /HTTP 503/],
      ['a truncated body', cutBody, /connection failed after \d+ bytes: (other side closed|terminated|aborted)/],
      ['a truncated chunked body', cutChunks, /connection failed after \d+ bytes/],
      ['a body that ends early', shortBody, /SHA-256 [0-9a-f]{64}, found [0-9a-f]{64}/],
      ['a connection that stalls', stalls, /connection failed after 10 bytes: no data for 2 s/, { stallMs: 2000 }],
      ['a server that never answers', never, /connection failed after 0 bytes: no data for 0\.3 s/, { stallMs: 300 }],
      ['a changed byte', changed, /the SHA-256/],
      ['a login page', signIn, /the SHA-256/],
      ['a redirect loop', loops, /redirect/],
    ];
  for (const [title, reply, message, options] of faults) {
    it(`gives an error for ${title} and keeps nothing`, async () => {
      const archive = await tarGz();
      await onMirror([[`${LINUX}.tar.gz`, { content: archive, reply }]], async ({ env }) => {
        const userError = await errorOf(
          downloadK6({ env, ...onLinux, checksums: pinned([`${LINUX}.tar.gz`, archive]), ...options }),
        );
        expect(userError.message).to.match(message);
        expect(userError.where).to.match(/\/v2\.2\.0\/k6-v2\.2\.0-linux-amd64\.tar\.gz$/);
        expect(await readdir(dirname(downloadedK6Path(env)))).to.deep.equal([]);
      });
    });
  }

  it("rejects a mirror's archive that differs from the pinned one, whatever checksum it publishes", async () => {
    const archive = await tarGz();
    const digest = createHash('sha256').update(archive).digest('hex');
    const published = { content: Buffer.from(`${digest}  ${LINUX}.tar.gz\n`) };
    await onMirror(
      [
        [`k6-v${PINNED_K6}-checksums.txt`, published],
        [`${LINUX}.tar.gz`, { content: archive }],
      ],
      async ({ env }) => {
        const userError = await errorOf(downloadK6({ env, ...onLinux }));
        expect(userError.message).to.include(digest).and.to.include('the SHA-256');
        expect(await readdir(dirname(downloadedK6Path(env)))).to.deep.equal([]);
      },
    );
  });

  it('pins a checksum for every supported system', () => {
    expect(RELEASE_CHECKSUMS.size).to.equal(5);
    for (const [name, checksum] of RELEASE_CHECKSUMS) {
      expect(name).to.include(`k6-v${PINNED_K6}-`);
      expect(checksum).to.match(/^[0-9a-f]{64}$/);
    }
  });

  it('gives an error if the connection is refused', async () => {
    await withFolder(async (folder) => {
      const env = { NOVAPERF_CACHE: folder, NOVAPERF_K6_DOWNLOAD: 'http://127.0.0.1:2' };
      const userError = await errorOf(downloadK6({ env, ...onLinux }));
      expect(userError.message).to.match(/connection failed after 0 bytes: .*ECONNREFUSED/);
      expect(userError.next).to.match(/NOVAPERF_K6_DOWNLOAD/);
    });
  });

  it('gives an error for a system without a k6 release', async () => {
    const userError = await errorOf(downloadK6({ env: {}, onProgress, platform: 'sunos x64' }));
    expect(userError.message).to.match(/found sunos x64/);
  });

  const archives: ReadonlyArray<readonly [title: string, make: () => Promise<Buffer>, message: RegExp]> = [
    [
      'holds no k6',
      () => tarGz(async (folder) => writeFile(join(folder, 'k7'), 'x')),
      /Expected .*\/k6 in the downloaded archive/,
    ],
    [
      'holds a symbolic link in its place',
      () => tarGz(async (folder) => symlink('/bin/sh', join(folder, 'k6'))),
      /Expected .*\/k6 in the/,
    ],
    ['is no archive', async () => Buffer.from('no archive'), /can be unpacked|Expected .*\/k6 in the/],
    [
      'holds something else than a k6',
      () => tarGz(async (folder) => writeFile(join(folder, 'k6'), '#!/bin/sh\necho no\n')),
      /is not that of k6/,
    ],
  ];
  for (const [title, make, message] of archives) {
    it(`gives an error if an archive with the right checksum ${title}`, async () => {
      const archive = await make();
      await onMirror([[`${LINUX}.tar.gz`, { content: archive }]], async ({ env }) => {
        expect(
          (await errorOf(downloadK6({ env, ...onLinux, checksums: pinned([`${LINUX}.tar.gz`, archive]) }))).message,
        ).to.match(message);
        expect(await readdir(dirname(downloadedK6Path(env)))).to.deep.equal([]);
      });
    });
  }
});
