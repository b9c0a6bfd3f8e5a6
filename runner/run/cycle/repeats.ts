// The runs of one scenario of a cycle: one, several, pairs with another build, or both builds in one run.

import { join } from 'node:path';
import { LEAST_PAIRS, looksOf, oldRunsFirst } from '../../analysis/differences/looks.ts';
import { baselineResult } from '../../compare/against-baseline.ts';
import { compareRuns } from '../../compare/compare.ts';
import { comparisonFolder, reportLink, writeComparison } from '../../compare/comparison-folder.ts';
import { readKeptRun } from '../../compare/kept-run.ts';
import { compareSides } from '../../compare/side-by-side.ts';
import type { BaselineResult } from '../../model/baseline.ts';
import { choiceText } from '../../model/baseline-choice.ts';
import { UNKNOWN_BUILD } from '../../model/build.ts';
import type { Environment } from '../../model/environment.ts';
import { traitsOf } from '../../model/profile-traits.ts';
import type { Result } from '../../model/result.ts';
import { SIDE_VARIABLES } from '../../model/sides.ts';
import { NO_RECORDS } from '../../records/cycle/recorder.ts';
import { baselineTitle } from '../../report/view/baseline.ts';
import type { PreparedScenario } from '../../scenario/prepared-scenario.ts';
import { twoSides } from '../../scenario/two-sides.ts';
import { redactText, redactUrl } from '../../text/secrets.ts';
import type { Verification } from '../../verify/verify-cycle.ts';
import type { TwoSystems } from '../plan/two-systems.ts';
import { checkWithoutSecrets, readyWithoutSecrets } from '../plan/without-secrets.ts';
import { type JudgedRun, keptRun, withVerdict } from '../results/baseline.ts';
import { type CapacityRules, searchCapacity } from './capacity.ts';
import { type CycleUnderWay, type ReportedRun, runScenario } from './run-scenario.ts';

/** The system of the other build, and the checks made there. */
export interface OtherVerified {
  readonly environment: Environment;
  readonly verification: Verification;
}

/** How often, and against what, a scenario runs. */
export interface Repeats {
  /** undefined if there is no capacity search. */
  readonly capacity: CapacityRules | undefined;
  readonly repeat: number | undefined;
  readonly two: TwoSystems | undefined;
}

interface Stage {
  readonly verification: Verification;
  readonly other: OtherVerified | undefined;
}

const MOST_PAIRS = 10;

/** Yields every run of the build under test when it ends. Runs of the other build are kept and reported, but do not fail the cycle. */
export async function* runScenarioRepeatedly(
  cycle: CycleUnderWay & Repeats,
  scenario: PreparedScenario,
  stage: Stage,
): AsyncGenerator<ReportedRun> {
  const checks = stage.verification.get(scenario) ?? [];
  const { two, repeat = 1, capacity } = cycle;
  if (capacity !== undefined && two === undefined && traitsOf(scenario.plan.profile).isSearch) {
    yield await searchCapacity(cycle, scenario, capacity, (each, ready) => runReady(each, ready, checks));
    return;
  }
  if (two !== undefined && stage.other !== undefined) {
    if (two.mode === 'side_by_side') yield await runBoth(cycle, two, scenario, stage.other, checks);
    else yield* runPairs(cycle, two, scenario, stage.other, checks);
    return;
  }
  for (let time = 1; time <= repeat && (time === 1 || !cycle.interrupt.isRequested); time++) {
    yield await runReady(cycle, scenario, checks);
  }
}

type Checks = Parameters<typeof runScenario>[2];

function runReady(cycle: CycleUnderWay, scenario: PreparedScenario, checks: Checks): Promise<ReportedRun> {
  return runScenario(
    cycle,
    readyWithoutSecrets(scenario, { ...cycle.system.environment, url: cycle.system.url }),
    checks.map(checkWithoutSecrets),
  );
}

/** The name of an environment; for a URL of --against, that URL. */
function nameOf({ source, name }: Environment, against: string): string {
  return source === 'configured' ? name : redactText(against);
}

