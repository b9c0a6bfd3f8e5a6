// novaperf list: the project's scenarios with their component, profiles and targets, as a table or as JSON.

import { resolve } from 'node:path';
import { Command } from '@commander-js/extra-typings';
import Table from 'cli-table3';
import { readTargets } from '../conport/targets-store.ts';
import { findK6 } from '../k6/find.ts';
import { listScenarios } from '../scenario/list.ts';
import { openTerminal } from '../terminal.ts';
import { DEFAULT_CONPORT } from './run.ts';

/** The `list` command. */
export function listCommand() {
  return new Command('list')
    .description('list the scenarios with their component, profiles and targets')
    .option('--conport <dir>', 'where the targets come from', DEFAULT_CONPORT)
    .option('--k6 <path>', 'k6 executable (also K6_BIN)')
    .option('--json', 'as JSON')
    .action(async (options) => {
      const terminal = openTerminal({ json: options.json === true });
      const k6 = await findK6({ k6Flag: options.k6, env: process.env, onProgress: (line) => terminal.warn(line) });
      const scenarios = await listScenarios(k6, resolve('.'));
      const rows = await Promise.all(
        scenarios.map(async (scenario) => {
          const targets = await readTargets(resolve(options.conport), scenario.component, undefined);
          return { ...scenario, targets: targets.kpis.map((kpi) => kpi.id) };
        }),
      );
      if (options.json === true) {
        terminal.json(rows);
        return;
      }
      const table = new Table({
        head: ['scenario', 'component', 'description', 'profiles', 'thresholds', 'targets'],
        style: { head: terminal.interactive ? ['cyan'] : [], border: [] },
        wordWrap: true,
        colWidths: [18, 12, 36, 18, 12, 10],
      });
      for (const row of rows) {
        table.push([
          row.name,
          row.component,
          row.description,
          row.profiles.join(' '),
          row.thresholds.length,
          row.targets.length,
        ]);
      }
      terminal.line(table.toString());
    });
}
