// The operations of an OpenAPI description become a scenario: one function each, called by weight, with path parameters from
// earlier responses if links or paths show which.

import { commentText, identifier, typescriptString, typescriptText } from '../text/typescript-source.ts';
import { gjsonKey } from './find-values.ts';
import type { Api, Operation } from './read-openapi.ts';
import type { RenderedScenario, RenderOptions } from './render-recording.ts';

/** Weights by method: reads are more frequent than writes, and deletes are rare. */
const WEIGHTS: Readonly<Record<string, number>> = { GET: 10, HEAD: 5, POST: 2, PUT: 2, PATCH: 2, DELETE: 1 };
const CALLS: Readonly<Record<string, string>> = {
  GET: 'get',
  HEAD: 'head',
  POST: 'post',
  PUT: 'put',
  PATCH: 'patch',
  DELETE: 'del',
};
const NO_BODY = new Set(['GET', 'HEAD']);

interface Named {
  readonly operation: Operation;
  readonly name: string;
}

/** The source of the scenario. */
export function renderOpenApi(api: Api, options: RenderOptions): RenderedScenario {
  const taken = new Set([
    'operations',
    'wholeWeight',
    'known',
    'headers',
    'remember',
    'token',
    'credentials',
    'apiKey',
    'Known',
  ]);
  const named = api.operations.map((operation) => ({ operation, name: identifier(operation.id, taken, 'operation') }));
  const parameters = pathParameters(api.operations);
  const sources = sourcesOf(api.operations, parameters);
  const { lines: authLines, secrets } = authorizationLines(api);
  const basePath = api.basePath;
  const given = [...sources.values()].flat();
  const remembers = given.length > 0;
  const lines = [
    `// Written by novaperf from ${commentText(api.source)}: ${commentText(api.title)}, ${api.operations.length} operation${api.operations.length === 1 ? '' : 's'}.`,
    ...(api.unresolved === 0
      ? []
      : [
          `// Left out: ${api.unresolved} reference${api.unresolved === 1 ? '' : 's'} of the description that could not be read.`,
        ]),
    `// Run it with: novaperf run ${options.name} --profile smoke --base-url ${commentText(api.baseUrl ?? 'http://127.0.0.1:8080')}`,
    '',
    "import { sleep } from 'k6';",
    ...(remembers ? ["import type { Response } from 'k6/http';"] : []),
    `import { baseUrl, check, defineScenario, http${remembers ? ', jsonText' : ''} } from 'novaperf';`,
    '',
    'export const options = defineScenario({',
    `  component: ${typescriptString(options.component)},`,
    `  description: ${typescriptString(options.description ?? `Calls the operations of ${api.title}`)},`,
    '  load: { vus: 5 },',
    "  thresholds: {\n    checks: ['rate>0.99'],\n    http_req_failed: ['rate<0.01'],\n  },",
    '});',
    ...authLines,
    ...(parameters.size === 0
      ? []
      : [
          '',
          '/** Path parameters: the examples of the description until an answer gives another. */',
          'const known = {',
          ...[...parameters].map(
            ([name, example]) => `  ${keyOf(name)}: ${typescriptString(String(example ?? name))},`,
          ),
          '};',
        ]),
    '',
    '/** How often each operation is called in proportion to the others. */',
    'const operations: readonly (readonly [weight: number, call: () => void])[] = [',
    ...named.map(({ operation, name }) => `  [${WEIGHTS[operation.method] ?? 1}, ${name}],`),
    '];',
    'const wholeWeight = operations.reduce((sum, [weight]) => sum + weight, 0);',
    '',
    'export default function (): void {',
    '  let left = Math.random() * wholeWeight;',
    '  const [, call] = operations.find(([weight]) => (left -= weight) < 0) ?? [];',
    '  call?.();',
    '  sleep(1);',
    '}',
    ...named.flatMap((each) => operationLines(each, basePath, sources.get(each.operation) ?? [])),
    ...(remembers ? rememberLines(given.some(({ path }) => path !== undefined)) : []),
    '',
  ];
  return { source: lines.join('\n'), baseUrl: api.baseUrl ?? 'http://127.0.0.1:8080', secrets };
}

