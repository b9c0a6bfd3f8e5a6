// Values in the requests of a recording that must be replaced: those from earlier responses (tokens, ids), and secrets.

import { redactField, redactPayload } from '../text/secrets.ts';
import { identifier } from '../text/typescript-source.ts';
import { namedValues } from './named-values.ts';
import type { Piece, RecordedRequest, Recording } from './recording.ts';

/** How a value is read from a response. */
export type Extraction =
  | { readonly kind: 'json'; readonly path: string }
  | { readonly kind: 'header'; readonly name: string }
  | { readonly kind: 'input'; readonly selector: string; readonly attribute: string };

/** The values to replace, and their sources. */
export interface FoundValues {
  /** The replacement of each value. */
  readonly pieces: ReadonlyMap<string, Exclude<Piece, string>>;
  /** Values of the session that come from a request's response. */
  readonly extractions: ReadonlyMap<RecordedRequest, readonly { readonly name: string; readonly from: Extraction }[]>;
  /** Environment variables for secrets, in their order. */
  readonly secrets: readonly string[];
}

interface Used {
  readonly value: string;
  /** A header, a query parameter, a field of a body; '' for a part of the path. */
  readonly name: string;
  readonly isHeader: boolean;
}

/** Headers set by k6 or the browser, which do not depend on the user. */
export const LEFT_OUT_HEADER =
  /^(:.*|host|connection|content-length|accept-encoding|user-agent|cookie|origin|referer|sec-.*|upgrade-insecure-requests|pragma|cache-control|priority|dnt|te|if-none-match|if-modified-since|accept-language|traceparent|tracestate)$/i;

const SHORTEST_VALUE = 2;
const SHORTEST_WORD = 6;

/** Finds values from earlier responses, and secrets. */
export function findValues({ transactions, keys = new Set() }: Recording): FoundValues {
  const requests = transactions.flatMap((transaction) => transaction.requests);
  const usedBy = requests.map(usedValues);
  const wanted = new Set(
    usedBy
      .flat()
      .filter(isInteresting)
      .map(({ value }) => value),
  );
  const lastUse = new Map(usedBy.flatMap((used, index) => used.map(({ value }) => [value, index] as const)));
  const pieces = new Map<string, Exclude<Piece, string>>();
  const extractions = new Map<RecordedRequest, { name: string; from: Extraction }[]>();
  const names = new Set<string>();
  const sent = new Set<string>();
  requests.forEach((request, index) => {
    // A value that was sent before any response contained it is the user's own.
    for (const { value } of usedBy[index] ?? []) if (!pieces.has(value)) sent.add(value);
    for (const { value, key, from } of givenBy(request, wanted)) {
      if (pieces.has(value) || sent.has(value) || (lastUse.get(value) ?? -1) <= index) continue;
      const name = identifier(key, names, 'value');
      pieces.set(value, { session: name });
      extractions.set(request, [...(extractions.get(request) ?? []), { name, from }]);
    }
  });
  const secrets: string[] = [];
  const variables = new VariableNames();
  for (const name of new Set(requests.flatMap(placeholdersOf))) {
    const env = variables.of(name);
    pieces.set(placeholder(name), { env });
    secrets.push(env);
  }
  for (const used of usedBy.flat()) {
    if (pieces.has(used.value) || !(keys.has(used.value) || isSecret(used))) continue;
    const env = variables.of(used.name);
    pieces.set(used.value, { env });
    secrets.push(env);
  }
  return { pieces, extractions, secrets };
}

/** Values of a request that may come from an earlier response or be secret. */
function usedValues({ url, headers, body }: RecordedRequest): Used[] {
  const used: Used[] = [];
  const add = (name: string, value: string, isHeader = false) => {
    if (value !== '') used.push({ name, value, isHeader });
  };
  for (const part of url.pathname.split('/')) add('', safelyDecoded(part));
  for (const [name, value] of url.searchParams) add(name, value);
  for (const [name, value] of headers) {
    if (LEFT_OUT_HEADER.test(name)) continue;
    add(name, value.replace(/^(Bearer|Basic|Token|Digest)\s+/i, ''), true);
  }
  if (body?.kind === 'form') for (const [name, value] of body.fields) add(name, value);
  if (body?.kind === 'text') {
    for (const part of namedValues(body.text)) if (typeof part !== 'string') add(part.name, part.value);
  }
  if (body?.kind === 'json') eachLeaf(body.value, (path, value) => add(lastKey(path), String(value)));
  return used;
}

function isInteresting({ value, name }: Used): boolean {
  if (/^-?\d+$/.test(value))
    return value.length >= SHORTEST_VALUE && (name === '' || /id$|token|code|number/i.test(name));
  return value.length >= SHORTEST_WORD && (/\d/.test(value) || value.length >= 20 || /token|id$|csrf|key/i.test(name));
}

/** Whether its name is secret, or it looks like a token or a key. */
function isSecret({ name, value }: Used): boolean {
  if (value.length < 3 || /^(true|false|null)$/.test(value)) return false;
  if (name !== '' && redactField(name, value) !== value) return true;
  return value.length >= SHORTEST_WORD && redactPayload(value) !== value;
}

