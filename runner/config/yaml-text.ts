// Reads YAML with line numbers, writes values as YAML, and rewrites only the differences of an existing text.

import { isDeepStrictEqual } from 'node:util';
import {
  Document,
  isCollection,
  isMap,
  isNode,
  isScalar,
  isSeq,
  LineCounter,
  type Node,
  Pair,
  parseDocument,
  type ScalarTag,
  type Tags,
  type YAMLMap,
  type YAMLSeq,
} from 'yaml';
import { stringTag } from 'yaml/util';
import { messageOf, UserError } from '../system/errors.ts';
import { isRecord } from '../system/json.ts';
import { aliasesIn, isTooDeep, keyTwice, MOST_ALIASES, MOST_YAML_LEVELS } from '../text/yaml-bounds.ts';
import { conflictSides } from './conflict-sides.ts';

/** Characters that are not printable in YAML, or that other readers treat as line breaks. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what must be escaped.
const UNPRINTABLE = /[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u2028\u2029\ufeff\ufffe\uffff]/;
const UNPRINTABLE_ALL = new RegExp(UNPRINTABLE.source, 'g');

/** Blank and indented lines: yaml 2.9.1 writes `" \n"` as a block scalar that reads back as `"\n"`, so none of them gets one. */
const NO_BLOCK = /^[ \t]*\n|^[ \t].*\n|\n[ \t]+(?:\n|$)/;

/** Writes strings with such characters in double quotes with escapes; all others as the library does. */
const safeStringTag: ScalarTag = {
  ...stringTag,
  stringify(item, context, onComment, onChompKeep) {
    const text = String(item.value);
    // A bare << is a merge key.
    if (text === '<<') return '"<<"';
    if (!UNPRINTABLE.test(text) && !NO_BLOCK.test(text))
      return stringTag.stringify?.(item, context, onComment, onChompKeep) ?? JSON.stringify(text);
    return JSON.stringify(text).replace(
      UNPRINTABLE_ALL,
      (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`,
    );
  },
};

const SCHEMA = {
  version: '1.2',
  // Readers of YAML 1.1 (PyYAML) do not read a bare `no` or a date as text, so such texts are quoted.
  compat: 'yaml-1.1',
  // keyTwice() looks for these.
  uniqueKeys: false,
  customTags: (tags: Tags) => tags.map((tag) => (tag === stringTag ? safeStringTag : tag)),
} as const;

/** Merge keys are read, but never written. */
const READING = { ...SCHEMA, merge: true } as const;
const WRITING = { lineWidth: 0 } as const;

/** A YAML file that was read. */
export interface YamlFile {
  readonly value: unknown;
  /** `file:line:column` of the value at a path, or of its nearest parent. */
  placeOf(path: readonly PropertyKey[]): string;
}

/**
 * Reads one YAML document. `expected` completes the sentence "Expected …" of the error that is thrown, with
 * file:line:column, for invalid YAML.
 */
export function parseYaml(text: string, file: string, expected: string): YamlFile {
  if (conflictSides(text) !== undefined) {
    const line = text.split('\n').findIndex((each) => each.startsWith('<<<<<<<')) + 1;
    throw new UserError(`Expected ${expected} in YAML, found git's conflict markers of an unresolved merge.`, {
      where: `${file}:${line}:1`,
      next: 'for records of runs use novaperf conport check --repair; resolve files that people write by hand',
    });
  }
  if (isTooDeep(text)) throw broken(expected, `more than ${MOST_YAML_LEVELS} levels`, file, undefined);
  const lineCounter = new LineCounter();
  try {
    const document = parseDocument(text, { ...READING, lineCounter, prettyErrors: true });
    const [error] = document.errors;
    if (error !== undefined) {
      const [at] = error.linePos ?? [];
      const where = at === undefined ? file : `${file}:${at.line}:${at.col}`;
      const found = error.message.split('\n', 1)[0]?.replace(/ at line \d+, column \d+:?$/, '') ?? error.code;
      throw broken(expected, found, where, error);
    }
    const again = keyTwice(document);
    if (again !== undefined) {
      const { line, col } = lineCounter.linePos(again.range?.[0] ?? 0);
      throw broken(expected, 'Map keys must be unique', `${file}:${line}:${col}`, undefined);
    }
    if (aliasesIn(document) > MOST_ALIASES)
      throw broken(expected, `more than ${MOST_ALIASES} aliases`, file, undefined);
    // 100 aliases, because a small file could expand into gigabytes.
    const value: unknown = document.toJS({ maxAliasCount: 100 });
    return { value, placeOf: (path) => placeIn(document, lineCounter, file, path) };
  } catch (error) {
    if (error instanceof UserError) throw error;
    throw broken(expected, messageOf(error), file, error);
  }
}