function rememberLines(hasLinks: boolean): string[] {
  const guessed = `[name, 'id', \`0.\${name}\`, '0.id', 'items.0.id', 'data.0.id', 'data.id', 'results.0.id']`;
  return [
    '',
    hasLinks
      ? '/** Keeps what an answer holds at `path`; without one the id of the thing itself, or of the first in a list. */'
      : '/** Keeps the id of what an answer holds: the thing itself, or the first in a list. */',
    `function remember(name: keyof typeof known, response: Response${hasLinks ? ', path?: string' : ''}): void {`,
    '  if (response.status < 200 || response.status > 299) return;',
    ...(hasLinks
      ? [`  const paths = path === undefined ? ${guessed} : [path];`, '  for (const each of paths) {']
      : [`  for (const each of ${guessed}) {`]),
    '    const value = jsonText(response, each);',
    "    if (value !== '') {",
    '      known[name] = value;',
    '      return;',
    '    }',
    '  }',
    '}',
  ];
}

function pathParameters(operations: readonly Operation[]): Map<string, unknown> {
  const found = new Map<string, unknown>();
  for (const { pathParameters: parameters } of operations) {
    for (const { name, example } of parameters) if (!found.has(name)) found.set(name, example);
  }
  return found;
}

/** A path parameter from a response; `path`: for k6's response.json(), if the description has it. */
interface Given {
  readonly parameter: string;
  readonly path: string | undefined;
}

/** Sources of path parameters: the description's links, else `GET /pets` and `POST /pets` for the `petId` of `/pets/{petId}`. */
function sourcesOf(operations: readonly Operation[], known: ReadonlyMap<string, unknown>): Map<Operation, Given[]> {
  const collections = new Map<string, Set<string>>();
  for (const { path, pathParameters: parameters } of operations) {
    for (const { name } of parameters) {
      const at = path.indexOf(`/{${name}}`);
      if (at <= 0) continue;
      const collection = path.slice(0, at);
      collections.set(collection, new Set([...(collections.get(collection) ?? []), name]));
    }
  }
  return new Map(
    operations.map((operation) => {
      const { method, path, gives } = operation;
      const linked = gives
        .filter(({ parameter }) => known.has(parameter))
        .map(({ parameter, pointer }) => ({ parameter, path: gjsonPath(pointer) }));
      const named = method === 'GET' || method === 'POST' ? [...(collections.get(path) ?? [])] : [];
      const guessed = named
        .filter((name) => !linked.some(({ parameter }) => parameter === name))
        .map((parameter) => ({ parameter, path: undefined }));
      return [operation, [...linked, ...guessed]];
    }),
  );
}

/** `/items/0/id` → `items.0.id`, for response.json() of k6. */
function gjsonPath(pointer: string): string {
  const keys = pointer.split('/').slice(1);
  return keys.map((key) => gjsonKey(key.replaceAll('~1', '/').replaceAll('~0', '~'))).join('.');
}

function authorizationLines({ operations }: Api): { lines: string[]; secrets: string[] } {
  const kinds = operations.map(({ authorization }) => authorization);
  const secrets: string[] = [];
  const lines: string[] = [];
  const add = (env: string, name: string, comment: string) => {
    secrets.push(env);
    lines.push(`/** ${comment}: novaperf run … -e ${env}=… */`, `const ${name} = __ENV.${env} ?? '';`);
  };
  if (kinds.includes('bearer')) add('TOKEN', 'token', 'A bearer token');
  if (kinds.includes('basic')) add('CREDENTIALS', 'credentials', 'user:password in Base64');
  if (kinds.some((kind) => typeof kind === 'object')) add('API_KEY', 'apiKey', 'The API key');
  return { lines: lines.length === 0 ? [] : ['', ...lines], secrets };
}

