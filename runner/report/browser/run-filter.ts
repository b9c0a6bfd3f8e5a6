// The list of all runs follows its filters: which rows stand there, which trends, and what the URL's fragment says of it.

import { showFragment, valueIn, withValue } from './fragment.ts';

/** Rows that are laid out at once: a browser takes ten times as long over a table of a thousand. */
const FIRST_ROWS = 200;

const CHOICES = ['scenario', 'profile', 'build', 'verdict'] as const;
type Choice = (typeof CHOICES)[number];

interface ListedRow {
  readonly values: Readonly<Record<Choice, string>>;
  /** All that the row says, in small letters. */
  readonly text: string;
}

function textOf(row: HTMLTableRowElement, selector: string): string {
  return row.querySelector(selector)?.textContent ?? '';
}

function listedRow(row: HTMLTableRowElement): ListedRow {
  return {
    values: {
      scenario: textOf(row, 'th a'),
      profile: textOf(row, 'th .tag'),
      build: row.cells[4]?.textContent ?? '',
      verdict: row.dataset.status ?? '',
    },
    text: (row.textContent ?? '').toLowerCase(),
  };
}

/** What of the filters is set; a choice that is open is ''. */
function wantedIn(form: HTMLFormElement): Readonly<Record<Choice | 'text', string>> {
  const fields = new FormData(form);
  const value = (name: string) => String(fields.get(name) ?? '');
  return {
    scenario: value('scenario'),
    profile: value('profile'),
    build: value('build'),
    verdict: value('verdict'),
    text: value('text').trim(),
  };
}

/** Sets every field to what the fragment says, an empty one clears them; a value that no run has is as if it were not there. */
function takeFrom(fragment: string, form: HTMLFormElement): void {
  for (const field of form.elements) {
    if (!(field instanceof HTMLSelectElement || field instanceof HTMLInputElement)) continue;
    field.value = valueIn(fragment, field.name) ?? '';
    if (field instanceof HTMLSelectElement && field.selectedIndex < 0) field.value = '';
  }
}

/** Starts the filters of the page; nothing where it lists no run. */
export function startRunFilter(): void {
  const form = document.querySelector<HTMLFormElement>('form.run-filter');
  const table = document.querySelector<HTMLTableElement>('table.runs');
  const body = table?.tBodies[0];
  const more = document.querySelector<HTMLElement>('.more-rows');
  const moreButton = more?.querySelector('button');
  const output = form?.querySelector('output');
  if (!form || !table || !body || !more || !moreButton || !output) return;
  const listed = new Map([...body.rows].map((row) => [row, listedRow(row)]));
  const cards = [...document.querySelectorAll<HTMLElement>('.trend')];
  let showsAll = false;

  const apply = () => {
    const wanted = wantedIn(form);
    const words = wanted.text.toLowerCase().split(/\s+/).filter(Boolean);
    const fits = ({ values, text }: ListedRow) =>
      CHOICES.every((choice) => wanted[choice] === '' || wanted[choice] === values[choice]) &&
      words.every((word) => text.includes(word));
    let matching = 0;
    for (const row of body.rows) {
      const info = listed.get(row);
      const isMatch = info !== undefined && fits(info);
      if (isMatch) matching++;
      row.hidden = !isMatch || (!showsAll && matching > FIRST_ROWS);
    }
    for (const card of cards) {
      card.hidden =
        (wanted.scenario !== '' && card.dataset.scenario !== wanted.scenario) ||
        (wanted.profile !== '' && card.dataset.profile !== wanted.profile);
    }
    output.textContent = matching === listed.size ? '' : `${matching} of ${listed.size} runs`;
    more.hidden = showsAll || matching <= FIRST_ROWS;
    moreButton.textContent = `Show all ${matching} (${FIRST_ROWS} shown)`;
  };
  const changed = () => {
    const wanted = wantedIn(form);
    const hash = [...CHOICES, 'text' as const].reduce(
      (fragment, name) => withValue(fragment, name, wanted[name] === '' ? undefined : wanted[name]),
      location.hash,
    );
    showFragment(hash);
    apply();
  };

  form.hidden = false;
  form.addEventListener('input', changed);
  form.addEventListener('submit', (event) => event.preventDefault());
  form.addEventListener('reset', (event) => {
    // The browser's own way gives the fields their new values only after the event.
    event.preventDefault();
    takeFrom('', form);
    changed();
  });
  moreButton.addEventListener('click', () => {
    showsAll = true;
    apply();
  });
  // Another order puts other rows first.
  table.tHead?.addEventListener('click', apply);
  addEventListener('hashchange', () => {
    takeFrom(location.hash, form);
    apply();
  });
  takeFrom(location.hash, form);
  apply();
}
