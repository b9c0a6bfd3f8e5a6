// novaperf conport: the records go to a ConPort server (push), targets come from it (pull), and the store is looked over (check).

import { resolve } from 'node:path';
import { createInterface } from 'node:readline/promises';
import { Command } from '@commander-js/extra-typings';
import { checkStore, repairStore } from '../records/check.ts';
import { applyPulled, type PulledItem, planPull } from '../records/pull.ts';
import { pushRecords } from '../records/push.ts';
import { ConportStore, openStore } from '../records/store.ts';
import { withServer } from '../records/with-server.ts';
import { EXIT, type ExitCode } from '../system/exit-codes.ts';
import { openTerminal, type Terminal } from '../system/terminal.ts';
import { visible } from '../text/display-text.ts';
import { DEFAULT_CONPORT } from './run.ts';

/** The `conport` command with its subcommands; `finish` receives the exit code. */
export function conportCommand(finish: (code: ExitCode) => void) {
  const command = new Command('conport').description("the project's ConPort records: send, fetch, look over");
  command.addCommand(pushCommand(finish)).addCommand(pullCommand(finish)).addCommand(checkCommand(finish));
  return command;
}

function pushCommand(finish: (code: ExitCode) => void) {
  return new Command('push')
    .description('send what is new or changed to the ConPort server of ProjectConfig; safe to repeat')
    .option('--conport <dir>', 'where the records are', DEFAULT_CONPORT)
    .option('--json', 'as JSON')
    .action(async (options) => {
      const terminal = openTerminal({ json: options.json === true });
      const outcome = await withServer(resolve(options.conport), pushRecords);
      for (const warning of outcome.warnings) terminal.warn(visible(warning));
      if (options.json === true) terminal.json(outcome);
      else terminal.line(`${outcome.created} sent, ${outcome.updated} updated, ${outcome.unchanged} already there`);
      finish(EXIT.passed);
    });
}

function pullCommand(finish: (code: ExitCode) => void) {
  return new Command('pull')
    .description('bring ProjectConfig, PerformanceTargets and AcceptanceCriteria from the server into YAML')
    .option('--conport <dir>', 'where they go', DEFAULT_CONPORT)
    .option('-y, --yes', 'overwrite files that differ without asking')
    .action(async (options) => {
      const terminal = openTerminal({ json: false });
      await withServer(resolve(options.conport), async (store, connection) => {
        const items = await planPull(store, connection);
        finish(await bringIn(store, items, options.yes === true, terminal));
      });
    });
}

/** New files are written; a file that differs is shown and overwritten when that was agreed to. */
async function bringIn(
  store: ConportStore,
  items: readonly PulledItem[],
  yes: boolean,
  terminal: Terminal,
): Promise<ExitCode> {
  let left = 0;
  for (const item of items) {
    const name = visible(`${item.category}:${item.key}`);
    if (item.state === 'same') continue;
    if (item.state === 'refused') {
      left++;
      terminal.warn(`${name} is not brought in.\n${visible(item.letter?.toText() ?? '')}`);
      continue;
    }
    terminal.line(visible(item.diff));
    if (item.state === 'changed' && !yes && !(await agreed(`Overwrite ${name}?`, terminal))) {
      left++;
      terminal.line(`${name} stays as it is here`);
      continue;
    }
    await applyPulled(store, item);
    terminal.line(`${name} ${item.state === 'new' ? 'is new here' : 'is as on the server now'}`);
  }
  const same = items.filter(({ state }) => state === 'same').length;
  terminal.line(`${items.length} on the server, ${same} the same here, ${left} left`);
  if (left > 0 && !yes && !terminal.interactive) terminal.line('novaperf conport pull --yes overwrites what differs');
  return items.some(({ state }) => state === 'refused') ? EXIT.usage : EXIT.passed;
}

async function agreed(question: string, terminal: Terminal): Promise<boolean> {
  if (!terminal.interactive || process.stdin.isTTY !== true) return false;
  const ask = createInterface({ input: process.stdin, output: process.stdout });
  try {
    return /^y(es)?$/i.test((await ask.question(`${question} [y/N] `)).trim());
  } finally {
    ask.close();
  }
}

function checkCommand(finish: (code: ExitCode) => void) {
  return new Command('check')
    .description('look every record over: broken files, links that lead nowhere, cycles left open')
    .option('--conport <dir>', 'where the records are', DEFAULT_CONPORT)
    .option('--repair', 'close cycles whose process is gone, remove drafts of killed processes')
    .option('--json', 'as JSON')
    .action(async (options) => {
      const terminal = openTerminal({ json: options.json === true });
      const conportDir = resolve(options.conport);
      // Looking needs no right to write, and makes no folder.
      const store = options.repair === true ? await openStore(conportDir) : new ConportStore(conportDir);
      const { done } = options.repair === true ? await repairStore(store) : { done: [] };
      const { problems, openCycles, records } = await checkStore(store);
      const dead = openCycles.filter(({ state }) => state === 'gone');
      if (options.json === true) {
        terminal.json({ records, problems, open_cycles: openCycles.map(openCycleDocument), repaired: done });
      } else {
        for (const line of done) terminal.line(line);
        for (const { level, text } of problems) terminal.line(`${level}: ${visible(text)}`);
        for (const { main, state, runner } of openCycles) {
          terminal.line(
            `progress ${main.id} is open: its process ${runner.pid} on ${visible(runner.host)} ${SAID_OF[state]}`,
          );
        }
        terminal.line(`${records} records, ${problems.length} ${problems.length === 1 ? 'problem' : 'problems'}`);
        if (dead.length > 0) terminal.line('novaperf conport check --repair closes what its process left open');
      }
      finish(dead.length > 0 || problems.some(({ level }) => level === 'error') ? EXIT.usage : EXIT.passed);
    });
}

const SAID_OF = { running: 'runs', gone: 'is gone', elsewhere: 'may still run there' } as const;

function openCycleDocument({ main, state, runner }: Awaited<ReturnType<typeof checkStore>>['openCycles'][number]) {
  return { progress_id: main.id, state, host: runner.host, pid: runner.pid };
}
