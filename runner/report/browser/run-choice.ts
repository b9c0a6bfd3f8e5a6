// Two selected runs of the list → the command line that compares them, the older one as the baseline.

import { shellWord } from '../../text/shell-word.ts';

interface ChosenRun {
  readonly folder: string;
  readonly startedMs: number;
}

/** The command for two runs, the older one first. `out`: the folder of `--out`, or '' for the default. */
export function compareCommand(runs: readonly ChosenRun[], out: string): string {
  const names = [...runs].sort((a, b) => a.startedMs - b.startedMs).map(({ folder }) => shellWord(folder));
  return ['npx novaperf compare', ...(out === '' ? [] : ['--out', shellWord(out)]), '--', ...names].join(' ');
}

function runIn(row: HTMLTableRowElement): ChosenRun {
  const href = row.querySelector('th a')?.getAttribute('href') ?? '';
  return {
    folder: decodeURIComponent(href.replace(/\/report\.html$/, '')),
    startedMs: Number(row.cells[2]?.dataset.sort),
  };
}

/** Adds a checkbox to every run; with two of them selected, the command is shown above the list. */
export function startRunChoice(): void {
  const bar = document.querySelector<HTMLElement>('.compare-bar');
  const body = document.querySelector<HTMLTableElement>('table.runs')?.tBodies[0];
  const hint = bar?.querySelector<HTMLElement>('p');
  const line = bar?.querySelector<HTMLElement>('.compare-command');
  const code = line?.querySelector('code');
  const copy = line?.querySelector('button');
  if (!bar || !body || !hint || !line || !code || !copy || body.rows.length < 2) return;
  const ticked: Array<{ box: HTMLInputElement; run: ChosenRun }> = [];

  const show = () => {
    line.hidden = ticked.length < 2;
    hint.textContent =
      ticked.length === 2
        ? 'To compare these runs, the older one as the baseline:'
        : ticked.length === 1
          ? 'Select a second run.'
          : 'Select two runs to compare them.';
    copy.textContent = 'Copy';
    code.textContent = compareCommand(
      ticked.map(({ run }) => run),
      bar.dataset.out ?? '',
    );
  };
  for (const row of body.rows) {
    const box = document.createElement('input');
    box.type = 'checkbox';
    box.className = 'pick';
    const run = runIn(row);
    box.setAttribute('aria-label', `compare ${run.folder}`);
    row.cells[0]?.prepend(box);
    box.addEventListener('change', () => {
      const at = ticked.findIndex((each) => each.box === box);
      if (at >= 0) ticked.splice(at, 1);
      if (box.checked) ticked.push({ box, run });
      // A third one replaces the first.
      if (ticked.length > 2) {
        const first = ticked.shift();
        if (first !== undefined) first.box.checked = false;
      }
      show();
    });
  }
  copy.addEventListener('click', () => {
    const select = () => getSelection()?.selectAllChildren(code);
    // A sandboxed page cannot write to the clipboard, so the command is selected for copying by hand.
    if (navigator.clipboard === undefined) select();
    else
      navigator.clipboard.writeText(code.textContent ?? '').then(() => {
        copy.textContent = 'Copied';
      }, select);
  });
  bar.hidden = false;
  show();
}
