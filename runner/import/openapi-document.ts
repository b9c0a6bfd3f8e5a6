// Parses an OpenAPI 3 or Swagger 2 description with swagger-parser, which resolves references within the file and to files next to it.

import { readFile } from 'node:fs/promises';
import { dirname, resolve, sep } from 'node:path';
import { z } from 'zod';
import { messageOf, UserError } from '../system/errors.ts';

/** The methods of operations. */
export const METHODS = ['get', 'post', 'put', 'patch', 'delete', 'head'] as const;
const loose = z.looseObject({});
/** A parameter of an operation. */
export const parameterSchema = z.looseObject({
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
/** An operation. */
export const operationSchema = z.looseObject({
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
  // OpenAPI 3.1 allows descriptions with only webhooks and components.
  paths: z.record(z.string(), loose).nullish(),
  webhooks: z.record(z.string(), z.unknown()).nullish().catch(undefined),
  security: operationSchema.shape.security,
  components: z.looseObject({ securitySchemes: z.record(z.string(), z.unknown()).optional() }).optional(),
  securityDefinitions: z.record(z.string(), z.unknown()).optional(),
});
/** A parsed description. */
export type Document = z.infer<typeof documentSchema>;

/** Errors of broken references, which do not affect the rest of the description. */
const UNRESOLVED = new Set(['EMISSINGPOINTER', 'EINVALIDPOINTER', 'ERESOLVER', 'EUNMATCHEDRESOLVER']);
const errorGroup = z.looseObject({ errors: z.array(z.looseObject({ code: z.string(), message: z.string() })).min(1) });

/** The number of errors if all are unresolved references; undefined for any other error. */
function unresolvedIn(error: unknown): number | undefined {
  const errors = errorGroup.safeParse(error).data?.errors;
  return errors?.every(({ code }) => UNRESOLVED.has(code)) === true ? errors.length : undefined;
}

/** The description, and the number of unresolved references. Throws a UserError for an invalid one. */
export async function parsedDocument(source: string): Promise<{ document: Document; unresolved: number }> {
  const text = isUrl(source) ? undefined : await readFile(source).catch((error: unknown) => refuse(source, error));
  if (text?.length === 0) throw refused(source, 'an empty file');
  const { document, unresolved } = await dereferenced(source).catch((error: unknown) =>
    // The error may be from a reference in an extension, which no request needs.
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

/** The description with resolved references. Throws the parser's errors. */
async function dereferenced(
  source: string,
  { withoutExtensions = false } = {},
): Promise<{ readonly document: unknown; readonly unresolved: number }> {
  // Imported here, because only this needs its 280 kB.
  const { default: SwaggerParser } = await import('@apidevtools/swagger-parser');
  const folder = dirname(resolve(source)) + sep;
  const options = {
    continueOnError: true,
    resolve: {
      // A foreign description must not read other files or call other hosts.
      file: {
        canRead: ({ url }: { url: string }) => !isUrl(source) && resolve(decodeURIComponent(url)).startsWith(folder),
      },
      http: isUrl(source) ? { safeUrlResolver: false } : (false as const),
    },
    // Some descriptions have longer chains of schema references than the default of 500.
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

/** The message of the first collected error, or of the error itself. */
function foundIn(error: unknown): string {
  const [first] = errorGroup.safeParse(error).data?.errors ?? [];
  return (first?.message ?? messageOf(error)).slice(0, 300);
}

/** The UserError for an invalid description. */
export function refused(source: string, found: string, cause?: unknown): UserError {
  return new UserError(`Expected an OpenAPI or Swagger description, found ${found}.`, { where: source, cause });
}

/** Whether the source is an http(s) URL. */
export function isUrl(source: string): boolean {
  return /^https?:\/\//i.test(source);
}
