// One scenario of a cycle from load to reports: execute → read the archive back → analyse → record → render → write.

import { join } from 'node:path';
import { analyseRun, warningFinding } from '../analysis/analyse.ts';
import type { K6 } from '../k6/find.ts';
import type { LivePage } from '../live/live-page.ts';
import type { Tick } from '../live/tick.ts';
import { readArchive } from '../metrics/archive-reader.ts';
import type { Check } from '../model/check.ts';
import type { Environment } from '../model/environment.ts';
import type { Result } from '../model/result.ts';
import type { RunFacts } from '../model/run.ts';
import { ARCHIVE_FILE } from '../model/run-files.ts';
import { openSources } from '../monitor/open.ts';
import type { WatchPlan } from '../monitor/plan.ts';
import { ServerWatch } from '../monitor/watch.ts';
import type { CycleRecords } from '../records/cycle-records.ts';
import type { Presentation } from '../report/presentation.ts';
import { createRunFolder, writeFiles } from '../runs/run-folder.ts';
import type { PreparedScenario } from '../scenario/prepared-scenario.ts';
import { UserError } from '../system/errors.ts';
import type { Interrupt } from '../system/interrupt.ts';
import { packageVersion } from '../system/package-root.ts';
import { executeScenario } from './execute.ts';
import { describeMachine } from './machine.ts';
import { writeRunReports } from './report-files.ts';

export interface ScenarioRun {
  readonly scenario: PreparedScenario;
  readonly k6: K6;
  readonly stream: 'histograms' | 'samples';
  readonly environment: Environment;
  /** What was verified before the load, of the environment and of this scenario. */
  readonly verification: readonly Check[];
  readonly buildVersion: string;
  /** How the system under test is watched. */
  readonly watch: WatchPlan;
  readonly out: string;
  readonly keepRaw: boolean;
  readonly presentation: Presentation;
  readonly records: CycleRecords;
  readonly interrupt: Interrupt;
  /** With --live only. */
  readonly livePage: LivePage | undefined;
  readonly onStart: (folder: string) => void;
  /** The idle system is watched for so long before the load. */
  readonly onWatch: (server: ServerWatch, baselineMs: number) => void;
  readonly onTick: (tick: Tick) => void;
  readonly onLog: (line: string) => void;
}

/** Runs, judges, records and reports one scenario. Returns its result and the folder that holds its files. */
export async function runScenario(run: ScenarioRun): Promise<{ result: Result; folder: string }> {
  const { scenario, environment, records } = run;
  const { plan, bundle } = scenario;
  const startedAtMs = Date.now();
  const { path: folder, run: name } = await createRunFolder(run.out, plan.name, startedAtMs);
  run.onStart(folder);
  await writeFiles(
    folder,
    new Map([
      ['bundle.js', bundle.code],
      ['bundle.js.map', bundle.map],
    ]),
  );
  const progressId = await records.scenarioStarted(plan, folder, {
    url: environment.url,
    buildVersion: run.buildVersion,
  });
  const facts: Omit<RunFacts, 'k6'> = {
    novaperfVersion: packageVersion,
    run: name,
    startedAtMs,
    plan,
    environment: environment.name,
    environmentSource: environment.source,
    targetUrl: environment.url,
    buildVersion: run.buildVersion,
    machine: describeMachine(),
    verification: [...run.verification],
  };
  const server = new ServerWatch(openSources(run.watch.sources), run.watch);
  run.onWatch(server, run.watch.baselineMs);
  await server.baseline(run.interrupt);
  const executed = await executeScenario({
    k6: run.k6,
    bundle,
    facts,
    stream: run.stream,
    kpis: scenario.kpis,
    env: environment.url === '' ? scenario.env : { ...scenario.env, BASE_URL: environment.url },
    k6Args: scenario.k6Args,
    folder,
    keepRaw: run.keepRaw,
    warnings: warningsOf(run),
    server,
    livePage: run.livePage,
    interrupt: run.interrupt,
    onTick: run.onTick,
    onLog: run.onLog,
  }).catch(async (error: unknown) => {
    server.stop();
    await records.scenarioFailed(progressId, error instanceof Error ? error.message : String(error));
    throw error;
  });
  // Everything is judged and rendered from the archive, as `novaperf report` will do it again.
  const { metrics } = await readArchive(join(folder, ARCHIVE_FILE)).catch((error: unknown) => {
    if (executed.archiveProblem === undefined) throw error;
    throw new UserError(`The run was not kept, so it cannot be judged: ${executed.archiveProblem}`, {
      where: folder,
      next: 'make room, or name another folder with --out, and run again',
      cause: error,
    });
  });
  const analysed = analyseRun({ facts: executed.facts, outcome: executed.outcome, metrics, kpis: scenario.kpis });
  const recorded = await record(run, progressId, analysed, join(folder, 'report.html'));
  const result = await writeRunReports(folder, recorded, metrics, run.presentation);
  await run.livePage?.finished(result, folder);
  return { result, folder };
}

/** Records that cannot be written must not cost the run its report: it says so itself. */
async function record(run: ScenarioRun, progressId: number, result: Result, reportPath: string): Promise<Result> {
  try {
    return { ...result, conport: await run.records.scenarioEnded(progressId, result, reportPath) };
  } catch (error) {
    if (!(error instanceof UserError)) throw error;
    return {
      ...result,
      findings: [...result.findings, warningFinding(`The records are not complete: ${error.toText()}`)],
    };
  }
}

/** What the run's reader should know before any number: why there is no better k6, and what of the script does not take effect. */
function warningsOf({ k6, scenario: { bundle, plan, warnings } }: ScenarioRun): string[] {
  const silenced = plan.hasHandleSummary
    ? ['the script exports handleSummary(), which k6 does not call under the toolkit; the reports take its place']
    : [];
  return [...k6.notes, ...warnings, ...bundle.warnings, ...silenced];
}
