// Credentials, tokens and keys are removed from texts and URLs before these are kept. It runs in the runner and, for what
// failed requests carried, inside k6: no npm, no Node, and no URL class, which k6 lacks.

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

/** Names of trace ids: they join a request to the server's log and are no secrets. */
const TRACE_NAME = /(trace|request|correlation)[-_]?(id|parent)$/i;

/** `scheme://user:password@`, up to the last @ before the path. */
const USERINFO = /\b([a-z][a-z0-9+.-]*:\/\/)([^/?#\s"'<>`\\]+)@/gi;
/** `?name=value`, `&name=value`, `;name=value`, wherever it stands. */
const PARAMETER = /([?&;#])([^=&;#?\s"'<>]{1,100})=([^&;#\s"'<>`\\]*)/g;
/** Values of parameters that are empty, or that a template of k6's `http.url` left open. */
const EMPTY_VALUE = /^(|true|false|null|undefined|REDACTED|\$?\{+[^{}]*\}+|\*+|:[a-z_]\w*)$/i;

/** A URL without user and password, and with the values of telling query parameters replaced. Any other text is returned as it is. */
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
/** Keys with a prefix by which they are recognised, one issuer a line. */
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
/** `password=…`, `token: …`, `"secret":"…"`, also in JSON that is quoted in JSON. */
const ASSIGNMENT =
  /\b([\w-]*(?:password|passwd|pwd|secret|token|api[-_]?key))(\\*["']?\s*[:=]\s*\\*["']?)([^\s"'&,;]+)/gi;
/** A header as a whole: its cookies have any names. */
const CREDENTIAL_HEADER = /\b((?:set-)?cookie|(?:proxy-)?authorization)(["']?\s*:\s*["']?)([^\r\n"']+)/gi;
/** "invalid token 8sK2…": with no sign between, only what no person wrote. */
const NAMED_BEFORE =
  /\b(token|secret|password|passwd|credential|api[ _-]?key|key|session|jwt)(\s+["'`(<[]?)([\w.~+/=-]{20,})/gi;

/**
 * What every pattern above and below needs one of: a sign between a name and its value, of a URL or of a tag, a word of so many characters
 * or digits, or the words that begin a credential. Most texts have none, and k6 needs 20 µs for each of twelve patterns.
 */
const MAY_HOLD_SECRET = /[:=@<]|[\w.~+/=-]{13}|\d(?:[ -]?\d){12}|bearer|basic|-----BEGIN/i;

/** "basic authentication", "a bearer token". */
const PROSE_AFTER_SCHEME =
  /^(auth\w*|tokens?|schemes?|credentials?|REDACTED|requests?|checks?|header|access|information)[.,]?$/i;

/** Any text: values that are known, URLs within it, bearer tokens, JSON web tokens, keys and `password=…` lose their secrets. */
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
      // "Unexpected token: identifier" is prose.
      return /^:\s+$/.test(sign) && isOrdinary(value) ? found : `${name}${sign}${REDACTED}`;
    });
}

/** Tags of k6's own, whose values are few and known. */
const PLAIN_TAGS: ReadonlySet<string> = new Set([
  'status',
  'method',
  'proto',
  'subproto',
  'expected_response',
  'error_code',
  'tls_version',
]);

/** The value of a tag: as any text, and whole where the tag's name is that of a secret and the value is no ordinary one. */
export function redactTag(name: string, value: string): string {
  if (PLAIN_TAGS.has(name) || isAllowedName(name)) return value;
  return isSecretField(name) && !isAllowedText(value) && !isOrdinary(value) ? REDACTED : redactText(value);
}

/** `http_req_duration{name:…}` as redactTag writes its tags: a threshold finds the series that it is for. */
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

/** The words of a command line: `NAME=value` loses its value where it is a secret. */
export function redactArguments(words: readonly string[]): string[] {
  return words.map((word) => {
    const [, name, value] = /^([A-Za-z_][\w-]*)=(.*)$/s.exec(word) ?? [];
    if (name === undefined || value === undefined) return redactText(word);
    return isSecretVariable(name, value) ? `${name}=${REDACTED}` : `${name}=${redactText(value)}`;
  });
}

/** Any JSON: values under telling names are replaced, texts are redacted. Numbers, booleans and null are never secrets. */
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

/** A header, or a field of a body, that an HTTP message carried under this name. */
export function redactField(name: string, value: string): string {
  if (isSecretField(name)) return REDACTED;
  return TRACE_NAME.test(name) ? value : redactLoose(value);
}

/**
 * A body or a URL that an HTTP message carried, in any notation: values under telling names go, and whatever looks like a
 * token, a key or a card number by itself. Whole JSON is taken apart, anything else is read as text. `kept`: who cuts the
 * text to so many characters spares the work for the rest, of which only the length stays.
 */
export function redactPayload(text: string, kept = Number.POSITIVE_INFINITY): string {
  if (/^\s*[{[]/.test(text)) {
    try {
      return JSON.stringify(withoutSecrets(JSON.parse(text), '', false, { left: kept }));
    } catch {
      // Cut off, or only looks like JSON.
    }
  }
  return redactLoose(text);
}

/** Unlike redactValue: numbers may be PINs, and all that stands below a telling name is secret. `room`: characters that are still kept. */
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

/** `name: value`, `name=value` and `"name":"value"`, of which the text may end in the middle. */
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

/** ISO/IEC 7812: 13 to 19 digits, from 2 to 6 for payment cards, with a Luhn check digit. A time in milliseconds begins with 1. */
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
