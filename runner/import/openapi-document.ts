// An OpenAPI 3 or Swagger 2 description is parsed by swagger-parser, which resolves references within the file and to files next to it.

import { readFile } from 'node:fs/promises';
import { dirname, resolve, sep } from 'node:path';
import { z } from 'zod';
import { messageOf, UserError } from '../system/errors.ts';

export const METHODS = ['get', 'post', 'put', 'patch', 'delete', 'head'] as const;
const loose = z.looseObject({});
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
  // OpenAPI 3.1 allows descriptions of webhooks and components alone.
  paths: z.record(z.string(), loose).nullish(),
  webhooks: z.record(z.string(), z.unknown()).nullish().catch(undefined),
  security: operationSchema.shape.security,
  components: z.looseObject({ securitySchemes: z.record(z.string(), z.unknown()).optional() }).optional(),
  securityDefinitions: z.record(z.string(), z.unknown()).optional(),
});
export type Document = z.infer<typeof documentSchema>;

/** Errors of references that lead nowhere; the rest of the description is as good as before. */
const UNRESOLVED = new Set(['EMISSINGPOINTER', 'EINVALIDPOINTER', 'ERESOLVER', 'EUNMATCHEDRESOLVER']);
const errorGroup = z.looseObject({ errors: z.array(z.looseObject({ code: z.string(), message: z.string() })).min(1) });

/** How many errors there are, when all of them are unresolved references; undefined for any other error. */
function unresolvedIn(error: unknown): number | undefined {
  const errors = errorGroup.safeParse(error).data?.errors;
  return errors?.every(({ code }) => UNRESOLVED.has(code)) === true ? errors.length : undefined;
}

export async function parsedDocument(source: string): Promise<{ document: Document; unresolved: number }> {
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

export function refused(source: string, found: string, cause?: unknown): UserError {
  return new UserError(`Expected an OpenAPI or Swagger description, found ${found}.`, { where: source, cause });
}

export function isUrl(source: string): boolean {
  return /^https?:\/\//i.test(source);
}
