// Finds secret values in environment variables. Also runs inside k6.

import { isAllowedName, isAllowedText, isOwnSecretName, isSecretName } from './secret-rules.ts';

/** Variables of shells, desktops and agents with names that look secret but values that are paths and ordinary words. */
const HARMLESS_VARIABLE = /^((OLD)?PWD$|(XDG|DBUS|DESKTOP|GNOME|KDE|SSH)_)/;
/** `AUTH_URL`, `SESSION_MODE`, `TOKEN_TTL`: the last word shows that the value is about a secret, but is not one. */
const ABOUT_A_SECRET =
  /[_-](url|uri|host|port|endpoint|path|file|dir|folder|mode|type|method|provider|realm|issuer|audience|scopes?|domain|header|user|username|name|ttl|timeout|expiry|enabled|count|size|length|socket|sock)$/i;
/** Shorter values would match too many texts by chance. */
const SHORTEST_SECRET = 6;
/** For names that the project declares secret, shorter values are redacted too. */
const SHORTEST_OWN_SECRET = 4;

/** True if the value of a variable is secret: its name says so, and the value is not an ordinary one. */
export function isSecretVariable(name: string, value: string): boolean {
  if (isAllowedName(name) || isAllowedText(value)) return false;
  if (isOwnSecretName(name)) return value !== '';
  return isSecretName(name) && !HARMLESS_VARIABLE.test(name) && !ABOUT_A_SECRET.test(name) && !isOrdinary(value);
}

/**
 * The secret values in an environment, longest first, each also URL-encoded and JSON-escaped: values of variables with
 * secret names, and passwords in URLs.
 */
export function secretValues(env: Readonly<Record<string, string | undefined>>): string[] {
  const values = Object.keys(env).flatMap((name) => {
    const value = env[name] ?? '';
    const shortest = isOwnSecretName(name) ? SHORTEST_OWN_SECRET : SHORTEST_SECRET;
    const whole = isSecretVariable(name, value) && value.length >= shortest ? [value] : [];
    return [...whole, ...passwordsIn(value)];
  });
  return [...new Set(values.flatMap(spellings))].sort((a, b) => b.length - a.length);
}

/** The password in a URL, as written and decoded; empty if it is an ordinary word, which other texts contain too. */
export function passwordsIn(url: string): string[] {
  const password = /^[a-z][a-z0-9+.-]*:\/\/[^/?#\s:@]*:([^/?#\s]+)@/i.exec(url)?.[1];
  if (password === undefined) return [];
  return [password, decoded(password)].filter(
    (each) => each.length >= SHORTEST_SECRET && !isOrdinary(each) && !isAllowedText(each),
  );
}

/** A value as scripts, URLs (encoded by JavaScript or Go), forms and JSON write it. */
function spellings(value: string): string[] {
  const encoded = encodeURIComponent(value.replace(/\p{Surrogate}/gu, '\ufffd'));
  const strict = encoded.replace(/[!'()*]/g, (sign) => `%${sign.charCodeAt(0).toString(16).toUpperCase()}`);
  return [value, encoded, strict, strict.replace(/%20/g, '+'), JSON.stringify(value).slice(1, -1)];
}

/** Decodes %-escapes; returns the text unchanged if they are invalid. */
export function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text; // a % that does not start an escape
  }
}

const NUMBER = /^[\d\s.,:/+TZ%-]+[a-z]{0,2}$/;
const PATH = /^(\/|\.{1,2}\/|~\/|[a-z]:[\\/])/i;
const URL_START = /^[a-z][a-z0-9+.-]*:\/\//i;
const HAS_USERINFO = /^[a-z][a-z0-9+.-]*:\/\/[^/?#\s]*@/i;
const MOST_WORDS = 3;
const MOST_ITEMS = 20;

/**
 * True for values that are not secret whatever their name: a path, a URL without credentials, a host, plain words, a
 * number, or a list of these.
 */
export function isOrdinary(value: string): boolean {
  const text = value.trim();
  if (text === '' || NUMBER.test(text)) return true;
  if (URL_START.test(text)) return !HAS_USERINFO.test(text) && !text.split(/[/?&;=#]/).some(looksRandom);
  // Base64 may also begin with a slash.
  if (PATH.test(text) && !/[+=]/.test(text)) return !text.split(/[\\/]/).some(looksRandom);
  if (isHost(text)) return true;
  const words = text.split(/[ _.-]+/);
  if (words.length <= MOST_WORDS && words.every(isWord)) return true;
  const items = text.split(/[,;]\s*/);
  return items.length > 1 && items.length <= MOST_ITEMS && items.every(isOrdinary);
}

/** Country domains, most others, and those of private networks: a text with dots need not be a host. */
const TOP_LEVEL = /^([a-z]{2,6}|internal|localhost|localdomain|example|invalid|cluster)$/;

/** Matches `auth.example.com`, `idp-1:8443`, `[::1]:80`. Without dot and port a text would have to be a word. */
function isHost(text: string): boolean {
  if (/^\[?[0-9a-f:]*:[0-9a-f:.]*\]?(:\d+)?$/.test(text)) return true;
  const [, name = '', port] = /^([a-z0-9.-]+?)(:\d{1,5})?$/.exec(text) ?? [];
  const labels = name.split('.');
  if (name === '' || (labels.length < 2 && port === undefined)) return false;
  const isLabel = (label: string) =>
    label.length <= 63 && label.split('-').every((part) => /^([a-z]{1,20}\d{0,4}|\d{1,5}|[a-z0-9]{1,3})$/.test(part));
  if (!labels.every(isLabel)) return false;
  return port !== undefined || TOP_LEVEL.test(labels[labels.length - 1] ?? '');
}

/** True if the letters look like a word: few capitals, vowels, no long run of consonants. */
function isWord(word: string): boolean {
  if (!/^([a-z]+|[A-Z]+|[A-Z]?[a-z]+([A-Z][a-z]{2,})*)$/.test(word) || word.length > 24) return false;
  return word.length <= 3 || (/[aeiouy]/i.test(word) && !/[^aeiouy]{6}/i.test(word));
}

const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/i;

type CharacterKind = 'digit' | 'lower' | 'upper';

/** The kind of an ASCII code; signs count as upper case. */
function kindOf(code: number): CharacterKind {
  if (code >= 48 && code <= 57) return 'digit';
  return code >= 97 && code <= 122 ? 'lower' : 'upper';
}

/**
 * True for a run of letters and digits that looks random. In random base-62 text 62 % of neighbours differ in kind
 * (upper case, lower case, digit), in base 36 40 %; in names such as `OrderControllerV2Impl` some 30 %, in slugs and
 * dates fewer. False for a UUID, which identifies a request.
 */
export function looksRandom(word: string): boolean {
  if (word.length < 20 || UUID.test(word)) return false;
  if (/^[0-9a-f]{32,}$/i.test(word) && /\d/.test(word) && /[a-f]/i.test(word)) return true;
  // A loop without arrays, which would be ten times slower in k6.
  let changes = 0;
  let last = kindOf(word.charCodeAt(0));
  const seen = new Set([last]);
  for (let index = 1; index < word.length; index++) {
    const kind = kindOf(word.charCodeAt(index));
    if (kind === last) continue;
    changes++;
    last = kind;
    seen.add(kind);
  }
  const leastShare = seen.size === 3 ? 0.4 : 0.3;
  return seen.has('digit') && changes >= leastShare * word.length;
}
