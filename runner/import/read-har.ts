// A HAR file of a browser or proxy becomes a recording: pages are transactions, static files are left out.

import { z } from 'zod';
import { messageOf, UserError } from '../system/errors.ts';
import { boundaryOf, multipartText } from './named-values.ts';
import { type Body, bodyOf, parsedUrl, type RecordedRequest, type Recording, type Transaction } from './recording.ts';

const pair = z.object({ name: z.string(), value: z.string() });
const NO_CONTENT = { mimeType: '' };
const responseSchema = z.object({
  status: z.number(),
  headers: z.array(pair).default([]),
  redirectURL: z.string().nullish(),
  content: z
    .object({ mimeType: z.string().default(''), text: z.string().nullish(), encoding: z.string().nullish() })
    .default(NO_CONTENT),
});
/** The response of a request without a recorded one. */
const NO_RESPONSE: z.infer<typeof responseSchema> = { status: 0, headers: [], content: NO_CONTENT };

const entrySchema = z.object({
  pageref: z.string().optional(),
  startedDateTime: z.string().default(''),
  time: z.number().nullish(),
  _resourceType: z.string().optional(),
  request: z.object({
    method: z.string(),
    url: z.string(),
    headers: z.array(pair).default([]),
    postData: z
      .object({
        mimeType: z.string().default(''),
        text: z.string().optional(),
        params: z.array(z.looseObject({ name: z.string(), value: z.string().default('') })).optional(),
      })
      .optional(),
  }),
  response: responseSchema.nullish(),
});
const harSchema = z.object({
  log: z.object({
    pages: z.array(z.object({ id: z.string(), title: z.string().default('') })).default([]),
    entries: z.array(entrySchema),
  }),
});

type HarEntry = z.infer<typeof entrySchema>;

const STATIC_TYPE = /^(image|font|audio|video)\/|css|javascript|ecmascript|wasm/i;
const STATIC_PATH = /\.(css|js|mjs|map|png|jpe?g|gif|svg|webp|avif|ico|woff2?|ttf|otf|eot|mp4|webm|mp3|wasm)$/i;
const STATIC_RESOURCE = /^(image|font|stylesheet|script|media|websocket|preflight|manifest|ping|other|texttrack)$/;
/** A longer pause is not think time. */
const LONGEST_THINK_S = 30;
/** Maximum length of a response that is searched for values of later requests. */
const LONGEST_ANSWER = 1_000_000;

/** The recording. Throws a UserError with the place for invalid JSON and for JSON that is not a HAR. */
export function readHar(text: string, source: string): Recording {
  const { log } = parsedHar(text, source);
  const kept = new Map<string, number>();
  const count = (what: string) => kept.set(what, (kept.get(what) ?? 0) + 1);
  const entries = [...log.entries].sort((a, b) => startOf(a) - startOf(b));
  const site = siteOf(entries, log.pages);
  const used: { entry: HarEntry; url: URL; page: string }[] = [];
  let awaited: string | undefined;
  let redirected: (typeof used)[number] | undefined;
  for (const entry of entries) {
    const url = parsedUrl(entry.request.url);
    const isFollowUp = awaited !== undefined && entry.request.url === awaited;
    const location = redirectOf(entry, url);
    // http follows redirects: the script gets the last response.
    if (isFollowUp && redirected !== undefined && location === undefined)
      redirected.entry = { ...redirected.entry, response: entry.response };
    if (location !== undefined && !isFollowUp) redirected = undefined;
    awaited = location ?? (isFollowUp ? undefined : awaited);
    if (url === undefined) count('requests that are not HTTP');
    else if (isStatic(entry, url)) count('static files');
    else if (site !== undefined && !isSameSite(url.hostname, site)) count(`requests to other sites (${url.hostname})`);
    else if (isFollowUp) count('redirects, which http follows');
    else {
      const last = {
        entry: location === undefined ? entry : { ...entry, response: null },
        url,
        page: entry.pageref ?? '',
      };
      used.push(last);
      if (location !== undefined) redirected = last;
    }
  }
  const titles = new Map(log.pages.map(({ id, title }) => [id, title]));
  return {
    source,
    transactions: transactionsOf(used, titles),
    leftOut: [...kept]
      .sort(([, a], [, b]) => b - a)
      .slice(0, 12)
      .map(([what, number]) => `${number} ${what}`),
  };
}

function parsedHar(text: string, source: string): z.infer<typeof harSchema> {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (error) {
    throw new UserError(`Expected a HAR file, found invalid JSON: ${messageOf(error)}`, {
      where: source,
      cause: error,
    });
  }
  const parsed = harSchema.safeParse(value);
  if (parsed.success) return parsed.data;
  const [issue] = parsed.error.issues;
  throw new UserError(`Expected a HAR file, found ${issue?.message ?? 'something else'}.`, {
    where: `${source}: ${(issue?.path ?? []).map(String).join('.') || 'the whole file'}`,
    next: 'save it from the browser with "Save all as HAR with content"',
  });
}

