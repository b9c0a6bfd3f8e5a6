// A recorded request becomes lines of a scenario: the call, values from the response, checks.

import { typescriptString } from '../text/typescript-source.ts';
import { type Extraction, type FoundValues, LEFT_OUT_HEADER, safelyDecoded } from './find-values.ts';
import { namedValues } from './named-values.ts';
import type { Body, RecordedRequest } from './recording.ts';
import { joined, type Part, textOf, withinPieces } from './value-parts.ts';

/** What is needed to write requests. */
export interface Writer extends FoundValues {
  readonly baseUrl: string;
  /** Expressions of the other hosts' URLs, by origin. */
  readonly hosts: ReadonlyMap<string, string>;
}

/** Writes parts as a TypeScript expression: a string, or a template with variables. */
export type Write = (parts: readonly Part[]) => string;

/** The lines of the request at `index` of its transaction, without indentation. */
export function requestLines(request: RecordedRequest, index: number, writer: Writer, write: Write): string[] {
  const { method, status, thinkS } = request;
  const extracted = writer.extractions.get(request) ?? [];
  const response = index === 0 ? 'response' : `response${index + 1}`;
  const url = urlExpression(request, writer, write);
  const headers = headerLines(request, writer, write);
  const body = request.body === undefined ? undefined : bodyExpression(request.body, writer, write);
  const params =
    headers.length === 0 ? undefined : `{\n  headers: {\n${headers.map((line) => `    ${line},`).join('\n')}\n  },\n}`;
  const called: Record<string, string> = {
    GET: 'get',
    POST: 'post',
    PUT: 'put',
    PATCH: 'patch',
    DELETE: 'del',
    HEAD: 'head',
  };
  const name = called[method];
  const args =
    name === undefined
      ? [typescriptString(method), url, body ?? 'null', params]
      : name === 'get' || name === 'head'
        ? [url, params]
        : [url, body ?? (params === undefined ? undefined : 'null'), params];
  const given = args.filter((arg) => arg !== undefined);
  const expected = status ?? 200;
  return [
    ...(index > 0 && thinkS > 0 ? [`sleep(${thinkS});`] : []),
    ...`const ${response} = http.${name ?? 'request'}(${given.join(', ')});`.split('\n'),
    ...extracted.map(({ name: value, from }) => `session.${value} = ${extraction(response, from)};`),
    ...checkLines(response, `${method} ${pathLabel(request.url, writer)}`, expected, extracted),
  ];
}

/** Checks for required values, so that a missing value fails here and not in later requests. */
function checkLines(
  response: string,
  label: string,
  status: number,
  extracted: readonly { readonly name: string }[],
): string[] {
  const hasStatus = `${typescriptString(`${label}: ${status}`)}: ({ status }) => status === ${status}`;
  if (extracted.length === 0) return [`check(${response}, { ${hasStatus} });`];
  const hasValues = extracted.map(
    ({ name }) => `  ${typescriptString(`${label}: has ${name}`)}: () => session.${name} !== '',`,
  );
  return [`check(${response}, {`, `  ${hasStatus},`, ...hasValues, '});'];
}

/** The path with `:id` for values that change between runs, so that a check has one name. */
function pathLabel({ pathname }: URL, { pieces }: FoundValues): string {
  const parts = pathname.split('/').map((part) => {
    const decoded = safelyDecoded(part);
    const known = pieces.has(decoded) || withinPieces(pieces).next(decoded) !== undefined;
    return known || /^(\d+|[0-9a-f-]{24,})$/i.test(part) ? ':id' : part;
  });
  return parts.join('/');
}

function extraction(response: string, from: Extraction): string {
  switch (from.kind) {
    case 'json':
      return `jsonText(${response}, ${typescriptString(from.path)})`;
    case 'header':
      return `${response}.headers[${typescriptString(from.name)}] ?? ''`;
    case 'input':
      return `htmlAttribute(${response}, ${typescriptString(from.selector)}, ${typescriptString(from.attribute)})`;
  }
}

