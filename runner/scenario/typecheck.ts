// Checks the project's scenarios with the TypeScript compiler; problems of a scenario become its error. esbuild only strips types,
// so without this a wrong one would run.

import { existsSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { basename, dirname, extname, join, resolve } from 'node:path';
import { capture } from '../system/capture.ts';
import { UserError } from '../system/errors.ts';
import { nearPath } from '../system/near-path.ts';
import { packageRoot } from '../system/package-root.ts';
import type { Bundle } from './bundle.ts';
import { SCENARIOS_FOLDER } from './resolve.ts';

/** A type error with its place. */
export interface TypeProblem {
  /** Absolute path; undefined for what concerns no file, such as a wrong tsconfig.json. */
  readonly file: string | undefined;
  readonly line: number;
  readonly column: number;
  /** `Type 'string' is not assignable to type 'number'. (TS2322)` */
  readonly message: string;
}

// scenarios/x.ts(9,7): error TS2322: Type 'string' is not assignable to type 'number'.
//   further lines of the same message are indented
const PROBLEM = /^(?:(.+)\((\d+),(\d+)\): )?error (TS\d+): (.*)$/;
const TIMEOUT_MS = 60_000;

/**
 * Type errors of all scenarios of a project, as `tsc -p scenarios` finds them: about 0.2 s with TypeScript 7. Empty where the
 * project has no scenarios/tsconfig.json or no TypeScript is installed.
 */
export async function typecheckScenarios(
  projectDir: string,
  scenariosFolder: string = SCENARIOS_FOLDER,
): Promise<TypeProblem[]> {
  return typecheck(projectDir, join(projectDir, scenariosFolder, 'tsconfig.json'));
}

/** As typecheckScenarios, for the files of any tsconfig.json. */
export async function typecheck(projectDir: string, tsconfig: string): Promise<TypeProblem[]> {
  const compiler = findCompiler(projectDir);
  if (compiler === undefined || !existsSync(tsconfig)) return [];
  const args = [compiler, '--noEmit', '--pretty', 'false', '-p', tsconfig];
  const { stdout } = await capture(process.execPath, args, { cwd: projectDir, timeoutMs: TIMEOUT_MS });
  return parseProblems(stdout, projectDir);
}

/** What tsc printed with `--pretty false`, its paths relative to `folder`. */
export function parseProblems(output: string, folder: string): TypeProblem[] {
  const problems: { file: string | undefined; line: number; column: number; message: string }[] = [];
  for (const text of output.split(/\r?\n/)) {
    const [whole, file, line, column, code, message] = PROBLEM.exec(text) ?? [];
    if (whole !== undefined) {
      problems.push({
        file: file === undefined ? undefined : resolve(folder, file),
        line: Number(line ?? 0),
        column: Number(column ?? 0),
        message: `${message} (${code})`,
      });
      continue;
    }
    const last = problems.at(-1);
    if (last !== undefined && /^\s+\S/.test(text)) last.message += `\n  ${text}`;
  }
  return problems;
}

/** The problems in the files that the scenario is made of, and those of no file. */
export function concerning(problems: readonly TypeProblem[], bundle: Pick<Bundle, 'inputs'>): TypeProblem[] {
  const concerned = new Set(bundle.inputs.flatMap((path) => [path, ...companionsOf(path)]));
  return problems.filter(({ file }) => file === undefined || concerned.has(file));
}

/** A problem in its place: `scenarios/shop.ts:12:5: …`, and the line of the file below it. */
export function problemLines(problem: TypeProblem): string[] {
  return [`${placeOf(problem)}: ${problem.message}`, ...snippetOf(problem)];
}

/** The error about the problems in the files that the scenario is made of; undefined when there are none. */
export function typeError(problems: readonly TypeProblem[], bundle: Pick<Bundle, 'inputs'>): UserError | undefined {
  const [first, ...others] = concerning(problems, bundle);
  if (first === undefined) return undefined;
  const shown = others.slice(0, 4).map((problem) => `${placeOf(problem)}: ${problem.message}`);
  const more = others.length > shown.length ? [`… and ${others.length - shown.length} more`] : [];
  const message = [first.message, ...snippetOf(first), ...shown, ...more].join('\n');
  return new UserError(message, { where: placeOf(first), next: `npx tsc -p ${SCENARIOS_FOLDER} shows them all` });
}

/** The types and the schema of a CSV stand next to it and are no inputs of the bundle. */
function companionsOf(path: string): string[] {
  if (!/\.(csv|ya?ml|json)$/i.test(path)) return [];
  const stem = join(dirname(path), basename(path).replace(/\.(csv|ya?ml|json)$/i, ''));
  return [`${stem}.schema.ts`, `${stem}.d${extname(path)}.ts`];
}

function placeOf({ file, line, column }: TypeProblem): string {
  return file === undefined ? join(SCENARIOS_FOLDER, 'tsconfig.json') : `${nearPath(file)}:${line}:${column}`;
}

function snippetOf({ file, line, column }: TypeProblem): string[] {
  if (file === undefined || !existsSync(file)) return [];
  const text = readFileSync(file, 'utf8').split(/\r?\n/)[line - 1];
  if (text === undefined) return [];
  return [`    ${text}`, `    ${text.slice(0, column - 1).replace(/[^\t]/g, ' ')}^`];
}

/** Path of TypeScript's `tsc`, the project's own or ours. Its package exports no program, only its manifest. */
function findCompiler(projectDir: string): string | undefined {
  for (const folder of [projectDir, packageRoot]) {
    try {
      const manifest = createRequire(join(folder, 'package.json')).resolve('typescript/package.json');
      return join(dirname(manifest), 'bin/tsc');
    } catch {
      // Not installed there: a production install leaves TypeScript out, and scenarios run without it.
    }
  }
  return undefined;
}
