// A recording becomes the source of a scenario in the style of the shipped ones: a function per transaction, checks on every
// status, values of earlier answers in the session, secrets from the environment.

import { UserError } from '../system/errors.ts';
import { commentText, identifier, typescriptString, typescriptText } from '../text/typescript-source.ts';
import {
  type Extraction,
  type FoundValues,
  findValues,
  isPlaceholder,
  LEFT_OUT_HEADER,
  safelyDecoded,
} from './find-values.ts';
import { namedValues } from './named-values.ts';
import type { Body, Piece, RecordedRequest, Recording } from './recording.ts';
import { ValuesWithin } from './values-within.ts';

export interface RenderOptions {
  /** File name without extension. */
  readonly name: string;
  readonly component: string;
  readonly description?: string | undefined;
}

export interface RenderedScenario {
  readonly source: string;
  /** The base URL of the recording, for --base-url. */
  readonly baseUrl: string;
  /** Variables that must be set to run it. */
  readonly secrets: readonly string[];
}

interface Writer extends FoundValues {
  readonly baseUrl: string;
  /** Expressions of the other hosts' URLs, by origin. */
  readonly hosts: ReadonlyMap<string, string>;
}

/** Throws a UserError for a recording without requests. */
export function renderRecording(recorded: Recording, options: RenderOptions): RenderedScenario {
  const transactions = recorded.transactions.map(({ title, requests }) => ({
    title,
    requests: requests.map(withoutUser),
  }));
  const recording = { ...recorded, transactions };
  const requests = recording.transactions.flatMap((transaction) => transaction.requests);
  const [first] = requests;
  if (first === undefined) {
    throw new UserError('Expected requests to the system under test, found none.', {
      where: recording.source,
      ...(recording.leftOut.length === 0 ? {} : { next: `left out: ${recording.leftOut.join(', ')}` }),
    });
  }
  const found = findValues(recording);
  const names = new Set<string>();
  const baseUrl = mostUsedOrigin(requests);
  const origins = [...new Set(requests.map(({ url }) => url.origin))].filter((origin) => origin !== baseUrl);
  const hosts = new Map(origins.map((origin) => [origin, identifier(`${new URL(origin).hostname} url`, names)]));
  const writer: Writer = { ...found, baseUrl, hosts };
  const secretNames = new Map(
    found.secrets.map((env) => [env, identifier(env.toLowerCase().replaceAll('_', ' '), names)]),
  );
  const used = new Set<string>();
  const write: Write = (parts) =>
    typescriptText(
      parts.map((part) => {
        if (typeof part === 'string') return part;
        const piece = 'encoded' in part ? part.encoded : part;
        if ('env' in piece) used.add(piece.env);
        const value = 'env' in piece ? (secretNames.get(piece.env) ?? '') : `session.${piece.session}`;
        return { expression: 'encoded' in part ? `encodeURIComponent(${value})` : value };
      }),
    );
  const functions = recording.transactions.map((transaction) => {
    const title = withoutKnown(transaction.title, writer);
    const name = identifier(title, names, 'page');
    const body = transaction.requests.map((request, index) => requestLines(request, index, writer, write));
    return { name, title, thinkS: transaction.requests[0]?.thinkS ?? 0, body };
  });
  // A value may stand only where it is left out, such as in an address that is named otherwise.
  for (const env of found.secrets) if (!used.has(env)) secretNames.delete(env);
  const extractions = [...found.extractions.values()].flat();
  const usesSession = extractions.length > 0;
  const sessionNames = [...new Set(extractions.map(({ name }) => name))];
  const extracts = (kind: Extraction['kind']) => extractions.some(({ from }) => from.kind === kind);
  const imported = [
    ...['baseUrl', 'check', 'defineScenario'],
    ...(extracts('input') ? ['htmlAttribute'] : []),
    'http',
    ...(extracts('json') ? ['jsonText'] : []),
  ];
  const sleeps = functions.some(
    ({ thinkS, body }) => thinkS > 0 || body.some((lines) => lines.some((line) => line.includes('sleep('))),
  );
  const lines = [
    `// Written by novaperf from ${commentText(recording.source)}: ${count(functions.length, 'transaction')}, ${count(requests.length, 'request')}.`,
    ...(recording.leftOut.length === 0
      ? []
      : [`// Left out: ${recording.leftOut.map((what) => commentText(what, 120)).join(', ')}.`]),
    `// Run it with: novaperf run ${options.name} --profile smoke --base-url ${commentText(baseUrl)}`,
    '',
    `import { group${sleeps ? ', sleep' : ''} } from 'k6';`,
    `import { ${imported.join(', ')} } from 'novaperf';`,
    '',
    'export const options = defineScenario({',
    `  component: ${typescriptString(options.component)},`,
    `  description: ${typescriptString(options.description ?? `What was recorded in ${recording.source}`)},`,
    '  load: { vus: 5 },',
    "  thresholds: {\n    checks: ['rate>0.99'],\n    http_req_failed: ['rate<0.01'],\n  },",
    '});',
    ...environmentLines(writer, secretNames),
    ...(usesSession
      ? [
          '',
          '/** What answers give to later requests. */',
          'interface Session {',
          ...sessionNames.map((name) => `  ${name}: string;`),
          '}',
        ]
      : []),
    '',
    'export default function (): void {',
    ...(usesSession ? [`  const session: Session = { ${sessionNames.map((name) => `${name}: ''`).join(', ')} };`] : []),
    ...functions.flatMap(({ name, title, thinkS }) => [
      ...(thinkS > 0 ? [`  sleep(${thinkS});`] : []),
      `  group(${typescriptString(groupName(title))}, () => ${name}(${usesSession ? 'session' : ''}));`,
    ]),
    '}',
    ...functions.flatMap(({ name, body }) => [
      '',
      `function ${name}(${usesSession ? (uses(body, 'session.') ? 'session: Session' : '_session: Session') : ''}): void {`,
      ...body
        .flatMap((part, index) => (index === 0 ? part : ['', ...part]))
        .map((line) => (line === '' ? '' : `  ${line}`)),
      '}',
    ]),
    '',
  ];
  const source = lines.join('\n');
  assertNoSecret(source, found);
  return { source, baseUrl, secrets: [...secretNames.keys()] };
}

