// Documents of commands become answers of tools; a command that was refused becomes the tool's error.

import { completionSchema } from '../model/completion.ts';
import { UserError } from '../system/errors.ts';
import { EXIT } from '../system/exit-codes.ts';

export interface AgentProject {
  /** Where scenarios/ is. */
  readonly dir: string;
  readonly conport: string;
  readonly out: string;
}

/** An answer as structured content and, for clients that read text only, as JSON. */
export function answer(document: Record<string, unknown>) {
  return { structuredContent: document, content: [{ type: 'text' as const, text: JSON.stringify(document) }] };
}

/** The SDK shows an error's message alone: place and next step go into it. */
export function toolError(error: UserError): Error {
  return new Error(error.toText());
}

/** The error that a command ended with; undefined where it was carried out. */
function errorIn(document: Record<string, unknown>): { error: UserError; exitCode: number } | undefined {
  const { data } = completionSchema.safeParse(document);
  if (data === undefined || data.error === null) return undefined;
  const { message, where, next } = data.error;
  const error = new UserError(message, { ...(where !== null && { where }), ...(next !== null && { next }) });
  return { error, exitCode: data.exit_code };
}

/** The document of a command, where the command was carried out; its error is the tool's otherwise. */
export function carriedOut(document: Record<string, unknown>): Record<string, unknown> {
  const failed = errorIn(document);
  if (failed === undefined) return document;
  throw toolError(failed.error);
}

/**
 * A completion document as the answer. Arguments that cannot become a cycle (exit code 2) are a tool error that says what was
 * expected; the document is its structured content, as such a call is recorded too.
 */
export function completed(document: Record<string, unknown>) {
  const failed = errorIn(document);
  if (failed?.exitCode !== EXIT.usage) return answer(document);
  return { ...answer(document), isError: true, content: [{ type: 'text' as const, text: failed.error.toText() }] };
}
