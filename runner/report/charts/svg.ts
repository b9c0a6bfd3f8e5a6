// Marks become the text of an SVG, drawn in Node. Not a browser chart: the page must show its pictures where scripts are blocked
// (mail, artifact viewers, print), and Markdown uses the same ones. Dozens stand in one page, so it is written with few bytes.

const CHART_FONT = "system-ui,-apple-system,'Segoe UI',Roboto,'Helvetica Neue',sans-serif";

/** An attribute that is undefined is left out. */
export type Attributes = Readonly<Record<string, string | number | undefined>>;

/**
 * A picture as SVG text: fit for a page whose policy allows no inline style, without scripts, style sheets, width and height.
 * Empty marks are left out.
 */
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

/** Text for an XML document: its special characters escaped, those that XML does not know left out. */
export function escaped(text: string): string {
  return text
    .replace(/[\p{Cc}\p{Cs}\uFFFE\uFFFF]/gu, '')
    .replace(/&/g, '&amp;')
    .replace(/</g, '&lt;')
    .replace(/>/g, '&gt;')
    .replace(/"/g, '&quot;');
}

/** A line or an area; '' without a path. */
export function path(d: string, attributes: Attributes): string {
  return d === '' ? '' : `<path d="${d}"${written(attributes)}/>`;
}

export function group(marks: readonly string[], attributes: Attributes): string {
  const inner = marks.join('');
  return inner === '' ? '' : `<g${written(attributes)}>${inner}</g>`;
}

/** Marks of which only what lies in the box is seen. `id` is unique on the page. */
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

/** Words whose middle (`y`) is at the height of a place. */
export interface Label {
  readonly x: number;
  readonly y: number;
  readonly text: string;
}

/** Labels that differ in nothing but place and words share one group's attributes. */
export function labels(all: readonly Label[], attributes: Attributes): string {
  const texts = all.map(({ x, y, text }) => `<text x="${tenth(x)}" y="${tenth(y)}">${escaped(text)}</text>`);
  return group(texts, { 'dominant-baseline': 'central', ...attributes });
}

/** A tenth of a pixel: a third of the bytes of a long line are digits that nobody can see. */
export function tenth(value: number): number {
  return Math.round(value * 10) / 10;
}

/** Where a line one pixel thick is sharp. */
export function sharp(value: number): number {
  const doubled = Math.round(value * 2);
  return (doubled % 2 === 0 ? doubled + 1 : doubled) / 2;
}
