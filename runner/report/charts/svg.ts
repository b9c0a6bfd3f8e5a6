// Marks → the text of an SVG. Charts are drawn in Node, because pages must show them without scripts (mail, artifact viewers, print) and
// Markdown uses them too. A page has dozens of them, so the text is short.

const CHART_FONT = "system-ui,-apple-system,'Segoe UI',Roboto,'Helvetica Neue',sans-serif";

/** Attributes of an element; undefined ones are left out. */
export type Attributes = Readonly<Record<string, string | number | undefined>>;

/** An SVG without scripts, style sheets and a fixed size, allowed by a page's policy against inline styles. `width` and `height` in pixels. */
export function svgOf(width: number, height: number, marks: readonly string[]): string {
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" font-family="${CHART_FONT}">${marks.join('')}</svg>`;
}

function written(attributes: Attributes): string {
  return Object.entries(attributes)
    .map(([name, value]) =>
      value === undefined ? '' : ` ${name}="${typeof value === 'number' ? tenth(value) : escaped(value)}"`,
    )
    .join('');
}

/** Text for XML: special characters escaped, forbidden ones removed. */
export function escaped(text: string): string {
  return text
    .replace(/[\p{Cc}\p{Cs}\uFFFE\uFFFF]/gu, '')
    .replace(/&/g, '&amp;')
    .replace(/</g, '&lt;')
    .replace(/>/g, '&gt;')
    .replace(/"/g, '&quot;');
}

/** A `<path>` element; '' without a path. */
export function path(d: string, attributes: Attributes): string {
  return d === '' ? '' : `<path d="${d}"${written(attributes)}/>`;
}

/** A `<g>` element around marks; '' without marks. */
export function group(marks: readonly string[], attributes: Attributes): string {
  const inner = marks.join('');
  return inner === '' ? '' : `<g${written(attributes)}>${inner}</g>`;
}

/** Marks cut to a box. `id` must be unique on the page. */
export function clipped(id: string, box: Box, marks: readonly string[]): string {
  const inner = marks.join('');
  if (inner === '') return '';
  const { left, top, right, bottom } = box;
  const shape = `<path d="M${left} ${top}H${right}V${bottom}H${left}z"/>`;
  return `<clipPath id="${id}">${shape}</clipPath><g clip-path="url(#${id})">${inner}</g>`;
}

export interface Box {
  readonly left: number;
  readonly top: number;
  readonly right: number;
  readonly bottom: number;
}

/** A text in pixels; `y` is its vertical middle. */
export interface Label {
  readonly x: number;
  readonly y: number;
  readonly text: string;
}

/** Texts with the same attributes, in one group. */
export function labels(all: readonly Label[], attributes: Attributes): string {
  const texts = all.map(({ x, y, text }) => `<text x="${tenth(x)}" y="${tenth(y)}">${escaped(text)}</text>`);
  return group(texts, { 'dominant-baseline': 'central', ...attributes });
}

/** Rounded to a tenth of a pixel; finer digits would be a third of a line's bytes and invisible. */
export function tenth(value: number): number {
  return Math.round(value * 10) / 10;
}

/** The nearest position at which a line of one pixel is sharp. */
export function sharp(value: number): number {
  const doubled = Math.round(value * 2);
  return (doubled % 2 === 0 ? doubled + 1 : doubled) / 2;
}
