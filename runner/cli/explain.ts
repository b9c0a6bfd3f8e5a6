// novaperf explain: how the verdicts of a kept run were reached; nothing is judged again.

import { readFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { Command } from '@commander-js/extra-typings';
import {
  type ExplainedStep,
  type Explanation,
  explainKpi,
  explainRun,
  verdictText,
} from '../analysis/verdict/explain.ts';
import { type Result, type ResultKpi, resultSchema } from '../model/result.ts';
import { findRun } from '../runs/find-run.ts';
import { DEFAULT_OUT } from '../system/default-folders.ts';
import { UserError } from '../system/errors.ts';
import { nearest } from '../system/nearest.ts';
import { openTerminal, type Terminal } from '../system/terminal.ts';
import { oneLine } from '../text/display-text.ts';
import { hanging } from '../text/text-columns.ts';
import { OUT_HELP, RUN_HELP } from './shared-options.ts';

/** The `explain` command. */
export function explainCommand() {
  return new Command('explain')
    .description('explain the verdicts of a kept run: samples, interval, rule and possible causes')
    .argument('<run>', RUN_HELP)
    .argument('[target]', 'a target: its expression or a part of it (default: the run and all targets)')
    .option('--out <dir>', OUT_HELP, DEFAULT_OUT)
    .option('--json', 'print as JSON')
    .action(async (run, target, options) => {
      const folder = await findRun(run, resolve(options.out));
      const result = await readResult(join(folder, 'result.json'));
      const kpis = target === undefined ? result.kpis : meantBy(target, result);
      const explained = kpis.map((kpi) => explainKpi(kpi, result));
      const about = target === undefined ? explainRun(result) : [];
      const isJson = options.json === true;
      const terminal = openTerminal({ json: isJson });
      if (isJson) terminal.json({ run: result.run, status: result.status, about, targets: explained });
      else terminal.line(text(terminal, result, about, explained));
    });
}

async function readResult(path: string): Promise<Result> {
  let json: unknown;
  try {
    json = JSON.parse(await readFile(path, 'utf8'));
  } catch {
    throw new UserError('Expected a run with a result.json, found none that can be read.', {
      where: path,
      next: 'novaperf report <run> writes it again from the archive',
    });
  }
  const parsed = resultSchema.safeParse(json);
  if (parsed.success) return parsed.data;
  const [issue] = parsed.error.issues;
  throw new UserError(
    `Expected a result.json of novaperf, found another shape: ${issue?.path.join('.') ?? ''} ${issue?.message ?? ''}.`,
    { where: path, next: 'novaperf report <run> writes it again' },
  );
}

/** The targets with an id or expression that equals or contains the text. */
function meantBy(text: string, { kpis }: Result): ResultKpi[] {
  const plain = (value: string) => value.replace(/\s+/g, '').toLowerCase();
  const wanted = plain(text);
  const exact = kpis.filter(({ id, expression }) => plain(id) === wanted || plain(expression) === wanted);
  const found =
    exact.length > 0 ? exact : kpis.filter(({ id, expression }) => plain(`${id} ${expression}`).includes(wanted));
  if (found.length > 0) return found;
  const names = kpis.map(({ expression }) => expression);
  const [close] = nearest(text, names, 1);
  throw new UserError(`Expected a target of this run, found none that matches ${JSON.stringify(oneLine(text, 120))}.`, {
    next:
      names.length === 0
        ? 'the run had no targets; novaperf explain <run> explains the rest'
        : `${close === undefined ? '' : `did you mean ${oneLine(close, 160)}? `}its targets: ${names
            .slice(0, 10)
            .map((name) => oneLine(name, 160))
            .join(' · ')}`,
  });
}

const WIDTH = 18;

function lines(terminal: Terminal, steps: readonly ExplainedStep[]): string {
  return steps.map(({ label, text: words }) => hanging(`  ${label.padEnd(WIDTH)}`, words, terminal)).join('\n');
}

function text(
  terminal: Terminal,
  result: Result,
  about: readonly ExplainedStep[],
  explained: readonly Explanation[],
): string {
  const head = about.length === 0 ? '' : `${oneLine(result.run, 200)}\n${lines(terminal, about)}`;
  const targets = explained.map(
    ({ expression, verdict, steps }) =>
      `${oneLine(expression, 240)}: ${verdictText(verdict)}\n${lines(terminal, steps)}`,
  );
  return [head, ...targets].filter((part) => part !== '').join('\n\n');
}
