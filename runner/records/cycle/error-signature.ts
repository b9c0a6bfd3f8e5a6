// An error of a run → a signature that the same error of another run has too, whatever ids, times and addresses its message contains.

import { createHash } from 'node:crypto';
import type { ErrorKind } from '../../model/error-kinds.ts';
import type { Result, ResultError } from '../../model/result.ts';

/** Whether an error is functional; log lines of k6 are not. */
export function isFunctional({ kind }: ResultError): boolean {
  return kind !== 'log';
}

/** A message without what differs each time: numbers, ids and URLs. */
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

/** What identifies an error: the message of a check or exception, the place and status of a failed request. */
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

/** The signature: 16 hexadecimal digits. */
export function signatureOf(result: Named, error: ResultError): string {
  const parts = SAME_BY[error.kind](result, error);
  return createHash('sha256').update(JSON.stringify(parts)).digest('hex').slice(0, 16);
}
