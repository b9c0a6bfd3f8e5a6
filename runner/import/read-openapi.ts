// An OpenAPI 3 or Swagger 2 description becomes operations with example values: the parser is swagger-parser's, which resolves
// references within the file and to files next to it.

import { readFile } from 'node:fs/promises';
import { dirname, resolve, sep } from 'node:path';
import { z } from 'zod';
import { messageOf, UserError } from '../system/errors.ts';
import { exampleOf } from './schema-example.ts';

export interface Operation {
  readonly id: string;
  readonly method: string;
  /** `/orders/{orderId}` */
  readonly path: string;
  readonly summary: string;
  readonly pathParameters: readonly { readonly name: string; readonly example: unknown }[];
  readonly queryParameters: readonly { readonly name: string; readonly example: unknown }[];
  readonly headers: readonly { readonly name: string; readonly example: unknown }[];
  /** The JSON body to send; undefined for none. */
  readonly body: { readonly example: unknown; readonly isJson: boolean; readonly mediaType: string } | undefined;
  readonly status: number;
  /** Path parameters of other operations that the answer gives, by the description's links: `id` of the body is `userId`. */
  readonly gives: readonly { readonly parameter: string; readonly pointer: string }[];
  /** The security scheme in front of it wants a bearer token or a key. */
  readonly authorization: 'none' | 'bearer' | 'basic' | { readonly header: string };
}

export interface Api {
  readonly source: string;
  readonly title: string;
  /** The first server; undefined where none is absolute. */
  readonly baseUrl: string | undefined;
  readonly basePath: string;
  readonly operations: readonly Operation[];
  /** References that lead nowhere, or out of the folder of the description. */
  readonly unresolved: number;
}

const METHODS = ['get', 'post', 'put', 'patch', 'delete', 'head'] as const;
const loose = z.looseObject({});
const parameterSchema = z.looseObject({
  name: z.string(),
  in: z.string(),
  required: z.boolean().optional(),
  schema: z.unknown().optional(),
  example: z.unknown().optional(),
  examples: z
    .record(z.string(), z.looseObject({ value: z.unknown() }))
    .optional()
    .catch(undefined),
});
const operationSchema = z.looseObject({
  operationId: z.string().optional().catch(undefined),
  summary: z.string().optional().catch(undefined),
  parameters: z.array(z.unknown()).optional().catch(undefined),
  requestBody: z
    .looseObject({ content: z.record(z.string(), loose) })
    .optional()
    .catch(undefined),
  responses: z.record(z.string(), z.unknown()).optional().catch(undefined),
  security: z.array(z.record(z.string(), z.unknown())).optional().catch(undefined),
});
const documentSchema = z.looseObject({
  openapi: z.string().optional(),
  swagger: z.string().optional(),
  info: z.looseObject({ title: z.string().default('API') }).default({ title: 'API' }),
  servers: z
    .array(
      z.looseObject({
        url: z.string(),
        variables: z
          .record(z.string(), z.looseObject({ default: z.unknown() }))
          .optional()
          .catch(undefined),
      }),
    )
    .optional(),
  host: z.string().optional(),
  basePath: z.string().optional(),
  schemes: z.array(z.string()).optional(),
  // OpenAPI 3.1 allows descriptions of webhooks and components alone.
  paths: z.record(z.string(), loose).nullish(),
  webhooks: z.record(z.string(), z.unknown()).nullish().catch(undefined),
  security: operationSchema.shape.security,
  components: z.looseObject({ securitySchemes: z.record(z.string(), z.unknown()).optional() }).optional(),
  securityDefinitions: z.record(z.string(), z.unknown()).optional(),
});
type Document = z.infer<typeof documentSchema>;

/** `source` is a path or an http(s) URL. Throws a UserError for what is not an OpenAPI description. */
export async function readOpenApi(source: string): Promise<Api> {
  const { document, unresolved } = await parsedDocument(source);
  const operations = Object.entries(document.paths ?? {}).flatMap(([path, item]) =>
    METHODS.flatMap((method) => {
      const found = operationSchema.safeParse(item[method]);
      return item[method] !== undefined && found.success ? [operationOf(document, path, method, item, found.data)] : [];
    }),
  );
  if (operations.length === 0) throw withoutOperations(source, document);
  const server = serverOf(document) ?? swaggerServer(document);
  const absolute =
    server !== undefined && URL.canParse(server, isUrl(source) ? source : undefined)
      ? new URL(server, isUrl(source) ? source : undefined)
      : undefined;
  const basePath = (absolute?.pathname ?? server ?? '').replace(/\/+$/, '');
  return {
    source,
    title: document.info.title,
    baseUrl: absolute?.origin,
    basePath: basePath.startsWith('/') ? basePath : '',
    operations,
    unresolved,
  };
}