/** Both builds in one k6 run; its targets are judged over both. */
async function runBoth(
  cycle: CycleUnderWay,
  { against }: TwoSystems,
  scenario: PreparedScenario,
  { environment: old }: OtherVerified,
  checks: Checks,
): Promise<ReportedRun> {
  const variables = { [SIDE_VARIABLES.a]: old.url, [SIDE_VARIABLES.b]: cycle.system.url };
  const note = `side by side: every second iteration uses the old build; targets and figures cover both builds, except for the changes`;
  const compare = async ({ result, metrics, folder }: JudgedRun) => {
    const facts = {
      against: nameOf(old, against),
      buildOfA: old.version ?? UNKNOWN_BUILD,
      size: cycle.judgement.judging.change,
      fails: cycle.judgement.failOn === 'regression',
    };
    return withVerdict(result, compareSides(result, metrics, facts), folder);
  };
  const both = { ...scenario, bundle: await twoSides(scenario.bundle), warnings: [...scenario.warnings, note] };
  const { load, judgement } = cycle;
  return runReady({ ...cycle, load: { ...load, variables }, judgement: { ...judgement, compare } }, both, checks);
}

/** Pairs of runs in the order a b b a, until the comparison is decided or the requested number of pairs is reached. */
async function* runPairs(
  cycle: CycleUnderWay & Repeats,
  { against }: TwoSystems,
  scenario: PreparedScenario,
  { environment: old, verification }: OtherVerified,
  checks: Checks,
): AsyncGenerator<ReportedRun> {
  const { out, presentation } = cycle.output;
  const most = Math.max(LEAST_PAIRS, cycle.repeat ?? MOST_PAIRS);
  const looks = looksOf(most);
  const ofOld: Result[] = [];
  const ofNew: Result[] = [];
  let found: BaselineResult | undefined;
  const runOld = async () => {
    const system = {
      ...cycle.system,
      environment: { ...old, url: redactUrl(old.url) },
      url: old.url,
      buildVersion: old.version ?? UNKNOWN_BUILD,
      // Only the system under test is monitored, not that of the old build.
      watch: { ...cycle.system.watch, sources: [] },
    };
    const alone = { ...cycle, system, records: NO_RECORDS, judgement: { ...cycle.judgement, compare: unchanged } };
    const run = await runReady(alone, scenario, verification.get(scenario) ?? []);
    ofOld.push(run.result);
  };
  const compareAfter = async (judged: JudgedRun): Promise<Result> => {
    const look = looks.find(({ pairs }) => pairs === ofNew.length + 1);
    const base = ofOld.at(-1);
    if (look === undefined || base === undefined || ofOld.length !== look.pairs) return judged.result;
    const [a, b] = [await readKeptRun(join(out, base.run)), await keptRun(judged)];
    const history = { a: ofOld, b: [...ofNew, judged.result], inBlocks: false, inPairs: true };
    const rules = { size: cycle.judgement.judging.change, alarms: look.alarms, isTogether: true };
    const comparison = compareRuns(a, b, history, rules);
    const facts = {
      choice: choiceText({ kind: 'against', system: nameOf(old, against) }),
      ...rules,
      fails: cycle.judgement.failOn === 'regression',
      leftOut: [],
    };
    const baseline = baselineResult(comparison, history, a, facts);
    const isLast = look === looks.at(-1);
    if (!isLast && baseline.verdict === 'undecided') return judged.result;
    found = baseline;
    const page = comparisonFolder(out, a, b);
    const hrefs = { a: reportLink(page, a), b: reportLink(page, b) };
    const { renderComparison } = await import('../../compare/render.ts');
    await writeComparison(page, renderComparison(comparison, a, b, hrefs, presentation), presentation);
    return withVerdict(judged.result, baseline, page);
  };
  for (let pair = 1; pair <= most && found === undefined; pair++) {
    const isOldFirst = oldRunsFirst(pair, most);
    if (isOldFirst) await runOld();
    if (cycle.interrupt.isRequested) return;
    const run = await runReady(
      { ...cycle, judgement: { ...cycle.judgement, compare: compareAfter } },
      scenario,
      checks,
    );
    ofNew.push(run.result);
    yield run;
    if (cycle.interrupt.isRequested) return;
    if (!isOldFirst) await runOld();
    cycle.listener({
      kind: 'log',
      line: `pair ${pair} of at most ${most}${found === undefined ? '' : `: ${baselineTitle(found)}`}`,
    });
    if (cycle.interrupt.isRequested) return;
  }
}

const unchanged = ({ result }: JudgedRun): Promise<Result> => Promise.resolve(result);
