// novaperf dev: builds a scenario, runs one iteration and prints it, again whenever one of its files changes.

import { existsSync } from 'node:fs';
import { dirname, join, sep } from 'node:path';
import { type ProjectConfig, readProjectConfig } from '../config/project-config.ts';
import { readExtensions } from '../k6/extensions.ts';
import { findK6, type K6 } from '../k6/find.ts';
import { inspectScript } from '../k6/inspect.ts';
import type { Environment } from '../model/environment.ts';
import type { ScenarioPlan } from '../model/plan.ts';
import { type EnvironmentChoice, openEnvironment, plannedSystem } from '../run/plan/environment.ts';
import { withAbsolutePaths, withoutLoadVariables } from '../run/plan/k6-flags.ts';
import { IncrementalBuilds } from '../scenario/builds.ts';
import { type Bundle, bundleScript } from '../scenario/bundle.ts';
import { planScenario } from '../scenario/derive-plan.ts';
import { environmentOfFolder } from '../scenario/environment-of.ts';
import { inspectScenario } from '../scenario/prepare.ts';
import { resolveScenarios, type ScenarioFile, scenariosFolderOf } from '../scenario/resolve.ts';
import { concerning, problemLines, type TypeProblem, typecheck } from '../scenario/typecheck.ts';
import { UserError } from '../system/errors.ts';
import { packageRoot } from '../system/package-root.ts';
import type { Terminal } from '../system/terminal.ts';
import { oneLine, visible } from '../text/display-text.ts';
import { duration, plural } from '../text/format.ts';
import { redactUrl, secretValues } from '../text/secrets.ts';
import { clipped } from '../text/text-columns.ts';
import { unverified } from '../verify/all-problems.ts';
import { hostFlags } from '../verify/enforced-hosts.ts';
import { trustOf } from '../verify/verify-scenario.ts';
import { type RunningIteration, runOnce } from './one-iteration.ts';
import { WatchedFolders } from './watch-folders.ts';
import { waterfall } from './waterfall.ts';
import { shownSource, wrapped } from './wrapped.ts';

/** Arguments of `novaperf dev`. */
export interface DevRequest {
  /** A name in the scenarios folder, or the path of a script. */
  readonly scenario: string;
  readonly projectDir: string;
  readonly conportDir: string;
  readonly env: string | undefined;
  readonly baseUrl: string | undefined;
  /** `__ENV` of the script. */
  readonly scriptEnv: Readonly<Record<string, string>>;
  readonly k6: string | undefined;
  /** Whether to print headers and complete bodies. */
  readonly full: boolean;
}

/** Runs until `ended` settles, and ends everything that it started. Throws a UserError if there is nothing to watch. */
export async function develop(request: DevRequest, ended: Promise<void>, terminal: Terminal): Promise<void> {
  const config = await readProjectConfig(request.conportDir, request.projectDir);
  const folder = scenariosFolderOf(config, request.projectDir);
  const [file] = await resolveScenarios([request.scenario], request.projectDir, folder);
  if (file === undefined) throw new UserError('Expected the name of a scenario, found none.');
  const extensions = await readExtensions(config.extensions, request.projectDir);
  const k6 = await findK6({ k6Flag: request.k6, env: process.env, onProgress: terminal.warn, extensions });
  const session = new Session(request, config, file, k6, terminal);
  try {
    await session.run(ended);
  } finally {
    await session.close();
  }
}

/** A build that is ready to run. */
interface Ready {
  readonly bundle: Bundle;
  readonly script: Bundle;
  readonly plan: ScenarioPlan;
  readonly variables: Readonly<Record<string, string>>;
  readonly buildMs: number;
}

