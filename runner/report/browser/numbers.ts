// The numbers of the page that follow a selected range or scenario. Without one, they have their original text.

import { duration, elapsed, percent } from '../../text/format.ts';
import { type RangeSums, read } from '../tracks/figure.ts';
import type { Binding, TrackData } from '../tracks/model.ts';
import type { Tracks } from '../tracks/tracks.ts';
import { range } from './range.ts';
import { markPart, unmarkPart } from './range-marks.ts';
import { shownScenario } from './shown-scenario.ts';
import { sortAgain } from './tables.ts';
import { currentTracks, useTracks } from './tracks.ts';

/** An element with a text that follows the selection, and its original state. */
interface Follower {
  readonly element: HTMLElement;
  readonly binding: Binding;
  /** The node with the text; undefined for an extra line that is shown only with a range. */
  readonly text: Text | undefined;
  readonly was: string;
  readonly wasSort: string | null;
  readonly wasBad: boolean;
}

let followers: Follower[] = [];
let isShown = false;

/** Sets the tracks of the page and lets its numbers follow. */
export function startNumbers(data: TrackData): void {
  unpackWhenIdle(useTracks(data));
  rebind(document);
  range.onChange(show);
  shownScenario.onChange(show);
  // A live page may be zoomed already.
  if (range.current !== undefined) show();
}

/** Unpacking pauses when less idle time is left, so that the page stays responsive. */
const LEAST_IDLE_MS = 4;

/** Unpacks tracks in idle time, because the first zoom needs all of them. */
function unpackWhenIdle(tracks: Tracks): void {
  // Safari has no idle callbacks, so its first zoom unpacks them.
  if (!('requestIdleCallback' in window)) return;
  requestIdleCallback((deadline) => {
    let isMore = true;
    while (isMore && deadline.timeRemaining() > LEAST_IDLE_MS) isMore = tracks.unpackNext();
    if (isMore) unpackWhenIdle(tracks);
  });
}

/**
 * Finds the elements below `root` that follow, after they were replaced, and updates them. `data`: newer tracks, if the elements belong
 * to them.
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
  if (isShown) show();
}

const BAD = 'tone-bad';

/** The text node of an element, not that of an icon or note. */
function textOf(element: HTMLElement): Text | undefined {
  const walker = document.createTreeWalker(element, NodeFilter.SHOW_TEXT);
  for (let node = walker.nextNode(); node !== null; node = walker.nextNode()) {
    if (node instanceof Text && node.data.trim() !== '') return node;
  }
  return undefined;
}

/** Updates all numbers to the selected range and scenario. */
function show(): void {
  const tracks = currentTracks();
  if (tracks === undefined) return;
  const span = range.current;
  const scenario = shownScenario.current;
  const explanation = document.querySelector('[data-numbers-text]');
  unmarkPart();
  isShown = span !== undefined || scenario !== undefined;
  if (isShown) {
    const shown = span ?? tracks.whole;
    const sums = tracks.sums(shown, scenario?.index);
    const ofAll = tracks.sums(shown);
    const divided: HTMLElement[] = [];
    const absent: HTMLElement[] = [];
    for (const follower of followers) {
      const kind = tracks.kindIn(follower.binding, scenario?.index);
      if (kind === 'undivided' && span === undefined) restore(follower);
      else renew(follower, kind === 'undivided' ? ofAll : sums, scenario !== undefined);
      if (kind !== 'undivided') divided.push(follower.element);
      if (kind === 'none' && follower.text !== undefined) absent.push(follower.element);
    }
    const { fromMs, toMs } = tracks.snapped(shown);
    const words = span === undefined ? undefined : `${elapsed(fromMs)} to ${elapsed(toMs)}`;
    markPart(divided, absent, { words, scenario: scenario?.name, span: span && { fromMs, toMs } });
    if (explanation !== null) explanation.textContent = `${sentenceOf(tracks.data, words)} `;
  } else {
    for (const follower of followers) restore(follower);
    if (explanation !== null) explanation.textContent = '';
  }
  for (const table of new Set(followers.map(({ element }) => element.closest('table')))) {
    if (table !== null) sortAgain(table);
  }
}

/** The range of the numbers and their error: ranges snap to whole slots, and histograms are coarser than in the archive. */
function sentenceOf({ slotMs, error }: TrackData, words: string | undefined): string {
  const exact = `percentiles within ${percent(error, { digits: 2 })}`;
  if (words === undefined) return `Numbers: ${exact}.`;
  return `Numbers: ${words} (steps of ${duration(slotMs, { trim: true })}, ${exact}).`;
}

function renew({ element, binding, text }: Follower, sums: RangeSums, isOfScenario: boolean): void {
  const reading = read(binding, sums);
  if (text === undefined) {
    element.textContent = `in the ${isOfScenario ? 'scenario' : 'range'}: ${reading.text}`;
    element.hidden = isOfScenario && reading.value === undefined;
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
