// The `name` tag of a request: what the script gives, else method and path with `:id` in the place of ids. Runs inside k6.

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

export type Url = Parameters<typeof k6http.get>[0];
export type Params<RT extends ResponseType | undefined = ResponseType | undefined> =
  | RequestParams<RT>
  | null
  | undefined;
/** Numbers, dates, UUIDs, ULIDs, hex digests, e-mail addresses. */
const ID =
  /^(\d+|\d{4}-\d\d-\d\d|[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}|[0-7][0-9a-hjkmnp-tv-z]{25}|[0-9a-f]{24,}|[^@%]+(@|%40)[^@%]+\.[a-z]+)$/i;

interface Named {
  readonly tags: { readonly name: string };
  /** k6 would give the requests of a redirect this name as well; see redirects.ts. */
  readonly redirects: 0;
}

/**
 * Parameters that hold but a name, by method and URL without its query: taking a path apart costs k6 some 20 µs, which is a
 * fifth of what a request costs it. Bounded, as paths may hold ids.
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

/** http://shop:80 is no beginning of http://shop:8080/cart. */
function isBelow(url: string, base: string): boolean {
  return url.startsWith(base) && (url.length === base.length || url.charAt(base.length) === '/');
}

/** k6 sends and tags a method in capitals, whatever the script wrote. */
export function methodOf(method: string): string {
  return method.toUpperCase();
}

/** Whether the name is ours to give, or was given for this one request; a name among the tags is for its redirects as well. */
export function followsHere(url: Url, params: Params): url is string {
  return typeof url === 'string' && params?.tags?.name === undefined;
}

/** The parameters with a `name` tag, unless the script has set it, or http.url`…`, of which k6 makes it. */
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

/** The `name` tag that a request had. */
export function nameOf(url: Url, params: Params): string {
  return params?.tags?.name ?? (typeof url === 'string' ? url : 'name' in url ? String(url.name) : '');
}
