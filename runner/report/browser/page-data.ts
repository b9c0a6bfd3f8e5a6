// The data block of the page → PageData.

import type { PageData } from '../page-data-types.ts';

/** The data that ../page-data.ts packed into the page; undefined without a data block. */
export async function readPageData(): Promise<PageData | undefined> {
  const packed = document.getElementById('page-data')?.textContent?.trim() ?? '';
  return packed === '' ? undefined : unpackPageData(packed);
}

/** The data that packPageData() packed. */
export async function unpackPageData(packed: string): Promise<PageData> {
  const bytes = Uint8Array.from(atob(packed), (character) => character.charCodeAt(0));
  // All browsers since May 2023 have it; older ones show the page as without scripts.
  const text = new Blob([bytes]).stream().pipeThrough(new DecompressionStream('deflate-raw'));
  return await new Response(text).json();
}