function broken(expected: string, found: string, where: string, cause: unknown): UserError {
  return new UserError(`Expected ${expected} in YAML, found: ${found}.`, {
    where,
    next: 'correct the line; usual causes are indentation, a missing quote or a tab',
    cause,
  });
}

function placeIn(document: Document, lines: LineCounter, file: string, path: readonly PropertyKey[]): string {
  let node: unknown = document.contents;
  let offset = isScalar(node) || isCollection(node) ? node.range?.[0] : undefined;
  for (const step of path) {
    if (isMap(node)) {
      const pair = node.items.find(({ key }) => isScalar(key) && String(key.value) === String(step));
      if (pair === undefined) break;
      if (isScalar(pair.key)) offset = pair.key.range?.[0] ?? offset;
      node = pair.value;
    } else if (isSeq(node)) {
      node = node.items[Number(step)];
      if (isScalar(node) || isCollection(node)) offset = node.range?.[0] ?? offset;
    } else break;
  }
  if (offset === undefined) return file;
  const { line, col } = lines.linePos(offset);
  return `${file}:${line}:${col}`;
}

/** A value as YAML text, with keys in the order of the value. */
export function renderYaml(value: unknown): string {
  return new Document(value, { ...SCHEMA, aliasDuplicateObjects: false }).toString(WRITING);
}

/**
 * `text` with `value` as its new value. Comments, order and notation of unchanged parts are kept; fields that `value` lacks are
 * removed. If the text cannot be kept (an alias without its anchor), the value is rewritten.
 */
export function rewriteYaml(text: string, value: unknown): string {
  try {
    // With merge keys in the schema, the text "<<" would be written as one.
    const document = parseDocument<Node>(text, text.includes('<<') ? READING : SCHEMA);
    document.contents = merged(document, document.contents, value);
    const rewritten = document.toString(WRITING);
    if (isDeepStrictEqual(parseDocument(rewritten, READING).toJS(), value)) return rewritten;
  } catch {
    // An alias without its anchor cannot be written.
  }
  return renderYaml(value);
}

type AnyDocument = Document<Node, boolean>;

function created(document: AnyDocument, value: unknown): Node {
  return document.createNode(value, { aliasDuplicateObjects: false });
}

function merged(document: AnyDocument, node: unknown, value: unknown): Node {
  if (isNode(node) && isDeepStrictEqual(node.toJS(document), value)) return node;
  if (isMap(node) && isRecord(value)) return mergedMap(document, node, value);
  if (isSeq(node) && Array.isArray(value)) return mergedSeq(document, node, value);
  const fresh = created(document, value);
  if (isScalar(node)) {
    fresh.comment = node.comment ?? null;
    fresh.commentBefore = node.commentBefore ?? null;
    if (node.spaceBefore === true) fresh.spaceBefore = true;
  }
  return fresh;
}

function mergedMap(document: AnyDocument, map: YAMLMap, value: Record<string, unknown>): Node {
  const kept = new Set<string>();
  map.items = map.items.filter((pair) => {
    const key = isScalar(pair.key) ? String(pair.key.value) : undefined;
    if (key === undefined || !Object.hasOwn(value, key)) return false;
    kept.add(key);
    pair.value = merged(document, pair.value, value[key]);
    return true;
  });
  for (const [key, below] of Object.entries(value)) {
    if (!kept.has(key)) map.items.push(new Pair(created(document, key), created(document, below)));
  }
  return map;
}

/** Remaining entries keep their comments when they move; the others are merged in place, or new. */
function mergedSeq(document: AnyDocument, seq: YAMLSeq, values: readonly unknown[]): Node {
  const old = seq.items.map((node) => ({ node, value: isNode(node) ? node.toJS(document) : node, taken: false }));
  const same = values.map((value) => {
    const found = old.find((entry) => !entry.taken && isDeepStrictEqual(entry.value, value));
    if (found !== undefined) found.taken = true;
    return found;
  });
  // An empty list [] must not make one long line of all new entries.
  if (seq.items.length === 0) seq.flow = false;
  seq.items = values.map((value, index) => {
    const found = same[index];
    if (found !== undefined) return found.node;
    const inPlace = old[index];
    if (inPlace === undefined || inPlace.taken) return created(document, value);
    inPlace.taken = true;
    return merged(document, inPlace.node, value);
  });
  return seq;
}
