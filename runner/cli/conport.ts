// novaperf conport: the records go to a ConPort server (push), targets come from it (pull), and the store is looked over (check).

import { resolve } from 'node:path';
import { createInterface } from 'node:readline/promises';
import { Command } from '@commander-js/extra-typings';
import { checkStore, repairStore } from '../records/check.ts';
import { applyPulled, type PulledItem, planPull } from '../records/pull.ts';
import { pushRecords } from '../records/push.ts';
import { conflictText, tallyText } from '../records/push-text.ts';
import { ConportStore, openStore } from '../records/store.ts';
import { withServer } from '../records/with-server.ts';
import { DEFAULT_CONPORT } from '../system/default-folders.ts';
import { EXIT, type ExitCode } from '../system/exit-codes.ts';
import { openTerminal, type Terminal } from '../system/terminal.ts';
import { visible } from '../text/display-text.ts';

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
    .option('--ours <item...>', 'of a record that was changed on both sides, send ours, such as progress/3')
    .option('--theirs <item...>', "of a record that was changed on both sides, leave the server's")
    .option('--json', 'as JSON')
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
    .description('bring ProjectConfig, PerformanceTargets and AcceptanceCriteria from the server into YAML')
    .option('--conport <dir>', 'where they go', DEFAULT_CONPORT)
    .option('-y, --yes', 'take what was changed on the server only, without asking; edits made here stay')
    .option('--theirs <item...>', "take the server's version of these, such as PerformanceTargets:Catalog_Targets_v1")
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

/** New files are written; one that was changed on the server is shown and taken when that was agreed to; edits made here stay. */
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
      terminal.warn(`${name} is not brought in.\n${visible(item.userError?.toText() ?? '')}`);
      continue;
    }
    if (item.state === 'ours' && !theirs.has(id)) {
      terminal.line(`${name} was changed here only; it stays`);
      continue;
    }
    terminal.line(visible(item.diff));
    const isTaken =
      item.state === 'new' ||
      theirs.has(id) ||
      (item.state === 'changed' && yes) ||
      (await agreed(`Overwrite ${name}${item.state === 'conflict' ? ', which was changed here too' : ''}?`, terminal));
    if (!isTaken) {
      left++;
      terminal.line(leftText(name, item.state));
      continue;
    }
    await write(item);
    terminal.line(`${name} ${item.state === 'new' ? 'is new here' : 'is as on the server now'}`);
  }
  const same = items.filter(({ state }) => state === 'same').length;
  terminal.line(`${items.length} on the server, ${same} the same here, ${left} left`);
  return items.some(({ state }) => state === 'refused') ? EXIT.usage : EXIT.passed;
}

function leftText(name: string, state: PulledItem['state']): string {
  return state === 'conflict'
    ? `${name} was changed here too, so it stays: --theirs ${name} takes the server's version`
    : `${name} stays as it is here: --yes takes the server's version`;
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
    .option(
      '--repair',
      'close cycles whose process is gone, remove drafts, and tell apart records of two branches that git merged',
    )
    .option('--json', 'as JSON')
    .action(async (options) => {
      const terminal = openTerminal({ json: options.json === true });
      const conportDir = resolve(options.conport);
      // Looking needs no right to write, and makes no folder.
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
