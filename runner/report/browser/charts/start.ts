// The charts of report.html come to life.

import type { PageData } from '../../page-data-types.ts';
import { Board } from './board.ts';
import { Choice } from './choice.ts';

/** Call it when the range has begun and the page's tracks are there. */
export function startCharts(data: PageData): void {
  const board = new Board(data);
  board.unfold();
  new Choice((chosen) => board.choose(chosen)).update(data);
}