function operationLines({ operation, name }: Named, basePath: string, given: readonly Given[]): string[] {
  const { method, path, summary, body, status } = operation;
  const takesBody = body !== undefined && !NO_BODY.has(method);
  const parameter = takesBody && body.isJson ? `body = ${literal(body.example)}` : '';
  const label = `${method} ${path.replace(/\{([^{}]+)\}/g, ':$1')}`;
  const headers = headerEntries(operation);
  // A redirect that the description expects is not followed, because it may leave the system.
  const redirects = status >= 300 ? ', redirects: 0' : '';
  const params = `{ name: ${typescriptString(label)}${redirects}${headers === '' ? '' : `, headers: { ${headers} }`} }`;
  const sent = takesBody ? (body.isJson ? 'JSON.stringify(body)' : formOrText(body.example)) : 'null';
  const args = NO_BODY.has(method) ? [urlOf(operation, basePath), params] : [urlOf(operation, basePath), sent, params];
  return [
    '',
    ...(summary === '' ? [] : [`/** ${commentText(summary)} */`]),
    `function ${name}(${parameter}): void {`,
    `  const response = http.${CALLS[method] ?? 'get'}(${args.join(', ')});`,
    `  check(response, { ${typescriptString(`${label}: ${status}`)}: ({ status }) => status === ${status} });`,
    ...given.map(({ parameter: id, path: from }) => {
      const place = from === undefined ? '' : `, ${typescriptString(from)}`;
      return `  remember(${typescriptString(id)}, response${place});`;
    }),
    '}',
  ];
}

function urlOf({ path, pathParameters: parameters, queryParameters }: Operation, basePath: string): string {
  const names = new Set(parameters.map(({ name }) => name));
  const parts = path.split(/\{([^{}]+)\}/).map((part, index) => {
    if (index % 2 === 0) return part;
    return names.has(part) ? { expression: `encodeURIComponent(known${access(part)})` } : `{${part}}`;
  });
  const query = queryParameters.map(({ name, example }, index) => {
    const value = encodeURIComponent(String(example ?? ''));
    return `${index === 0 ? '?' : '&'}${encodeURIComponent(name)}=${value}`;
  });
  return typescriptText([{ expression: 'baseUrl' }, basePath, ...parts, query.join('')].filter((part) => part !== ''));
}

function headerEntries({ headers, body, method, authorization }: Operation): string {
  const entries = headers.map(({ name, example }) => `${keyOf(name)}: ${typescriptString(String(example ?? ''))}`);
  if (body !== undefined && !NO_BODY.has(method) && !/urlencoded/.test(body.mediaType)) {
    entries.push(`'Content-Type': ${typescriptString(body.mediaType)}`);
  }
  if (authorization === 'bearer') entries.push(`Authorization: \`Bearer \${token}\``);
  else if (authorization === 'basic') entries.push(`Authorization: \`Basic \${credentials}\``);
  else if (typeof authorization === 'object') entries.push(`${keyOf(authorization.header)}: apiKey`);
  return entries.join(', ');
}

/** k6 sends an object as a form. */
function formOrText(example: unknown): string {
  if (typeof example !== 'object' || example === null) return typescriptString(String(example ?? ''));
  const fields = Object.entries(example).map(
    ([key, value]) => `${keyOf(key)}: ${typescriptString(String(value ?? ''))}`,
  );
  return `{ ${fields.join(', ')} }`;
}

function literal(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(literal).join(', ')}]`;
  if (typeof value === 'object' && value !== null) {
    const entries = Object.entries(value).map(([key, item]) => `${keyOf(key)}: ${literal(item)}`);
    return entries.length === 0 ? '{}' : `{ ${entries.join(', ')} }`;
  }
  return typeof value === 'string' ? typescriptString(value) : (JSON.stringify(value) ?? 'null');
}

function keyOf(name: string): string {
  return /^[A-Za-z_$][\w$]*$/.test(name) ? name : typescriptString(name);
}

function access(name: string): string {
  return /^[A-Za-z_$][\w$]*$/.test(name) ? `.${name}` : `[${typescriptString(name)}]`;
}
