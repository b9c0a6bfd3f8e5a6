// A Postman collection (2.0, 2.1) becomes a recording: folders are transactions, its variables take their values.

import { z } from 'zod';
import { messageOf, UserError } from '../system/errors.ts';
import { type Body, bodyOf, parsedUrl, type RecordedRequest, type Recording, type Transaction } from './recording.ts';

const pair = z.looseObject({ key: z.string().nullish(), value: z.unknown(), disabled: z.boolean().nullish() });
const urlSchema = z.union([z.string(), z.looseObject({ raw: z.string(), variable: z.array(pair).nullish() })]);
const authSchema = z.looseObject({ type: z.string() });
const requestSchema = z.union([
  z.string().transform((url) => ({ method: 'GET', url, header: [], body: undefined, auth: undefined })),
  z.looseObject({
    method: z.string().default('GET'),
    url: urlSchema.nullish(),
    header: z.union([z.array(pair), z.string(), z.null()]).optional(),
    body: z
      .looseObject({ mode: z.string().nullish(), raw: z.string().nullish(), urlencoded: z.array(pair).nullish() })
      .nullish(),
    auth: authSchema.nullish(),
  }),
]);
type Item = {
  name?: string | undefined;
  request?: z.infer<typeof requestSchema> | undefined;
  item?: Item[] | undefined;
};
const itemSchema: z.ZodType<Item> = z.lazy(() =>
  z.looseObject({
    name: z.string().optional(),
    request: requestSchema.optional(),
    item: z.array(itemSchema).optional(),
  }),
);
const collectionSchema = z.looseObject({
  info: z.looseObject({ name: z.string().default(''), schema: z.string().optional() }),
  item: z.array(itemSchema),
  variable: z.array(pair).nullish(),
  auth: authSchema.nullish(),
});

/** Throws a UserError with the place for a text that is no JSON and for JSON that is no collection. */
export function readPostman(text: string, source: string): Recording {
  const collection = parsedCollection(text, source);
  const variables = new Map((collection.variable ?? []).map(({ key, value }) => [key ?? '', String(value ?? '')]));
  const left = new Map<string, number>();
  const transactions: Transaction[] = [];
  const visit = (items: readonly Item[], title: string): void => {
    const requests = items.flatMap(({ request }) => {
      const recorded = request === undefined ? undefined : requestOf(request, collection.auth, variables);
      if (request !== undefined && recorded === undefined)
        left.set('requests without an address', (left.get('requests without an address') ?? 0) + 1);
      return recorded === undefined ? [] : [recorded];
    });
    if (requests.length > 0) transactions.push({ title, requests });
    for (const { name, item } of items) if (item !== undefined) visit(item, name ?? title);
  };
  visit(collection.item, collection.info.name || source);
  return { source, transactions, leftOut: [...left].map(([what, number]) => `${number} ${what}`) };
}

function parsedCollection(text: string, source: string): z.infer<typeof collectionSchema> {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (error) {
    throw new UserError(`Expected a Postman collection, found no JSON: ${messageOf(error)}`, {
      where: source,
      cause: error,
    });
  }
  // Postman's API has the collection within an object.
  const wrapped = z.object({ collection: z.unknown() }).safeParse(value).data?.collection;
  const parsed = collectionSchema.safeParse(wrapped ?? value);
  if (parsed.success) return parsed.data;
  const [issue] = parsed.error.issues;
  throw new UserError(`Expected a Postman collection, found ${issue?.message ?? 'something else'}.`, {
    where: `${source}: ${(issue?.path ?? []).map(String).join('.') || 'the whole file'}`,
    next: 'export it from Postman as Collection v2.1',
  });
}

