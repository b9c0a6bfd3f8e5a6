// Links to a place on the page open the folds around it; on paper all folds are open.

import { anchorIn, withAnchor } from './fragment.ts';
import { showAllRows } from './tables.ts';

/** Opens every fold around `target`, the target itself too, and scrolls to it. */
export function reveal(target: HTMLElement): void {
  for (let element: HTMLElement | null = target; element !== null; element = element.parentElement) {
    if (element instanceof HTMLDetailsElement) element.open = true;
    if (element instanceof HTMLTableElement) showAllRows(element);
  }
  target.scrollIntoView();
}

/** Scrolls to the fragment's anchor, where there is one: again after the page has grown above it. */
export function revealAnchor(): void {
  const anchor = anchorIn(location.hash);
  const target = anchor === '' ? null : document.getElementById(anchor);
  if (target !== null) reveal(target);
}

/** Follows the fragment now and whenever it changes. Links on the page keep what else the fragment says, such as the range. */
export function startAnchors(): void {
  addEventListener('hashchange', revealAnchor);
  document.addEventListener('click', (event) => {
    if (!(event.target instanceof Element) || event.ctrlKey || event.metaKey || event.shiftKey) return;
    const href = event.target.closest('a[href^="#"]')?.getAttribute('href') ?? '';
    if (href.length < 2) return;
    event.preventDefault();
    const next = withAnchor(location.hash, anchorIn(href));
    location.hash = next;
    // Not only when the change is reported: that is later, and the same fragment again (somebody scrolled away) is none.
    revealAnchor();
  });
  revealAnchor();
}

/** Folds are open on paper, and as they were after it. */
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
