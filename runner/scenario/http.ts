// k6/http and check() for scenarios: the same calls and the same answers. Every request gets a `name` tag, and the runner gets
// samples of those that fail. Runs inside k6.

import { type Checkers, check as k6Check } from 'k6';
import k6http, {
  type BatchResponses,
  type ExpectedStatusesObject,
  type RefinedParams,
  type RefinedResponse,
  type RequestBody,
  type Response,
  type ResponseType,
} from 'k6/http';
import { baseUrl } from './base-url.ts';
import { sampleChecks, sampleRequest } from './failed-request.ts';

/** k6's parameters of a request, and its name. */
export interface RequestParams<RT extends ResponseType | undefined> extends RefinedParams<RT> {
  /**
   * What the request is called in thresholds and reports: short for `tags: { name }`. Default: method and path, without the
   * query and with `:id` for numbers and UUIDs, such as `GET /products/:id`; for other hosts than the target's with the host.
   */
  name?: string;
}

type Url = Parameters<typeof k6http.get>[0];
type Params<RT extends ResponseType | undefined = ResponseType | undefined> = RequestParams<RT> | null | undefined;
type ExpectedStatuses = ReturnType<typeof k6http.expectedStatuses>;
type Status = number | ExpectedStatusesObject;

/** A request of a batch: a URL, `[method, url, body, params]`, or the same as an object. */
export type BatchRequest =
  | Url
  | [method: string, url: Url, body?: RequestBody | null, params?: Params<ResponseType>]
  | { method?: string; url: Url; body?: RequestBody | null; params?: Params<ResponseType> };

const ID = /^(\d+|[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}|[0-9a-f]{24,})$/i;

