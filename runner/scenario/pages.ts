// The pages of a list, one request after another. Runs inside k6.

import type { Response } from 'k6/http';

/** Options of pages(). */
export interface PagesOptions {
  /** Maximum number of pages. Default 100, so that a link to itself does not loop forever. */
  readonly max?: number;
}

/** Iterates over the pages of a list. `next` returns the URL of the page after a response, undefined after the last one. */
export function* pages<Page>(
  firstUrl: string,
  get: (url: string) => Page,
  next: (page: Page) => string | undefined,
  { max = 100 }: PagesOptions = {},
): Generator<Page, void, undefined> {
  let url: string | undefined = firstUrl;
  for (let count = 0; url !== undefined && count < max; count++) {
    const page: Page = get(url);
    yield page;
    url = next(page);
  }
}

/** The URL of `Link: <https://…?page=2>; rel="next"` (RFC 8288); undefined on the last page. */
export function nextLink({ headers }: Pick<Response, 'headers'>): string | undefined {
  const link = Object.entries(headers).find(([name]) => name.toLowerCase() === 'link')?.[1] ?? '';
  for (const [, target, parameters = ''] of link.matchAll(/<([^>]*)>([^<]*)/g)) {
    if (/;\s*rel="?(?:[^";,]*\s)?next(?:\s[^";,]*)?"?\s*(?:[;,]|$)/i.test(parameters)) return target;
  }
  return undefined;
}
