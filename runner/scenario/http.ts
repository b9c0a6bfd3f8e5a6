// k6/http for scenarios: the same calls and responses. Every request gets a `name` tag, and the runner gets samples of failed
// ones. Runs inside k6.

import k6http, {
  type BatchResponses,
  type ExpectedStatusesObject,
  type RefinedResponse,
  type RequestBody,
  type Response,
  type ResponseType,
} from 'k6/http';
import { sampleRequest } from './failed-request.ts';
import { isRedirect, RedirectChain } from './redirects.ts';
import { followsHere, methodOf, nameOf, type Params, type RequestParams, type Url, withName } from './request-names.ts';

type ExpectedStatuses = ReturnType<typeof k6http.expectedStatuses>;
type Status = number | ExpectedStatusesObject;

/** A request of a batch: a URL, `[method, url, body, params]`, or the same as an object. */
export type BatchRequest =
  | Url
  | [method: string, url: Url, body?: RequestBody | null, params?: Params<ResponseType>]
  | { method?: string; url: Url; body?: RequestBody | null; params?: Params<ResponseType> };

/** Statuses of expectedStatuses(), because k6's object does not show them. */
const statusesOf = new WeakMap<ExpectedStatuses, readonly Status[]>();
const BY_DEFAULT: readonly Status[] = [{ min: 200, max: 399 }];
let expectedByScript: readonly Status[] | undefined = BY_DEFAULT;

function isExpected(status: number, own: ExpectedStatuses | null | undefined): boolean {
  const expected = own === undefined ? expectedByScript : knownStatuses(own);
  if (expected === BY_DEFAULT) return status >= 200 && status <= 399;
  // Without a callback k6 treats no status as a failure.
  if (expected === undefined) return true;
  return expected.some((one) => (typeof one === 'number' ? one === status : one.min <= status && status <= one.max));
}

/** Statuses that came from k6/http's own expectedStatuses() are not known: k6's default is used. null: every status is expected. */
function knownStatuses(callback: ExpectedStatuses | null): readonly Status[] | undefined {
  return callback === null ? undefined : (statusesOf.get(callback) ?? BY_DEFAULT);
}

/** Returns the response, after sending a sample if it is unexpected. */
function watched<R extends Response>(response: R, url: Url, params: Params): R {
  if (!isExpected(response.status, params?.responseCallback)) sampleRequest(response, nameOf(url, params));
  return response;
}

/** The chain of redirects; undefined if k6 follows them. `own`: the script's parameters. */
function chainOf<RT extends ResponseType | undefined>(
  method: string,
  url: Url,
  body: RequestBody | null,
  own: Params<RT>,
): RedirectChain<RT> | undefined {
  if (!followsHere(url, own)) return undefined;
  const { name: _name, ...params } = own ?? {};
  return new RedirectChain<RT>({ method, url, body, params });
}

function request<RT extends ResponseType | undefined>(
  asked: string,
  url: Url,
  body?: RequestBody | null,
  own?: RequestParams<RT> | null,
): RefinedResponse<RT> {
  const method = methodOf(asked);
  const params = withName(method, url, own);
  const response = watched(k6http.request(method, url, body, params), url, params);
  if (!isRedirect(response)) return response;
  const chain = chainOf(method, url, body ?? null, own);
  let last = response;
  for (let hop = chain?.next(last); hop !== undefined; hop = chain?.next(last)) {
    const named = withName(hop.method, hop.url, hop.params);
    last = watched(k6http.request(hop.method, hop.url, hop.body, named), hop.url, named);
  }
  return last;
}

async function asyncRequest<RT extends ResponseType | undefined>(
  asked: string,
  url: Url,
  body?: RequestBody | null,
  own?: RequestParams<RT> | null,
): Promise<RefinedResponse<RT>> {
  const method = methodOf(asked);
  const params = withName(method, url, own);
  let last = watched(await k6http.asyncRequest(method, url, body, params), url, params);
  if (!isRedirect(last)) return last;
  const chain = chainOf(method, url, body ?? null, own);
  for (let hop = chain?.next(last); hop !== undefined; hop = chain?.next(last)) {
    const named = withName(hop.method, hop.url, hop.params);
    last = watched(await k6http.asyncRequest(hop.method, hop.url, hop.body, named), hop.url, named);
  }
  return last;
}

