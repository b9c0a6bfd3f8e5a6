// The request that follows a redirect. k6 follows redirects too, but gives all their requests the `name` tag of the
// first: a slow page behind a login would count as the login. The rules are those of k6 2.2.0, that is of Go's net/http
// (client.go, redirectBehavior and makeHeadersCopier). Runs inside k6.

import exec from 'k6/execution';
import type { RefinedParams, RequestBody, Response, ResponseType } from 'k6/http';

/** A request; `url` is absolute. */
export interface Hop<RT extends ResponseType | undefined> {
  readonly method: string;
  readonly url: string;
  readonly body: RequestBody | null;
  readonly params: RefinedParams<RT>;
}

const DEFAULT_MAX_REDIRECTS = 10;
const SENSITIVE = /^(authorization|www-authenticate|cookie2?|proxy-authorization|proxy-authenticate)$/i;
const ABOUT_THE_BODY = /^content-(encoding|language|location|type)$/i;

/** Declared here, as scenarios are checked without Node's types. */
declare const console: { warn(text: string): void };

/** Whether a response is a redirect with a location. */
export function isRedirect({ status, headers }: Response): boolean {
  const redirects = status === 301 || status === 302 || status === 303 || status === 307 || status === 308;
  return redirects && Boolean(headers.Location);
}

/** The redirects of a request: at most its parameter `redirects`, else the option `maxRedirects`. */
export class RedirectChain<RT extends ResponseType | undefined> {
  readonly #first: Hop<RT>;
  #last: Hop<RT>;
  #taken = 0;

  constructor(first: Hop<RT>) {
    this.#first = first;
    this.#last = first;
  }

  /** The request after a response; undefined at the end of the chain. k6 itself must not follow redirects (`redirects: 0`). */
  next(response: Response): Hop<RT> | undefined {
    if (!isRedirect(response)) return undefined;
    const { redirects } = this.#first.params;
    const limit = redirects ?? exec.test.options.maxRedirects ?? DEFAULT_MAX_REDIRECTS;
    if (this.#taken >= limit) {
      if (redirects === undefined) warnOfLimit(limit);
      return undefined;
    }
    this.#taken += 1;
    this.#last = nextHop(response, this.#first, this.#last);
    return this.#last;
  }
}

function nextHop<RT extends ResponseType | undefined>(response: Response, first: Hop<RT>, last: Hop<RT>): Hop<RT> {
  const { status, headers } = response;
  const url = resolveUrl(String(headers.Location), last.url);
  const keepsBody = status === 307 || status === 308;
  const sameSite = isWithin(hostOf(url), hostOf(first.url));
  const kept = Object.entries(first.params.headers ?? {}).filter(
    ([name]) => (sameSite || !SENSITIVE.test(name)) && (keepsBody || !ABOUT_THE_BODY.test(name)),
  );
  return {
    method: keepsBody || last.method === 'HEAD' ? last.method : 'GET',
    url,
    body: keepsBody ? last.body : null,
    params: { ...first.params, headers: { ...refererOf(last.url, url), ...Object.fromEntries(kept) } },
  };
}

/** k6's warning if the script did not set the limit. */
function warnOfLimit(limit: number): void {
  console.warn(
    `Stopped after ${limit} redirects and returned the redirection; pass { redirects: n } in request params or set global maxRedirects to silence this`,
  );
}

function refererOf(from: string, to: string): Record<string, string> {
  if (from.startsWith('https:') && to.startsWith('http:')) return {};
  return { Referer: from.replace(/^(\w+:\/\/)[^/?#@]*@/, '$1') };
}

/** RFC 3986, 5.2: k6 has no URL class. */
function resolveUrl(location: string, from: string): string {
  if (/^[a-z][a-z0-9+.-]*:/i.test(location)) return location;
  const [, scheme = '', authority = '', path = ''] = /^(\w+:)\/\/([^/?#]*)([^?#]*)/.exec(from) ?? [];
  if (location.startsWith('//')) return scheme + location;
  const site = `${scheme}//${authority}`;
  const [, relative = '', rest = ''] = /^([^?#]*)(.*)$/.exec(location) ?? [];
  if (relative === '') return rest.startsWith('?') ? site + path + rest : from;
  const whole = relative.startsWith('/') ? relative : path.slice(0, path.lastIndexOf('/') + 1) + relative;
  return site + withoutDots(whole.startsWith('/') ? whole : `/${whole}`) + rest;
}

function withoutDots(path: string): string {
  const kept: string[] = [];
  const parts = path.split('/');
  for (const part of parts) {
    if (part === '..') {
      if (kept.length > 1) kept.pop();
    } else if (part !== '.') kept.push(part);
  }
  if (/^\.{1,2}$/.test(parts.at(-1) ?? '')) kept.push('');
  return kept.join('/');
}

function hostOf(url: string): string {
  const authority = /^\w+:\/\/(?:[^/?#@]*@)?([^/?#]*)/.exec(url)?.[1] ?? '';
  return authority.replace(/:\d*$/, '').toLowerCase();
}

function isWithin(host: string, domain: string): boolean {
  return host === domain || host.endsWith(`.${domain}`);
}
