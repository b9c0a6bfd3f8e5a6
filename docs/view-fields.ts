// runner/report/view/model.ts → the tables of templates/README.md: every field of the view model with its type and its comment.

import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { packageRoot } from '../runner/system/package-root.ts';

export interface Field {
  /** `kpis.rows` for one of an object that has no name of its own. */
  readonly name: string;
  /** As in the source, on one line. */
  readonly type: string;
  readonly comment: string;
}

export interface Shape {
  readonly name: string;
  readonly parent: string | undefined;
  readonly comment: string;
  readonly fields: readonly Field[];
}

const MODEL = join(packageRoot, 'runner/report/view/model.ts');

/** The text of a `/** … *\/` comment on one line. */
function commentText(lines: readonly string[]): string {
  return lines
    .join(' ')
    .replace(/^\s*\/\*\*|\*\/\s*$/g, '')
    .replace(/\s+\*?\s+/g, ' ')
    .trim();
}

/** Fields of the lines between the braces of an interface; an object in a field gives fields of its own. */
function fieldsOf(lines: readonly string[]): Field[] {
  const fields: Field[] = [];
  let comment: string[] = [];
  let isComment = false;
  let within = '';
  for (let index = 0; index < lines.length; index++) {
    const line = lines[index] ?? '';
    if (isComment || /^\s*\/\*\*/.test(line)) {
      comment = isComment ? [...comment, line] : [line];
      isComment = !line.includes('*/');
      continue;
    }
    if (/^ {2}\};/.test(line)) within = '';
    const [, name = '', begin = ''] = /^\s+readonly (\w+): (.*)$/.exec(line) ?? [];
    if (name === '') continue;
    if (begin === '{') within = `${name}.`;
    let type = begin;
    while (begin !== '{' && !type.endsWith(';')) {
      index++;
      type += ` ${(lines[index] ?? '').replace(/^\s*\/\*\*.*\*\/$/, '').trim()}`;
    }
    const text = type
      .replace(/;$/, '')
      .replace(/\s+/g, ' ')
      .replace(/< | >/g, (found) => found.trim());
    if (begin !== '{') fields.push({ name: `${within}${name}`, type: text, comment: commentText(comment) });
    comment = [];
  }
  return fields;
}

/** The interfaces of the view model, the whole page first. */
export async function viewShapes(): Promise<readonly Shape[]> {
  const source = await readFile(MODEL, 'utf8');
  const declared = source.matchAll(
    /(?:^\/\*\*((?:(?!\*\/)[\s\S])*)\*\/\n)?^export interface (\w+)(?: extends (\w+))? \{\n([\s\S]*?)^\}/gm,
  );
  const shapes = [...declared].map(
    ([, comment = '', name = '', parent, body = '']): Shape => ({
      name,
      parent,
      comment: commentText([comment]),
      fields: fieldsOf(body.split('\n')),
    }),
  );
  return [...shapes.filter(({ name }) => name === 'ReportView'), ...shapes.filter(({ name }) => name !== 'ReportView')];
}

/** Lists as people say it: `list of KpiRow`. */
function typeText(type: string): string {
  const plain = type
    .replace(/^ReadonlyArray<readonly (\w+)\[\]>$/, 'rows of $1')
    .replace(/^ReadonlyArray<(.*)>$/, 'list of $1')
    .replace(/^readonly (\w+)\[\]$/, 'list of $1')
    .replace(/readonly (?=\w+:)/g, '')
    .replace(/readonly (\w+)\[\]/g, 'list of $1');
  return `\`${plain}\``.replaceAll('|', '\\|');
}

/** The names that stand for a choice of words. */
async function viewWords(): Promise<string[]> {
  const source = await readFile(MODEL, 'utf8');
  const declared = source.matchAll(/^\/\*\*(.*)\*\/\nexport type (\w+) = (.*);$/gm);
  return [...declared].map(
    ([, comment = '', name = '', words = '']) => `- \`${name}\`: \`${words}\`. ${comment.trim()}`,
  );
}

/** A heading and a table for each interface, and the words that some fields are one of. */
export async function viewFields(): Promise<string> {
  const tables = (await viewShapes())
    .map(({ name, parent, comment, fields }) => {
      const rows = fields.map(
        (field) => `| \`${field.name}\` | ${typeText(field.type)} | ${field.comment.replaceAll('|', '\\|')} |`,
      );
      const words = [comment, ...(parent === undefined ? [] : [`Also the fields of \`${parent}\`.`])].filter(
        (text) => text !== '',
      );
      return [
        `### ${name}`,
        '',
        ...(words.length === 0 ? [] : [words.join(' '), '']),
        '| field | type | |',
        '|---|---|---|',
        ...rows,
      ].join('\n');
    })
    .join('\n\n');
  return `${tables}\n\n### Words\n\n${(await viewWords()).join('\n')}`;
}
