// The data table of a chart that does not show the whole run, made from its points.

import { clock } from '../../../text/format.ts';
import type { Plot } from '../../charts/figure.ts';
import { tableOfPlot } from '../../charts/plot-table.ts';
import { zone } from '../zone.ts';

/** The original content of tables. */
const originals = new WeakMap<HTMLTableElement, readonly Node[]>();
/** The plot for the data table of a fold. */
const wanted = new WeakMap<HTMLDetailsElement, Plot | undefined>();

/** Fills the data table of a figure with the points of `plot` when its fold is open; undefined restores the original table. */
export function showData(figure: HTMLElement, plot: Plot | undefined): void {
  const fold = figure.querySelector<HTMLDetailsElement>('.data-fold');
  const table = fold?.querySelector('table');
  if (fold === null || !table) return;
  if (!wanted.has(fold)) fold.addEventListener('toggle', () => fold.open && fill(table, wanted.get(fold)));
  wanted.set(fold, plot);
  if (fold.open) fill(table, plot);
}

function fill(table: HTMLTableElement, plot: Plot | undefined): void {
  const caption = [...table.childNodes].filter((node) => node instanceof HTMLTableCaptionElement);
  if (!originals.has(table)) originals.set(table, [...table.childNodes]);
  if (plot === undefined) {
    table.replaceChildren(...(originals.get(table) ?? []));
    return;
  }
  const { columns, rows, startedAtMs } = tableOfPlot(plot);
  const head = document.createElement('thead');
  const heads = document.createElement('tr');
  heads.append(...columns.map((text, index) => cell('th', text, index > 0, 'col')));
  head.append(heads);
  const body = document.createElement('tbody');
  body.append(
    ...rows.map((texts, place) => {
      const row = document.createElement('tr');
      row.append(
        ...texts.map((text, index) => (index === 0 ? cell('th', text, false, 'row') : cell('td', text, true))),
      );
      const atMs = startedAtMs?.[place];
      if (atMs !== undefined) row.cells[0]?.append(momentOf(atMs));
      return row;
    }),
  );
  table.replaceChildren(...caption, head, body);
}

function cell(kind: 'th' | 'td', text: string, isNumeric: boolean, scope?: 'col' | 'row'): HTMLTableCellElement {
  const made = document.createElement(kind);
  made.textContent = text;
  if (scope !== undefined) made.scope = scope;
  if (isNumeric) made.className = 'num';
  return made;
}

/** The time of day below a time since the start; it follows the chosen time zone (times.ts). */
function momentOf(atMs: number): HTMLElement {
  const note = document.createElement('span');
  note.className = 'note';
  const time = document.createElement('time');
  time.dateTime = new Date(atMs).toISOString();
  time.dataset.clock = '';
  time.textContent = clock(atMs, zone.current);
  note.append(time);
  return note;
}