function urlExpression({ url }: RecordedRequest, writer: Writer, write: Write): string {
  const host = url.origin === writer.baseUrl ? 'baseUrl' : (writer.hosts.get(url.origin) ?? 'baseUrl');
  const path = url.pathname
    .split('/')
    .flatMap((part, index) => [
      ...(index === 0 ? [] : ['/']),
      ...textOf(safelyDecoded(part), writer, { written: part, isUrl: true }),
    ]);
  const query = encodedFields([...url.searchParams], writer);
  const rest = joined([...path, ...(query.length === 0 ? [] : ['?', ...query])]);
  const [only] = rest;
  const text = rest.length === 1 && only === '/' ? [] : rest;
  // The host is a separate expression in front.
  const written = write(text);
  if (text.length === 0) return host;
  const inner = written.startsWith('`') ? written.slice(1, -1) : escapedInTemplate(text);
  return `\`\${${host}}${inner}\``;
}

/** Names and values, encoded for a query or form. */
function encodedFields(fields: readonly (readonly [name: string, value: string])[], writer: Writer): Part[] {
  return fields.flatMap(([name, value], index) => [
    `${index === 0 ? '' : '&'}${encodeURIComponent(name)}=`,
    ...textOf(value, writer, { written: encodeURIComponent(value), isUrl: true }),
  ]);
}

function escapedInTemplate(parts: readonly Part[]): string {
  return parts.map((part) => (typeof part === 'string' ? part.replace(/[`\\]|\$\{/g, '\\$&') : '')).join('');
}

function headerLines({ headers, body }: RecordedRequest, writer: Writer, write: Write): string[] {
  const kept = headers.filter(([name]) => !LEFT_OUT_HEADER.test(name));
  const isForm = body?.kind === 'form';
  const others = kept.filter(([name, value]) => !(isForm && /^content-type$/i.test(name) && /urlencoded/.test(value)));
  // k6 sets the type of a form object, but not of a text.
  const written = isForm && repeatsName(body.fields) ? [FORM_TYPE, ...others] : others;
  return [...new Map(written.map(([name, value]) => [name.toLowerCase(), [name, value] as const])).values()].map(
    ([name, value]) => {
      const [, scheme = '', rest = value] = /^((?:Bearer|Basic|Token|Digest)\s+)(.*)$/i.exec(value) ?? [];
      const key = /^[A-Za-z_$][\w$]*$/.test(name) ? name : typescriptString(name);
      return `${key}: ${write(joined([scheme, ...textOf(rest, writer)]))}`;
    },
  );
}

function bodyExpression(body: Body, writer: Writer, write: Write): string {
  if (body.kind === 'text') {
    const parts = namedValues(body.text).flatMap((part) =>
      typeof part === 'string' ? textOf(part, writer, { isText: true }) : textOf(part.value, writer),
    );
    return write(joined(parts));
  }
  if (body.kind === 'form') {
    // In an object names are unique.
    if (repeatsName(body.fields)) return write(joined(encodedFields(body.fields, writer)));
    const fields = body.fields.map(([name, value]) => `${keyOf(name)}: ${write(textOf(value, writer))}`);
    return `{ ${fields.join(', ')} }`;
  }
  return `JSON.stringify(${jsonExpression(body.value, writer, write)})`;
}

const FORM_TYPE = ['Content-Type', 'application/x-www-form-urlencoded'] as const;

function repeatsName(fields: readonly (readonly [name: string, value: string])[]): boolean {
  return new Set(fields.map(([name]) => name)).size < fields.length;
}

function jsonExpression(value: unknown, writer: Writer, write: Write): string {
  if (Array.isArray(value)) return `[${value.map((item) => jsonExpression(item, writer, write)).join(', ')}]`;
  if (typeof value === 'object' && value !== null) {
    const entries = Object.entries(value).map(([key, item]) => `${keyOf(key)}: ${jsonExpression(item, writer, write)}`);
    return entries.length === 0 ? '{}' : `{ ${entries.join(', ')} }`;
  }
  if (typeof value === 'string') return write(textOf(value, writer));
  const piece = typeof value === 'number' ? writer.pieces.get(String(value)) : undefined;
  return piece === undefined ? JSON.stringify(value) : `Number(${write([piece])})`;
}

function keyOf(name: string): string {
  return /^[A-Za-z_$][\w$]*$/.test(name) ? name : typescriptString(name);
}
