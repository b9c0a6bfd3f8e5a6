// Two ticked runs of the list become the command line that compares them, the older one as the baseline.

import { shellWord } from '../../text/shell-word.ts';

interface ChosenRun {
  readonly folder: string;
  readonly startedMs: number;
}

/** The command for two runs, in the order of their time. `out` is '' where the default finds them. */
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

/** Puts a box before the verdict of every run; with two of them ticked, the command stands above the list. */
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
        ? 'This compares them, the older one as the baseline:'
        : ticked.length === 1
          ? 'Tick a second run.'
          : 'Tick two runs to compare them.';
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
      // A third one takes the place of the first.
      if (ticked.length > 2) {
        const first = ticked.shift();
        if (first !== undefined) first.box.checked = false;
      }
      show();
    });
  }
  copy.addEventListener('click', () => {
    const select = () => getSelection()?.selectAllChildren(code);
    // A page in a sandbox may not write to the clipboard; what is selected can be copied by hand.
    if (navigator.clipboard === undefined) select();
    else
      navigator.clipboard.writeText(code.textContent ?? '').then(() => {
        copy.textContent = 'Copied';
      }, select);
  });
  bar.hidden = false;
  show();
}
