// The pages of a list, one request after another. Runs inside k6.

import type { Response } from 'k6/http';

export interface PagesOptions {
  /** At most so many. Default 100: a link that leads back to itself must not keep a VU forever. */
  readonly max?: number;
}

/** The responses of a list from its first page on: `next` gives the URL of the page behind a response, undefined behind the last. */
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

/** The target of `Link: <https://…?page=2>; rel="next"` (RFC 8288); undefined on the last page. */
export function nextLink({ headers }: Pick<Response, 'headers'>): string | undefined {
  const link = Object.entries(headers).find(([name]) => name.toLowerCase() === 'link')?.[1] ?? '';
  for (const [, target, parameters = ''] of link.matchAll(/<([^>]*)>([^<]*)/g)) {
    if (/;\s*rel="?(?:[^";,]*\s)?next(?:\s[^";,]*)?"?\s*(?:[;,]|$)/i.test(parameters)) return target;
  }
  return undefined;
}
