// Converts esbuild's errors about a script into UserErrors: place, the line with a caret, and what to do.

import { builtinModules } from 'node:module';
import { resolve } from 'node:path';
import type { BuildFailure, Message } from 'esbuild';
import { UserError } from './errors.ts';
import { nearPath } from './near-path.ts';

const MOST_ERRORS = 5;

/**
 * Converts an esbuild failure into a UserError; returns anything else unchanged. esbuild's locations are relative to
 * `folder`.
 */
export function explainBuildFailure(error: unknown, folder: string): unknown {
  if (!isBuildFailure(error)) return error;
  const [first, ...others] = error.errors;
  if (first === undefined) return error;
  // A plugin of ours may have thrown a UserError.
  if (first.detail instanceof UserError) return first.detail;
  const shown = others.slice(0, MOST_ERRORS - 1).map((message) => renderMessage(message, folder));
  const more = others.length >= MOST_ERRORS ? [`… and ${others.length - MOST_ERRORS + 1} more`] : [];
  const message = [[describe(first), ...snippet(first)].join('\n'), ...shown, ...more].join('\n');
  const where = place(first, folder);
  const next = advice(first);
  return new UserError(message, {
    ...(where === undefined ? {} : { where }),
    ...(next === undefined ? {} : { next }),
    cause: error,
  });
}

/** One message of esbuild with its place: `scenarios/x.ts:9:7: text`, the line and a caret. */
export function renderMessage(message: Message, folder: string): string {
  const where = place(message, folder);
  return [where === undefined ? describe(message) : `${where}: ${describe(message)}`, ...snippet(message)].join('\n');
}

function isBuildFailure(error: unknown): error is BuildFailure {
  return error instanceof Error && 'errors' in error && Array.isArray(error.errors);
}

function describe({ text }: Message): string {
  return text.endsWith('.') ? text : `${text}.`;
}

/** Converts the column: esbuild counts from 0, in bytes; editors and k6 count from 1. */
function place({ location }: Message, folder: string): string | undefined {
  if (location === null) return undefined;
  const file = /^[a-z-]{2,}:/.test(location.file) ? location.file : nearPath(resolve(folder, location.file));
  return `${file}:${location.line}:${columnOf(location)}`;
}

function columnOf(location: { lineText: string; column: number }): number {
  return Buffer.from(location.lineText).subarray(0, location.column).toString('utf8').length + 1;
}

function snippet({ location }: Message): string[] {
  if (location === null) return [];
  const column = columnOf(location);
  const pad = location.lineText.slice(0, column - 1).replace(/[^\t]/g, ' ');
  return [
    `    ${location.lineText}`,
    `    ${pad}${'^'.repeat(Math.max(1, Math.min(location.length, location.lineText.length - column + 1)))}`,
  ];
}

function advice({ text }: Message): string | undefined {
  const unresolved = /^Could not resolve "([^"]+)"/.exec(text)?.[1];
  if (unresolved === undefined) return undefined;
  const name = unresolved.replace(/^node:/, '');
  if (builtinModules.includes(name)) {
    return `k6 is not Node.js and has no "${unresolved}"; for the modules of k6 see https://grafana.com/docs/k6/latest/javascript-api/`;
  }
  if (/^[./]/.test(unresolved)) return 'paths of imports are relative to the importing file';
  const packageName = unresolved
    .split('/')
    .slice(0, unresolved.startsWith('@') ? 2 : 1)
    .join('/');
  return `npm install ${packageName}`;
}