/** Errors of references that lead nowhere; the rest of the description is as good as before. */
const UNRESOLVED = new Set(['EMISSINGPOINTER', 'EINVALIDPOINTER', 'ERESOLVER', 'EUNMATCHEDRESOLVER']);
const errorGroup = z.looseObject({ errors: z.array(z.looseObject({ code: z.string(), message: z.string() })).min(1) });

/** How many errors there are, when all of them are unresolved references; undefined for any other error. */
function unresolvedIn(error: unknown): number | undefined {
  const errors = errorGroup.safeParse(error).data?.errors;
  return errors?.every(({ code }) => UNRESOLVED.has(code)) === true ? errors.length : undefined;
}

async function parsedDocument(source: string): Promise<{ document: Document; unresolved: number }> {
  const text = isUrl(source) ? undefined : await readFile(source).catch((error: unknown) => refuse(source, error));
  if (text?.length === 0) throw refused(source, 'an empty file');
  const { document, unresolved } = await dereferenced(source).catch((error: unknown) =>
    // A parser that fails may have followed a reference of an extension, which no request needs.
    dereferenced(source, { withoutExtensions: true }).catch(() => refuse(source, error)),
  );
  const parsed = documentSchema.safeParse(document);
  if (!parsed.success || (parsed.data.openapi === undefined && parsed.data.swagger === undefined)) {
    const [issue] = parsed.error?.issues ?? [];
    throw refused(
      source,
      issue === undefined ? 'neither openapi nor swagger' : `${issue.path.map(String).join('.')}: ${issue.message}`,
    );
  }
  return { document: parsed.data, unresolved };
}

/** The description with its references resolved. Throws what the parser throws for one that is none. */
async function dereferenced(
  source: string,
  { withoutExtensions = false } = {},
): Promise<{ readonly document: unknown; readonly unresolved: number }> {
  // Of 280 kB that only this needs.
  const { default: SwaggerParser } = await import('@apidevtools/swagger-parser');
  const folder = dirname(resolve(source)) + sep;
  const options = {
    continueOnError: true,
    resolve: {
      // A description from outside must not read files elsewhere, nor call other hosts.
      file: {
        canRead: ({ url }: { url: string }) => !isUrl(source) && resolve(decodeURIComponent(url)).startsWith(folder),
      },
      http: isUrl(source) ? { safeUrlResolver: false } : (false as const),
    },
    // Schemas that refer to one another in a chain: the default of 500 is less than some descriptions have.
    dereference: { circular: true, maxDepth: 5000 },
  };
  const reader = new SwaggerParser();
  try {
    if (!withoutExtensions) return { document: await reader.dereference(source, options), unresolved: 0 };
    const parsed = await reader.parse(source, options);
    removeExtensions(parsed);
    return { document: await reader.dereference(source, parsed, options), unresolved: 0 };
  } catch (error) {
    const missing = unresolvedIn(error);
    if (missing === undefined || !reader.api) throw error;
    return { document: reader.api, unresolved: missing };
  }
}

/** Removes the fields `x-…` of the document and of its components. */
function removeExtensions(document: object): void {
  const components: unknown = Reflect.get(document, 'components');
  for (const part of [document, components]) {
    if (typeof part !== 'object' || part === null) continue;
    for (const key of Object.keys(part)) if (key.startsWith('x-')) Reflect.deleteProperty(part, key);
  }
}

function refuse(source: string, error: unknown): never {
  throw refused(source, foundIn(error), error);
}

/** The first of the errors that were collected, or the error itself. */
function foundIn(error: unknown): string {
  const [first] = errorGroup.safeParse(error).data?.errors ?? [];
  return (first?.message ?? messageOf(error)).slice(0, 300);
}

function withoutOperations(source: string, { webhooks }: Document): UserError {
  const count = Object.keys(webhooks ?? {}).length;
  if (count === 0) return refused(source, 'no operations below paths');
  return new UserError(
    `Expected operations below paths, found only ${count === 1 ? 'a webhook' : `${count} webhooks`}. The API sends webhooks itself; a load test cannot.`,
    { where: source, next: 'give the description that has the paths of the API' },
  );
}

function refused(source: string, found: string, cause?: unknown): UserError {
  return new UserError(`Expected an OpenAPI or Swagger description, found ${found}.`, { where: source, cause });
}

function isUrl(source: string): boolean {
  return /^https?:\/\//i.test(source);
}

/** The first server, its variables by their defaults. */
function serverOf({ servers }: Document): string | undefined {
  const [first] = servers ?? [];
  return first?.url.replace(/\{([^{}]+)\}/g, (whole, name: string) => {
    const value = first.variables?.[name]?.default;
    return typeof value === 'string' || typeof value === 'number' ? String(value) : whole;
  });
}

