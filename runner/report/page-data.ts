// What a page's scripts know besides what is written on it: plain data, packed into one line of text that the page carries.
// Types and packing for the server side; browser/page-data.ts unpacks. Pure types are shared, so both sides agree.

import { deflateRawSync } from 'node:zlib';
import type { PageData } from './page-data-types.ts';

export type { PageData } from './page-data-types.ts';

/** JSON, deflated (raw), base64: letters, digits, `+`, `/` and `=` only, so nothing in it can end the element that holds it. */
export function packPageData(data: PageData): string {
  return deflateRawSync(JSON.stringify(data), { level: 9 }).toString('base64');
}
