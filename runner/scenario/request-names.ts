// The `name` tag of a request: that of the script, else method and path with `:id` for ids. Runs inside k6.

import type k6http from 'k6/http';
import type { RefinedParams, ResponseType } from 'k6/http';
import { baseUrl } from './base-url.ts';

/** Parameters of a k6 request, and its name. */
export interface RequestParams<RT extends ResponseType | undefined> extends RefinedParams<RT> {
  /**
   * Name of the request in thresholds and reports. Default: method and path without query, with `:id` for numbers, UUIDs and similar
   * ids, such as `GET /products/:id`; with the host if it is not the system under test. Redirects have their own names; `tags: { name }`
   * also applies to redirects.
   */
  name?: string;
}

/** A URL as k6 accepts it. */
export type Url = Parameters<typeof k6http.get>[0];
/** Parameters as scripts pass them. */
export type Params<RT extends ResponseType | undefined = ResponseType | undefined> =
  | RequestParams<RT>
  | null
  | undefined;
/** Numbers, dates, UUIDs, ULIDs, hex digests, e-mail addresses. */
const ID =
  /^(\d+|\d{4}-\d\d-\d\d|[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}|[0-7][0-9a-hjkmnp-tv-z]{25}|[0-9a-f]{24,}|[^@%]+(@|%40)[^@%]+\.[a-z]+)$/i;

interface Named {
  readonly tags: { readonly name: string };
  /** 0, because k6 would give requests after a redirect this name too; see redirects.ts. */
  readonly redirects: 0;
}

/**
 * Parameters with only a name, by method and URL without query: parsing a path costs k6 about 20 µs, a fifth of a request. Bounded,
 * because paths may contain ids.
 */
const named = new Map<string, Map<string, Named>>();
const NAMES_KNOWN = 500;

/** `GET /products/:id` for a URL; see RequestParams. */
function namedOf(method: string, url: string): Named {
  const end = url.indexOf('?');
  const whole = end === -1 ? url : url.slice(0, end);
  let ofMethod = named.get(method);
  const known = ofMethod?.get(whole);
  if (known !== undefined) return known;
  if (ofMethod === undefined || ofMethod.size >= NAMES_KNOWN) {
    ofMethod = new Map();
    named.set(method, ofMethod);
  }
  const made = { tags: { name: `${method} ${pathName(whole)}` }, redirects: 0 } as const;
  ofMethod.set(whole, made);
  return made;
}

function pathName(url: string): string {
  const [whole = ''] = url.split('#', 1);
  const path = isBelow(whole, baseUrl) ? whole.slice(baseUrl.length) : whole.replace(/^\w+:\/\/([^/]*@)?/, '');
  const words = path.split('/').map((word) => (ID.test(word) ? ':id' : word));
  return words.join('/') || '/';
}

/** Whether the URL is below the base; http://shop:80 is not a base of http://shop:8080/cart. */
function isBelow(url: string, base: string): boolean {
  return url.startsWith(base) && (url.length === base.length || url.charAt(base.length) === '/');
}

/** The method in capitals, as k6 sends and tags it. */
export function methodOf(method: string): string {
  return method.toUpperCase();
}

/** Whether redirects are followed here: unless the script's tags have a name, which applies to redirects too. */
export function followsHere(url: Url, params: Params): url is string {
  return typeof url === 'string' && params?.tags?.name === undefined;
}

/** The parameters with a `name` tag, unless the script sets it or uses http.url`…`, for which k6 sets it. */
export function withName<RT extends ResponseType | undefined>(
  method: string,
  url: Url,
  params: Params<RT>,
): Params<RT> {
  if (!followsHere(url, params)) {
    const { name, tags } = params ?? {};
    return name === undefined || tags?.name !== undefined ? params : { ...params, tags: { ...tags, name } };
  }
  if (params === undefined || params === null) return namedOf(method, url);
  const { name = namedOf(method, url).tags.name } = params;
  return { ...params, redirects: 0, tags: { ...params.tags, name } };
}

/** The `name` tag of a request. */
export function nameOf(url: Url, params: Params): string {
  return params?.tags?.name ?? (typeof url === 'string' ? url : 'name' in url ? String(url.name) : '');
}
