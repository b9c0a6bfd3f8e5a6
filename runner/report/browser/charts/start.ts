// The charts of report.html come to life.

import type { PageData } from '../../page-data-types.ts';
import { Board } from './board.ts';
import { startChoice } from './choice.ts';

/** Call it when the range has begun and the page's tracks are there; with the board of a page whose charts are alive already. */
export function startCharts(data: PageData, board = new Board(data)): void {
  board.unfold();
  startChoice(data, (chosen) => board.choose(chosen));
}
