// Documents of commands become answers of tools; a rejected command becomes the tool's error.

import { completionSchema } from '../model/completion.ts';
import { UserError } from '../system/errors.ts';
import { EXIT } from '../system/exit-codes.ts';

/** The project that the tools work on. */
export interface AgentProject {
  /** The folder with scenarios/. */
  readonly dir: string;
  readonly conport: string;
  readonly out: string;
}

/** An answer as structured content, and as JSON text for clients without it. */
export function answer(document: Record<string, unknown>) {
  return { structuredContent: document, content: [{ type: 'text' as const, text: JSON.stringify(document) }] };
}

/** An error with place and next step in its message, because the SDK shows only the message. */
export function toolError(error: UserError): Error {
  return new Error(error.toText());
}

/** The error of a command; undefined if it ran. */
function errorIn(document: Record<string, unknown>): { error: UserError; exitCode: number } | undefined {
  const { data } = completionSchema.safeParse(document);
  if (data === undefined || data.error === null) return undefined;
  const { message, where, next } = data.error;
  const error = new UserError(message, { ...(where !== null && { where }), ...(next !== null && { next }) });
  return { error, exitCode: data.exit_code };
}

/** The document of a command that ran; throws the command's error otherwise. */
export function carriedOut(document: Record<string, unknown>): Record<string, unknown> {
  const failed = errorIn(document);
  if (failed === undefined) return document;
  throw toolError(failed.error);
}

/**
 * A completion document as the answer. Arguments that cannot start a cycle (exit code 2) are a tool error with what was expected;
 * the document is its structured content, because such a call is recorded too.
 */
export function completed(document: Record<string, unknown>) {
  const failed = errorIn(document);
  if (failed?.exitCode !== EXIT.usage) return answer(document);
  return { ...answer(document), isError: true, content: [{ type: 'text' as const, text: failed.error.toText() }] };
}