/** `GET /products/:id` for a URL; see RequestParams. */
function requestName(method: string, url: string): string {
  const whole = url.split(/[?#]/, 1)[0] ?? '';
  const path = whole.startsWith(baseUrl) ? whole.slice(baseUrl.length) : whole.replace(/^\w+:\/\/([^/]*@)?/, '');
  const words = path.split('/').map((word) => (ID.test(word) ? ':id' : word));
  return `${method} ${words.join('/') || '/'}`;
}

/** The parameters with a `name` tag, unless the script has set it, or http.url`…`, of which k6 makes it. */
function withName<RT extends ResponseType | undefined>(method: string, url: Url, params: Params<RT>): Params<RT> {
  const name = params?.name ?? (typeof url === 'string' ? requestName(method, url) : undefined);
  if (name === undefined || (params?.name === undefined && params?.tags?.name !== undefined)) return params;
  return { ...params, tags: { ...params?.tags, name } };
}

/** The `name` tag that a request had. */
function nameOf(url: Url, params: Params): string {
  return params?.tags?.name ?? (typeof url === 'string' ? url : 'name' in url ? String(url.name) : '');
}

/** What scripts expect beside 200 to 399; k6 does not show what is in its own object. */
const statusesOf = new WeakMap<ExpectedStatuses, readonly Status[]>();
const BY_DEFAULT: readonly Status[] = [{ min: 200, max: 399 }];
let expectedByScript: readonly Status[] | undefined = BY_DEFAULT;

function isExpected(status: number, own: ExpectedStatuses | null | undefined): boolean {
  const expected = own === undefined ? expectedByScript : knownStatuses(own);
  // Without a callback k6 calls nothing a failure.
  if (expected === undefined) return true;
  return expected.some((one) => (typeof one === 'number' ? one === status : one.min <= status && status <= one.max));
}

/** Statuses that came from k6/http's own expectedStatuses() are not known: k6's default stands in. null: k6 is told to expect all. */
function knownStatuses(callback: ExpectedStatuses | null): readonly Status[] | undefined {
  return callback === null ? undefined : (statusesOf.get(callback) ?? BY_DEFAULT);
}

/** The response, after a sample of it was sent if it is no expected one. */
function watched<R extends Response>(response: R, url: Url, params: Params): R {
  if (!isExpected(response.status, params?.responseCallback)) sampleRequest(response, nameOf(url, params));
  return response;
}

function request<RT extends ResponseType | undefined>(
  method: string,
  url: Url,
  body?: RequestBody | null,
  params?: RequestParams<RT> | null,
): RefinedResponse<RT> {
  const all = withName(method, url, params);
  return watched(k6http.request(method, url, body, all), url, all);
}

async function asyncRequest<RT extends ResponseType | undefined>(
  method: string,
  url: Url,
  body?: RequestBody | null,
  params?: RequestParams<RT> | null,
): Promise<RefinedResponse<RT>> {
  const all = withName(method, url, params);
  return watched(await k6http.asyncRequest(method, url, body, all), url, all);
}

function withoutBody(method: string) {
  return <RT extends ResponseType | undefined>(url: Url, params?: RequestParams<RT> | null): RefinedResponse<RT> =>
    request(method, url, null, params);
}

function withBody(method: string) {
  return <RT extends ResponseType | undefined>(
    url: Url,
    body?: RequestBody | null,
    params?: RequestParams<RT> | null,
  ): RefinedResponse<RT> => request(method, url, body, params);
}

interface BatchPart {
  readonly method: string;
  readonly url: Url;
  readonly body: RequestBody | null;
  readonly params: RequestParams<ResponseType> | null;
}

/** What http.url`…` returns has these fields beside those that the types tell. */
function isUrl(one: BatchRequest): one is Url {
  return typeof one === 'string' || 'clean_url' in one;
}

function partOf(one: BatchRequest): BatchPart {
  const { method, url, body, params } = isUrl(one)
    ? { method: 'GET', url: one }
    : Array.isArray(one)
      ? { method: one[0], url: one[1], body: one[2], params: one[3] }
      : { ...one, method: one.method ?? 'GET' };
  return { method, url, body: body ?? null, params: withName(method, url, params) ?? null };
}

function batch<Q extends BatchRequest[] | { [name: string]: BatchRequest }>(requests: Q): BatchResponses<Q>;
function batch(requests: BatchRequest[] | { [name: string]: BatchRequest }) {
  const parts = Object.values(requests).map(partOf);
  const responses = k6http.batch(parts.map(({ method, url, body, params }) => ({ method, url, body, params })));
  for (const [index, { url, params }] of parts.entries()) {
    const response = responses[index];
    if (response !== undefined) watched(response, url, params);
  }
  if (Array.isArray(requests)) return responses;
  return Object.fromEntries(Object.keys(requests).map((key, index) => [key, responses[index]]));
}

function expectedStatuses(...statuses: Status[]): ExpectedStatuses {
  const callback = k6http.expectedStatuses(...statuses);
  statusesOf.set(callback, statuses);
  return callback;
}

function setResponseCallback(callback: ExpectedStatuses): void {
  k6http.setResponseCallback(callback);
  expectedByScript = knownStatuses(callback);
}

/** Stands in for the default import of `k6/http`: all that it has, with names for requests and samples of failed ones. */
export const http = {
  ...k6http,
  get: withoutBody('GET'),
  head: withoutBody('HEAD'),
  post: withBody('POST'),
  put: withBody('PUT'),
  patch: withBody('PATCH'),
  del: withBody('DELETE'),
  options: withBody('OPTIONS'),
  request,
  asyncRequest,
  batch,
  expectedStatuses,
  setResponseCallback,
};

/** k6 refuses an asynchronous check, and must see that it is one. */
function isAsync(test: object): boolean {
  return Object.prototype.toString.call(test) === '[object AsyncFunction]';
}

/** Stands in for `check` of `k6`: the same, and of a response on which a check fails the runner gets a sample. */
export function check<VT>(value: VT, sets: Checkers<VT>, tags?: object): boolean {
  const failed: string[] = [];
  const seen: Checkers<VT> = {};
  for (const [name, test] of Object.entries(sets)) {
    if (typeof test === 'function' && isAsync(test)) return k6Check(value, sets, tags ?? {});
    seen[name] = (tested) => {
      let holds = false;
      try {
        holds = typeof test === 'function' ? test(tested) : test;
      } finally {
        if (!holds) failed.push(name);
      }
      return holds;
    };
  }
  try {
    return k6Check(value, seen, tags ?? {});
  } finally {
    if (failed.length > 0) sampleChecks(value, failed);
  }
}
