// A Postman collection (2.0, 2.1) becomes a recording: folders are transactions, and variables are replaced by their values.

import { z } from 'zod';
import { messageOf, UserError } from '../system/errors.ts';
import { multipartText } from './named-values.ts';
import { type Body, bodyOf, parsedUrl, type RecordedRequest, type Recording, type Transaction } from './recording.ts';

const pair = z.looseObject({
  key: z.string().nullish(),
  value: z.unknown().optional(),
  disabled: z.boolean().nullish(),
});
const urlSchema = z.union([z.string(), z.looseObject({ raw: z.string(), variable: z.array(pair).nullish() })]);
const authSchema = z.looseObject({ type: z.string() });
type Auth = z.infer<typeof authSchema>;
const requestSchema = z.union([
  z.string().transform((url) => ({ method: 'GET', url, header: [], body: undefined, auth: undefined })),
  z.looseObject({
    method: z.string().default('GET'),
    url: urlSchema.nullish(),
    header: z.union([z.array(pair), z.string(), z.null()]).optional(),
    body: z
      .looseObject({
        mode: z.string().nullish(),
        raw: z.string().nullish(),
        urlencoded: z.array(pair).nullish(),
        formdata: z.array(pair).nullish(),
        graphql: z.looseObject({ query: z.string().nullish(), variables: z.unknown().optional() }).nullish(),
      })
      .nullish(),
    auth: authSchema.nullish(),
  }),
]);
type Item = {
  name?: string | undefined;
  request?: z.infer<typeof requestSchema> | undefined;
  item?: Item[] | undefined;
  auth?: Auth | null | undefined;
};
const itemSchema: z.ZodType<Item> = z.lazy(() =>
  z.looseObject({
    name: z.string().optional(),
    request: requestSchema.optional(),
    item: z.array(itemSchema).optional(),
    auth: authSchema.nullish(),
  }),
);
const collectionSchema = z.looseObject({
  // As in Postman's tools, the name may be outside of `info`.
  name: z.string().optional(),
  info: z.looseObject({ name: z.string().default('') }).optional(),
  item: z.array(itemSchema),
  variable: z.array(pair).nullish(),
  auth: authSchema.nullish(),
});

const firstFormat = z.looseObject({ requests: z.array(z.unknown()), order: z.array(z.unknown()) });

/** The recording. Throws a UserError with the place for invalid JSON and for JSON that is not a collection. */
export function readPostman(text: string, source: string): Recording {
  const collection = parsedCollection(text, source);
  const variables = new Map((collection.variable ?? []).map(({ key, value }) => [key ?? '', String(value ?? '')]));
  const left = new Map<string, number>();
  const leave = (what: string) => left.set(what, (left.get(what) ?? 0) + 1);
  const keys = new Set<string>();
  const transactions: Transaction[] = [];
  const visit = (items: readonly Item[], title: string, inherited: Auth | null | undefined): void => {
    const requests = items.flatMap(({ request }) => {
      const recorded = request === undefined ? undefined : requestOf(request, inherited, variables, { leave, keys });
      if (request !== undefined && recorded === undefined) leave('requests without an address');
      return recorded === undefined ? [] : [recorded];
    });
    if (requests.length > 0) transactions.push({ title, requests });
    for (const { name, item, auth } of items) if (item !== undefined) visit(item, name ?? title, auth ?? inherited);
  };
  visit(collection.item, collection.info?.name || collection.name || source, collection.auth);
  return { source, transactions, keys, leftOut: [...left].map(([what, number]) => `${number} ${what}`) };
}

function parsedCollection(text: string, source: string): z.infer<typeof collectionSchema> {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (error) {
    throw new UserError(`Expected a Postman collection, found invalid JSON: ${messageOf(error)}`, {
      where: source,
      cause: error,
    });
  }
  // Postman's API wraps the collection in an object.
  const wrapped = z.object({ collection: z.unknown() }).safeParse(value).data?.collection;
  const parsed = collectionSchema.safeParse(wrapped ?? value);
  if (parsed.success) return parsed.data;
  if (firstFormat.safeParse(value).success) {
    throw new UserError('Expected a Postman collection of format 2, found one of format 1.', {
      where: source,
      next: `npx postman-collection-transformer convert -i ${source} -j 1.0.0 -o converted.json -p 2.1.0`,
    });
  }
  const [issue] = parsed.error.issues;
  throw new UserError(`Expected a Postman collection, found ${issue?.message ?? 'something else'}.`, {
    where: `${source}: ${(issue?.path ?? []).map(String).join('.') || 'the whole file'}`,
    next: 'export it from Postman as Collection v2.1',
  });
}

/** Notes of requests about the whole collection. */
interface Notes {
  /** Counts an omitted part. */
  leave(what: string): void;
  readonly keys: Set<string>;
}

function requestOf(
  request: z.infer<typeof requestSchema>,
  inherited: Auth | null | undefined,
  variables: ReadonlyMap<string, string>,
  notes: Notes,
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
  const contentType = headers.find(([key]) => /^content-type$/i.test(key))?.[1] ?? '';
  const auth = authorization(request.auth ?? inherited, fill, notes);
  for (const [key, value] of auth.query) url.searchParams.append(key, value);
  return {
    method: request.method.toUpperCase(),
    url,
    ...bodyWithType(request.body, headers, contentType, fill, notes.leave, auth.headers),
    status: undefined,
    response: undefined,
    thinkS: 0,
  };
}