function swaggerServer({ host, basePath = '', schemes }: Document): string | undefined {
  return host === undefined
    ? basePath
    : `${schemes?.includes('https') === false ? 'http' : 'https'}://${host}${basePath}`;
}

function operationOf(
  document: Document,
  path: string,
  method: string,
  item: Readonly<Record<string, unknown>>,
  operation: z.infer<typeof operationSchema>,
): Operation {
  const shared = z.array(z.unknown()).catch([]).parse(item.parameters);
  const parameters = [...shared, ...(operation.parameters ?? [])].flatMap(
    (each) => parameterSchema.safeParse(each).data ?? [],
  );
  const byPlace = (place: string) =>
    parameters
      .filter((parameter) => parameter.in === place && (place === 'path' || parameter.required === true))
      .map((parameter) => ({ name: parameter.name, example: exampleOfParameter(parameter) }));
  return {
    id: operation.operationId ?? `${method} ${path}`,
    method: method.toUpperCase(),
    path,
    summary: operation.summary ?? '',
    pathParameters: byPlace('path'),
    queryParameters: byPlace('query'),
    headers: byPlace('header').filter(({ name }) => !/^(accept|content-type|authorization)$/i.test(name)),
    body: requestBodyOf(operation, parameters),
    status: statusOf(operation.responses ?? {}),
    gives: linksOf(operation.responses ?? {}),
    authorization: authorizationOf(document, operation),
  };
}

function exampleOfParameter({ schema, example, examples, ...rest }: z.infer<typeof parameterSchema>): unknown {
  const [named] = Object.values(examples ?? {});
  // Swagger 2 has the schema's fields in the parameter itself.
  return example ?? named?.value ?? exampleOf(schema ?? rest, rest.name);
}

function requestBodyOf(
  { requestBody }: z.infer<typeof operationSchema>,
  parameters: readonly z.infer<typeof parameterSchema>[],
): Operation['body'] {
  const inBody = parameters.find((parameter) => parameter.in === 'body');
  if (inBody !== undefined) return { example: exampleOf(inBody.schema), isJson: true, mediaType: 'application/json' };
  const contents = Object.entries(requestBody?.content ?? {});
  const json = contents.find(([mediaType]) => /\bjson\b/i.test(mediaType)) ?? contents[0];
  if (json === undefined) return undefined;
  const [mediaType, content] = json;
  const examples = z
    .record(z.string(), z.looseObject({ value: z.unknown() }))
    .catch({})
    .parse(content.examples);
  const example = content.example ?? Object.values(examples)[0]?.value ?? exampleOf(content.schema);
  return { example, isJson: /\bjson\b/i.test(mediaType), mediaType };
}

/** The first success that is described; 200 where none is. */
function statusOf(responses: Readonly<Record<string, unknown>>): number {
  const success = Object.keys(responses)
    .filter((code) => /^[23]\d\d$/.test(code))
    .sort()[0];
  return success === undefined ? 200 : Number(success);
}

const linksSchema = z.looseObject({
  links: z.record(z.string(), z.looseObject({ parameters: z.record(z.string(), z.unknown()).default({}) })).default({}),
});

/** What the links of the successful answer say: `{ userId: '$response.body#/id' }`; other expressions are of the request. */
function linksOf(responses: Readonly<Record<string, unknown>>): Operation['gives'] {
  const { links } = linksSchema.catch({ links: {} }).parse(responses[statusOf(responses)] ?? {});
  const given = Object.values(links).flatMap(({ parameters }) =>
    Object.entries(parameters).flatMap(([name, expression]) => {
      const pointer = /^\$response\.body#(\/.+)$/.exec(String(expression))?.[1];
      return pointer === undefined ? [] : [[name.replace(/^path\./, ''), pointer] as const];
    }),
  );
  return [...new Map(given)].map(([parameter, pointer]) => ({ parameter, pointer }));
}

const schemeSchema = z.looseObject({
  type: z.string(),
  scheme: z.string().optional(),
  in: z.string().optional(),
  name: z.string().optional(),
});

function authorizationOf(document: Document, operation: z.infer<typeof operationSchema>): Operation['authorization'] {
  const required = operation.security ?? document.security ?? [];
  const [name] = Object.keys(required[0] ?? {});
  if (name === undefined) return 'none';
  const schemes = document.components?.securitySchemes ?? document.securityDefinitions ?? {};
  const scheme = schemeSchema.safeParse(schemes[name]).data;
  if (scheme?.type === 'apiKey' && scheme.in === 'header' && scheme.name !== undefined) return { header: scheme.name };
  return scheme?.type === 'basic' || scheme?.scheme?.toLowerCase() === 'basic' ? 'basic' : 'bearer';
}