function requestOf(
  request: z.infer<typeof requestSchema>,
  inherited: z.infer<typeof authSchema> | null | undefined,
  variables: ReadonlyMap<string, string>,
): RecordedRequest | undefined {
  const fill = (text: string) => filled(text, variables);
  const raw = typeof request.url === 'string' ? request.url : request.url?.raw;
  const parts = typeof request.url === 'string' ? [] : (request.url?.variable ?? []);
  const path = new Map(parts.map(({ key, value }) => [key ?? '', String(value ?? '')]));
  const address = fill(raw ?? '').replace(/\/:([A-Za-z_]\w*)/g, (whole, name: string) =>
    path.get(name) ? `/${fill(path.get(name) ?? '')}` : whole,
  );
  const hosted = address.replace(/^(?:\w+:\/\/)?\{\{[^{}]+\}\}(:\d+)?(?=[/?#]|$)/, UNKNOWN_HOST);
  const url = parsedUrl(/^\w+:\/\//.test(hosted) ? hosted : `http://${hosted}`);
  if (url === undefined || url.hostname === '') return undefined;
  const listed = Array.isArray(request.header) ? request.header : [];
  const headers = listed
    .filter(({ disabled }) => disabled !== true)
    .map(({ key, value }) => [key ?? '', fill(String(value ?? ''))] as const)
    .filter(([key]) => key !== '');
  const auth = authorization(request.auth ?? inherited, fill);
  const contentType = headers.find(([key]) => /^content-type$/i.test(key))?.[1] ?? '';
  return {
    method: request.method.toUpperCase(),
    url,
    headers: auth === undefined ? headers : [...headers, ['Authorization', auth]],
    body: postmanBody(request.body, contentType, fill),
    status: undefined,
    response: undefined,
    thinkS: 0,
  };
}

function postmanBody(
  body:
    | {
        mode?: string | null | undefined;
        raw?: string | null | undefined;
        urlencoded?: z.infer<typeof pair>[] | null | undefined;
      }
    | null
    | undefined,
  contentType: string,
  fill: (text: string) => string,
): Body | undefined {
  if (body?.mode === 'raw') return bodyOf(fill(body.raw ?? ''), contentType);
  if (body?.mode !== 'urlencoded') return undefined;
  const fields = (body.urlencoded ?? []).filter(({ disabled }) => disabled !== true);
  return { kind: 'form', fields: fields.map(({ key, value }) => [key ?? '', fill(String(value ?? ''))]) };
}

/** Values of an authorisation stand in a list under its type: `bearer: [{ key: 'token', value: … }]`. */
function authorization(
  auth: z.infer<typeof authSchema> | null | undefined,
  fill: (text: string) => string,
): string | undefined {
  if (auth === null || auth === undefined) return undefined;
  const list = z.array(pair).safeParse(auth[auth.type]);
  const value = (key: string) => fill(String(list.data?.find((each) => each.key === key)?.value ?? ''));
  if (auth.type === 'bearer') return `Bearer ${value('token')}`;
  if (auth.type === 'basic')
    return `Basic ${Buffer.from(`${value('username')}:${value('password')}`).toString('base64')}`;
  return undefined;
}

/** `{{base}}` by its value; one without a value stays, and becomes a variable of the environment. */
function filled(text: string, variables: ReadonlyMap<string, string>): string {
  let result = text;
  for (let round = 0; round < 5; round++) {
    const next = result.replace(
      /\{\{([^{}]+)\}\}/g,
      (whole, name: string) => variableValue(name.trim(), variables) ?? whole,
    );
    if (next === result) break;
    result = next;
  }
  return result;
}

/** What Postman makes up for each request is a fixed value here. */
const DYNAMIC: Readonly<Record<string, string>> = {
  $guid: '00000000-0000-4000-8000-000000000000',
  $randomUUID: '00000000-0000-4000-8000-000000000000',
  $timestamp: '1767225600',
  $isoTimestamp: '2026-01-01T00:00:00.000Z',
  $randomInt: '42',
};

function variableValue(name: string, variables: ReadonlyMap<string, string>): string | undefined {
  const value = variables.get(name);
  // An empty one is to be filled in by an environment of Postman.
  if (value !== undefined && value !== '') return value;
  return name.startsWith('$') ? (DYNAMIC[name] ?? name.slice(1)) : undefined;
}

/** Stands in for a host that only an environment of Postman knows; --base-url says which it is. */
const UNKNOWN_HOST = 'http://127.0.0.1:8080';
