// What scripts add to the page: theme switch, sorting, filtering, local times. Without it all content is there.
(() => {
  const root = document.documentElement;
  const stored = {
    get() {
      try {
        return localStorage.getItem('novaperf-theme');
      } catch {
        return null;
      }
    },
    set(theme) {
      try {
        localStorage.setItem('novaperf-theme', theme);
      } catch {
        // A page from a file or a sandbox may have no storage; the switch then holds until it is closed.
      }
    },
  };

  const system = matchMedia('(prefers-color-scheme: dark)');
  const button = document.querySelector('[data-theme-switch]');
  const current = () => root.dataset.theme ?? (system.matches ? 'dark' : 'light');
  const label = () => {
    button.textContent = current() === 'dark' ? 'Light' : 'Dark';
    button.setAttribute('aria-label', `Switch to ${current() === 'dark' ? 'light' : 'dark'} colours`);
  };
  const remembered = stored.get();
  if (remembered === 'dark' || remembered === 'light') root.dataset.theme = remembered;
  if (button) {
    button.hidden = false;
    label();
    system.addEventListener('change', label);
    button.addEventListener('click', () => {
      root.dataset.theme = current() === 'dark' ? 'light' : 'dark';
      stored.set(root.dataset.theme);
      label();
    });
  }

  for (const time of document.querySelectorAll('time[datetime]')) {
    const date = new Date(time.dateTime);
    if (Number.isNaN(date.getTime())) continue;
    const local = date.toLocaleString(undefined, { dateStyle: 'medium', timeStyle: 'medium' });
    if (new Date().getTimezoneOffset() !== 0) time.textContent = `${local} (${time.textContent})`;
  }

  const keyOf = (row, column) => {
    const cell = row.cells[column];
    const sort = cell.getAttribute('data-sort');
    if (sort === null) return cell.textContent.trim().toLowerCase();
    return sort === '' ? null : Number(sort);
  };
  const compare = (a, b) => {
    if (a === null || b === null) return a === b ? 0 : a === null ? 1 : -1;
    return typeof a === 'number' && typeof b === 'number'
      ? a - b
      : String(a).localeCompare(String(b), 'en', { numeric: true });
  };
  const sortBy = (table, column, direction) => {
    const body = table.tBodies[0];
    const rows = [...body.rows].map((row) => ({ row, key: keyOf(row, column) }));
    // Rows without a value stay at the end whichever way the others go.
    rows.sort((a, b) => (a.key === null || b.key === null ? compare(a.key, b.key) : direction * compare(a.key, b.key)));
    body.append(...rows.map(({ row }) => row));
  };
  for (const table of document.querySelectorAll('table[data-table]')) {
    if (table.tBodies[0].rows.length < 2) continue;
    [...table.tHead.rows[0].cells].forEach((head, column) => {
      const text = document.createElement('button');
      text.type = 'button';
      text.className = 'sort';
      text.textContent = head.textContent;
      head.replaceChildren(text);
      text.addEventListener('click', () => {
        const isNumeric = head.classList.contains('num');
        const was = head.getAttribute('aria-sort');
        const next =
          was === null ? (isNumeric ? 'descending' : 'ascending') : was === 'ascending' ? 'descending' : 'ascending';
        for (const other of table.tHead.rows[0].cells) other.removeAttribute('aria-sort');
        head.setAttribute('aria-sort', next);
        sortBy(table, column, next === 'ascending' ? 1 : -1);
      });
    });
  }

  for (const box of document.querySelectorAll('[data-filter-for]')) {
    const table = document.querySelector(`table[data-table="${CSS.escape(box.dataset.filterFor)}"]`);
    if (!table) continue;
    const rows = [...table.tBodies[0].rows].map((row) => ({ row, text: row.textContent.toLowerCase() }));
    const input = box.querySelector('input');
    const select = box.querySelector('select');
    const output = box.querySelector('output');
    box.hidden = false;
    const filter = () => {
      const words = input.value.toLowerCase().split(/\s+/).filter(Boolean);
      const status = select?.value ?? '';
      let shown = 0;
      for (const { row, text } of rows) {
        row.hidden = (status !== '' && row.dataset.status !== status) || !words.every((word) => text.includes(word));
        if (!row.hidden) shown++;
      }
      output.textContent = shown === rows.length ? '' : `${shown} of ${rows.length}`;
    };
    input.addEventListener('input', filter);
    select?.addEventListener('change', filter);
    filter();
  }

  const openTarget = () => {
    const target = location.hash.length > 1 ? document.getElementById(location.hash.slice(1)) : null;
    if (!target) return;
    for (let element = target; element; element = element.parentElement) {
      if (element.localName === 'details') element.open = true;
    }
    target.scrollIntoView();
  };
  addEventListener('hashchange', openTarget);
  openTarget();

  const folds = () => document.querySelectorAll('details.finding, details.endpoint');
  addEventListener('beforeprint', () => {
    for (const fold of folds()) {
      fold.dataset.was = fold.open ? 'open' : '';
      fold.open = true;
    }
  });
  addEventListener('afterprint', () => {
    for (const fold of folds()) fold.open = fold.dataset.was === 'open';
  });
})();
