// The bytes of a logo → what kind of picture it is, by its content, and the address under which a page shows it.

export const LOGO_TYPES = { png: 'image/png', jpeg: 'image/jpeg', svg: 'image/svg+xml' } as const;

export interface Logo {
  readonly type: keyof typeof LOGO_TYPES;
  readonly bytes: Uint8Array;
}

/** It goes into every page; result pages are to stay below 1 MB. */
export const LOGO_LIMIT_BYTES = 200_000;

const PNG = [0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a];
const JPEG = [0xff, 0xd8, 0xff];
/** An optional byte order mark, XML declaration, comments and document type, then the root. */
const SVG =
  /^\ufeff?\s*(?:<\?xml[^>]*\?>\s*)?(?:<!--[\s\S]*?-->\s*)*(?:<!DOCTYPE svg[^>[]*>\s*)?(?:<!--[\s\S]*?-->\s*)*<svg[\s>]/i;

/** PNG and JPEG by their first bytes, SVG by its root element, whatever the file is called; undefined for anything else. */
export function logoType(bytes: Uint8Array): Logo['type'] | undefined {
  const beginsWith = (signature: readonly number[]) => signature.every((byte, index) => bytes[index] === byte);
  if (beginsWith(PNG)) return 'png';
  if (beginsWith(JPEG)) return 'jpeg';
  return SVG.test(new TextDecoder().decode(bytes)) ? 'svg' : undefined;
}

/** The picture as an address of its own. A browser runs no script of an SVG in an `<img>`, and loads nothing for it. */
export function logoDataUri({ type, bytes }: Logo): string {
  return `data:${LOGO_TYPES[type]};base64,${Buffer.from(bytes).toString('base64')}`;
}

/** The name under which it lies next to a page with external assets. */
export function logoFile({ type }: Logo): string {
  return `logo.${type}`;
}
