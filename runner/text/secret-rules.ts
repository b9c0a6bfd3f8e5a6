// The rules for what is secret in this process: built-in names, the project's rules, and values of environment
// variables. Used by all redaction. Also runs inside k6: no npm, no Node, no URL class.

/** The project's rules, from `secrets` in its configuration. Names may contain `*` for any text; case is ignored. */
export interface SecretRules {
  /** Names of parameters, fields, tags and variables with secret values. */
  readonly names: readonly string[];
  /** Regular expressions for text that is always secret. */
  readonly patterns: readonly string[];
  /** Names of values that are not secret, and texts that are not secret. */
  readonly allow: readonly string[];
}

export const NO_RULES: SecretRules = { names: [], patterns: [], allow: [] };

export const REDACTED = 'REDACTED';

// Without lookahead, which is fifty times slower in k6. `author` must not match, `authorization` must.
const SECRET_NAME =
  /(token|secret|passw|passphrase|pwd|api[-_]?key|access[-_]?key|private[-_]?key|auth($|[^o]|o[^r]|ori[sz])|session|cookie|signature|^sig$|^key$|credential|jwt|csrf|xsrf|card[-_]?number|^(otp|pin|cvv|cvc|iban|ssn)$|^code$)/i;
/** Names that mean a secret in a URL (OAuth's `?code=`), but an error in a body or tag. */
const SECRET_IN_URLS_ALONE = /^(code|key)$/i;

interface Rules {
  readonly name: RegExp | undefined;
  readonly patterns: readonly RegExp[];
  readonly allowedName: RegExp | undefined;
  readonly allowed: ReadonlySet<string>;
}

let rules: Rules = compiled(NO_RULES);
let values: readonly string[] = [];

function compiled({ names, patterns, allow }: SecretRules): Rules {
  return {
    name: anyOf(names),
    patterns: patterns.map((pattern) => new RegExp(pattern, 'g')),
    allowedName: anyOf(allow),
    allowed: new Set(allow),
  };
}

function anyOf(names: readonly string[]): RegExp | undefined {
  if (names.length === 0) return undefined;
  const each = names.map((name) => name.replace(/[.+?^${}()|[\]\\]/g, '\\$&').replace(/\*/g, '.*'));
  return new RegExp(`^(${each.join('|')})$`, 'i');
}

/** Sets the project's rules, in addition to the built-in ones; replaces earlier ones. */
export function useSecretRules(own: SecretRules): void {
  rules = compiled(own);
}

/** Adds secret values, which are redacted in every text from now on. */
export function learnSecrets(more: readonly string[]): void {
  // Longest first, because one value may contain another.
  values = [...new Set([...values, ...more])].sort((a, b) => b.length - a.length);
}

/** True if the project declares values of this name secret. */
export function isOwnSecretName(name: string): boolean {
  return rules.name?.test(name) === true;
}

/** True if values of this name are never redacted. */
export function isAllowedName(name: string): boolean {
  return rules.allowedName?.test(name) === true;
}

/** True if this text is never redacted. */
export function isAllowedText(text: string): boolean {
  return rules.allowed.has(text);
}

/** True if a URL parameter or variable of this name is secret. */
export function isSecretName(name: string): boolean {
  return !isAllowedName(name) && (SECRET_NAME.test(name) || isOwnSecretName(name));
}

/** The same for a field of a body, a header or a tag. */
export function isSecretField(name: string): boolean {
  return isSecretName(name) && (!SECRET_IN_URLS_ALONE.test(name) || isOwnSecretName(name));
}

/** Redacts values that are known to be secret, and matches of the project's patterns. */
export function withoutKnown(text: string): string {
  let rest = withoutValues(text, values);
  for (const pattern of rules.patterns) rest = rest.replace(pattern, keptOrRedacted);
  return rest;
}

/** Redacts a match, unless the project allows that text. */
export function keptOrRedacted(found: string): string {
  return isAllowedText(found) || found === '' ? found : REDACTED;
}

/** Redacts all occurrences of the values. */
export function withoutValues(text: string, secrets: readonly string[]): string {
  return secrets.reduce((rest, value) => (rest.includes(value) ? rest.split(value).join(REDACTED) : rest), text);
}
