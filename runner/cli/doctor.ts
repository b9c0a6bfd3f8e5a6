// novaperf doctor: what is installed, what is missing, how to get it.

import { existsSync } from 'node:fs';
import { resolve } from 'node:path';
import { Command } from '@commander-js/extra-typings';
import { readProjectConfig } from '../config/project-config.ts';
import { readExtensions } from '../k6/extensions.ts';
import { describeK6Sources } from '../k6/sources.ts';
import { projectScenarios, SCENARIOS_FOLDER, scenariosFolderOf } from '../scenario/resolve.ts';
import { DEFAULT_CONPORT } from '../system/default-folders.ts';
import { EXIT, type ExitCode } from '../system/exit-codes.ts';
import { packageVersion } from '../system/package-root.ts';
import { openTerminal } from '../system/terminal.ts';
import { visible } from '../text/display-text.ts';
import { plural } from '../text/format.ts';

const MARKS = { usable: '✓', absent: '–', unusable: '✗' } as const;

/** The `doctor` command; exit code 2 when no k6 is available without the network. */
export function doctorCommand(finish: (code: ExitCode) => void) {
  return new Command('doctor')
    .description('show what is installed, what is missing and how to install it')
    .option('--k6 <path>', 'path to the k6 executable (also K6_BIN)')
    .option('--json', 'print as JSON')
    .action(async (options) => {
      const terminal = openTerminal({ json: options.json === true });
      const config = await readProjectConfig(resolve(DEFAULT_CONPORT)).catch(() => undefined);
      const extensions = await readExtensions(config?.extensions ?? [], resolve('.'));
      const found = await describeK6Sources(process.env, options.k6, extensions);
      const folder = config === undefined ? SCENARIOS_FOLDER : scenariosFolderOf(config, resolve('.'));
      const scenarios = await projectScenarios(resolve('.'), folder);
      const hasConport = existsSync(resolve(DEFAULT_CONPORT));
      const usable = found.sources.find((source) => source.state === 'usable');
      if (usable === undefined) finish(EXIT.usage);
      if (options.json === true) {
        terminal.json({ novaperf: packageVersion, node: process.version, scenarios: scenarios.length, ...found });
        return;
      }
      terminal.line(`novaperf ${packageVersion}, Node ${process.version}`);
      terminal.line('');
      terminal.line('k6, in search order:');
      for (const source of found.sources) {
        terminal.line(`  ${MARKS[source.state]} ${source.name.padEnd(18)} ${source.detail}`);
      }
      if (found.extensions.length > 0) {
        terminal.line('');
        terminal.line('k6 extensions in the configuration:');
        for (const { module, version, isBuilt, imports } of found.extensions) {
          const state = isBuilt ? imports.join(', ') : 'built into k6 by Go on first use';
          terminal.line(`  ${isBuilt ? MARKS.usable : MARKS.absent} ${visible(`${module} ${version}`)}  ${state}`);
        }
      }
      terminal.line('');
      if (usable === undefined) {
        terminal.line(
          `No k6 found. Install Go ${found.neededGo} or later: the next run then builds k6 ${found.pinnedK6} once,`,
        );
        terminal.line('in about two minutes. Or install k6, or give its path with --k6.');
      } else if (usable.name === 'Go toolchain') {
        terminal.line(
          `The first run builds k6 ${found.pinnedK6} with Go in about two minutes. It is kept in ${found.cacheFolder}.`,
        );
      } else {
        terminal.line(
          usable.hasHistograms
            ? `Runs use k6 from ${usable.name} with the histograms stream, which adds almost no CPU to k6.`
            : `Runs use k6 from ${usable.name} with the samples stream, which adds CPU to k6. With Go ${found.neededGo} or later, novaperf builds a k6 with the histograms stream.`,
        );
      }
      terminal.line(
        scenarios.length === 0
          ? 'No scenarios yet: novaperf new <name> creates one.'
          : `${plural(scenarios.length, 'scenario')} in ${folder}/.`,
      );
      terminal.line(
        hasConport ? 'ConPort records are in conport/.' : 'No ConPort records yet: the first run creates conport/.',
      );
    });
}