function transactionsOf(
  used: readonly { entry: HarEntry; url: URL; page: string }[],
  titles: ReadonlyMap<string, string>,
): Transaction[] {
  const transactions: { page: string; title: string; requests: RecordedRequest[] }[] = [];
  let endedMs = Number.NaN;
  for (const { entry, url, page } of used) {
    const startedMs = startOf(entry);
    let last = transactions.at(-1);
    const isNew = last === undefined || last.page !== page;
    if (last === undefined || isNew) {
      last = { page, title: titleOf(titles.get(page), url), requests: [] };
      transactions.push(last);
    }
    const pauseS = Math.min(LONGEST_THINK_S, (startedMs - endedMs) / 1000);
    // Within a page the browser sends requests; longer pauses are the user's.
    const thinkS = pauseS >= (isNew ? 0.1 : 1) ? Math.round(pauseS * 10) / 10 : 0;
    last.requests.push(requestOf(entry, url, thinkS));
    endedMs = Math.max(Number.isNaN(endedMs) ? 0 : endedMs, startedMs + (entry.time ?? 0));
  }
  return transactions;
}

function titleOf(title: string | undefined, url: URL): string {
  if (title === undefined || title === '') return url.pathname;
  const asUrl = parsedUrl(title);
  return asUrl === undefined ? title : asUrl.pathname;
}

function requestOf({ request, response }: HarEntry, url: URL, thinkS: number): RecordedRequest {
  const { postData } = request;
  const { content, status, headers } = response ?? NO_RESPONSE;
  const text = content.encoding === 'base64' ? '' : (content.text ?? '').slice(0, LONGEST_ANSWER);
  return {
    method: request.method.toUpperCase(),
    url,
    headers: request.headers.map(({ name, value }) => [name, value] as const),
    body: postData === undefined ? undefined : bodyOfPost(postData),
    status: status > 0 ? status : undefined,
    response: { headers: headers.map(({ name, value }) => [name, value] as const), text },
    thinkS,
  };
}

function bodyOfPost({ mimeType, text, params = [] }: NonNullable<HarEntry['request']['postData']>): Body | undefined {
  const fields = params.map(({ name, value }) => [name, value] as const);
  if (fields.length > 0 && /x-www-form-urlencoded/i.test(mimeType)) return { kind: 'form', fields };
  const boundary = boundaryOf(mimeType);
  // Some browsers save a multipart form as fields without text.
  if (fields.length > 0 && boundary !== undefined && !text)
    return { kind: 'text', text: multipartText(fields, boundary) };
  return bodyOf(text, mimeType);
}

function startOf({ startedDateTime }: HarEntry): number {
  const ms = Date.parse(startedDateTime);
  return Number.isFinite(ms) ? ms : 0;
}

function isStatic({ request, response, _resourceType: type }: HarEntry, url: URL): boolean {
  if (request.method === 'OPTIONS' || request.method === 'CONNECT') return true;
  if (type !== undefined && STATIC_RESOURCE.test(type)) return true;
  return STATIC_TYPE.test(response?.content.mimeType ?? '') || STATIC_PATH.test(url.pathname);
}

function redirectOf({ response }: HarEntry, url: URL | undefined): string | undefined {
  if (!response || response.status < 300 || response.status > 399 || url === undefined) return undefined;
  const location = response.redirectURL || response.headers.find(({ name }) => /^location$/i.test(name))?.value;
  if (location === undefined || location === '') return undefined;
  return URL.canParse(location, url.href) ? new URL(location, url).href : undefined;
}

/** The recorded site: that of the first page's title, else of the first document, else of the first request. */
function siteOf(entries: readonly HarEntry[], pages: readonly { readonly title: string }[]): string | undefined {
  const titled = parsedUrl(pages[0]?.title ?? '');
  const used = entries.flatMap((entry) => {
    const url = parsedUrl(entry.request.url);
    return url === undefined || isStatic(entry, url) ? [] : [{ entry, hostname: url.hostname }];
  });
  if (titled !== undefined && used.some(({ hostname }) => hostname === titled.hostname)) return titled.hostname;
  const isDocument = ({ response }: HarEntry) =>
    response?.status === 200 && /html|json/.test(response.content.mimeType);
  return (used.find(({ entry }) => isDocument(entry)) ?? used[0])?.hostname;
}

/** Public second-level domains of countries: `co.uk`, `com.br`. */
const SECOND_LEVEL = /^(ac|co|com|edu|go|gob|gov|gv|ne|net|or|org)\.[a-z]{2}$/;

/** Whether hosts are equal or have the same registered domain; IP addresses must be equal. */
export function isSameSite(host: string, site: string): boolean {
  const domainOf = (name: string) => {
    if (/^[\d.]+$|:/.test(name)) return name;
    const labels = name.split('.');
    return labels.slice(SECOND_LEVEL.test(labels.slice(-2).join('.')) ? -3 : -2).join('.');
  };
  return host === site || domainOf(host) === domainOf(site);
}
