// novaperf targets: proposes targets from sentences of acceptance criteria or from kept runs, for a person to approve.

import { resolve } from 'node:path';
import { Command } from '@commander-js/extra-typings';
import { readKeptRun } from '../compare/kept-run.ts';
import { checkTargets } from '../config/targets-store.ts';
import { byItem, certain, type ItemProposals, writeProposed } from '../records/cycle/propose-targets.ts';
import { targetsFromRun } from '../records/cycle/targets-from-run.ts';
import { openStore } from '../records/store/store.ts';
import { findRun } from '../runs/find-run.ts';
import { DEFAULT_CONPORT, DEFAULT_OUT } from '../system/default-folders.ts';
import { UserError } from '../system/errors.ts';
import { EXIT, type ExitCode } from '../system/exit-codes.ts';
import { openTerminal, type Terminal } from '../system/terminal.ts';
import { type Proposal, proposalsYaml } from '../targets/proposal.ts';
import { visible } from '../text/display-text.ts';
import { OUT_HELP, RUN_HELP } from './shared-options.ts';

/** The `targets` command with its subcommands; `finish` receives the exit code. */
export function targetsCommand(finish: (code: ExitCode) => void) {
  const command = new Command('targets').description('propose PerformanceTargets, for a person to approve');
  return command.addCommand(proposeCommand(finish)).addCommand(fromCommand());
}

function proposeCommand(finish: (code: ExitCode) => void) {
  return new Command('propose')
    .description(
      'propose targets from sentences in AcceptanceCriteria, and from rows of PerformanceTargets that cannot be judged',
    )
    .option('--conport <dir>', 'ConPort folder with the criteria', DEFAULT_CONPORT)
    .option('--write', "write the unambiguous entries to a new version of the component's PerformanceTargets")
    .option('--json', 'print as JSON')
    .action(async (options) => {
      const terminal = openTerminal({ json: options.json === true });
      const conportDir = resolve(options.conport);
      const { broken, unread } = await checkTargets(conportDir);
      for (const userError of broken) terminal.warn(visible(userError.toText()));
      const items = byItem(unread);
      if (options.json === true) terminal.json({ items });
      else if (items.length === 0)
        terminal.line('Nothing to propose: every sentence about performance is already a target, or there is none.');
      else terminal.line(items.map(proposalText).join('\n'));
      if (options.write === true) for (const item of items) await writeItem(conportDir, item, terminal);
      finish(broken.length > 0 ? EXIT.usage : EXIT.passed);
    });
}

function proposalText({ item, rows }: ItemProposals): string {
  const parts = rows.map(({ where, text, proposals }) => {
    const entries =
      proposals.length === 0 ? '# No limit found. Which value must not be exceeded?\n' : proposalsYaml(proposals);
    return `# ${visible(text).replace(/\s+/g, ' ')}\n# at ${where}\n${entries}`;
  });
  return `# ${item}\n${parts.join('')}`;
}

async function writeItem(
  conportDir: string,
  { item, component, rows }: ItemProposals,
  terminal: Terminal,
): Promise<void> {
  const sure = rows.flatMap(({ proposals }) => certain(proposals));
  if (sure.length === 0) return;
  const store = await openStore(conportDir);
  const key = await writeProposed(store, component, sure, `Proposed from the sentences of ${item}; approve or change`);
  terminal.line(`Wrote ${sure.length} to PerformanceTargets:${key}. Approve or change them.`);
}

function fromCommand() {
  return new Command('from')
    .description('propose targets from a kept run: the upper end of the 95 % interval, plus headroom')
    .argument('<run>', RUN_HELP)
    .option('--headroom <percent>', 'how much worse a later run may be, in percent', '20')
    .option('--out <dir>', OUT_HELP, DEFAULT_OUT)
    .option('--conport <dir>', 'ConPort folder, for --write', DEFAULT_CONPORT)
    .option('--write', "write them to a new version of the component's PerformanceTargets")
    .option('--json', 'print as JSON')
    .action(async (run, options) => {
      const terminal = openTerminal({ json: options.json === true });
      const { result, metrics } = await readKeptRun(await findRun(run, resolve(options.out)));
      const proposals = targetsFromRun(result, metrics, headroomOf(options.headroom));
      if (proposals.length === 0) {
        throw new UserError('Expected a run with at least 20 requests to propose targets from, found too few.', {
          where: result.run,
          next: 'run the scenario longer',
        });
      }
      if (options.json === true) terminal.json({ run: result.run, component: result.component, proposals });
      else terminal.line(documentText(result.component, result.run, proposals));
      if (options.write !== true) return;
      const store = await openStore(resolve(options.conport));
      const targets = proposals.map(({ target }) => target);
      const key = await writeProposed(
        store,
        result.component,
        targets,
        `Proposed from ${result.run}; approve or change`,
      );
      terminal.line(`Wrote them to PerformanceTargets:${key}. Approve or change them.`);
    });
}

function documentText(component: string, run: string, proposals: readonly Proposal[]): string {
  const lines = [`# ${visible(component)}, proposed from ${visible(run)}; approve or change`, 'targets:'];
  return `${lines.join('\n')}\n${proposalsYaml(proposals).trimEnd().replace(/^/gm, '  ')}`;
}

function headroomOf(text: string): number {
  const percent = Number(text.replace(/\s*%$/, ''));
  if (Number.isFinite(percent) && percent >= 0 && percent <= 1000) return percent / 100;
  throw new UserError(`Expected --headroom in percent, such as 20, found "${text}".`);
}