/** User and password of an address are sent as k6 and browsers send them: in a header. */
function withoutUser(request: RecordedRequest): RecordedRequest {
  const { username, password } = request.url;
  if (username === '' && password === '') return request;
  const url = new URL(request.url);
  url.username = '';
  url.password = '';
  if (request.headers.some(([name]) => /^authorization$/i.test(name))) return { ...request, url };
  const credentials = Buffer.from(`${safelyDecoded(username)}:${safelyDecoded(password)}`).toString('base64');
  return { ...request, url, headers: [...request.headers, ['Authorization', `Basic ${credentials}`]] };
}

function environmentLines({ hosts }: Writer, secretNames: ReadonlyMap<string, string>): string[] {
  const lines: string[] = [];
  for (const [origin, name] of hosts) {
    const env = name.replace(/([a-z0-9])([A-Z])/g, '$1_$2').toUpperCase();
    lines.push(`const ${name} = __ENV.${env} || ${typescriptString(origin)};`);
  }
  if (secretNames.size > 0) {
    lines.push(...(lines.length > 0 ? [''] : []), '// Secrets are not in this file: novaperf run … -e NAME=value');
    for (const [env, name] of secretNames) lines.push(`const ${name} = __ENV.${env} ?? '';`);
  }
  return lines.length === 0 ? [] : ['', ...lines];
}