class Session {
  readonly #builds = new IncrementalBuilds();
  readonly #watched: WatchedFolders;
  readonly #env = withoutLoadVariables(withAbsolutePaths(process.env));
  #environment: { readonly key: string; readonly opened: Environment } | undefined;
  #running: RunningIteration | undefined;
  #isEnded = false;
  #wake: (() => void) | undefined;
  #isDirty = false;
  /** The code of the last run: saving a file without a change runs nothing. */
  #ranCode = '';
  #changed: ReadonlySet<string> = new Set();
  /** The current bundle; undefined if bundling has not ended or failed. */
  #bundle: Bundle | undefined;

  constructor(
    private readonly request: DevRequest,
    private readonly config: ProjectConfig,
    private readonly file: ScenarioFile,
    private readonly k6: K6,
    private readonly terminal: Terminal,
  ) {
    this.#watched = new WatchedFolders((paths) => {
      this.#isDirty = true;
      this.#changed = paths;
      this.#running?.stop();
      this.#wake?.();
    });
  }

  async run(ended: Promise<void>): Promise<void> {
    void ended.then(() => {
      this.#isEnded = true;
      this.#running?.stop();
      this.#wake?.();
    });
    this.#watched.set([dirname(this.file.path)]);
    while (!this.#isEnded) {
      this.#isDirty = false;
      await this.#once().catch((error: unknown) => {
        if (!(error instanceof UserError)) throw error;
        this.terminal.endLive();
        this.terminal.line(this.terminal.style('red', visible(error.toText())));
      });
      await this.#nextChange();
    }
  }

  async close(): Promise<void> {
    this.#watched.close();
    await this.#builds.dispose();
    await this.#environment?.opened.stop();
  }

  async #nextChange(): Promise<void> {
    if (this.#isEnded || this.#isDirty) return;
    this.terminal.line(this.terminal.style('dim', `watching ${this.file.name}; Ctrl-C ends`));
    await new Promise<void>((resolve) => {
      this.#wake = resolve;
    });
    this.#wake = undefined;
  }

  async #once(): Promise<void> {
    // Types are checked in parallel, and shown even if k6 rejects the script.
    const typed = this.#typeProblems();
    typed.catch(() => undefined);
    this.#bundle = undefined;
    try {
      const ready = await this.#build();
      const isData = [...this.#changed].some((path) => !/\.[cm]?[jt]sx?$/.test(path));
      if ((ready.script.code !== this.#ranCode || isData) && !this.#isEnded) await this.#iterate(ready);
    } finally {
      if (this.#bundle !== undefined) this.#showProblems(concerning(await typed, this.#bundle));
    }
  }

  async #build(): Promise<Ready> {
    const { request, k6 } = this;
    const { builds } = this.#builds;
    const startedMs = performance.now();
    let buildMs = 0;
    const { bundle, inspected, env } = await inspectScenario({
      scriptPath: this.file.path,
      flags: { profile: 'smoke' },
      baseUrl: request.baseUrl,
      scriptEnv: request.scriptEnv,
      inspect: (script, variables) => {
        buildMs ||= performance.now() - startedMs;
        this.#bundle = script;
        return inspectScript(k6, script, variables, { env: this.#env, timeoutMs: this.config.loadTimeoutMs });
      },
      builds,
    });
    this.#watched.set(foldersOf(bundle));
    const plan = planScenario(bundle, inspected, { evenIfDisabled: true });
    const script = plan.typed
      ? bundle
      : await bundleScript(this.file.path, { override: { flags: { trial: true }, of: bundle }, builds });
    return { bundle, script, plan, variables: env, buildMs };
  }

  async #iterate({ script, plan, variables, buildMs }: Ready): Promise<void> {
    const { terminal, request, config } = this;
    const k6Args = await hostFlags(config, { options: plan.options, k6Args: [] });
    const environment = await this.#open(plan);
    const url = environment.url === '' ? {} : { BASE_URL: environment.url };
    // Every request is printed completely, so samples of failed ones are not needed.
    const given = { ...variables, ...url, NOVAPERF_SAMPLES: '' };
    this.#ranCode = script.code;
    this.#running = await runOnce({
      k6: this.k6,
      script,
      variables: given,
      env: this.#env,
      args: k6Args,
      onRequests: (requests) => {
        if (terminal.interactive) terminal.live(`${plan.name}  running, ${plural(requests, 'request')} so far`);
      },
    });
    if (this.#isDirty || this.#isEnded) this.#running.stop();
    const iteration = await this.#running.ended;
    this.#running = undefined;
    if (terminal.interactive) {
      terminal.live('');
      terminal.endLive();
    }
    if (this.#isEnded || this.#isDirty) return;
    const secrets = secretValues({ ...process.env, ...given });
    const { columns, style } = terminal;
    const target = environment.url === '' ? environment.name : `${redactUrl(environment.url)} (${environment.name})`;
    terminal.line();
    terminal.line(style('bold', clipped(oneLine(`${plan.name} → ${target}  built in ${duration(buildMs)}`), columns)));
    for (const line of waterfall(iteration, { columns, style, full: request.full, secrets, baseUrl: environment.url }))
      terminal.line(line);
  }

  /** The scenario's current environment; an open one is reused. */
  async #open(plan: ScenarioPlan): Promise<Environment> {
    const { request, config } = this;
    const own = plan.environment ?? environmentOfFolder(plan.scriptPath, request.projectDir, config.environmentOf);
    const choice: EnvironmentChoice = {
      env: request.env ?? (request.baseUrl === undefined ? own : undefined),
      baseUrl: request.baseUrl,
      needed: plan.typed || own !== undefined,
      build: undefined,
      trust: trustOf([{ plan, k6Args: [] }]),
    };
    const key = JSON.stringify(plannedSystem(config, choice));
    if (this.#environment?.key === key) return this.#environment.opened;
    await this.#environment?.opened.stop();
    this.#environment = undefined;
    const opened = await openEnvironment(config, choice);
    const problem = unverified(opened.checks.map((check) => ({ about: `environment "${opened.name}"`, check })));
    if (problem !== undefined) {
      await opened.stop();
      throw problem;
    }
    this.#environment = { key, opened };
    return opened;
  }

  async #typeProblems(): Promise<TypeProblem[]> {
    const { projectDir } = this.request;
    const tsconfig = tsconfigOf(this.file.path, projectDir);
    return tsconfig === undefined ? [] : typecheck(projectDir, tsconfig);
  }

  #showProblems(problems: readonly TypeProblem[]): void {
    if (this.#isDirty || this.#isEnded) return;
    const { terminal } = this;
    const sorted = problems.toSorted((a, b) => (a.file ?? '').localeCompare(b.file ?? '') || a.line - b.line);
    for (const problem of sorted) {
      const [head = '', ...snippet] = problemLines(problem);
      const { columns } = terminal;
      for (const line of wrapped(oneLine(`type error  ${head}`, 2000), columns))
        terminal.line(terminal.style('red', line));
      for (const line of shownSource(snippet.map(visible), columns)) terminal.line(line);
    }
  }
}

/** The folders of its files, without those of npm packages and novaperf. */
function foldersOf({ inputs, cwd }: Bundle): Set<string> {
  const own = inputs.filter(
    (path) =>
      !path.includes(`${sep}node_modules${sep}`) &&
      !path.startsWith(join(packageRoot, 'runner') + sep) &&
      !path.startsWith(join(packageRoot, 'dist') + sep),
  );
  return new Set([cwd, ...own.map(dirname)]);
}

/** The nearest tsconfig.json of the script's folder, up to the project's. */
function tsconfigOf(scriptPath: string, projectDir: string): string | undefined {
  for (let folder = dirname(scriptPath); ; folder = dirname(folder)) {
    const path = join(folder, 'tsconfig.json');
    if (existsSync(path)) return path;
    if (folder === projectDir || folder === dirname(folder)) return undefined;
  }
}
