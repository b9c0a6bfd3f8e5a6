// The filters of the list of all runs: they hide rows and trends, and the URL's fragment keeps them.

import { showFragment, valueIn, withValue } from './fragment.ts';

/** Rows that are shown at first; a browser takes ten times as long to lay out a table of a thousand rows. */
const FIRST_ROWS = 200;

const CHOICES = ['scenario', 'profile', 'build', 'verdict'] as const;
type Choice = (typeof CHOICES)[number];

interface ListedRow {
  readonly values: Readonly<Record<Choice, string>>;
  /** All text of the row in lower case. */
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
      build: textOf(row, '[data-build]'),
      verdict: row.dataset.status ?? '',
    },
    text: (row.textContent ?? '').toLowerCase(),
  };
}

/** The values of all filters; '' for a filter that is not set. */
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

/** Sets every field to its value in the fragment, or clears it if there is none or no run has it. */
function takeFrom(fragment: string, form: HTMLFormElement): void {
  for (const field of form.elements) {
    if (!(field instanceof HTMLSelectElement || field instanceof HTMLInputElement)) continue;
    field.value = valueIn(fragment, field.name) ?? '';
    if (field instanceof HTMLSelectElement && field.selectedIndex < 0) field.value = '';
  }
}

/** Starts the filters of the page, if it lists any run. */
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
    // The browser would set the fields only after this event.
    event.preventDefault();
    takeFrom('', form);
    changed();
  });
  moreButton.addEventListener('click', () => {
    showsAll = true;
    apply();
  });
  // Sorting changes which rows come first.
  table.tHead?.addEventListener('click', apply);
  addEventListener('hashchange', () => {
    takeFrom(location.hash, form);
    apply();
  });
  takeFrom(location.hash, form);
  apply();
}