function requestLines(request: RecordedRequest, index: number, writer: Writer, write: Write): string[] {
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

/** A value that an answer lacks fails a check here, and not only the requests that need it. */
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

/** The path with `:id` in the place of what differs from run to run: a check has one name. */
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

/** A title may be the address of a page, with a token in it. */
function withoutKnown(title: string, { pieces }: FoundValues): string {
  const parts = withinPieces(pieces).split(title);
  return parts.map((part) => (typeof part === 'string' ? part : ':id')).join('');
}

type Write = (parts: readonly Part[]) => string;

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
  // The host goes in front as an expression of its own.
  const written = write(text);
  if (text.length === 0) return host;
  const inner = written.startsWith('`') ? written.slice(1, -1) : escapedInTemplate(text);
  return `\`\${${host}}${inner}\``;
}

/** Names and values as a query or a form sends them. */
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
  // k6 sets the type of an object's form itself, and none for a text.
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
    // An object has each name once.
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

/** How a value stands in its place: as it is, or encoded for a URL. */
interface Place {
  /** The value as the recording wrote it. */
  readonly written?: string;
  readonly isUrl?: boolean;
  /** Only known values within it are replaced: the value is a text and not a value of its own. */
  readonly isText?: boolean;
}

/** A value with its known parts replaced: the whole of it, or a long known value within it. */
function textOf(value: string, { pieces }: FoundValues, { written = value, isUrl, isText }: Place = {}): Part[] {
  const place = (known: string, piece: Exclude<Piece, string>): Part =>
    isUrl === true && !isPlaceholder(known) && encodeURIComponent(known) !== known ? { encoded: piece } : piece;
  const whole = isText === true ? undefined : pieces.get(value);
  if (whole !== undefined) return [place(value, whole)];
  const parts = withinPieces(pieces).split(value);
  // Without a known part the text stays as it was written, which may be encoded in a way of its own.
  if (parts.every((part) => typeof part === 'string')) return [written];
  return joined(
    parts.map((part): Part => {
      if (typeof part !== 'string') return place(part.value, part.found);
      return isUrl === true ? encodeURIComponent(part) : part;
    }),
  );
}

/** A piece that is to be encoded for a URL: its recorded value had to be. */
type Part = Piece | { readonly encoded: Exclude<Piece, string> };

const searches = new WeakMap<FoundValues['pieces'], ValuesWithin<Exclude<Piece, string>>>();

/** What looks for the pieces within texts, made once. */
function withinPieces(pieces: FoundValues['pieces']): ValuesWithin<Exclude<Piece, string>> {
  const known = searches.get(pieces) ?? new ValuesWithin(pieces);
  searches.set(pieces, known);
  return known;
}

function joined<P>(parts: readonly (string | P)[]): (string | P)[] {
  const result: (string | P)[] = [];
  for (const part of parts) {
    const last = result.at(-1);
    if (typeof part === 'string' && typeof last === 'string') result[result.length - 1] = last + part;
    else if (part !== '') result.push(part);
  }
  return result;
}

/** The last line of defence: a secret that slipped through is a defect of ours, and must not be written. */
function assertNoSecret(source: string, { pieces }: FoundValues): void {
  const secrets = [...pieces].flatMap(([value, piece]): [string, string][] =>
    'env' in piece && !isPlaceholder(value) ? [[value, piece.env]] : [],
  );
  const slipped = new ValuesWithin(secrets).next(source);
  if (slipped !== undefined) throw new Error(`a value of ${slipped.found} would have been written`);
}

function mostUsedOrigin(requests: readonly RecordedRequest[]): string {
  const counts = new Map<string, number>();
  for (const { url } of requests) counts.set(url.origin, (counts.get(url.origin) ?? 0) + 1);
  return [...counts].sort(([, a], [, b]) => b - a)[0]?.[0] ?? '';
}

function uses(body: readonly (readonly string[])[], text: string): boolean {
  return body.some((lines) => lines.some((line) => line.includes(text)));
}

/** k6 separates nested groups by `::`. */
function groupName(title: string): string {
  return commentText(title.replaceAll('::', ':'), 100) || 'page';
}

function count(number: number, what: string): string {
  return `${number} ${what}${number === 1 ? '' : 's'}`;
}
