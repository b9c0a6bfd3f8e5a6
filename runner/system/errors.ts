// Errors that the user can fix: what was expected, what was found, where, and the next step.

import { EXIT, type ExitCode } from './exit-codes.ts';

/** Optional parts of an error. */
export interface UserErrorOptions {
  /** Where it was found: a file, `file:line`, `file:line:column`, a flag or a field. */
  where?: string;
  /** The next step: one sentence, or a command to copy. */
  next?: string;
  /** Exit code if nothing handles the error. Default 2: wrong usage or configuration. */
  exitCode?: ExitCode;
  cause?: unknown;
}

/**
 * An error that the user can fix. The message says what was expected and what was found, and is printed without a
 * stack. Any other thrown error is a bug and keeps its stack.
 */
export class UserError extends Error {
  override readonly name = 'UserError';
  readonly where: string | undefined;
  readonly next: string | undefined;
  readonly exitCode: ExitCode;

  constructor(message: string, options: UserErrorOptions = {}) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    this.where = options.where;
    this.next = options.next;
    this.exitCode = options.exitCode ?? EXIT.usage;
  }

  /** The whole error as text: message, place and next step, one line each. */
  toText(): string {
    const lines = [this.message];
    if (this.where !== undefined) lines.push(`  at ${this.where}`);
    if (this.next !== undefined) lines.push(`  → ${this.next}`);
    return lines.join('\n');
  }
}

/** The message of any thrown value, on one line. */
export function messageOf(error: unknown): string {
  const message = error instanceof Error ? error.message : String(error);
  return message.replace(/\s+/g, ' ').trim();
}

/** The code of a system error, such as ENOENT or EACCES; undefined for anything else. */
export function errorCode(error: unknown): string | undefined {
  return error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : undefined;
}
