// The data block of the page becomes PageData again.

import type { PageData } from '../page-data-types.ts';

/** What page-data.ts packed into the page; undefined where the page has no data block. */
export async function readPageData(): Promise<PageData | undefined> {
  const packed = document.getElementById('page-data')?.textContent?.trim() ?? '';
  return packed === '' ? undefined : unpackPageData(packed);
}

/** Undoes packPageData(). */
export async function unpackPageData(packed: string): Promise<PageData> {
  const bytes = Uint8Array.from(atob(packed), (character) => character.charCodeAt(0));
  // In every browser since May 2023; an older one shows the page as it is without scripts.
  const text = new Blob([bytes]).stream().pipeThrough(new DecompressionStream('deflate-raw'));
  return await new Response(text).json();
}
