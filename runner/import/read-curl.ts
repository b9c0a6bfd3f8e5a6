// A curl command line from a browser or documentation becomes a recording of one request.

import { parse } from 'shell-quote';
import { UserError } from '../system/errors.ts';
import { multipartText } from './named-values.ts';
import { bodyOf, parsedUrl, type Recording } from './recording.ts';

/** curl options with a value that are used here; others are skipped with their value. */
const OURS: Readonly<
  Record<string, 'method' | 'header' | 'data' | 'encoded' | 'form' | 'user' | 'url' | 'agent' | 'json'>
> = {
  '-X': 'method',
  '--request': 'method',
  '-H': 'header',
  '--header': 'header',
  '-d': 'data',
  '--data': 'data',
  '--data-raw': 'data',
  '--data-binary': 'data',
  '--data-ascii': 'data',
  '--data-urlencode': 'encoded',
  '--json': 'json',
  '-F': 'form',
  '--form': 'form',
  '-u': 'user',
  '--user': 'user',
  '--url': 'url',
  '-A': 'agent',
  '--user-agent': 'agent',
};
const WITH_VALUE =
  /^(-[bcCeEhkmoTwxyYzKtQP]|--(cookie|cookie-jar|connect-timeout|max-time|output|referer|cert|key|cacert|proxy|retry|resolve|write-out|upload-file|limit-rate|interface|ciphers|tls-max|config|range|max-redirs))$/;
const ALONE_SHORT = /^-[sSLvikfIgGNOjnqaBlpR#0123456]+$/;

/** The request. Runs no shell: variables and substitutions stay as they are. Throws a UserError for anything except one curl command. */
export function readCurl(command: string): Recording {
  const words = wordsOf(command);
  if (words[0] !== 'curl') throw refused(`found "${words[0] ?? ''}"`);
  const given: { method?: string; url?: string } = {};
  const headers: [string, string][] = [];
  const data: string[] = [];
  const parts: [string, string][] = [];
  let isGet = false;
  for (let at = 1; at < words.length; at++) {
    const word = words[at] ?? '';
    const [flag, inline] = flagOf(word);
    const kind = OURS[flag];
    if (kind !== undefined) {
      const value = inline ?? words[++at];
      if (value === undefined) throw refused(`${flag} without a value`);
      if (kind === 'method') given.method = value.toUpperCase();
      else if (kind === 'url') given.url = value;
      else if (kind === 'header') addHeader(headers, value);
      else if (kind === 'user') headers.push(['Authorization', `Basic ${Buffer.from(value).toString('base64')}`]);
      else if (kind === 'form') parts.push(partOf(value));
      else if (kind === 'json') {
        headers.push(['Content-Type', 'application/json'], ['Accept', 'application/json']);
        data.push(dataOf(value));
      } else if (kind === 'data') data.push(dataOf(value));
      else if (kind === 'encoded') data.push(encodedOf(value));
    } else if (word === '-G' || word === '--get') isGet = true;
    else if (word === '-I' || word === '--head') given.method ??= 'HEAD';
    else if (WITH_VALUE.test(flag)) at += inline === undefined ? 1 : 0;
    else if (word.startsWith('--') || ALONE_SHORT.test(word)) continue;
    else if (word.startsWith('-')) throw refused(`the option ${word}`);
    else given.url ??= word;
  }
  const url = parsedUrl(withScheme(given.url ?? ''));
  if (url === undefined) throw refused(given.url === undefined ? 'no URL' : `"${given.url}" as its URL`);
  if (parts.length > 0) {
    headers.push(['Content-Type', `multipart/form-data; boundary=${BOUNDARY}`]);
    data.push(multipartText(parts, BOUNDARY));
  }
  const text = data.join('&');
  if (isGet) url.search = [url.search.replace(/^\?/, ''), text].filter((part) => part !== '').join('&');
  let type = headers.find(([name]) => /^content-type$/i.test(name))?.[1];
  if (type === undefined && data.length > 0 && !isGet) {
    type = typeOf(text);
    if (type !== FORM) headers.push(['Content-Type', type]);
  }
  const body = data.length === 0 || isGet ? undefined : bodyOf(text, type ?? FORM);
  const method = given.method ?? (body === undefined ? 'GET' : 'POST');
  const request = { method, url, headers, body, status: undefined, response: undefined, thinkS: 0 };
  return {
    source: 'a curl command',
    transactions: [{ title: `${method} ${url.pathname}`, requests: [request] }],
    leftOut: [],
  };
}

/** Words of a POSIX shell, including `$'…'`, which Chrome uses for line breaks. */
function wordsOf(command: string): string[] {
  const plain = withoutCarets(command.trim())
    .replace(/\\\r?\n/g, ' ')
    .replace(/\$'((?:[^'\\]|\\.)*)'/gs, (_, inner: string) => `'${unescaped(inner).replaceAll("'", "'\\''")}'`);
  return parse(plain, (name) => `$${name}`).flatMap((part) => {
    if (typeof part === 'string') return [part];
    if ('comment' in part) return [];
    if ('pattern' in part) return [part.pattern];
    throw refused(`"${part.op}"`);
  });
}

