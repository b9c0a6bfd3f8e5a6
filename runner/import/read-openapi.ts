// An OpenAPI 3 or Swagger 2 description becomes operations with example values.

import { z } from 'zod';
import { UserError } from '../system/errors.ts';
import {
  type Document,
  isUrl,
  METHODS,
  operationSchema,
  parameterSchema,
  parsedDocument,
  refused,
} from './openapi-document.ts';
import { exampleOf } from './schema-example.ts';

/** An operation to call. */
export interface Operation {
  readonly id: string;
  readonly method: string;
  /** `/orders/{orderId}` */
  readonly path: string;
  readonly summary: string;
  readonly pathParameters: readonly { readonly name: string; readonly example: unknown }[];
  readonly queryParameters: readonly { readonly name: string; readonly example: unknown }[];
  readonly headers: readonly { readonly name: string; readonly example: unknown }[];
  /** The body to send; undefined for none. */
  readonly body: { readonly example: unknown; readonly isJson: boolean; readonly mediaType: string } | undefined;
  readonly status: number;
  /** Path parameters of other operations that its response provides, by the description's links: `id` of the body is `userId`. */
  readonly gives: readonly { readonly parameter: string; readonly pointer: string }[];
  /** Authorization required by its security scheme. */
  readonly authorization: 'none' | 'bearer' | 'basic' | { readonly header: string };
}

/** The operations of a description. */
export interface Api {
  readonly source: string;
  readonly title: string;
  /** The first server; undefined if it is not absolute. */
  readonly baseUrl: string | undefined;
  readonly basePath: string;
  readonly operations: readonly Operation[];
  /** Number of broken references, or of references outside of the description's folder. */
  readonly unresolved: number;
}

/** `source`: a path or an http(s) URL. Throws a UserError for anything except an OpenAPI description. */
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

function withoutOperations(source: string, { webhooks }: Document): UserError {
  const count = Object.keys(webhooks ?? {}).length;
  if (count === 0) return refused(source, 'no operations below paths');
  return new UserError(
    `Expected operations below paths, found only ${count === 1 ? 'a webhook' : `${count} webhooks`}. The API sends webhooks itself; a load test cannot.`,
    { where: source, next: 'give the description that has the paths of the API' },
  );
}

/** The first server, with default values of its variables. */
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

/** The first described success status; 200 if there is none. */
function statusOf(responses: Readonly<Record<string, unknown>>): number {
  const success = Object.keys(responses)
    .filter((code) => /^[23]\d\d$/.test(code))
    .sort()[0];
  return success === undefined ? 200 : Number(success);
}

const linksSchema = z.looseObject({
  links: z.record(z.string(), z.looseObject({ parameters: z.record(z.string(), z.unknown()).default({}) })).default({}),
});

/** The links of the successful response: `{ userId: '$response.body#/id' }`; other expressions refer to the request. */
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
