// While a range is shown, the page says where its numbers speak of it, and where they do not.

import type { TimeSpan } from './range.ts';
import { range } from './range.ts';

const MARK = 'range-mark';
const WHOLE = 'whole-run';
const SVG = 'http://www.w3.org/2000/svg';

/** Marks what the followers stand in with `words`, the numbers next to them that do not follow, and the stretch in small pictures. */
export function markRange(followers: readonly HTMLElement[], words: string, span: TimeSpan): void {
  unmarkRange();
  for (const section of distinct(followers, 'section:not(.hero)')) {
    const heading = section.querySelector('h2');
    // The blank belongs to the mark, so that the heading is what it was when the mark is gone.
    heading?.append(markOf('span', ` ${words}`));
  }
  for (const tiles of distinct(followers, '.tiles')) tiles.before(markOf('p', `In the range ${words}`));
  for (const table of distinct(followers, 'table')) {
    const cells = table.querySelectorAll('tbody td.num:not([data-n])');
    if (table.querySelector('tbody td[data-n]') !== null) for (const cell of cells) markWhole(cell);
  }
  for (const list of distinct(followers, '.facts')) {
    for (const value of list.querySelectorAll('dd')) if (value.querySelector('[data-n]') === null) markWhole(value);
  }
  // Sentences next to charts were written when the report was made.
  for (const sentence of document.querySelectorAll('.chart figcaption p, details.endpoint > .lead')) {
    sentence.prepend(markOf('span', 'Whole run'), ' ');
  }
  markPictures(span);
}

/** Takes away all marks. */
export function unmarkRange(): void {
  for (const mark of document.querySelectorAll(`.${MARK}`)) {
    const { nextSibling } = mark;
    mark.remove();
    // The blank that came with a mark in front of a sentence.
    if (nextSibling instanceof Text && nextSibling.data === ' ') nextSibling.remove();
  }
  for (const element of document.querySelectorAll(`.${WHOLE}`)) {
    element.classList.remove(WHOLE);
    if (element.className === '') element.removeAttribute('class');
    element.removeAttribute('title');
  }
}

function distinct(elements: readonly HTMLElement[], selector: string): Set<Element> {
  const found = elements.map((element) => element.closest(selector)).filter((element) => element !== null);
  return new Set(found);
}

function markOf(element: 'span' | 'p', words: string): HTMLElement {
  const mark = document.createElement(element);
  mark.className = element === 'span' ? `tag ${MARK}` : `note ${MARK}`;
  mark.textContent = words;
  return mark;
}

function markWhole(element: Element): void {
  element.classList.add(WHOLE);
  element.setAttribute('title', 'of the whole run');
}

/** Small lines and lanes go on showing the whole run; a tinted stretch in them is the range. */
function markPictures({ fromMs, toMs }: TimeSpan): void {
  const { axisMs } = range;
  if (axisMs === undefined) return;
  for (const picture of document.querySelectorAll<SVGSVGElement>('td svg.spark, td svg.lane')) {
    const { width, height } = picture.viewBox.baseVal;
    const at = (ms: number) => (Math.min(Math.max(ms / axisMs, 0), 1) * width).toFixed(1);
    const stretch = document.createElementNS(SVG, 'path');
    stretch.setAttribute('class', `range-stretch ${MARK}`);
    stretch.setAttribute('d', `M${at(fromMs)} 0H${at(toMs)}V${height}H${at(fromMs)}z`);
    picture.prepend(stretch);
  }
}
