// View model → report.md: the same content and numbers as report.html, with the picture files next to it.

import { isRecord } from '../system/json.ts';
import type { Templates } from './template-engine.ts';
import type { ReportView, Table } from './view/model.ts';

/**
 * Text escaped for Markdown and HTML, safe in a paragraph, a heading and a table cell. Pipes, backticks, angle brackets, brackets,
 * emphasis and backslashes are escaped; line breaks become spaces.
 */
export function escapeMarkdown(text: string): string {
  // Most texts are words and numbers of tables, so this saves time.
  if (!NEEDS_ESCAPING.test(text)) return text;
  return text
    .replace(/&/g, '&amp;')
    .replace(/</g, '&lt;')
    .replace(/>/g, '&gt;')
    .replace(/[\\`*_{}[\]|~#!]/g, '\\$&')
    .replace(/\s*\n\s*/g, ' ')
    .replace(/^(\s*)([-+]|\d+\.)(\s)/, '$1\\$2$3');
}

/** Matches every text that one of the replacements would change. */
const NEEDS_ESCAPING = /[&<>\\`*_{}[\]|~#!\n]|^\s*(?:[-+]|\d+\.)\s/;

/** Fields that are paths: made by us, with percent-encoded names, so they are not escaped. */
const PATHS = ['file', 'folder'];

type Escape = (text: string) => string;

/** A view with all strings escaped, at any depth, and without markup (`svg…`). */
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

/** Renders `<template>.md.hbs` with the view, after escaping the strings of the view. */
export function renderMarkdownTemplate(
  template: string,
  view: object,
  templates: Templates,
  escaping: Escape = escapeMarkdown,
): string {
  return tidy(templates.render(`${template}.md`, escapedRecord(view, escaping)));
}

/** The table without columns that contain only pictures. */
function withoutPictures(table: Table): Table {
  const { columns, rows } = table;
  const isKept = columns.map((_, at) => rows.some((row) => !row[at]?.svg));
  const kept = <T>(cells: readonly T[]) => cells.filter((_, at) => isKept[at]);
  return rows.length === 0 ? table : { ...table, columns: kept(columns), rows: rows.map(kept) };
}

/** The text of report.md. It has no `view.options`, because report.html and result.json have them. */
export function renderMarkdown(view: ReportView, templates: Templates): string {
  return renderMarkdownTemplate(
    'report',
    { ...view, endpoints: withoutPictures(view.endpoints), options: '' },
    templates,
  );
}

/** Without spaces at the ends of lines, and with at most one empty line in a row. */
function tidy(markdown: string): string {
  return `${markdown
    .replace(/[ \t]+$/gm, '')
    .replace(/\n{3,}/g, '\n\n')
    .trim()}\n`;
}
