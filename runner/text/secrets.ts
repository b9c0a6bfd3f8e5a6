// Text and URLs that are about to be kept lose what opens doors: credentials, tokens, keys. It runs in the runner and, for what
// failed requests carried, inside k6: no npm, no Node, and no URL class, which k6 lacks.

// No lookahead here and below: k6 runs it fifty times slower. `author` is no secret, `authorization` is.
const SECRET_NAME =
  /(token|secret|passw|passphrase|pwd|api[-_]?key|access[-_]?key|private[-_]?key|auth($|[^o]|o[^r]|or[iz])|session|cookie|signature|^sig$|^key$|credential|jwt|csrf|xsrf|card[-_]?number|^(otp|pin|cvv|cvc|iban|ssn)$|^code$)/i;
/** Names that tell of a secret in a URL (OAuth's `?code=`), and of an error in a body. */
const SECRET_IN_URLS_ALONE = /^(code|key)$/i;
/** What joins a request to the server's log and opens nothing. */
const TRACE_NAME = /(trace|request|correlation)[-_]?(id|parent)$/i;
const REDACTED = 'REDACTED';

/** A URL without user and password, and with the values of telling query parameters replaced. Any other text is returned as it is. */
export function redactUrl(text: string): string {
  if (!/^[a-z][a-z0-9+.-]*:\/\//i.test(text)) return text;
  return text
    .replace(/^([a-z][a-z0-9+.-]*:\/\/)([^/?#]+)@/i, (_all, scheme: string, user: string) =>
      user.includes(':') ? `${scheme}${REDACTED}:${REDACTED}@` : `${scheme}${REDACTED}@`,
    )
    .replace(/([?&;#])([^=&;#]+)=([^&;#]*)/g, (pair: string, sign: string, name: string) =>
      SECRET_NAME.test(decoded(name)) ? `${sign}${name}=${REDACTED}` : pair,
    );
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text; // a % that begins no escape
  }
}

const PRIVATE_KEY = /-----BEGIN [A-Z ]*PRIVATE KEY-----[\s\S]*?(-----END [A-Z ]*PRIVATE KEY-----|$)/g;

/** Any text: URLs within it, bearer tokens, JSON web tokens, private keys and `password=…` lose their secrets. */
export function redactText(text: string): string {
  return text
    .replace(/\bhttps?:\/\/[^\s"'<>`\\]+/gi, redactUrl)
    .replace(PRIVATE_KEY, REDACTED)
    .replace(/\b(bearer|basic)\s+[A-Za-z0-9._~+/=-]{6,}/gi, `$1 ${REDACTED}`)
    .replace(/\beyJ[A-Za-z0-9_-]{8,}\.[A-Za-z0-9_-]+\.[A-Za-z0-9_-]*/g, REDACTED)
    .replace(
      /\b([\w-]*(?:password|passwd|pwd|secret|token|api[-_]?key))(["']?\s*[:=]\s*["']?)[^\s"'&,;]+/gi,
      `$1$2${REDACTED}`,
    );
}

/** The words of a command line: `NAME=value` loses its value where the name is that of a secret. */
export function redactArguments(words: readonly string[]): string[] {
  return words.map((word) => {
    const [, name, value] = /^([A-Za-z_]\w*)=(.*)$/s.exec(word) ?? [];
    if (name === undefined || value === undefined) return redactText(word);
    return SECRET_NAME.test(name) ? `${name}=${REDACTED}` : `${name}=${redactText(value)}`;
  });
}

/** Any JSON: values under telling names are replaced, texts are redacted. Numbers, booleans and null are never secrets. */
export function redactValue(value: unknown, name = ''): unknown {
  if (typeof value === 'string') return SECRET_NAME.test(name) ? REDACTED : redactText(value);
  if (Array.isArray(value)) return value.map((item) => redactValue(item, name));
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, redactValue(item, key)]));
}

/** Variables of desktops and agents with telling names, whose values are ordinary words. */
const HARMLESS_VARIABLE = /^(XDG|DBUS|DESKTOP|GNOME|KDE|SSH)_/;
/** Shorter values stand in too many texts by chance. */
const SHORTEST_SECRET = 6;

/** Values of an environment whose names tell of secrets, longest first, each also as a URL and as JSON would write it. */
export function secretValues(env: Readonly<Record<string, string | undefined>>): string[] {
  const values = Object.keys(env).flatMap((name) => {
    const value = env[name] ?? '';
    if (!SECRET_NAME.test(name) || HARMLESS_VARIABLE.test(name) || value.length < SHORTEST_SECRET) return [];
    return [value, encodeURIComponent(value), JSON.stringify(value).slice(1, -1)];
  });
  return [...new Set(values)].sort((a, b) => b.length - a.length);
}

/** The text without any of the values, wherever they stand. */
export function withoutValues(text: string, values: readonly string[]): string {
  return values.reduce((rest, value) => (rest.includes(value) ? rest.split(value).join(REDACTED) : rest), text);
}

/** A header, or a field of a body, that an HTTP message carried under this name. */
export function redactField(name: string, value: string): string {
  if (isSecretField(name)) return REDACTED;
  return TRACE_NAME.test(name) ? value : redactLoose(value);
}

/**
 * A body or a URL that an HTTP message carried, in any notation: values under telling names go, and whatever looks like a
 * token, a key or a card number by itself. Whole JSON is taken apart, anything else is read as text.
 */
export function redactPayload(text: string): string {
  if (/^\s*[{[]/.test(text)) {
    try {
      return JSON.stringify(withoutSecrets(JSON.parse(text), '', false));
    } catch {
      // Cut off, or only looks like JSON.
    }
  }
  return redactLoose(text);
}

function isSecretField(name: string): boolean {
  return SECRET_NAME.test(name) && !SECRET_IN_URLS_ALONE.test(name);
}

/** Unlike redactValue: numbers may be PINs, and all that stands below a telling name is secret. */
function withoutSecrets(value: unknown, name: string, isSecret: boolean): unknown {
  const hides = isSecret || isSecretField(name);
  if (typeof value === 'string') return hides ? REDACTED : redactField(name, value);
  if (typeof value === 'number') return hides || isCardNumber(String(value)) ? REDACTED : value;
  if (Array.isArray(value)) return value.map((item) => withoutSecrets(item, name, hides));
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, withoutSecrets(item, key, hides)]));
}

/** `name: value`, `name=value` and `"name":"value"`, of which the text may end in the middle. */
const PAIR =
  /\b([\w.-]{1,64})(["']?\s*[:=]\s*)("(?:[^"\\]|\\.)*"?|'(?:[^'\\]|\\.)*'?|(?:(?:bearer|basic)\s+)?[^\s"'&,;<>{}[\]]+)/gi;
const ELEMENT = /<([\w:.-]{1,64})((?:\s[^<>]*)?)>([^<>]+)</g;

function redactLoose(text: string): string {
  return redactText(text)
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

const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/i;

/**
 * A run of letters and digits that no person wrote. In a random base-62 text 62 % of the neighbours are of two kinds (upper
 * case, lower case, digit), in base 36 40 %; in names such as `OrderControllerV2Impl` some 30 %, in slugs and dates fewer. A UUID
 * tells which request it was, and stays.
 */
function looksRandom(word: string): boolean {
  if (word.length < 20 || UUID.test(word)) return false;
  if (/^[0-9a-f]{32,}$/i.test(word) && /\d/.test(word) && /[a-f]/i.test(word)) return true;
  const kinds = [...word].map((character) =>
    character >= '0' && character <= '9' ? 'digit' : character >= 'a' && character <= 'z' ? 'lower' : 'upper',
  );
  const changes = kinds.filter((kind, index) => index > 0 && kind !== kinds[index - 1]).length;
  const enough = new Set(kinds).size === 3 ? 0.4 : 0.3;
  return kinds.includes('digit') && changes >= enough * word.length;
}
