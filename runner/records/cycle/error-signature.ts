// An error of a run becomes a signature: the same error of another run, with other ids, times and addresses in it, has the same.

import { createHash } from 'node:crypto';
import type { ErrorKind } from '../../model/error-kinds.ts';
import type { Result, ResultError } from '../../model/result.ts';

/** Kinds of error that are functional: k6's own log lines are not. */
export function isFunctional({ kind }: ResultError): boolean {
  return kind !== 'log';
}

/** What is the same about a message each time it is said: numbers, ids, addresses and quoted values left out. */
export function messagePattern(message: string): string {
  return message
    .slice(0, 2000)
    .replace(/\bhttps?:\/\/[^\s"'<>]+/gi, '<url>')
    .replace(/\b[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}\b/gi, '<id>')
    .replace(/\b(?=[0-9a-f]*\d)[0-9a-f]{8,}\b/gi, '<id>')
    .replace(/\b\d+(?:[.:]\d+)*\b/g, '<n>')
    .replace(/\s+/g, ' ')
    .trim();
}

type Named = Pick<Result, 'component' | 'scenario'>;

const byWhereAndStatus = ({ component }: Named, { kind, method, endpoint, status }: ResultError) => [
  component,
  kind,
  method,
  endpoint,
  status,
];
const byWords = ({ component, scenario }: Named, { kind, endpoint, message }: ResultError) => [
  component,
  scenario,
  kind,
  endpoint,
  messagePattern(message),
];

/** What makes two errors of a kind the same: a check or an exception its words, a failed request where and how it failed. */
const SAME_BY: Readonly<Record<ErrorKind, (result: Named, error: ResultError) => readonly string[]>> = {
  http: byWhereAndStatus,
  grpc: byWhereAndStatus,
  ws: byWhereAndStatus,
  browser: byWhereAndStatus,
  transport: ({ component }, { kind, method, endpoint, code, message }) => [
    component,
    kind,
    method,
    endpoint,
    code,
    messagePattern(message),
  ],
  check: byWords,
  exception: byWords,
  log: byWords,
};

/** 16 hexadecimal digits. */
export function signatureOf(result: Named, error: ResultError): string {
  const parts = SAME_BY[error.kind](result, error);
  return createHash('sha256').update(JSON.stringify(parts)).digest('hex').slice(0, 16);
}
