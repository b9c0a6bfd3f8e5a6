// novaperf cluster image: writes the runner image of `run --cluster` to a file.

import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { dirname, resolve } from 'node:path';
import { Command, Option } from '@commander-js/extra-typings';
import { elfOf } from '../cluster/elf.ts';
import { ociImage } from '../cluster/image.ts';
import { imageName, pushLines } from '../cluster/image-name.ts';
import { readProjectConfig } from '../config/project-config.ts';
import { readExtensions } from '../k6/extensions.ts';
import { HOST_ARCH, type LinuxK6, linuxK6 } from '../k6/linux-k6.ts';
import { IMAGE_ARCHS, type ImageArch } from '../model/cluster.ts';
import { DEFAULT_CONPORT } from '../system/default-folders.ts';
import { UserError } from '../system/errors.ts';
import { makeFolder } from '../system/folder.ts';
import { packageVersion } from '../system/package-root.ts';
import { reasonOf } from '../system/refusals.ts';
import { openTerminal } from '../system/terminal.ts';
import { writeWholeFile } from '../system/whole-file.ts';
import { visible } from '../text/display-text.ts';
import { bytes } from '../text/format.ts';

/** The `cluster` command. */
export function clusterCommand() {
  return new Command('cluster')
    .description('prepare a Kubernetes cluster for run --cluster')
    .addCommand(imageCommand());
}

function imageCommand() {
  return new Command('image')
    .description("build the runner image (k6 with novaperf's output) as an OCI tar file; needs no Docker")
    .option('--out <file>', 'tar file to write', 'k6-image.tar')
    .option(
      '--name <image>',
      'image name with registry, such as registry.example/k6:2.2.0-1 (default: localhost/k6-novaperf)',
    )
    .addOption(new Option('--arch <arch>', 'architecture of the nodes').choices(IMAGE_ARCHS).default('amd64' as const))
    .option('--k6 <path>', 'path to the k6 executable (also K6_BIN)')
    .option('--conport <dir>', 'ConPort folder with ProjectConfig, for its k6 extensions', DEFAULT_CONPORT)
    .option('--json', 'print as JSON')
    .action(async (options) => {
      const terminal = openTerminal({ json: options.json === true });
      const { arch } = options;
      const { extensions } = await readProjectConfig(resolve(options.conport), resolve('.'));
      const found = await linuxK6(arch, {
        k6Flag: options.k6,
        env: process.env,
        onProgress: (line) => terminal.warn(line),
        extensions: await readExtensions(extensions, resolve('.')),
      });
      const k6 = await executable(found, arch);
      const build = createHash('sha256').update(k6).digest('hex');
      const name = imageName(options.name, `${found.version}-${build.slice(0, 8)}`);
      const image = await ociImage({ k6, arch, k6Version: found.version, novaperfVersion: packageVersion, name });
      const out = resolve(options.out);
      await write(out, image.tar);
      const push = pushLines(options.out, name);
      if (options.json === true) {
        terminal.json({
          file: out,
          name,
          digest: image.digest,
          platform: `linux/${arch}`,
          k6_version: found.version,
          bytes: image.tar.length,
          push: push.map(({ command }) => command),
        });
        return;
      }
      terminal.line(`${visible(options.out)}: k6 ${found.version} for linux/${arch}, ${bytes(image.tar.length)}`);
      terminal.line(`  image   ${name}`);
      terminal.line(`  digest  ${image.digest}`);
      terminal.line('');
      terminal.line('Make it available to the cluster with one of these commands:');
      for (const { command, what } of push) terminal.line(`  ${visible(command)}   # ${what}`);
      terminal.line(`Then set image: '${name}' in testing.performance.clusters.<name>.`);
    });
}

/** Reads k6. Throws a UserError for a file that cannot start in an image without an operating system. */
async function executable({ path }: LinuxK6, arch: ImageArch): Promise<Buffer> {
  const file = await readFile(path);
  const elf = elfOf(file);
  if (elf?.arch !== arch) {
    throw new UserError(`Expected a k6 for linux/${arch}, found ${elf === undefined ? 'none for Linux' : elf.arch}.`, {
      where: path,
      next: `omit --k6 and K6_BIN, to build it with Go${elf?.arch === HOST_ARCH ? `; or --arch ${elf.arch}` : ''}`,
    });
  }
  if (!elf.isDynamic) return file;
  throw new UserError('Expected a statically linked k6, found one that needs shared libraries.', {
    where: path,
    next: 'build it with CGO_ENABLED=0, or use the Dockerfile in docs/scale.md with a base image that has them',
  });
}

async function write(path: string, content: Buffer): Promise<void> {
  try {
    await makeFolder(dirname(path));
    await writeWholeFile(path, content);
  } catch (error) {
    throw new UserError(`--out: expected a file that can be written: ${reasonOf(error)}`, {
      where: path,
      cause: error,
    });
  }
}