type Pairs = readonly (readonly [name: string, value: string])[];
type PostmanBody = Exclude<z.infer<typeof requestSchema>['body'], undefined>;

const BOUNDARY = 'novaperf-form-boundary';

/** The body, and the headers with the type that Postman adds for it. */
function bodyWithType(
  body: PostmanBody | undefined,
  given: Pairs,
  contentType: string,
  fill: (text: string) => string,
  leave: (what: string) => void,
  added: Pairs,
): { readonly headers: Pairs; readonly body: Body | undefined } {
  const valuesOf = (list: readonly z.infer<typeof pair>[] | null | undefined) =>
    (list ?? [])
      .filter(({ disabled }) => disabled !== true)
      .map(({ key, value }) => [key ?? '', fill(String(value ?? ''))] as const);
  const typed = (mediaType: string): Pairs => [
    ...given.filter(([name]) => !/^content-type$/i.test(name)),
    ['Content-Type', mediaType],
    ...added,
  ];
  const headers = [...given, ...added];
  switch (body?.mode) {
    case 'raw':
      return { headers, body: bodyOf(fill(body.raw ?? ''), contentType) };
    case 'urlencoded':
      return { headers, body: { kind: 'form', fields: valuesOf(body.urlencoded) } };
    case 'graphql': {
      const { query, variables } = body.graphql ?? {};
      const value = { query: fill(query ?? ''), variables: graphqlVariables(variables, fill) };
      return { headers: typed('application/json'), body: { kind: 'json', value } };
    }
    case 'formdata': {
      const isFile = ({ type }: z.infer<typeof pair>) => type === 'file';
      const all = body.formdata ?? [];
      if (all.some(isFile)) leave('forms without their files, which the collection does not contain');
      const text = multipartText(valuesOf(all.filter((each) => !isFile(each))), BOUNDARY);
      return { headers: typed(`multipart/form-data; boundary=${BOUNDARY}`), body: { kind: 'text', text } };
    }
    case 'file':
      leave('files as bodies, which the collection does not contain');
      return { headers, body: undefined };
    default:
      return { headers, body: undefined };
  }
}

/** GraphQL variables, which Postman stores as JSON text. */
function graphqlVariables(variables: unknown, fill: (text: string) => string): unknown {
  const body = typeof variables === 'string' ? bodyOf(fill(variables), 'application/json') : undefined;
  return body?.kind === 'json' ? body.value : {};
}

interface Authorization {
  readonly headers: Pairs;
  readonly query: Pairs;
}

/** An authorization. Its values are in a list under its type, or in an object in older collections: `bearer: [{ key: 'token', value: … }]`. */
function authorization(
  auth: Auth | null | undefined,
  fill: (text: string) => string,
  { leave, keys }: Notes,
): Authorization {
  const none = { headers: [], query: [] };
  if (auth === null || auth === undefined || auth.type === 'noauth') return none;
  const list = z.array(pair).safeParse(auth[auth.type]).data;
  const fields = z.record(z.string(), z.unknown()).safeParse(auth[auth.type]).data;
  const value = (key: string) => fill(String(list?.find((each) => each.key === key)?.value ?? fields?.[key] ?? ''));
  switch (auth.type) {
    case 'bearer':
      return { ...none, headers: [['Authorization', `Bearer ${value('token')}`]] };
    case 'basic': {
      const credentials = Buffer.from(`${value('username')}:${value('password')}`).toString('base64');
      return { ...none, headers: [['Authorization', `Basic ${credentials}`]] };
    }
    case 'apikey': {
      const key = [[value('key'), value('value')]] as const;
      keys.add(value('value'));
      return value('in') === 'query' ? { ...none, query: key } : { ...none, headers: key };
    }
    case 'oauth2':
      return { ...none, headers: [['Authorization', `Bearer ${value('accessToken') || '{{ACCESS_TOKEN}}'}`]] };
    default:
      leave(`requests signed with ${auth.type}, which are sent without it`);
      return none;
  }
}

/** Replaces `{{base}}` by its value; a variable without a value stays, and becomes an environment variable. */
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

/** Fixed values for Postman's dynamic variables. */
const DYNAMIC: Readonly<Record<string, string>> = {
  $guid: '00000000-0000-4000-8000-000000000000',
  $randomUUID: '00000000-0000-4000-8000-000000000000',
  $timestamp: '1767225600',
  $isoTimestamp: '2026-01-01T00:00:00.000Z',
  $randomInt: '42',
};

function variableValue(name: string, variables: ReadonlyMap<string, string>): string | undefined {
  const value = variables.get(name);
  // An empty value comes from a Postman environment.
  if (value !== undefined && value !== '') return value;
  return name.startsWith('$') ? (DYNAMIC[name] ?? name.slice(1)) : undefined;
}

/** Used for a host from a Postman environment, which --base-url replaces. */
const UNKNOWN_HOST = 'http://127.0.0.1:8080';
