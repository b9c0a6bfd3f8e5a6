// The charts of report.html come to life.

import type { PageData } from '../../page-data-types.ts';
import { Board } from './board.ts';
import { startEndpointChoice } from './endpoint-choice.ts';

/** Call it when the range has begun and the page's tracks are there. */
export function startCharts(data: PageData): void {
  const board = new Board(data);
  board.start();
  startEndpointChoice(data.endpoints, (endpoint) => board.choose(endpoint));
}
