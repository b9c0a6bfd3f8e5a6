// View model → report.md: the same story with the same numbers, and the pictures next to it.

import { isRecord } from '../system/json.ts';
import type { Templates } from './template-engine.ts';
import type { ReportView, Table } from './view/model.ts';

/**
 * Text that means nothing to Markdown or HTML: safe in a paragraph, a heading and a table cell. Pipes, backticks, angle
 * brackets, brackets, emphasis and backslashes are escaped, line breaks become spaces.
 */
export function escapeMarkdown(text: string): string {
  // Nearly all are words and numbers of a table.
  if (!MEANS_SOMETHING.test(text)) return text;
  return text
    .replace(/&/g, '&amp;')
    .replace(/</g, '&lt;')
    .replace(/>/g, '&gt;')
    .replace(/[\\`*_{}[\]|~#!]/g, '\\$&')
    .replace(/\s*\n\s*/g, ' ')
    .replace(/^(\s*)([-+]|\d+\.)(\s)/, '$1\\$2$3');
}

/** What any of the replacements may change. */
const MEANS_SOMETHING = /[&<>\\`*_{}[\]|~#!\n]|^\s*(?:[-+]|\d+\.)\s/;

/** Fields that are paths, made by us and percent-encoded where they hold a name. */
const PATHS = ['file', 'folder'];

type Escape = (text: string) => string;

/** Every string of a view escaped, at any depth; markup (`svg…`) is left out. */
function escaped(value: unknown, escaping: Escape, key = ''): unknown {
  if (typeof value === 'string') {
    if (key.startsWith('svg')) return '';
    return PATHS.includes(key) ? value : escaping(value);
  }
  if (Array.isArray(value)) return value.map((item) => escaped(item, escaping));
  return isRecord(value) ? escapedRecord(value, escaping) : value;
}

function escapedRecord(record: object, escaping: Escape): Record<string, unknown> {
  const made: Record<string, unknown> = {};
  for (const [name, item] of Object.entries(record)) made[name] = escaped(item, escaping, name);
  return made;
}

/** Renders `<template>.md.hbs` with the view, all of whose strings are escaped on the way. */
export function renderMarkdownTemplate(
  template: string,
  view: object,
  templates: Templates,
  escaping: Escape = escapeMarkdown,
): string {
  return tidy(templates.render(`${template}.md`, escapedRecord(view, escaping)));
}

/** The table without columns in which only small pictures stand. */
function withoutPictures(table: Table): Table {
  const { columns, rows } = table;
  const isKept = columns.map((_, at) => rows.some((row) => !row[at]?.svg));
  const kept = <T>(cells: readonly T[]) => cells.filter((_, at) => isKept[at]);
  return rows.length === 0 ? table : { ...table, columns: kept(columns), rows: rows.map(kept) };
}

/** report.md. `view.options` is left out: the HTML page and result.json hold it. */
export function renderMarkdown(view: ReportView, templates: Templates): string {
  return renderMarkdownTemplate(
    'report',
    { ...view, endpoints: withoutPictures(view.endpoints), options: '' },
    templates,
  );
}

/** At most one empty line in a row, none at the end of lines. */
function tidy(markdown: string): string {
  return `${markdown
    .replace(/[ \t]+$/gm, '')
    .replace(/\n{3,}/g, '\n\n')
    .trim()}\n`;
}
