// Results → GitHub annotations: errors, warnings and notices with their place in the script, and the workflow commands for them.

import { isAbsolute, relative, resolve, sep } from 'node:path';
import { findingKinds } from '../model/finding-kinds.ts';
import { isMissedKpi, type Result, type ResultKpi } from '../model/result.ts';
import { filterName, statisticName } from '../targets/kpi-name.ts';
import { oneLine } from '../text/display-text.ts';
import { findingRows } from './view/findings.ts';
import { actualText, targetText } from './view/kpi-text.ts';
import { kpiRows, orderedKpis } from './view/kpis.ts';

export interface Annotation {
  readonly level: 'error' | 'warning' | 'notice';
  readonly title: string;
  readonly message: string;
  /** Path relative to the repository, with slashes; undefined if it is not in the repository. */
  readonly file: string | undefined;
  readonly line: number | undefined;
  readonly column: number | undefined;
}

/** GitHub shows ten of each level for a step, and fifty for a job. */
const MOST_OF_A_LEVEL = 10;

const VERDICTS: Readonly<Record<Exclude<ResultKpi['verdict'], 'pass'>, readonly [Annotation['level'], string]>> = {
  fail: ['error', 'target missed'],
  no_data: ['error', 'target without data'],
  inconclusive: ['warning', 'target inconclusive'],
};

/** Kinds of findings that repeat what the annotations of targets and exceptions state. */
const STATED_ELSEWHERE = findingKinds('kpi_missed', 'no_data', 'inconclusive', 'script_exceptions');

type Place = Pick<Annotation, 'file' | 'line' | 'column'>;

/** The place of `scenarios/x.ts:9:7`, or of a path alone. */
function placeOf(where: string, repositoryDir: string): Place {
  const [, path = where, line, column] = /^(.*?)(?::(\d+))?(?::(\d+))?$/.exec(where) ?? [];
  const near = relative(repositoryDir, resolve(path));
  const isInside = near !== '' && !near.startsWith('..') && !isAbsolute(near);
  return {
    file: isInside ? near.split(sep).join('/') : undefined,
    line: isInside && line !== undefined ? Number(line) : undefined,
    column: isInside && column !== undefined ? Number(column) : undefined,
  };
}

function ofRun(result: Result, repositoryDir: string): Annotation[] {
  const subject = `${oneLine(result.scenario, 60)} ${oneLine(result.profile, 20)}`;
  const script = placeOf(result.script, repositoryDir);
  const targets = orderedKpis(result).flatMap((kpi): Annotation[] => {
    if (kpi.verdict === 'pass') return [];
    const [worst, what] = VERDICTS[kpi.verdict];
    const level = isMissedKpi(kpi) ? worst : 'warning';
    const tags = filterName(kpi.filter);
    const figures = `${statisticName(kpi)}${tags === '' ? '' : ` (${tags})`}: target ${targetText(kpi, result)}, actual ${actualText(kpi, result)}`;
    const note = kpi.note === null || kpi.note === '' ? '' : `. ${oneLine(kpi.note, 300)}`;
    return [{ level, title: `${subject}: ${what}`, message: `${figures}${note}`, ...script }];
  });
  const thrown = result.errors
    .filter(({ kind }) => kind === 'exception')
    .map(
      ({ message, count, where }): Annotation => ({
        level: 'error',
        title: `${subject}: exception`,
        message: `${oneLine(message, 500)} (${count} ×)`,
        ...(where === null ? script : placeOf(where, repositoryDir)),
      }),
    );
  // Comes first, because it may be the only one: such a run need not have missed a target.
  const isBroken = result.status === 'error' || result.status === 'aborted';
  const ended: Annotation[] = isBroken
    ? [
        {
          level: 'error',
          title: `${subject}: ${result.status}`,
          message: oneLine(result.status_reason, 500),
          ...script,
        },
      ]
    : [];
  const findings = findingRows(result, kpiRows(result))
    .filter(({ kind, severity }) => severity !== 'low' && !STATED_ELSEWHERE.has(kind))
    .map(
      ({ severity, title }): Annotation => ({
        level: severity === 'critical' || severity === 'high' ? 'warning' : 'notice',
        title: `${subject}: finding`,
        message: title,
        ...script,
      }),
    );
  const passed: Annotation[] =
    result.status === 'pass'
      ? [{ level: 'notice', title: `${subject}: passed`, message: oneLine(result.status_reason, 500), ...script }]
      : result.status === 'unjudged'
        ? [
            {
              level: 'notice',
              title: `${subject}: finished, nothing judged`,
              message: oneLine(result.status_reason, 500),
              ...script,
            },
          ]
        : [];
  return [...ended, ...targets, ...thrown, ...passed, ...findings];
}

/** At most ten. The tenth gives the number of further ones, which GitHub would drop silently. */
function bounded(annotations: readonly Annotation[], level: Annotation['level']): Annotation[] {
  const all = annotations.filter((annotation) => annotation.level === level);
  if (all.length <= MOST_OF_A_LEVEL) return all;
  const message = `${all.length - MOST_OF_A_LEVEL + 1} more. GitHub shows at most ${MOST_OF_A_LEVEL} of each level; the report has all.`;
  const rest: Annotation = { level, title: 'novaperf', message, file: undefined, line: undefined, column: undefined };
  return [...all.slice(0, MOST_OF_A_LEVEL - 1), rest];
}

/**
 * At most ten annotations of each level: missed targets and exceptions are errors, inconclusive targets and findings of severity high or
 * critical are warnings, passed runs and findings of severity medium are notices. Findings of severity low are left out.
 * `failures`: one sentence for each scenario that could not run. `repositoryDir`: GITHUB_WORKSPACE; result.script is relative to
 * the working directory.
 */
export function annotationsOf(
  results: readonly Result[],
  failures: readonly string[],
  repositoryDir: string,
): Annotation[] {
  const nowhere = { file: undefined, line: undefined, column: undefined };
  const all = [
    ...failures.map(
      (failure): Annotation => ({
        level: 'error',
        title: 'scenario did not run',
        message: oneLine(failure, 500),
        ...nowhere,
      }),
    ),
    ...results.flatMap((result) => ofRun(result, repositoryDir)),
  ];
  return [...bounded(all, 'error'), ...bounded(all, 'warning'), ...bounded(all, 'notice')];
}

/** Escapes as ActionCommand.UnescapeData of actions/runner expects. `%` comes first, because the other escapes contain it. */
function escapedData(text: string): string {
  return text.replaceAll('%', '%25').replaceAll('\r', '%0D').replaceAll('\n', '%0A');
}

function escapedProperty(text: string): string {
  return escapedData(text).replaceAll(':', '%3A').replaceAll(',', '%2C');
}

/** The workflow command of an annotation, on one line: `::error file=scenarios/x.ts,line=9,title=…::message`. */
export function workflowCommand({ level, title, message, file, line, column }: Annotation): string {
  const properties = [
    ...(file === undefined ? [] : [`file=${escapedProperty(file)}`]),
    ...(line === undefined ? [] : [`line=${line}`]),
    ...(line === undefined || column === undefined ? [] : [`col=${column}`]),
    `title=${escapedProperty(title)}`,
  ];
  return `::${level} ${properties.join(',')}::${escapedData(message)}`;
}
