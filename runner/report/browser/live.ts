// The script of the live page: everything of report.html's script, and the stream of events that updates the page.

import type { LiveEvent, PageChange } from '../../model/live-event.ts';
import type { PageData } from '../page-data-types.ts';
import { Choice } from './charts/choice.ts';
import { LiveBoard } from './charts/live-board.ts';
import { startAnchors, startPrint } from './folds.ts';
import { startLiveBar } from './live-bar.ts';
import { LiveBlocks } from './live-blocks.ts';
import { startNumbers } from './numbers.ts';
import { unpackPageData } from './page-data.ts';
import { range } from './range.ts';
import { startRangeBar } from './range-bar.ts';
import { startTheme } from './theme.ts';
import { startZone } from './zone.ts';

startTheme();
startZone();
startAnchors();
startPrint();
startRangeBar();

const main = document.querySelector('main');
const bar = startLiveBar();
if (main !== null) follow(main);

function follow(place: HTMLElement): void {
  let board: LiveBoard | undefined;
  const choice = new Choice((chosen) => board?.choose(chosen));
  /** Data that the charts do not show yet, for example because the reader is dragging in a chart. */
  let newer: PageData | undefined;
  let shown: PageData | undefined;
  let run = '';
  const blocks = new LiveBlocks(place, {
    replaced: () => board?.rehome(),
    settled() {
      if (newer !== undefined) {
        shown = newer;
        newer = undefined;
        range.begin(shown.axisMs);
        if (board === undefined) board = new LiveBoard(shown);
        else board.update(shown);
      }
      // Replaced parts have empty selects and the texts of the whole run.
      if (shown !== undefined) choice.update(shown);
    },
  });

  async function change(page: PageChange): Promise<PageData | undefined> {
    // A browser that cannot unpack the data shows the SVGs.
    const data = page.data === '' ? undefined : await unpackPageData(page.data).catch(() => undefined);
    newer = data;
    if (run !== '' && run !== page.run) range.set(undefined);
    run = page.run;
    document.title = page.title;
    const restoreFocus = board?.keepFocus();
    blocks.change(page);
    restoreFocus?.();
    showLinks();
    return data;
  }

  let latest: PageData | undefined;
  const events = new EventSource('events');
  async function take(event: LiveEvent): Promise<void> {
    bar.show(event.bar);
    if (event.page !== undefined) latest = await change(event.page);
    if (event.bar.stage !== 'ended' || latest === undefined) return;
    // The data is final, so numbers can follow a selected range, as in the report.
    if (latest.tracks !== undefined) startNumbers(latest.tracks);
    newer = undefined;
    board ??= new LiveBoard(latest);
    board.unfold();
    choice.update(latest);
  }
  let queue = Promise.resolve();
  events.addEventListener('open', () => bar.connected());
  events.addEventListener('error', () => bar.lost(events.readyState === EventSource.CLOSED));
  events.addEventListener('message', ({ data }: MessageEvent<string>) => {
    const event: LiveEvent = JSON.parse(data);
    if (event.bar.stage === 'ended') events.close();
    // One at a time, because unpacking takes time.
    queue = queue.then(() => take(event));
  });
}

/** Hides links of the header to parts that do not exist yet or any more. */
function showLinks(): void {
  for (const link of document.querySelectorAll<HTMLAnchorElement>('nav.jump a')) {
    link.hidden = document.getElementById(link.hash.slice(1)) === null;
  }
}
