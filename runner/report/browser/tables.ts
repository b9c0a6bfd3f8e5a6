// Sorting of tables by any column, and filtering by words.

type Key = number | string | null;

function keyOf(row: HTMLTableRowElement, column: number): Key {
  const cell = row.cells[column];
  const sort = cell?.getAttribute('data-sort') ?? null;
  if (sort === null) return (cell?.textContent ?? '').trim().toLowerCase();
  return sort === '' ? null : Number(sort);
}

function compare(a: Key, b: Key): number {
  if (a === null || b === null) return a === b ? 0 : a === null ? 1 : -1;
  if (typeof a === 'number' && typeof b === 'number') return a - b;
  return String(a).localeCompare(String(b), 'en', { numeric: true });
}

function sortBy(table: HTMLTableElement, column: number, direction: 1 | -1): void {
  const body = table.tBodies[0];
  if (body === undefined) return;
  const rows = [...body.rows].map((row) => ({ row, key: keyOf(row, column) }));
  // Rows without a value are last in both directions.
  rows.sort((a, b) => (a.key === null || b.key === null ? compare(a.key, b.key) : direction * compare(a.key, b.key)));
  body.append(...rows.map(({ row }) => row));
}

function headsOf(table: HTMLTableElement): HTMLTableCellElement[] {
  return [...(table.tHead?.rows[0]?.cells ?? [])];
}

const filters = new WeakMap<HTMLTableElement, () => void>();

/** Sorts and filters a table again after its numbers have changed, if the reader has sorted or filtered it. */
export function sortAgain(table: HTMLTableElement): void {
  filters.get(table)?.();
  headsOf(table).forEach((head, column) => {
    const order = head.getAttribute('aria-sort');
    if (order !== null) sortBy(table, column, order === 'ascending' ? 1 : -1);
  });
}

function makeSortable(table: HTMLTableElement): void {
  if ((table.tBodies[0]?.rows.length ?? 0) < 2) return;
  headsOf(table).forEach((head, column) => {
    const button = document.createElement('button');
    button.type = 'button';
    button.className = 'sort';
    button.textContent = head.textContent;
    head.replaceChildren(button);
    button.addEventListener('click', () => {
      const was = head.getAttribute('aria-sort');
      const first = head.classList.contains('num') ? 'descending' : 'ascending';
      const next = was === null ? first : was === 'ascending' ? 'descending' : 'ascending';
      for (const other of headsOf(table)) other.removeAttribute('aria-sort');
      head.setAttribute('aria-sort', next);
      sortBy(table, column, next === 'ascending' ? 1 : -1);
    });
  });
}

/** Longer tables are cut to their first rows; styles/tables.css has the number. */
const LONG_TABLE = 20;
const CUT = 'is-cut';

function makeShort(table: HTMLTableElement): void {
  const rows = table.tBodies[0]?.rows.length ?? 0;
  // The list of runs has its own filters and its own limit (run-filter.ts).
  if (rows <= LONG_TABLE || table.classList.contains('runs')) return;
  table.classList.add(CUT);
  const button = document.createElement('button');
  button.type = 'button';
  button.className = 'plain show-all';
  button.textContent = `Show all ${rows} rows`;
  button.addEventListener('click', () => showAllRows(table));
  (table.closest('.table-box') ?? table).after(button);
}

/** Shows all rows of a table that was cut. */
export function showAllRows(table: HTMLTableElement): void {
  if (!table.classList.contains(CUT)) return;
  table.classList.remove(CUT);
  const { nextElementSibling: button } = table.closest('.table-box') ?? table;
  if (button?.classList.contains('show-all') === true) button.remove();
}

/** Whether only the first rows of a table are shown. */
export function isCut(table: HTMLTableElement): boolean {
  return table.classList.contains(CUT);
}

function makeFilter(box: HTMLElement, table: HTMLTableElement): void {
  const input = box.querySelector('input');
  const select = box.querySelector('select');
  const output = box.querySelector('output');
  if (input === null || output === null) return;
  const filter = () => {
    const rows = [...(table.tBodies[0]?.rows ?? [])];
    const words = input.value.toLowerCase().split(/\s+/).filter(Boolean);
    const status = select?.value ?? '';
    if (words.length > 0 || status !== '') showAllRows(table);
    let shown = 0;
    for (const row of rows) {
      const text = words.length === 0 ? '' : (row.textContent ?? '').toLowerCase();
      row.hidden = (status !== '' && row.dataset.status !== status) || !words.every((word) => text.includes(word));
      if (!row.hidden) shown++;
    }
    output.textContent = shown === rows.length ? '' : `${shown} of ${rows.length}`;
  };
  box.hidden = false;
  filters.set(table, filter);
  input.addEventListener('input', filter);
  select?.addEventListener('change', filter);
  filter();
}

/** Makes all named tables below `root` sortable, and those with a filter box filterable. */
export function startTables(root: ParentNode): void {
  const tables = new Map<string, HTMLTableElement>();
  for (const table of root.querySelectorAll<HTMLTableElement>('table[data-table]')) {
    tables.set(table.dataset.table ?? '', table);
    makeSortable(table);
    makeShort(table);
  }
  for (const box of root.querySelectorAll<HTMLElement>('[data-filter-for]')) {
    const table = tables.get(box.dataset.filterFor ?? '');
    if (table !== undefined) makeFilter(box, table);
  }
}