function get<RT extends ResponseType | undefined>(url: Url, params?: RequestParams<RT> | null): RefinedResponse<RT> {
  return request('GET', url, null, params);
}

function head<RT extends ResponseType | undefined>(url: Url, params?: RequestParams<RT> | null): RefinedResponse<RT> {
  return request('HEAD', url, null, params);
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

/** What http.url`…` returns has these fields in addition to those of its type. */
function isUrl(one: BatchRequest): one is Url {
  return typeof one === 'string' || 'clean_url' in one;
}

function partOf(one: BatchRequest): BatchPart {
  const { method, url, body, params } = isUrl(one)
    ? { method: 'GET', url: one }
    : Array.isArray(one)
      ? { method: one[0], url: one[1], body: one[2], params: one[3] }
      : { ...one, method: one.method ?? 'GET' };
  return { method: methodOf(method), url, body: body ?? null, params: params ?? null };
}

function batch<Q extends BatchRequest[] | { [name: string]: BatchRequest }>(requests: Q): BatchResponses<Q>;
function batch(requests: BatchRequest[] | { [name: string]: BatchRequest }) {
  const parts = Object.values(requests).map(partOf);
  const responses = sendAll(parts);
  followAll(parts, responses);
  if (Array.isArray(requests)) return responses;
  return Object.fromEntries(Object.keys(requests).map((key, index) => [key, responses[index]]));
}

function sendAll(parts: readonly BatchPart[]): RefinedResponse<ResponseType>[] {
  const named = parts.map((part) => ({ ...part, params: withName(part.method, part.url, part.params) ?? null }));
  const responses = k6http.batch(named);
  for (const [index, { url, params }] of named.entries()) {
    const response = responses[index];
    if (response !== undefined) watched(response, url, params);
  }
  return responses;
}

/** Replaces each redirect by its final response; requests of one step are sent together. */
function followAll(parts: readonly BatchPart[], responses: RefinedResponse<ResponseType>[]): void {
  let chains = parts.flatMap(({ method, url, body, params }, index) => {
    const response = responses[index];
    if (response === undefined || !isRedirect(response)) return [];
    const chain = chainOf(method, url, body, params);
    return chain === undefined ? [] : [{ chain, index, response }];
  });
  while (chains.length > 0) {
    const asked = chains.flatMap(({ chain, index, response }) => {
      const hop = chain.next(response);
      return hop === undefined ? [] : [{ chain, index, hop }];
    });
    if (asked.length === 0) return;
    const answers = sendAll(asked.map(({ hop }) => hop));
    chains = asked.flatMap(({ chain, index }, at) => {
      const response = answers[at];
      if (response === undefined) return [];
      responses[index] = response;
      return [{ chain, index, response }];
    });
  }
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

/** The calls of `k6/http` with our RequestParams and k6's response types. */
interface NamedCalls {
  readonly get: typeof get;
  readonly head: typeof head;
  readonly post: ReturnType<typeof withBody>;
  readonly put: ReturnType<typeof withBody>;
  readonly patch: ReturnType<typeof withBody>;
  readonly del: ReturnType<typeof withBody>;
  readonly options: ReturnType<typeof withBody>;
  readonly request: typeof request;
  readonly asyncRequest: typeof asyncRequest;
  readonly batch: typeof batch;
  readonly expectedStatuses: typeof expectedStatuses;
  readonly setResponseCallback: typeof setResponseCallback;
}

/** Replaces the default import of `k6/http`: the same functions, with names for requests and samples of failed ones. */
export const http: NamedCalls & Omit<typeof k6http, keyof NamedCalls> = {
  ...k6http,
  get,
  head,
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
