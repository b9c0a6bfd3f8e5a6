// While a range or a scenario is shown, the page says where its numbers are about it, and where they do not.

import type { TimeSpan } from './range.ts';
import { range } from './range.ts';

const MARK = 'range-mark';
const WHOLE = 'whole-run';
/** Rows of other scenarios. */
const ELSEWHERE = 'is-elsewhere';
const SVG = 'http://www.w3.org/2000/svg';

/** The part of the run that is shown. */
export interface ShownPart {
  /** The range of time: `00:10 to 00:40`. */
  readonly words: string | undefined;
  readonly span: TimeSpan | undefined;
  readonly scenario: string | undefined;
}

/**
 * Marks what the followers stand in, the numbers next to them that do not follow, and the stretch in small pictures. Rows without a
 * sample in the scenario, `absent`, are away.
 */
export function markPart(followers: readonly HTMLElement[], absent: readonly HTMLElement[], part: ShownPart): void {
  unmarkPart();
  const { words, scenario, span } = part;
  const what = [scenario ?? '', words ?? ''].filter((text) => text !== '').join(', ');
  const whole = [span === undefined ? '' : 'whole run', scenario === undefined ? '' : 'all scenarios']
    .filter((text) => text !== '')
    .join(', ');
  for (const section of distinct(followers, 'section:not(.hero)')) {
    const heading = section.querySelector('h2');
    // The blank belongs to the mark, so that the heading is what it was when the mark is gone.
    heading?.append(markOf('span', ` ${what}`));
  }
  const tilesWords = scenario === undefined ? `In the range ${words}` : `In scenario ${what}`;
  for (const tiles of distinct(followers, '.tiles')) tiles.before(markOf('p', tilesWords));
  const following = new Set(followers);
  for (const table of distinct(followers, 'table')) {
    if (table.querySelector('tbody td[data-n]') === null) continue;
    for (const cell of table.querySelectorAll<HTMLElement>('tbody td.num')) {
      if (!following.has(cell)) markWhole(cell, whole);
    }
  }
  for (const figure of document.querySelectorAll<HTMLElement>('.tiles [data-n]')) {
    if (!following.has(figure)) markWhole(figure, whole);
  }
  for (const list of distinct(followers, '.facts')) {
    for (const value of list.querySelectorAll('dd')) {
      if (value.querySelector('[data-n]') === null) markWhole(value, whole);
    }
  }
  if (scenario !== undefined) markUndivided(followers);
  hideAbsent(followers, absent);
  if (span === undefined) return;
  // Sentences next to charts were written when the report was made.
  for (const sentence of document.querySelectorAll('.chart figcaption p, details.endpoint > .lead')) {
    sentence.prepend(markOf('span', 'Whole run'), ' ');
  }
  markPictures(span);
}

/** Takes away all marks. */
export function unmarkPart(): void {
  for (const mark of document.querySelectorAll(`.${MARK}`)) {
    const { nextSibling } = mark;
    mark.remove();
    // The blank that came with a mark in front of a sentence.
    if (nextSibling instanceof Text && nextSibling.data === ' ') nextSibling.remove();
  }
  for (const row of document.querySelectorAll(`.${ELSEWHERE}`)) without(row, ELSEWHERE);
  for (const element of document.querySelectorAll(`.${WHOLE}`)) {
    without(element, WHOLE);
    element.removeAttribute('title');
    element.removeAttribute('data-whole');
  }
}

function without(element: Element, name: string): void {
  element.classList.remove(name);
  if (element.className === '') element.removeAttribute('class');
}

/** Tables that know nothing of scenarios say so in their heading. */
function markUndivided(followers: readonly HTMLElement[]): void {
  const divided = distinct(followers, 'table');
  for (const table of document.querySelectorAll('section:not(.hero) table[data-table]')) {
    if (divided.has(table)) continue;
    const heading =
      table.closest('details.fold')?.querySelector('summary') ?? table.closest('section')?.querySelector('h2');
    if (heading?.querySelector(`.${MARK}`) === null) heading.append(markOf('span', ' all scenarios'));
  }
}

/** Rows and folds none of whose numbers has a sample in the scenario are away; a table that keeps none says so. */
function hideAbsent(followers: readonly HTMLElement[], absent: readonly HTMLElement[]): void {
  const part = 'tbody tr, details.endpoint';
  const gone = new Set(absent);
  const present = distinct(
    followers.filter((element) => !gone.has(element)),
    part,
  );
  for (const row of distinct(absent, part)) {
    if (present.has(row)) continue;
    row.classList.add(ELSEWHERE);
    // With the row goes the fold that it leads to: the samples of an error.
    for (const link of row.querySelectorAll<HTMLAnchorElement>('a[href^="#"]')) {
      const fold = document.getElementById(link.hash.slice(1));
      if (fold instanceof HTMLDetailsElement) fold.classList.add(ELSEWHERE);
    }
  }
  for (const table of distinct(absent, 'table')) {
    const rows = [...table.querySelectorAll('tbody tr')];
    if (rows.every((row) => row.classList.contains(ELSEWHERE))) {
      table.closest('.table-box')?.before(markOf('p', 'None in this scenario.'));
    }
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

/** `words`: what the number is of, `whole run`. */
function markWhole(element: HTMLElement, words: string): void {
  element.classList.add(WHOLE);
  element.setAttribute('title', `of ${words === 'all scenarios' ? '' : 'the '}${words}`);
  element.dataset.whole = words;
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
