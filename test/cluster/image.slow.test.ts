// The runners' image: a tar that is valid by the OCI image specification, with a k6 that runs.

import { createHash } from 'node:crypto';
import { mkdir, mkdtemp, readFile, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { expect } from 'chai';
import { extract, list } from 'tar';
import { z } from 'zod';
import { capture } from '../../runner/system/capture.ts';
import { novaperf } from '../cli/in-process.ts';
import { realK6 } from '../k6/real-k6.ts';

const descriptor = z.object({
  mediaType: z.string(),
  digest: z.string().regex(/^sha256:[0-9a-f]{64}$/),
  size: z.int(),
});
const indexSchema = z.strictObject({
  schemaVersion: z.literal(2),
  mediaType: z.literal('application/vnd.oci.image.index.v1+json'),
  manifests: z.tuple([
    descriptor.extend({
      mediaType: z.literal('application/vnd.oci.image.manifest.v1+json'),
      platform: z.strictObject({ architecture: z.literal('amd64'), os: z.literal('linux') }),
      annotations: z.record(z.string(), z.string()),
    }),
  ]),
});
const manifestSchema = z.strictObject({
  schemaVersion: z.literal(2),
  mediaType: z.literal('application/vnd.oci.image.manifest.v1+json'),
  config: descriptor.extend({ mediaType: z.literal('application/vnd.oci.image.config.v1+json') }),
  layers: z.tuple([descriptor.extend({ mediaType: z.literal('application/vnd.oci.image.layer.v1.tar+gzip') })]),
});

describe('novaperf cluster image', function () {
  this.timeout(120_000);
  let dir: string;
  let layout: string;

  const json = async (path: string): Promise<unknown> => JSON.parse(await readFile(join(layout, path), 'utf8'));
  const sha256 = (bytes: Buffer) => `sha256:${createHash('sha256').update(bytes).digest('hex')}`;
  const blob = async ({ digest, size }: z.infer<typeof descriptor>) => {
    const bytes = await readFile(join(layout, 'blobs', digest.replace(':', '/')));
    expect([sha256(bytes), bytes.length]).to.deep.equal([digest, size]);
    return bytes;
  };
  const write = async (out: string, ...more: readonly string[]) =>
    novaperf(['cluster', 'image', '--out', out, '--k6', (await realK6()).path, ...more], { cwd: dir });

  before(async function () {
    if (process.platform !== 'linux' || process.arch !== 'x64') this.skip();
    dir = await mkdtemp(join(tmpdir(), 'novaperf-image-'));
    layout = join(dir, 'layout');
    const { code, stderr } = await write('image.tar', '--name', 'registry.example/k6:2.2.0-1');
    expect(code, stderr).to.equal(0);
    await mkdir(layout);
    await extract({ file: join(dir, 'image.tar'), cwd: layout });
  });
  after(() => (dir === undefined ? undefined : rm(dir, { recursive: true, force: true })));

  it('writes an OCI layout with matching digests, sizes and media types, and a k6 in its layer that runs', async () => {
    expect(await json('oci-layout')).to.deep.equal({ imageLayoutVersion: '1.0.0' });
    const [entry] = indexSchema.parse(await json('index.json')).manifests;
    expect(entry.annotations).to.deep.equal({
      'io.containerd.image.name': 'registry.example/k6:2.2.0-1',
      'org.opencontainers.image.ref.name': '2.2.0-1',
    });
    const manifest = manifestSchema.parse(JSON.parse((await blob(entry)).toString()));
    const config = JSON.parse((await blob(manifest.config)).toString());
    const layer = gunzipSync(await blob(manifest.layers[0]));
    expect(config).to.deep.include({ architecture: 'amd64', os: 'linux' });
    expect(config.rootfs).to.deep.equal({ type: 'layers', diff_ids: [sha256(layer)] });
    expect(config.config).to.deep.include({ User: '12345', WorkingDir: '/home/k6', Entrypoint: ['k6'] });
    const path = (name: string) => join('blobs', name.replace(':', '/'));
    expect(await json('manifest.json')).to.deep.equal([
      {
        Config: path(manifest.config.digest),
        RepoTags: ['registry.example/k6:2.2.0-1'],
        Layers: [path(manifest.layers[0].digest)],
      },
    ]);

    const root = join(dir, 'root');
    await mkdir(root);
    const file = join(layout, path(manifest.layers[0].digest));
    const entries = new Map<string, string>();
    await list({
      file,
      onReadEntry: ({ path: name, mode = 0, uid }) => entries.set(name, `${mode.toString(8)} ${uid}`),
    });
    expect(Object.fromEntries(entries)).to.include({
      'usr/bin/k6': '755 0',
      'home/k6/': '755 12345',
      'tmp/': '1777 0',
      'etc/ssl/certs/ca-certificates.crt': '644 0',
    });
    await extract({ file, cwd: root });
    const certificates = join(root, 'etc/ssl/certs/ca-certificates.crt');
    expect((await readFile(certificates, 'utf8')).match(/BEGIN CERTIFICATE/g)?.length).to.be.above(50);
    const said = await capture(join(root, 'usr/bin/k6'), ['version', '--json'], { timeoutMs: 60_000 });
    expect(said.stdout).to.contain('"novaperf"');
  });

  it('writes the same bytes every time', async () => {
    expect((await write('again.tar', '--name', 'registry.example/k6:2.2.0-1')).code).to.equal(0);
    const [first, second] = await Promise.all(['image.tar', 'again.tar'].map((name) => readFile(join(dir, name))));
    expect(first?.equals(second ?? Buffer.alloc(0))).to.equal(true);
  });

  for (const [what, args, expected] of [
    ['a name that ends with latest', ['--name', 'k6:latest'], 'tag other than latest'],
    ['a name that no registry takes', ['--name', 'Registry/K6 x'], 'tag other than latest'],
    ['a k6 of another architecture', ['--arch', 'arm64'], 'linux/arm64, found amd64'],
  ] as const) {
    it(`rejects ${what} without writing anything`, async () => {
      const { code, stderr } = await write('refused.tar', ...args);
      expect(code).to.equal(2);
      expect(stderr).to.contain(expected);
      expect(await stat(join(dir, 'refused.tar')).catch(() => 'none')).to.equal('none');
    });
  }
});
