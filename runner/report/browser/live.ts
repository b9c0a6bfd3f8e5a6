// The script of the live page: all that report.html's does, and the stream of changes that keeps the page up with its run.

import type { LiveEvent } from '../../model/live-event.ts';
import { startCharts } from './charts/start.ts';
import { startAnchors, startPrint } from './folds.ts';
import { startLiveBar } from './live-bar.ts';
import { LiveBlocks } from './live-blocks.ts';
import { startNumbers } from './numbers.ts';
import { readPageData } from './page-data.ts';
import { range } from './range.ts';
import { startRangeBar } from './range-bar.ts';
import { startTheme } from './theme.ts';
import { startZone } from './zone.ts';

startTheme();
startZone();
startAnchors();
startPrint();

const main = document.querySelector('main');
const bar = startLiveBar();
if (main !== null) {
  const blocks = new LiveBlocks(main);
  const dataBlock = document.getElementById('page-data');
  const events = new EventSource('events');
  events.addEventListener('open', () => bar.connected());
  events.addEventListener('error', () => bar.lost(events.readyState === EventSource.CLOSED));
  events.addEventListener('message', ({ data }: MessageEvent<string>) => {
    const event: LiveEvent = JSON.parse(data);
    bar.show(event.bar);
    if (event.page !== undefined) {
      document.title = event.page.title;
      blocks.change(event.page);
      showLinks();
      if (dataBlock !== null) dataBlock.textContent = event.page.data;
    }
    if (event.bar.stage !== 'ended') return;
    events.close();
    void startData();
  });
}

/** Nothing changes any more: charts come to life, and a part of the run can be chosen, as in the report itself. */
async function startData(): Promise<void> {
  const data = await readPageData();
  if (data === undefined) return;
  startRangeBar();
  if (data.tracks !== undefined) startNumbers(data.tracks);
  range.begin(data.axisMs);
  startCharts(data);
}

/** The head's links to parts that are not there yet, or not any more, are away. */
function showLinks(): void {
  for (const link of document.querySelectorAll<HTMLAnchorElement>('nav.jump a')) {
    link.hidden = document.getElementById(link.hash.slice(1)) === null;
  }
}
