// Data for a page's script → one line of text within the page; browser/page-data.ts unpacks it.

import { deflateRawSync } from 'node:zlib';
import type { PageData } from './page-data-types.ts';

export type { PageData } from './page-data-types.ts';

/** JSON, raw deflate, base64. Base64 has no characters that could end the HTML element around it. */
export function packPageData(data: PageData): string {
  return deflateRawSync(JSON.stringify(data), { level: 9 }).toString('base64');
}
