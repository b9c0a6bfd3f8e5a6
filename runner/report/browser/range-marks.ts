// Marks which numbers of the page are about the selected range or scenario, and which are not.

import type { TimeSpan } from './range.ts';
import { range } from './range.ts';

const MARK = 'range-mark';
const WHOLE = 'whole-run';
/** Class of rows of other scenarios, which are hidden. */
const ELSEWHERE = 'is-elsewhere';
const SVG = 'http://www.w3.org/2000/svg';

/** The selected part of the run. */
export interface ShownPart {
  /** The range in words: `00:10 to 00:40`. */
  readonly words: string | undefined;
  readonly span: TimeSpan | undefined;
  readonly scenario: string | undefined;
}

/**
 * Marks the sections of numbers that follow, the numbers next to them that do not, and the range in small pictures. Hides rows with
 * only `absent` numbers, that is without samples in the scenario.
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
    // The space is part of the mark, so that removing the mark restores the heading.
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
  // The takeaways of charts are always about the whole run.
  for (const sentence of document.querySelectorAll('.chart figcaption p, details.endpoint > .lead')) {
    sentence.prepend(markOf('span', 'Whole run'), ' ');
  }
  markPictures(span);
}

/** Removes all marks. */
export function unmarkPart(): void {
  for (const mark of document.querySelectorAll(`.${MARK}`)) {
    const { nextSibling } = mark;
    mark.remove();
    // The space that was added with a mark before a sentence.
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

/** Marks the headings of tables that cannot be filtered by scenario. */
function markUndivided(followers: readonly HTMLElement[]): void {
  const divided = distinct(followers, 'table');
  for (const table of document.querySelectorAll('section:not(.hero) table[data-table]')) {
    if (divided.has(table)) continue;
    const heading =
      table.closest('details.fold')?.querySelector('summary') ?? table.closest('section')?.querySelector('h2');
    if (heading?.querySelector(`.${MARK}`) === null) heading.append(markOf('span', ' all scenarios'));
  }
}

/** Hides rows and folds without samples in the scenario. A table without any row left gets a note. */
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
    // Also the fold that the row links to: the samples of an error.
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

/** Marks a number that does not follow; `words`: what it covers, such as `whole run`. */
function markWhole(element: HTMLElement, words: string): void {
  element.classList.add(WHOLE);
  element.setAttribute('title', `of ${words === 'all scenarios' ? '' : 'the '}${words}`);
  element.dataset.whole = words;
}

/** Marks the range in sparklines and bars, which show the whole run. */
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
