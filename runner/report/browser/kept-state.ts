// Keeps the reader's state in a part of the page: open folds, sort orders, filters, scroll positions, the focus.

import { isCut, showAllRows, sortAgain } from './tables.ts';

/** Remembers the state of nodes; the returned function applies it to the nodes that replace them. */
export function keepState(nodes: readonly Node[]): (next: readonly Node[]) => void {
  const folds = new Map(all(nodes, 'details').map((fold, index) => [nameOf(fold, index), fold.open]));
  const orders = new Map(
    all(nodes, 'table').flatMap((table) => {
      const column = heads(table).findIndex((head) => head.hasAttribute('aria-sort'));
      return column < 0
        ? []
        : [[table.dataset.table ?? '', { column, order: heads(table)[column]?.getAttribute('aria-sort') ?? '' }]];
    }),
  );
  const whole = new Set(all(nodes, 'table').flatMap((table) => (isCut(table) ? [] : [table.dataset.table])));
  const fields = all(nodes, 'input').map(({ value }) => value);
  const choices = all(nodes, 'select').map(({ value }) => value);
  const places = boxes(nodes).map(({ scrollLeft, scrollTop }) => ({ scrollLeft, scrollTop }));
  const focus = focusIn(nodes);
  return (next) => {
    all(next, 'details').forEach((fold, index) => {
      const wasOpen = folds.get(nameOf(fold, index));
      if (wasOpen !== undefined) fold.open = wasOpen;
    });
    for (const table of all(next, 'table')) {
      if (whole.has(table.dataset.table)) showAllRows(table);
      const sorted = orders.get(table.dataset.table ?? '');
      if (sorted === undefined) continue;
      heads(table)[sorted.column]?.setAttribute('aria-sort', sorted.order);
      sortAgain(table);
    }
    all(next, 'input').forEach((field, index) => {
      fill(field, fields[index], 'input');
    });
    all(next, 'select').forEach((choice, index) => {
      fill(choice, choices[index], 'change');
    });
    boxes(next).forEach((box, index) => {
      const place = places[index];
      if (place !== undefined) box.scrollTo({ left: place.scrollLeft, top: place.scrollTop, behavior: 'instant' });
    });
    focus?.(next);
  };
}

function all<K extends keyof HTMLElementTagNameMap>(nodes: readonly Node[], tag: K): Array<HTMLElementTagNameMap[K]> {
  return nodes.flatMap((node) => {
    if (!(node instanceof Element)) return [];
    const inside = [...node.querySelectorAll(tag)];
    return node.matches(tag)
      ? [...node.ownerDocument.querySelectorAll(tag)].filter((each) => node.contains(each))
      : inside;
  });
}

/** Identifies a fold: by its name if it has one, by its id or its position otherwise. */
function nameOf(fold: HTMLDetailsElement, index: number): string {
  return fold.querySelector(':scope > summary bdi')?.textContent ?? (fold.id || String(index));
}

function heads(table: HTMLTableElement): HTMLTableCellElement[] {
  return [...(table.tHead?.rows[0]?.cells ?? [])];
}

function boxes(nodes: readonly Node[]): Element[] {
  return nodes.flatMap((node) => (node instanceof Element ? [...node.querySelectorAll('.table-box, pre')] : []));
}

function fill(field: HTMLInputElement | HTMLSelectElement, value: string | undefined, event: string): void {
  if (value === undefined || value === field.value) return;
  field.value = value;
  field.dispatchEvent(new Event(event, { bubbles: true }));
}

/** Remembers the focused element by tag and position, and the selection in a text field. */
function focusIn(nodes: readonly Node[]): ((next: readonly Node[]) => void) | undefined {
  const focused = document.activeElement;
  if (!(focused instanceof HTMLElement) || !nodes.some((node) => node.contains(focused))) return undefined;
  const alike = (list: readonly Node[]) =>
    list.flatMap((node) => (node instanceof Element ? [...node.querySelectorAll<HTMLElement>(focused.localName)] : []));
  const index = alike(nodes).indexOf(focused);
  const marked = focused instanceof HTMLInputElement ? [focused.selectionStart, focused.selectionEnd] : undefined;
  return (next) => {
    const same = alike(next)[index];
    same?.focus({ preventScroll: true });
    if (same instanceof HTMLInputElement && marked !== undefined) {
      same.setSelectionRange(marked[0] ?? null, marked[1] ?? null);
    }
  };
}
