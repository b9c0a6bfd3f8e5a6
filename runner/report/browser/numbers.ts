// Every number of the page that is bound to a track follows the range that is shown, and is what it was when the range is gone.

import { duration, elapsed, percent } from '../../text/format.ts';
import { type RangeSums, read } from '../tracks/figure.ts';
import type { Binding, TrackData } from '../tracks/model.ts';
import { range, type TimeSpan } from './range.ts';
import { markRange, unmarkRange } from './range-marks.ts';
import { sortAgain } from './tables.ts';
import { currentTracks, useTracks } from './tracks.ts';

/** An element whose text follows, and all that reset has to put back. */
interface Follower {
  readonly element: HTMLElement;
  readonly binding: Binding;
  /** What the text stands in; none where a line of its own appears with the range. */
  readonly text: Text | undefined;
  readonly was: string;
  readonly wasSort: string | null;
  readonly wasBad: boolean;
}

let followers: Follower[] = [];
let isShown = false;

/** Takes up the tracks of the page; its numbers follow from now on. */
export function startNumbers(data: TrackData): void {
  useTracks(data);
  rebind(document);
  range.onChange(show);
}

/**
 * Looks again for elements that follow, after those below `root` were replaced, and brings them to the range that is shown.
 * `data`: newer tracks, where the replaced elements belong to them.
 */
export function rebind(root: ParentNode, data?: TrackData): void {
  const tracks = data === undefined ? currentTracks() : useTracks(data);
  if (tracks === undefined) return;
  const known = new Map(
    followers.filter(({ element }) => element.isConnected).map((follower) => [follower.element, follower]),
  );
  for (const element of root.querySelectorAll<HTMLElement>('[data-n]')) {
    const binding = tracks.data.bindings[Number(element.dataset.n) - 1];
    if (binding === undefined || known.has(element)) continue;
    const text = textOf(element);
    known.set(element, {
      element,
      binding,
      text,
      was: text?.data ?? '',
      wasSort: element.getAttribute('data-sort'),
      wasBad: element.classList.contains(BAD),
    });
  }
  followers = [...known.values()];
  if (isShown) show(range.current);
}

const BAD = 'tone-bad';

/** The text of an element, without icons and notes next to it. */
function textOf(element: HTMLElement): Text | undefined {
  const walker = document.createTreeWalker(element, NodeFilter.SHOW_TEXT);
  for (let node = walker.nextNode(); node !== null; node = walker.nextNode()) {
    if (node instanceof Text && node.data.trim() !== '') return node;
  }
  return undefined;
}

function show(span: TimeSpan | undefined): void {
  const tracks = currentTracks();
  if (tracks === undefined) return;
  const said = document.querySelector('[data-numbers-text]');
  if (span === undefined) {
    for (const follower of followers) restore(follower);
    unmarkRange();
    if (said !== null) said.textContent = '';
  } else {
    const sums = tracks.sums(span);
    for (const follower of followers) renew(follower, sums);
    const shown = tracks.snapped(span);
    const words = `${elapsed(shown.fromMs)} to ${elapsed(shown.toMs)}`;
    markRange(
      followers.map(({ element }) => element),
      words,
      { fromMs: shown.fromMs, toMs: shown.toMs },
    );
    if (said !== null) said.textContent = `${sentenceOf(tracks.data, words)} `;
  }
  isShown = span !== undefined;
  for (const table of new Set(followers.map(({ element }) => element.closest('table')))) {
    if (table !== null) sortAgain(table);
  }
}

/** What the numbers speak of, and how exactly: ranges snap to whole slots, and histograms are coarser than the archive's. */
function sentenceOf({ slotMs, error }: TrackData, words: string): string {
  const steps = `steps of ${duration(slotMs, { trim: true })}`;
  return `Numbers: ${words} (${steps}, percentiles within ${percent(error, { digits: 2 })}).`;
}

function renew({ element, binding, text }: Follower, sums: RangeSums): void {
  const reading = read(binding, sums);
  if (text === undefined) {
    element.textContent = `in the range: ${reading.text}`;
    element.hidden = false;
    return;
  }
  text.data = reading.text;
  if (element.hasAttribute('data-sort')) {
    element.setAttribute('data-sort', reading.value === undefined ? '' : String(reading.value));
  }
  if (binding.bad !== undefined) element.classList.toggle(BAD, reading.isBad);
}

function restore({ element, text, was, wasSort, wasBad }: Follower): void {
  if (text === undefined) {
    element.textContent = '';
    element.hidden = true;
    return;
  }
  text.data = was;
  if (wasSort !== null) element.setAttribute('data-sort', wasSort);
  element.classList.toggle(BAD, wasBad);
}
