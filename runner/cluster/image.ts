// Builds a container image from a k6 executable: an OCI image layout in one tar file. Docker is not needed.

import { createHash } from 'node:crypto';
import { rootCertificates } from 'node:tls';
import { promisify } from 'node:util';
import { gzip } from 'node:zlib';
import type { ImageArch } from '../model/cluster.ts';
import { type TarEntry, tarOf } from './tar.ts';

const gzipped = promisify(gzip);

/** User id and home folder, as in k6's own image. */
const USER_ID = 12345;
const HOME = '/home/k6';
const PATH = '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin';
const CERTIFICATES = 'etc/ssl/certs/ca-certificates.crt';
/** A fixed time, because equal input must give equal digests. */
const CREATED = '1970-01-01T00:00:00Z';

export interface ImageInput {
  /** A statically linked k6 for Linux. */
  readonly k6: Buffer;
  readonly arch: ImageArch;
  readonly k6Version: string;
  readonly novaperfVersion: string;
  /** `registry.example/k6:2.2.0-1` */
  readonly name: string;
}

export interface Image {
  readonly tar: Buffer;
  /** `sha256:…` of the manifest, by which registries identify the image. */
  readonly digest: string;
  readonly layerBytes: number;
}

/**
 * Follows https://github.com/opencontainers/image-spec v1.1 (image-layout, manifest, config, layer); `manifest.json` is
 * for crane and for `docker load` before version 25. Certificates are Mozilla's, as included in Node. Equal input and
 * Node version give equal bytes.
 */
export async function ociImage(input: ImageInput): Promise<Image> {
  const rootFs = tarOf(rootFiles(input.k6));
  const layer = await gzipped(rootFs);
  const config = jsonBlob({
    created: CREATED,
    architecture: input.arch,
    os: 'linux',
    config: {
      User: String(USER_ID),
      Env: [`PATH=${PATH}`],
      Entrypoint: ['k6'],
      WorkingDir: HOME,
      Labels: {
        'org.opencontainers.image.title': 'k6 with the output of novaperf',
        'org.opencontainers.image.version': input.k6Version,
        'org.opencontainers.image.licenses': 'AGPL-3.0-only',
        'org.opencontainers.image.source': 'https://github.com/grafana/k6',
        'novaperf.version': input.novaperfVersion,
      },
    },
    rootfs: { type: 'layers', diff_ids: [digestOf(rootFs)] },
    history: [{ created: CREATED, created_by: 'novaperf cluster image' }],
  });
  const manifest = jsonBlob({
    schemaVersion: 2,
    mediaType: 'application/vnd.oci.image.manifest.v1+json',
    config: described('application/vnd.oci.image.config.v1+json', config),
    layers: [described('application/vnd.oci.image.layer.v1.tar+gzip', layer)],
  });
  const index = jsonBlob({
    schemaVersion: 2,
    mediaType: 'application/vnd.oci.image.index.v1+json',
    manifests: [
      {
        ...described('application/vnd.oci.image.manifest.v1+json', manifest),
        platform: { architecture: input.arch, os: 'linux' },
        annotations: {
          'io.containerd.image.name': input.name,
          'org.opencontainers.image.ref.name': input.name.slice(input.name.lastIndexOf(':') + 1),
        },
      },
    ],
  });
  const forDocker = [{ Config: blobPath(config), RepoTags: [input.name], Layers: [blobPath(layer)] }];
  const blobs = [config, layer, manifest].map((bytes) => file(blobPath(bytes), bytes));
  const tar = tarOf([
    folder('blobs'),
    folder('blobs/sha256'),
    ...blobs.sort((a, b) => (a.path < b.path ? -1 : 1)),
    file('index.json', index),
    file('manifest.json', jsonBlob(forDocker)),
    file('oci-layout', jsonBlob({ imageLayoutVersion: '1.0.0' })),
  ]);
  return { tar, digest: digestOf(manifest), layerBytes: layer.length };
}

function rootFiles(k6: Buffer): TarEntry[] {
  const owner = { uid: USER_ID, gid: USER_ID };
  return [
    folder('etc'),
    file('etc/group', `root:x:0:\nk6:x:${USER_ID}:\n`),
    // Makes Go's resolver read /etc/hosts first, as glibc does.
    file('etc/nsswitch.conf', 'hosts: files dns\n'),
    file('etc/passwd', `root:x:0:0:root:/root:/sbin/nologin\nk6:x:${USER_ID}:${USER_ID}::${HOME}:/sbin/nologin\n`),
    folder('etc/ssl'),
    folder('etc/ssl/certs'),
    file(CERTIFICATES, `${rootCertificates.join('\n')}\n`),
    folder('home'),
    { ...folder(HOME.slice(1)), ...owner },
    { ...folder('tmp'), mode: 0o1777 },
    folder('usr'),
    folder('usr/bin'),
    { ...file('usr/bin/k6', k6), mode: 0o755 },
  ];
}

function file(path: string, content: Buffer | string): TarEntry {
  return { path, content: Buffer.from(content), mode: 0o644, uid: 0, gid: 0 };
}

function folder(path: string): TarEntry {
  return { path: `${path}/`, content: undefined, mode: 0o755, uid: 0, gid: 0 };
}

function jsonBlob(value: unknown): Buffer {
  return Buffer.from(JSON.stringify(value));
}

function digestOf(bytes: Buffer): string {
  return `sha256:${createHash('sha256').update(bytes).digest('hex')}`;
}

function blobPath(bytes: Buffer): string {
  return `blobs/${digestOf(bytes).replace(':', '/')}`;
}

function described(mediaType: string, bytes: Buffer) {
  return { mediaType, digest: digestOf(bytes), size: bytes.length };
}
