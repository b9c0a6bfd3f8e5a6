// novaperf conport: records are sent to a ConPort server (push), targets are fetched (pull), and records are checked (check).

import { resolve } from 'node:path';
import { createInterface } from 'node:readline/promises';
import { Command } from '@commander-js/extra-typings';
import { checkStore, repairStore } from '../records/repair/check.ts';
import { applyPulled, type PulledItem, planPull } from '../records/server/pull.ts';
import { pushRecords } from '../records/server/push.ts';
import { conflictText, tallyText } from '../records/server/push-text.ts';
import { withServer } from '../records/server/with-server.ts';
import { ConportStore, openStore } from '../records/store/store.ts';
import { DEFAULT_CONPORT } from '../system/default-folders.ts';
import { EXIT, type ExitCode } from '../system/exit-codes.ts';
import { openTerminal, type Terminal } from '../system/terminal.ts';
import { visible } from '../text/display-text.ts';
import { plural } from '../text/format.ts';

/** The `conport` command with its subcommands; `finish` receives the exit code. */
export function conportCommand(finish: (code: ExitCode) => void) {
  const command = new Command('conport').description('send, fetch and check the ConPort records of the project');
  command.addCommand(pushCommand(finish)).addCommand(pullCommand(finish)).addCommand(checkCommand(finish));
  return command;
}

function pushCommand(finish: (code: ExitCode) => void) {
  return new Command('push')
    .description('send new and changed records to the ConPort server of ProjectConfig; safe to repeat')
    .option('--conport <dir>', 'folder of the ConPort records', DEFAULT_CONPORT)
    .option('--ours <item...>', 'records changed on both sides to overwrite on the server, such as progress/3')
    .option('--theirs <item...>', 'records changed on both sides to leave as they are on the server')
    .option('--json', 'print as JSON')
    .action(async (options) => {
      const terminal = openTerminal({ json: options.json === true });
      const choices = { ours: new Set(options.ours ?? []), theirs: new Set(options.theirs ?? []) };
      const { names: _names, ...outcome } = await withServer(resolve(options.conport), (store, connection) =>
        pushRecords(store, connection, choices),
      );
      for (const warning of outcome.warnings) terminal.warn(visible(warning));
      for (const conflict of outcome.conflicts) terminal.warn(conflictText(conflict));
      if (options.json === true) terminal.json(outcome);
      else terminal.line(tallyText(outcome));
      finish(EXIT.passed);
    });
}

function pullCommand(finish: (code: ExitCode) => void) {
  return new Command('pull')
    .description('fetch ProjectConfig, PerformanceTargets and AcceptanceCriteria from the ConPort server')
    .option('--conport <dir>', 'folder of the ConPort records', DEFAULT_CONPORT)
    .option('-y, --yes', 'accept changes from the server without asking; local changes are kept')
    .option(
      '--theirs <item...>',
      "items to overwrite with the server's version, such as PerformanceTargets:Catalog_Targets_v1",
    )
    .action(async (options) => {
      const terminal = openTerminal({ json: false });
      await withServer(resolve(options.conport), async (store, connection) => {
        const items = await planPull(store, connection);
        const write = (item: PulledItem) => applyPulled(store, connection, item);
        const choice = { yes: options.yes === true, theirs: new Set(options.theirs ?? []) };
        finish(await bringIn(items, write, choice, terminal));
      });
    });
}

/** Writes new files. Changes of the server are shown and written after confirmation. Local changes are kept. */
async function bringIn(
  items: readonly PulledItem[],
  write: (item: PulledItem) => Promise<void>,
  { yes, theirs }: { readonly yes: boolean; readonly theirs: ReadonlySet<string> },
  terminal: Terminal,
): Promise<ExitCode> {
  let left = 0;
  for (const item of items) {
    const id = `${item.category}:${item.key}`;
    const name = visible(id);
    if (item.state === 'same') continue;
    if (item.state === 'refused') {
      left++;
      terminal.warn(`${name} was not fetched.\n${visible(item.userError?.toText() ?? '')}`);
      continue;
    }
    if (item.state === 'ours' && !theirs.has(id)) {
      terminal.line(`${name} was changed only here; it is kept`);
      continue;
    }
    terminal.line(visible(item.diff));
    const isTaken =
      item.state === 'new' ||
      theirs.has(id) ||
      (item.state === 'changed' && yes) ||
      (await agreed(`Overwrite ${name}${item.state === 'conflict' ? ', which was also changed here' : ''}?`, terminal));
    if (!isTaken) {
      left++;
      terminal.line(leftText(name, item.state));
      continue;
    }
    await write(item);
    terminal.line(`${name} ${item.state === 'new' ? 'added' : 'updated from the server'}`);
  }
  const same = items.filter(({ state }) => state === 'same').length;
  terminal.line(`${items.length} on the server, ${same} unchanged, ${left} not fetched`);
  return items.some(({ state }) => state === 'refused') ? EXIT.usage : EXIT.passed;
}

function leftText(name: string, state: PulledItem['state']): string {
  return state === 'conflict'
    ? `${name} was also changed here and is kept. To take the server's version: --theirs ${name}`
    : `${name} was not changed. To take the server's version: --yes`;
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
    .description('check all records: invalid files, broken links, open cycles')
    .option('--conport <dir>', 'folder of the ConPort records', DEFAULT_CONPORT)
    .option(
      '--repair',
      'close cycles left open by an ended process, remove drafts, renumber records that two git branches both numbered',
    )
    .option('--json', 'print as JSON')
    .action(async (options) => {
      const terminal = openTerminal({ json: options.json === true });
      const conportDir = resolve(options.conport);
      // A check without --repair creates no folder and needs no write permission.
      const store = options.repair === true ? await openStore(conportDir) : new ConportStore(conportDir);
      const { done } = options.repair === true ? await repairStore(store, true) : { done: [] };
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
        terminal.line(`${plural(records, 'record')}, ${plural(problems.length, 'problem')}`);
        if (dead.length > 0)
          terminal.line('To close the cycles left open by an ended process: novaperf conport check --repair');
      }
      finish(dead.length > 0 || problems.some(({ level }) => level === 'error') ? EXIT.usage : EXIT.passed);
    });
}

const SAID_OF = { running: 'is running', gone: 'has ended', elsewhere: 'may still be running' } as const;

function openCycleDocument({ main, state, runner }: Awaited<ReturnType<typeof checkStore>>['openCycles'][number]) {
  return { progress_id: main.id, state, host: runner.host, pid: runner.pid };
}
