// A setting's value as one line that people may read: compact JSON without its secrets.

import { isRecord } from '../system/json.ts';
import { isSecretField, REDACTED } from '../text/secret-rules.ts';
import { redactText, redactUrl } from '../text/secrets.ts';

/** Maps with values that go to other programs and are mostly credentials. */
const HANDED_ON = ['headers', 'env'];

/** The value as it is, without secrets: fields and arguments with a secret's name, headers and variables, passwords of URLs. */
export function withoutSecrets(value: unknown): unknown {
  if (typeof value === 'string') return redactText(redactUrl(value));
  if (Array.isArray(value)) return value.map((each, index) => argumentOf(each, value[index - 1]));
  if (!isRecord(value)) return value;
  return Object.fromEntries(Object.entries(value).map(([name, below]) => [name, fieldOf(name, below)]));
}

function fieldOf(name: string, value: unknown): unknown {
  if (HANDED_ON.includes(name) && isRecord(value)) {
    return Object.fromEntries(Object.keys(value).map((each) => [each, REDACTED]));
  }
  return typeof value === 'string' && isSecretField(name) ? REDACTED : withoutSecrets(value);
}

/** An entry of a list; after `--token` it is a secret. */
function argumentOf(value: unknown, before: unknown): unknown {
  const flag = typeof before === 'string' ? /^--?([\w-]+)$/.exec(before)?.[1] : undefined;
  return typeof value === 'string' && flag !== undefined && isSecretField(flag) ? REDACTED : withoutSecrets(value);
}

/** `none` for nothing; a text as it is; anything else as JSON. */
export function settingText(value: unknown): string {
  const safe = withoutSecrets(value);
  const isNothing = safe === null || JSON.stringify(safe) === '{}' || JSON.stringify(safe) === '[]';
  if (isNothing) return 'none';
  return typeof safe === 'string' ? safe : JSON.stringify(safe);
}
