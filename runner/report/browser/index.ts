// The script of index.html: theme, local times, and a table of runs that can be sorted and filtered.

import { startTables } from './tables.ts';
import { startTheme } from './theme.ts';
import { localTimes } from './times.ts';

startTheme();
localTimes(document);
startTables(document);
