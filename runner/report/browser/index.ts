// The script of index.html: theme, local times, and a list of runs that can be sorted, filtered and compared.

import { startAnchors } from './folds.ts';
import { startRunChoice } from './run-choice.ts';
import { startRunFilter } from './run-filter.ts';
import { startTables } from './tables.ts';
import { startTheme } from './theme.ts';
import { localTimes } from './times.ts';
import { startTrendPoints } from './trend-points.ts';
import { startZone } from './zone.ts';

startTheme();
startZone();
localTimes(document);
startTables(document);
startAnchors();
startRunFilter();
startRunChoice();
startTrendPoints();