/** Removes the carets of "Copy as cURL (cmd)" for Windows before line breaks, quotes and signs. */
function withoutCarets(command: string): string {
  return /\^\r?\n|^curl \^"/.test(command) ? command.replace(/\^\r?\n/g, ' ').replace(/\^(.)/g, '$1') : command;
}

const ESCAPES: Readonly<Record<string, string>> = {
  n: '\n',
  r: '\r',
  t: '\t',
  "'": "'",
  '"': '"',
  '\\': '\\',
  '?': '?',
};

function unescaped(text: string): string {
  return text.replace(/\\(u[0-9a-f]{4}|x[0-9a-f]{2}|.)/gis, (_, code: string) =>
    /^[ux]./i.test(code) && code.length > 1
      ? String.fromCharCode(Number.parseInt(code.slice(1), 16))
      : (ESCAPES[code] ?? code),
  );
}

function flagOf(word: string): [flag: string, value: string | undefined] {
  if (word.startsWith('--')) {
    const equals = word.indexOf('=');
    return equals < 0 ? [word, undefined] : [word.slice(0, equals), word.slice(equals + 1)];
  }
  const short = word.slice(0, 2);
  return /^-[XHdFuAboe]$/.test(short) && word.length > 2 ? [short, word.slice(2)] : [word, undefined];
}

function addHeader(headers: [string, string][], text: string): void {
  const colon = text.indexOf(':');
  if (colon > 0) headers.push([text.slice(0, colon).trim(), text.slice(colon + 1).trim()]);
}

function dataOf(value: string): string {
  if (value.startsWith('@')) throw refused(`data from the file ${value.slice(1)}`, 'write the data into the command');
  return value;
}

const BOUNDARY = 'novaperf-form-boundary';

function partOf(value: string): [name: string, text: string] {
  const equals = value.indexOf('=');
  if (equals <= 0 || /^[@<]/.test(value.slice(equals + 1)))
    throw refused(
      `--form ${value.slice(0, equals + 1)} of a file that is not here`,
      'write the upload with http.file()',
    );
  return [value.slice(0, equals), value.slice(equals + 1).replace(/;(type|filename)=[^;]*/g, '')];
}

/** `name=content` and `content`: curl encodes the content. */
function encodedOf(value: string): string {
  const [, name = '', sign = '', content = value] = /^([^=@]*)([=@])(.*)$/s.exec(value) ?? [];
  if (sign === '@') throw refused(`data from the file ${content}`, 'write the data into the command');
  return `${name}${name === '' ? '' : '='}${encodeURIComponent(content)}`;
}

const FORM = 'application/x-www-form-urlencoded';

/** The probable type of data, because curl labels all data as a form. */
function typeOf(text: string): string {
  if (/^\s*[[{]/.test(text)) return 'application/json';
  return /^[^=&\s<>]+=/.test(text) ? FORM : 'text/plain';
}

function withScheme(url: string): string {
  return /^\w+:\/\//.test(url) || url === '' ? url : `http://${url}`;
}

function refused(
  found: string,
  next = "novaperf new <name> --curl 'curl https://shop.example.com/products'",
): UserError {
  return new UserError(`--curl: expected a curl command for one HTTP request, found ${found}.`, { next });
}
