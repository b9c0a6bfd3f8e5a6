// The bytes of a logo → its image type, detected by content, and the URL under which a page shows it.

/** MIME type of each kind of logo. */
export const LOGO_TYPES = { png: 'image/png', jpeg: 'image/jpeg', svg: 'image/svg+xml' } as const;

export interface Logo {
  readonly type: keyof typeof LOGO_TYPES;
  readonly bytes: Uint8Array;
}

/** The logo is part of every page, and pages stay below 1 MB. */
export const LOGO_LIMIT_BYTES = 200_000;

const PNG = [0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a];
const JPEG = [0xff, 0xd8, 0xff];
/** An optional byte order mark, XML declaration, comments and document type, then the root. */
const SVG =
  /^\ufeff?\s*(?:<\?xml[^>]*\?>\s*)?(?:<!--[\s\S]*?-->\s*)*(?:<!DOCTYPE svg[^>[]*>\s*)?(?:<!--[\s\S]*?-->\s*)*<svg[\s>]/i;

/** The image type by content, whatever the file is called: PNG and JPEG by their first bytes, SVG by its root element; otherwise undefined. */
export function logoType(bytes: Uint8Array): Logo['type'] | undefined {
  const beginsWith = (signature: readonly number[]) => signature.every((byte, index) => bytes[index] === byte);
  if (beginsWith(PNG)) return 'png';
  if (beginsWith(JPEG)) return 'jpeg';
  return SVG.test(new TextDecoder().decode(bytes)) ? 'svg' : undefined;
}

/** The logo as a data: URL. For an SVG in an `<img>` the browser runs no script and loads nothing. */
export function logoDataUri({ type, bytes }: Logo): string {
  return `data:${LOGO_TYPES[type]};base64,${Buffer.from(bytes).toString('base64')}`;
}

/** The file name of the logo next to a page with external assets. */
export function logoFile({ type }: Logo): string {
  return `logo.${type}`;
}
