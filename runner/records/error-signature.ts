// An error of a run becomes a signature: the same error of another run, with other ids, times and addresses in it, has the same.

import { createHash } from 'node:crypto';
import type { Result, ResultError } from '../model/result.ts';

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

/** 16 hexadecimal digits. A check or an exception is known by its words, a failed request by where and how it failed. */
export function signatureOf(result: Pick<Result, 'component' | 'scenario'>, error: ResultError): string {
  const parts =
    error.kind === 'http' || error.kind === 'grpc' || error.kind === 'ws' || error.kind === 'browser'
      ? [result.component, error.kind, error.method, error.endpoint, error.status]
      : error.kind === 'transport'
        ? [result.component, error.kind, error.method, error.endpoint, error.code, messagePattern(error.message)]
        : [result.component, result.scenario, error.kind, error.endpoint, messagePattern(error.message)];
  return createHash('sha256').update(JSON.stringify(parts)).digest('hex').slice(0, 16);
}
