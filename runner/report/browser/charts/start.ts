// Starts the charts of report.html.

import type { PageData } from '../../page-data-types.ts';
import { Board } from './board.ts';
import { Choice } from './choice.ts';

/** Starts all charts. To be called after the range has begun and the page's tracks are set. */
export function startCharts(data: PageData): void {
  const board = new Board(data);
  board.unfold();
  new Choice((chosen) => board.choose(chosen)).update(data);
}
