// Splits a Prometheus exposition into samples. One invalid line rejects the whole text, as in Prometheus.

import { oneLine } from '../text/display-text.ts';

// https://prometheus.io/docs/instrumenting/exposition_formats, text format 0.0.4; additions of OpenMetrics are ignored:
//
//   line     -> "# TYPE" name type | "#" anything | sample | nothing
//   sample   -> name labels? value timestamp? ( "#" exemplar )?
//   labels   -> "{" ( label ( "," label )* ","? )? "}"
//   label    -> name "=" '"' ( any but \ " newline | "\\" | "\"" | "\n" )* '"'
//   value    -> a float of Go: decimal, NaN, +Inf, -Inf

export const EXPOSITION_TYPES = ['counter', 'gauge', 'histogram', 'summary', 'untyped'] as const;
export type ExpositionType = (typeof EXPOSITION_TYPES)[number];

const TYPE_LINE = /^#[ \t]+TYPE[ \t]+(\S+)[ \t]+(\S+)[ \t]*$/;
const NAME = /^[a-zA-Z_:][a-zA-Z0-9_:]*$/;
const LABEL = /[ \t]*([a-zA-Z_][a-zA-Z0-9_]*)[ \t]*=[ \t]*"((?:[^"\\\n]|\\.)*)"[ \t]*(,|$)/y;
const FLOAT = /^[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?$/;
const SPECIAL: ReadonlyMap<string, number> = new Map([
  ['nan', Number.NaN],
  ['+inf', Infinity],
  ['inf', Infinity],
  ['-inf', -Infinity],
]);
/** Longer lines are not metrics: Prometheus' own limits, if set, are far lower. */
const MOST_LINE = 64 * 1024;

/** Receives the content of an exposition. */
export interface ExpositionSink {
  type(name: string, type: ExpositionType): void;
  /** `key`: name and labels as written, the same text in every scrape. `place`: number of samples before this one. */
  sample(key: string, value: number, place: number): void;
}

/**
 * Reads a whole exposition. Throws an Error that names the first invalid line. `former`: the keys of the previous
 * scrape, by place. Exporters repeat their keys in the same order, so a line is usually only compared, not parsed.
 */
export function readExposition(
  text: string,
  sink: ExpositionSink,
  former: ReadonlyArray<{ readonly key: string }> = [],
): void {
  let line = 0;
  let samples = 0;
  for (let start = 0; start < text.length; ) {
    line++;
    const newline = text.indexOf('\n', start);
    const end = newline < 0 ? text.length : newline;
    if (end - start > MOST_LINE) throw refusalOf(line, text, start, end);
    let from = start;
    while (from < end && isBlank(text, from)) from++;
    if (from < end) {
      if (text.charCodeAt(from) === HASH) {
        if (!text.startsWith('# HELP ', from)) readComment(text.slice(from, end), sink);
      } else if (readSample(text, from, end, sink, samples, former[samples]?.key)) samples++;
      else throw refusalOf(line, text, start, end);
    }
    start = end + 1;
  }
  if (samples === 0) throw new Error('expected the lines of an exposition, found no sample');
}

function refusalOf(line: number, text: string, start: number, end: number): Error {
  const shown = oneLine(text.slice(start, Math.min(end, start + 400)), 80);
  return new Error(`line ${line} is not a line of an exposition: "${shown}"`);
}

const HASH = 35;
const BRACE = 123;

function isBlank(text: string, at: number): boolean {
  const code = text.charCodeAt(at);
  return code === 32 || code === 9 || code === 13;
}

function readComment(comment: string, sink: ExpositionSink): void {
  const [, name, declared] = TYPE_LINE.exec(comment.trimEnd()) ?? [];
  if (name === undefined) return;
  // OpenMetrics calls it "unknown".
  const type = declared === 'unknown' ? 'untyped' : EXPOSITION_TYPES.find((known) => known === declared);
  if (type !== undefined) sink.type(name, type);
}

/** Reads a sample line; false if it is not one. */
function readSample(
  text: string,
  from: number,
  end: number,
  sink: ExpositionSink,
  place: number,
  former: string | undefined,
): boolean {
  const isFormer = former !== undefined && text.startsWith(former, from) && endsAt(text, from + former.length);
  if (isFormer) {
    // The usual case: the same key as last time, followed only by the value.
    const rest = text.slice(from + former.length + 1, end);
    if (FLOAT.test(rest)) {
      sink.sample(former, Number(rest), place);
      return true;
    }
  }
  const keyEnd = isFormer ? from + former.length : endOfKey(text, from, end);
  if (keyEnd < 0) return false;
  let at = keyEnd;
  while (at < end && isBlank(text, at)) at++;
  if (at === keyEnd && text[keyEnd - 1] !== '}') return false;
  let valueEnd = at;
  while (valueEnd < end && !isBlank(text, valueEnd)) valueEnd++;
  const value = numberOf(text.slice(at, valueEnd));
  if (value === undefined) return false;
  const rest = valueEnd === end ? '' : text.slice(valueEnd, end).trim();
  if (rest !== '' && !/^(-?\d+(\.\d+)?)?\s*(#.*)?$/.test(rest)) return false;
  sink.sample(isFormer ? former : text.slice(from, keyEnd), value, place);
  return true;
}

/** True if the key ends here, as in the previous scrape: one blank and no label follow. */
function endsAt(text: string, at: number): boolean {
  return text.charCodeAt(at) === 32 && text.charCodeAt(at + 1) !== BRACE && !isBlank(text, at + 1);
}

/** The end of name and labels; -1 if quotes or braces are not closed. */
function endOfKey(text: string, from: number, end: number): number {
  let at = from;
  while (at < end && text[at] !== '{' && !isBlank(text, at)) at++;
  let brace = at;
  // Blanks are allowed between a name and its labels.
  while (brace < end && isBlank(text, brace)) brace++;
  if (text[brace] !== '{' || brace >= end) return at;
  let isQuoted = false;
  for (at = brace + 1; at < end; at++) {
    const code = text.charCodeAt(at);
    if (code === 92) at++;
    else if (code === 34) isQuoted = !isQuoted;
    else if (code === 125 && !isQuoted) return at + 1;
  }
  return -1;
}

function numberOf(text: string): number | undefined {
  return FLOAT.test(text) ? Number(text) : SPECIAL.get(text.toLowerCase());
}

/** Splits a key into name and labels; undefined if it does not match the grammar or repeats a label. */
export function parseKey(key: string): { name: string; labels: Record<string, string> } | undefined {
  const open = key.indexOf('{');
  const name = (open < 0 ? key : key.slice(0, open)).trim();
  if (!NAME.test(name)) return undefined;
  const labels = new Map<string, string>();
  if (open >= 0) {
    const inner = key.slice(open + 1, -1).trimEnd();
    LABEL.lastIndex = 0;
    while (LABEL.lastIndex < inner.length) {
      const [, label, value] = LABEL.exec(inner) ?? [];
      if (label === undefined || value === undefined || labels.has(label)) return undefined;
      labels.set(label, unescaped(value));
    }
  }
  return { name, labels: Object.fromEntries(labels) };
}

function unescaped(value: string): string {
  return value.includes('\\')
    ? value.replace(/\\(.)/g, (_, character) => (character === 'n' ? '\n' : character))
    : value;
}
