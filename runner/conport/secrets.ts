// Text and URLs that are about to be kept lose what opens doors: credentials, tokens, keys.

const SECRET_NAME =
  /(token|secret|passw|pwd|api[-_]?key|apikey|access[-_]?key|auth|session|signature|^sig$|^key$|credential|jwt|^code$)/i;
const REDACTED = 'REDACTED';

/** A URL without user and password, and with the values of telling query parameters replaced. Any other text is returned as it is. */
export function redactUrl(text: string): string {
  let url: URL;
  try {
    url = new URL(text);
  } catch {
    return text;
  }
  const telling = [...url.searchParams.keys()].filter((name) => SECRET_NAME.test(name));
  if (url.username === '' && url.password === '' && telling.length === 0) return text;
  if (url.username !== '') url.username = REDACTED;
  if (url.password !== '') url.password = REDACTED;
  for (const name of telling) url.searchParams.set(name, REDACTED);
  return url.href;
}

/** Any text: URLs within it, bearer tokens, JSON web tokens and `password=…` lose their secrets. */
export function redactText(text: string): string {
  return text
    .replace(/\bhttps?:\/\/[^\s"'<>`]+/gi, redactUrl)
    .replace(/\b(bearer|basic)\s+[A-Za-z0-9._~+/=-]{6,}/gi, `$1 ${REDACTED}`)
    .replace(/\beyJ[A-Za-z0-9_-]{8,}\.[A-Za-z0-9_-]+\.[A-Za-z0-9_-]*/g, REDACTED)
    .replace(/\b(password|passwd|pwd|secret|token|api[-_]?key)(["']?\s*[:=]\s*["']?)[^\s"'&,;]+/gi, `$1$2${REDACTED}`);
}

/** The words of a command line: `NAME=value` loses its value where the name tells of a secret. */
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
