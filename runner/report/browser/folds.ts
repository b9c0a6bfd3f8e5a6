// Links within the page open the folds around their target; in print all folds are open.

import { anchorIn, withAnchor } from './fragment.ts';
import { showAllRows } from './tables.ts';

/** Opens `target`, if it is a fold, and all folds around it, and scrolls to it. */
export function reveal(target: HTMLElement): void {
  for (let element: HTMLElement | null = target; element !== null; element = element.parentElement) {
    if (element instanceof HTMLDetailsElement) element.open = true;
    if (element instanceof HTMLTableElement) showAllRows(element);
  }
  target.scrollIntoView();
}

/** Scrolls to the fragment's anchor, if there is one. Called again after the page has grown above it. */
export function revealAnchor(): void {
  const anchor = anchorIn(location.hash);
  const target = anchor === '' ? null : document.getElementById(anchor);
  if (target !== null) reveal(target);
}

/** Scrolls to the fragment's anchor now and after each change. Links within the page keep the other values of the fragment. */
export function startAnchors(): void {
  addEventListener('hashchange', revealAnchor);
  document.addEventListener('click', (event) => {
    if (!(event.target instanceof Element) || event.ctrlKey || event.metaKey || event.shiftKey) return;
    const href = event.target.closest('a[href^="#"]')?.getAttribute('href') ?? '';
    if (href.length < 2) return;
    event.preventDefault();
    const next = withAnchor(location.hash, anchorIn(href));
    location.hash = next;
    // Not only on hashchange, which comes later, and not at all if the reader clicks the same link again.
    revealAnchor();
  });
  revealAnchor();
}

/** Opens all folds for printing, and restores them after it. */
export function startPrint(): void {
  const folds = () => document.querySelectorAll<HTMLDetailsElement>('details.finding, details.endpoint, details.fold');
  addEventListener('beforeprint', () => {
    for (const fold of folds()) {
      fold.dataset.was = fold.open ? 'open' : '';
      fold.open = true;
    }
  });
  addEventListener('afterprint', () => {
    for (const fold of folds()) fold.open = fold.dataset.was === 'open';
  });
}
