// Named values in bodies that are neither JSON nor a form, which may be secrets or come from earlier responses: parts of a multipart
// form, elements and attributes of XML, and `name: value` in other text.

/** A value with its name. */
export interface NamedValue {
  readonly name: string;
  readonly value: string;
}

/** Groups: text before the value, name, value. The first pattern that matches is used. */
const PATTERNS = [
  /(content-disposition:[^\r\n]{0,500}?\bname="([^"\r\n]{0,200})"[^\r\n]*(?:\r?\n[^\r\n]+){0,8}\r?\n\r?\n)([^\r\n]+)(?=\r?\n--)/gi,
  /(<([\w:.-]{1,64})(?:\s[^<>]*)?>)([^<>]+)(?=<\/)/g,
  /(\b([\w.-]{1,64})["']?\s*[:=]\s*["']?)([^\s"'&,;<>{}[\]]+)/g,
];

/** The text in pieces: named values and the text between them. Joined, they give the text. */
export function namedValues(text: string): (string | NamedValue)[] {
  const found: { readonly at: number; readonly end: number; readonly named: NamedValue }[] = [];
  for (const pattern of PATTERNS) {
    for (const { index, 0: whole, 1: before = '', 2: name = '', 3: value = '' } of text.matchAll(pattern)) {
      found.push({ at: index + before.length, end: index + whole.length, named: { name, value } });
    }
  }
  // Sorting is stable, so at the same position the order of patterns counts.
  found.sort((a, b) => a.at - b.at);
  const parts: (string | NamedValue)[] = [];
  let from = 0;
  for (const { at, end, named } of found) {
    if (at < from) continue;
    if (at > from) parts.push(text.slice(from, at));
    parts.push(named);
    from = end;
  }
  if (from < text.length) parts.push(text.slice(from));
  return parts;
}

/** A multipart form as text, with the boundary of its media type. */
export function multipartText(fields: readonly (readonly [name: string, value: string])[], boundary: string): string {
  const parts = fields.map(
    ([name, value]) => `--${boundary}\r\nContent-Disposition: form-data; name="${name}"\r\n\r\n${value}\r\n`,
  );
  return `${parts.join('')}--${boundary}--\r\n`;
}

/** `multipart/form-data; boundary=x` → `x`; undefined for any other media type. */
export function boundaryOf(mediaType: string): string | undefined {
  return /^\s*multipart\/form-data\b.*?\bboundary="?([^";\s]+)/i.exec(mediaType)?.[1];
}
