// The charts of report.html come to life.

import type { PageData } from '../../page-data-types.ts';
import { Board, type Distributions } from './board.ts';
import { startEndpointChoice } from './endpoint-choice.ts';

/** `distributions` knows parts of the run; without it distributions stay those of the whole. */
export function startCharts(data: PageData, distributions: Distributions = () => undefined): void {
  const board = new Board(data, distributions);
  board.start();
  startEndpointChoice(data.endpoints, (endpoint) => board.choose(endpoint));
}
