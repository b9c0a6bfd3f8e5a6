// Checks the name of a container image, and lists the commands that bring an image to a cluster.

import { UserError } from '../system/errors.ts';
import { shellWord } from '../text/shell-word.ts';

const DEFAULT_REPOSITORY = 'localhost/k6-novaperf';
/** https://github.com/opencontainers/distribution-spec/blob/main/spec.md#pulling-manifests */
const COMPONENT = '[a-z0-9]+(?:(?:\\.|_|__|-+)[a-z0-9]+)*';
const HOST = '(?:[a-zA-Z0-9](?:[a-zA-Z0-9.-]*[a-zA-Z0-9])?(?::\\d+)?/)?';
const NAME = new RegExp(`^${HOST}${COMPONENT}(?:/${COMPONENT})*(?::([\\w][\\w.-]{0,127}))?$`);

/**
 * The image name, with `tag` if it has none. Throws a UserError for a name that registries reject, and for the tag
 * `latest`, which does not identify an image.
 */
export function imageName(given: string | undefined, tag: string): string {
  if (given === undefined) return `${DEFAULT_REPOSITORY}:${tag}`;
  const found = NAME.exec(given);
  const hasTag = found?.[1] !== undefined;
  if (found !== null && found[1] !== 'latest') return hasTag ? given : `${given}:${tag}`;
  throw new UserError(`--name: expected the name of an image with a tag other than latest, found "${given}".`, {
    next: `such as registry.example/k6:${tag}`,
  });
}

/** The ways to bring the image file to a cluster, one command each. */
export function pushLines(file: string, name: string): { readonly command: string; readonly what: string }[] {
  const tar = shellWord(file);
  return [
    { command: `skopeo copy oci-archive:${tar} docker://${name}`, what: 'to a registry' },
    { command: `crane push ${tar} ${name}`, what: 'to a registry' },
    { command: `docker load -i ${tar} && docker push ${name}`, what: 'to a registry' },
    { command: `ctr -n k8s.io images import ${tar}`, what: 'to the containerd of a node' },
    { command: `kind load image-archive ${tar}`, what: 'to kind' },
  ];
}