function* givenBy(
  { response }: RecordedRequest,
  wanted: ReadonlySet<string>,
): Generator<{ value: string; key: string; from: Extraction }> {
  if (response === undefined) return;
  const { text, headers } = response;
  if (/^\s*[[{]/.test(text)) {
    const leaves: { value: string; key: string; from: Extraction }[] = [];
    const parsed = parsedJson(text);
    eachLeaf(parsed, (path, leaf) => {
      const value = String(leaf);
      if (!wanted.has(value)) return;
      leaves.push({ value, key: keyOf(path), from: { kind: 'json', path: path.map(gjsonKey).join('.') } });
    });
    yield* leaves;
  } else if (text.includes('<')) {
    yield* hiddenValues(text, wanted);
  }
  for (const [name, value] of headers) {
    if (wanted.has(value) && !/^(set-cookie|date|content-length)$/i.test(name)) {
      yield { value, key: name, from: { kind: 'header', name: canonical(name) } };
    }
  }
}

/** Hidden fields and meta tags of a page, in which frameworks put tokens. */
function* hiddenValues(
  html: string,
  wanted: ReadonlySet<string>,
): Generator<{ value: string; key: string; from: Extraction }> {
  for (const [tag = ''] of html.matchAll(/<(?:input|meta)\b[^<>]{0,2000}>/gi)) {
    const name = /\bname\s*=\s*["']([^"']*)["']/i.exec(tag)?.[1];
    const [, attribute = '', value = ''] = /\b(value|content)\s*=\s*["']([^"']*)["']/i.exec(tag) ?? [];
    if (name === undefined || !wanted.has(value)) continue;
    const element = /^<meta/i.test(tag) ? 'meta' : 'input';
    yield {
      value,
      key: name,
      from: { kind: 'input', selector: `${element}[name="${name}"]`, attribute: attribute.toLowerCase() },
    };
  }
}

const MOST_LEAVES = 200_000;

/** Calls `visit` with each text and number; the path is shared between calls and changes after each. */
function eachLeaf(value: unknown, visit: (path: readonly string[], leaf: string | number) => void): void {
  let left = MOST_LEAVES;
  const path: string[] = [];
  const walk = (part: unknown): void => {
    if (left-- <= 0 || path.length > 40) return;
    if (typeof part === 'string' || typeof part === 'number') visit(path, part);
    else if (typeof part === 'object' && part !== null) {
      for (const key of Object.keys(part)) {
        path.push(key);
        walk(Reflect.get(part, key));
        path.pop();
      }
    }
  };
  walk(value);
}

function parsedJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function lastKey(path: readonly string[]): string {
  return path.findLast((key) => !/^\d+$/.test(key)) ?? '';
}

/** The variable name of a path: `items.0.id` becomes itemsId. */
function keyOf(path: readonly string[]): string {
  const words = path.filter((key) => !/^\d+$/.test(key));
  return words.slice(-2).join(' ') || 'value';
}

/** A key in a path of response.json(): k6 reads paths as GJSON does. */
export function gjsonKey(key: string): string {
  return key.replace(/[.*?|#@!{}[\]()=<>%"\\]/g, '\\$&');
}

function canonical(name: string): string {
  return name.toLowerCase().replace(/(^|-)[a-z]/g, (letter) => letter.toUpperCase());
}

/** The text of a variable without a value in a collection: `{{token}}`. */
export function placeholder(name: string): string {
  return `{{${name}}}`;
}

/** Whether the piece is a variable without a value. */
export function isPlaceholder(value: string): boolean {
  return /^\{\{[^{}]+\}\}$/.test(value);
}

function placeholdersOf({ url, headers, body }: RecordedRequest): string[] {
  const texts = [safelyDecoded(url.pathname), safelyDecoded(url.search), ...headers.map(([, value]) => value)];
  if (body !== undefined) texts.push(JSON.stringify(body));
  return texts.flatMap((text) => [...text.matchAll(/\{\{([^{}"]+)\}\}/g)].map(([, name = '']) => name));
}

/** Maximum length of a variable's name. */
const LONGEST_NAME = 40;

/** Unique names of environment variables. */
class VariableNames {
  readonly #taken = new Set<string>();
  readonly #next = new Map<string, number>();

  /** `apiKey` → `API_KEY`; the second one `API_KEY_2`. */
  of(text: string): string {
    const base = text
      .replace(/([a-z])([A-Z])/g, '$1_$2')
      .replace(/[^A-Za-z0-9]+/g, '_')
      .slice(0, LONGEST_NAME)
      .replace(/^_+|_+$/g, '')
      .toUpperCase();
    const first = base === '' ? 'SECRET' : /^\d/.test(base) ? `SECRET_${base}` : base;
    for (let number = this.#next.get(first) ?? 1; ; number++) {
      const name = number === 1 ? first : `${first}_${number}`;
      if (this.#taken.has(name)) continue;
      this.#taken.add(name);
      this.#next.set(first, number + 1);
      return name;
    }
  }
}

/** The URL-decoded text, or the text itself if it is not valid. */
export function safelyDecoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}
