// Removes credentials, tokens and keys from texts and URLs before they are stored. Also runs inside k6, for failed
// requests: no npm, no Node, and no URL class.

import {
  isAllowedName,
  isAllowedText,
  isSecretField,
  isSecretName,
  keptOrRedacted,
  REDACTED,
  withoutKnown,
} from './secret-rules.ts';
import { decoded, isOrdinary, isSecretVariable, looksRandom } from './secret-values.ts';

export { withoutValues } from './secret-rules.ts';
export { secretValues } from './secret-values.ts';

/** Names of trace ids: they link a request to the server's log and are not secret. */
const TRACE_NAME = /(trace|request|correlation)[-_]?(id|parent)$/i;

/** `scheme://user:password@`, up to the last @ before the path. */
const USERINFO = /\b([a-z][a-z0-9+.-]*:\/\/)([^/?#\s"'<>`\\]+)@/gi;
/** `?name=value`, `&name=value`, `;name=value`, anywhere in a text. */
const PARAMETER = /([?&;#])([^=&;#?\s"'<>]{1,100})=([^&;#\s"'<>`\\]*)/g;
/** Parameter values that are empty, or placeholders of a template of k6's `http.url`. */
const EMPTY_VALUE = /^(|true|false|null|undefined|REDACTED|\$?\{+[^{}]*\}+|\*+|:[a-z_]\w*)$/i;

/** Redacts user, password and secret query parameters of a URL. Any other text is returned unchanged. */
export function redactUrl(text: string): string {
  if (!/^[a-z][a-z0-9+.-]*:\/\//i.test(text)) return text;
  return redactAddresses(withoutKnown(text));
}

function redactAddresses(text: string): string {
  return text
    .replace(USERINFO, (_all, scheme: string, user: string) =>
      user.includes(':') ? `${scheme}${REDACTED}:${REDACTED}@` : `${scheme}${REDACTED}@`,
    )
    .replace(PARAMETER, (pair: string, sign: string, name: string, value: string) =>
      isSecretParameter(decoded(name), value) ? `${sign}${name}=${REDACTED}` : pair,
    );
}

function isSecretParameter(name: string, value: string): boolean {
  if (EMPTY_VALUE.test(value) || isAllowedName(name) || isAllowedText(decoded(value))) return false;
  return (
    isSecretName(name) ||
    (!TRACE_NAME.test(name) &&
      decoded(value)
        .split(/[^\w-]/)
        .some(looksRandom))
  );
}

const PRIVATE_KEY = /-----BEGIN [A-Z ]*PRIVATE KEY-----[\s\S]*?(-----END [A-Z ]*PRIVATE KEY-----|$)/g;
const JSON_WEB_TOKEN = /\beyJ[A-Za-z0-9_-]{8,}\.[A-Za-z0-9_-]+(\.[A-Za-z0-9_-]*)?/g;
/** Keys that are recognised by a prefix, one issuer per line. */
const ISSUED_KEYS = [
  /(AKIA|ASIA)[A-Z0-9]{16}/, // AWS
  /gh[pousr]_[A-Za-z0-9]{20,}|github_pat_\w{20,}/, // GitHub
  /glpat-[\w-]{16,}/, // GitLab
  /xox[abeprs]-[\w-]{10,}/, // Slack
  /[rs]k_(live|test)_[A-Za-z0-9]{10,}/, // Stripe
  /AIza[\w-]{30,}/, // Google
  /npm_[A-Za-z0-9]{30,}/, // npm
  /SG\.[\w-]{16,}\.[\w-]{16,}/, // SendGrid
  /hv[sb]\.[\w-]{20,}/, // Vault
  /sk-[A-Za-z0-9_-]{20,}/, // OpenAI
  /do[opr]_v1_[a-f0-9]{64}/, // DigitalOcean
];
const ISSUED_KEY = new RegExp(`\\b(${ISSUED_KEYS.map(({ source }) => source).join('|')})`, 'g');
/** `password=…`, `token: …`, `"secret":"…"`, also in JSON inside a JSON string. */
const ASSIGNMENT =
  /\b([\w-]*(?:password|passwd|pwd|secret|token|api[-_]?key))(\\*["']?\s*[:=]\s*\\*["']?)([^\s"'&,;]+)/gi;
/** A whole header, because cookies may have any name. */
const CREDENTIAL_HEADER = /\b((?:set-)?cookie|(?:proxy-)?authorization)(["']?\s*:\s*["']?)([^\r\n"']+)/gi;
/** "invalid token 8sK2…": without a sign in between, only random text is redacted. */
const NAMED_BEFORE =
  /\b(token|secret|password|passwd|credential|api[ _-]?key|key|session|jwt)(\s+["'`(<[]?)([\w.~+/=-]{20,})/gi;

/**
 * Every pattern in this file needs one of these: a sign of an assignment, URL or tag, a run of this many characters or
 * digits, or the start of a credential. Most texts have none, which saves 20 µs per pattern in k6.
 */
const MAY_HOLD_SECRET = /[:=@<]|[\w.~+/=-]{13}|\d(?:[ -]?\d){12}|bearer|basic|-----BEGIN/i;

/** "basic authentication", "a bearer token". */
const PROSE_AFTER_SCHEME =
  /^(auth\w*|tokens?|schemes?|credentials?|REDACTED|requests?|checks?|header|access|information)[.,]?$/i;

/** Redacts secrets in any text: known values, URLs, bearer tokens, JSON web tokens, keys and `password=…`. */
export function redactText(text: string): string {
  const unknown = withoutKnown(text);
  if (!MAY_HOLD_SECRET.test(unknown)) return unknown;
  return redactAddresses(unknown)
    .replace(PRIVATE_KEY, keptOrRedacted)
    .replace(/\b(bearer|basic)(\s+)([A-Za-z0-9._~+/=-]{6,})/gi, (found, scheme: string, gap: string, value: string) =>
      PROSE_AFTER_SCHEME.test(value) || isAllowedText(value) ? found : `${scheme}${gap}${REDACTED}`,
    )
    .replace(JSON_WEB_TOKEN, keptOrRedacted)
    .replace(ISSUED_KEY, keptOrRedacted)
    .replace(CREDENTIAL_HEADER, (found: string, name: string, sign: string, value: string) =>
      isAllowedName(name) || isAllowedText(value) || isOrdinary(value) ? found : `${name}${sign}${REDACTED}`,
    )
    .replace(NAMED_BEFORE, (found: string, name: string, gap: string, value: string) =>
      isAllowedText(value) || !looksRandom(value) ? found : `${name}${gap}${REDACTED}`,
    )
    .replace(ASSIGNMENT, (found: string, name: string, sign: string, value: string) => {
      if (isAllowedName(name) || isAllowedText(value) || EMPTY_VALUE.test(value)) return found;
      // "Unexpected token: identifier" is ordinary text.
      return /^:\s+$/.test(sign) && isOrdinary(value) ? found : `${name}${sign}${REDACTED}`;
    });
}

/** Tags of k6 with few, known values. */
const PLAIN_TAGS: ReadonlySet<string> = new Set([
  'status',
  'method',
  'proto',
  'subproto',
  'expected_response',
  'error_code',
  'tls_version',
]);

/**
 * Redacts the value of a tag like any text; completely if the tag's name is secret and the value is not an ordinary
 * one.
 */
export function redactTag(name: string, value: string): string {
  if (PLAIN_TAGS.has(name) || isAllowedName(name)) return value;
  return isSecretField(name) && !isAllowedText(value) && !isOrdinary(value) ? REDACTED : redactText(value);
}

/** Redacts the tags of `http_req_duration{name:…}` as redactTag does, so that a threshold still finds its series. */
export function redactSelector(selector: string): string {
  const [, metric = '', tags] = /^([^{]*)\{([\s\S]*)\}$/.exec(selector) ?? [];
  if (tags === undefined) return redactText(selector);
  const each = tags.split(',').map((tag) => {
    const [, name = '', sign = '', value = ''] = /^([^:]*)(:\s*["']*)([\s\S]*?)["'\s]*$/.exec(tag) ?? [];
    const safe = redactTag(name.trim().replace(/^["']+|["']+$/g, ''), value);
    return sign === '' || safe === value ? tag : `${name}${sign.trim().slice(0, 1)}${safe}`;
  });
  return `${redactText(metric)}{${each.join(',')}}`;
}

/** Redacts the words of a command line; of `NAME=value` only the value. */
export function redactArguments(words: readonly string[]): string[] {
  return words.map((word) => {
    const [, name, value] = /^([A-Za-z_][\w-]*)=(.*)$/s.exec(word) ?? [];
    if (name === undefined || value === undefined) return redactText(word);
    return isSecretVariable(name, value) ? `${name}=${REDACTED}` : `${name}=${redactText(value)}`;
  });
}

/** Redacts any JSON: values with secret names, and secrets in texts. Numbers, booleans and null are never secret. */
export function redactValue(value: unknown, name = ''): unknown {
  if (typeof value === 'string')
    return isSecretName(name) && !isAllowedText(value) && value !== '' ? REDACTED : redactText(value);
  if (Array.isArray(value)) return value.map((item) => redactValue(item, name));
  if (typeof value !== 'object' || value === null) return value;
  const entries = Object.entries(value).map(([key, item]): [string, unknown] => {
    if (name === 'env' && typeof item === 'string')
      return [key, isSecretVariable(key, item) ? REDACTED : redactText(item)];
    return [key, name === 'tags' && typeof item === 'string' ? redactTag(key, item) : redactValue(item, key)];
  });
  return Object.fromEntries(
    name === 'thresholds' ? entries.map(([key, item]) => [redactSelector(key), item]) : entries,
  );
}

/** Redacts a header, or a field of a body, of an HTTP message. */
export function redactField(name: string, value: string): string {
  if (isSecretField(name)) return REDACTED;
  return TRACE_NAME.test(name) ? value : redactLoose(value);
}

/**
 * Redacts a body or URL of an HTTP message in any notation: values with secret names, and everything that looks like a
 * token, a key or a card number. JSON is parsed if it is complete; anything else is treated as text. `kept`: number of
 * characters that the caller keeps. The rest is replaced by spaces, to save work.
 */
export function redactPayload(text: string, kept = Number.POSITIVE_INFINITY): string {
  if (/^\s*[{[]/.test(text)) {
    try {
      return JSON.stringify(withoutSecrets(JSON.parse(text), '', false, { left: kept }));
    } catch {
      // Incomplete, or not JSON.
    }
  }
  return redactLoose(text);
}

/**
 * Unlike redactValue: numbers may be PINs, and everything below a secret name is secret. `room`: number of characters
 * still kept.
 */
function withoutSecrets(value: unknown, name: string, isSecret: boolean, room: { left: number }): unknown {
  if (room.left <= 0 && typeof value === 'string') return ' '.repeat(value.length);
  const hides = room.left > 0 && (isSecret || isSecretField(name));
  if (typeof value === 'string') {
    const safe = hides ? REDACTED : redactField(name, value);
    room.left -= safe.length;
    return safe;
  }
  if (typeof value === 'number') return hides || isCardNumber(String(value)) ? REDACTED : value;
  if (Array.isArray(value)) return value.map((item) => withoutSecrets(item, name, hides, room));
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value).map(([key, item]) => {
      room.left -= key.length;
      return [key, withoutSecrets(item, key, hides, room)];
    }),
  );
}

/** `name: value`, `name=value` and `"name":"value"`; the text may end in the middle. */
const PAIR =
  /\b([\w.-]{1,64})(["']?\s*[:=]\s*)("(?:[^"\\]|\\.)*"?|'(?:[^'\\]|\\.)*'?|(?:(?:bearer|basic)\s+)?[^\s"'&,;<>{}[\]]+)/gi;
const ELEMENT = /<([\w:.-]{1,64})((?:\s[^<>]*)?)>([^<>]+)</g;

function redactLoose(text: string): string {
  const begun = redactText(text);
  if (!MAY_HOLD_SECRET.test(begun)) return begun;
  return begun
    .replace(PAIR, (pair: string, name: string, sign: string) =>
      isSecretField(name) ? `${name}${sign}${REDACTED}` : pair,
    )
    .replace(ELEMENT, (element: string, name: string, attributes: string) =>
      isSecretField(name) ? `<${name}${attributes}>${REDACTED}<` : element,
    )
    .replace(/\b\d(?:[ -]?\d){12,18}\b/g, (digits) => (isCardNumber(digits) ? REDACTED : digits))
    .replace(/[A-Za-z0-9+/_=-]{20,}/g, (word) => (word.split('/').some(looksRandom) ? REDACTED : word));
}

/**
 * ISO/IEC 7812: 13 to 19 digits with a Luhn check digit; payment cards begin with 2 to 6. A time in milliseconds begins
 * with 1.
 */
function isCardNumber(text: string): boolean {
  const digits = text.replace(/[ -]/g, '');
  if (!/^[2-6]\d{12,18}$/.test(digits)) return false;
  let sum = 0;
  for (let index = 0; index < digits.length; index++) {
    const digit = Number(digits[digits.length - 1 - index]) * (index % 2 === 0 ? 1 : 2);
    sum += digit > 9 ? digit - 9 : digit;
  }
  return sum % 10 === 0;
}
