// The script of report.html. All content is there without it; it adds a theme switch, local times, sorting and filtering of tables,
// links that open folds, and a range that everything follows.

import { startCharts } from './charts/start.ts';
import { startCopy } from './copy.ts';
import { revealAnchor, startAnchors, startPrint } from './folds.ts';
import { startNumbers } from './numbers.ts';
import { readPageData } from './page-data.ts';
import { range } from './range.ts';
import { startRangeBar } from './range-bar.ts';
import { startTables } from './tables.ts';
import { startTheme } from './theme.ts';
import { localTimes } from './times.ts';
import { startZone } from './zone.ts';

startTheme();
startZone();
localTimes(document);
startTables(document);
startAnchors();
startPrint();
startCopy();

async function startData(): Promise<void> {
  const data = await readPageData();
  if (data === undefined) return;
  startRangeBar();
  if (data.tracks !== undefined) startNumbers(data.tracks);
  range.begin(data.axisMs);
  startCharts(data);
  if (range.current !== undefined) revealAnchor();
}

void startData();
