// What is secret in this process: the built-in names, the rules of the project, and the values of environments. One list, which
// everything that redacts asks. It also runs inside k6: no npm, no Node, no URL class.

/** The project's own rules, from `secrets` of its configuration. Names may hold `*` for any text; case does not count. */
export interface SecretRules {
  /** Names of parameters, fields, tags and variables whose values are secret. */
  readonly names: readonly string[];
  /** Regular expressions of what is secret wherever it stands. */
  readonly patterns: readonly string[];
  /** Names whose values stay, and texts that stay. */
  readonly allow: readonly string[];
}

export const NO_RULES: SecretRules = { names: [], patterns: [], allow: [] };

export const REDACTED = 'REDACTED';

// No lookahead: k6 runs it fifty times slower. `author` is no secret, `authorization` is.
const SECRET_NAME =
  /(token|secret|passw|passphrase|pwd|api[-_]?key|access[-_]?key|private[-_]?key|auth($|[^o]|o[^r]|ori[sz])|session|cookie|signature|^sig$|^key$|credential|jwt|csrf|xsrf|card[-_]?number|^(otp|pin|cvv|cvc|iban|ssn)$|^code$)/i;
/** Names that mean a secret in a URL (OAuth's `?code=`), and an error in a body or a tag. */
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

/** From here on the project's rules hold besides the built-in ones, in place of those that were set before. */
export function useSecretRules(own: SecretRules): void {
  rules = compiled(own);
}

/** From here on none of these values stands in any text that is redacted. */
export function learnSecrets(more: readonly string[]): void {
  // Longest first: one may hold another.
  values = [...new Set([...values, ...more])].sort((a, b) => b.length - a.length);
}

/** Whether the project calls values of this name secret. */
export function isOwnSecretName(name: string): boolean {
  return rules.name?.test(name) === true;
}

/** Whether values of this name stay as they are. */
export function isAllowedName(name: string): boolean {
  return rules.allowedName?.test(name) === true;
}

/** Whether this text stays as it is. */
export function isAllowedText(text: string): boolean {
  return rules.allowed.has(text);
}

/** Whether a parameter of a URL, or a variable, of this name is secret. */
export function isSecretName(name: string): boolean {
  return !isAllowedName(name) && (SECRET_NAME.test(name) || isOwnSecretName(name));
}

/** The same for a field of a body, a header or a tag. */
export function isSecretField(name: string): boolean {
  return isSecretName(name) && (!SECRET_IN_URLS_ALONE.test(name) || isOwnSecretName(name));
}

/** The text without values that are known to be secret, and without what the project's patterns find. */
export function withoutKnown(text: string): string {
  let rest = withoutValues(text, values);
  for (const pattern of rules.patterns) rest = rest.replace(pattern, keptOrRedacted);
  return rest;
}

/** What a pattern found, unless the project lets that text stay. */
export function keptOrRedacted(found: string): string {
  return isAllowedText(found) || found === '' ? found : REDACTED;
}

/** The text without any of the values, wherever they stand. */
export function withoutValues(text: string, secrets: readonly string[]): string {
  return secrets.reduce((rest, value) => (rest.includes(value) ? rest.split(value).join(REDACTED) : rest), text);
}
