// The output of --dry-run, as text or as data: what would run, against which system, with which targets and command line.

import { relative } from 'node:path';
import { runObjects } from '../../cluster/objects.ts';
import type { K6 } from '../../k6/find.ts';
import { type StreamKind, shownCommand } from '../../k6/launch.ts';
import { RESULT_SCHEMA_VERSION } from '../../model/result.ts';
import type { PreparedScenario } from '../../scenario/prepared-scenario.ts';
import { DATA_VARIABLE } from '../../scenario/setup-data.ts';
import { expressionOf } from '../../targets/expression.ts';
import { count, elapsed } from '../../text/format.ts';
import { redactArguments, redactUrl } from '../../text/secrets.ts';
import { shellWord } from '../../text/shell-word.ts';
import { TRIAL_CHECK } from '../../verify/trial.ts';
import { SCENARIO_CHECKS } from '../../verify/verify-scenario.ts';
import { TARGET_CHECKS } from '../../verify/verify-target.ts';
import { type ClusterPlan, clusterRunOf } from './cluster-run.ts';
import type { System } from './systems.ts';

/** The plan that --dry-run shows. */
export interface DryRun {
  readonly scenarios: readonly PreparedScenario[];
  readonly k6: K6;
  readonly stream: StreamKind;
  readonly target: { readonly name: string; readonly url: string };
  readonly systems: readonly Pick<System, 'target' | 'scenarios'>[];
  /** The cluster that would make the load; undefined: this machine. */
  readonly cluster: ClusterPlan | undefined;
  /** --verify: one iteration of each scenario would run first. */
  readonly trial: boolean;
}

/** Titles of the checks that would run, in order. Without those of the system for a script with its own URL. */
function checksOf({ scenarios, target, trial }: Pick<DryRun, 'scenarios' | 'target' | 'trial'>): string[] {
  const hasTarget = target.url !== '' || scenarios.some(({ needsEnvironment }) => needsEnvironment);
  const made = [...(hasTarget ? TARGET_CHECKS : []), ...SCENARIO_CHECKS, ...(trial ? [TRIAL_CHECK] : [])];
  return made.map(([, title]) => title);
}

/** What `novaperf run` without --dry-run would do, scenario by scenario. The command lines can be pasted into a POSIX shell. */
export function renderDryRun({ scenarios, k6, stream, target, systems, trial, cluster }: DryRun): string {
  const lines = [
    `k6 ${k6.version} at ${k6.path} (${k6.origin}), ${stream} stream`,
    ...systems.map(
      (each) => `system under test: ${atText(each.target)}${systems.length === 1 ? '' : `, by ${loadedBy(each)}`}`,
    ),
    `verified before load: ${checksOf({ scenarios, target, trial }).join(', ')}`,
  ];
  for (const scenario of scenarios) {
    const { plan, env, kpis, k6Args, callsSummary } = scenario;
    lines.push(
      '',
      `${plan.name}: ${plan.profile === 'own' ? 'its own load' : plan.profile}, ${elapsed(plan.totalDurationMs)} at most, ${count(plan.maxVUs)} VUs at most, component ${plan.component}`,
      ...plan.phases.map(
        ({ name, kind, startMs, endMs }) => `  ${elapsed(startMs)} – ${elapsed(endMs)}  ${name} (${kind})`,
      ),
      ...kpis.map((kpi) => `  ${kpi.source.padEnd(10)} ${expressionOf(kpi)}`),
      ...(cluster === undefined
        ? [
            `  ${commandLine(plan.scriptPath, shownCommand({ k6, variables: withTarget(env, urlFor(plan.name, systems)), args: k6Args, stream, withSummary: callsSummary === true }))}`,
          ]
        : [JSON.stringify(shownObjects(cluster, scenario, withTarget(env, urlFor(plan.name, systems))), null, 2)]),
    );
  }
  return lines.join('\n');
}

/** The same as data, for --json. `command` reads the bundle from stdin, in the folder of `script`. */
export function dryRunDocument({ scenarios, k6, stream, target, systems, trial, cluster }: DryRun): unknown {
  return {
    schema_version: RESULT_SCHEMA_VERSION,
    dry_run: true,
    k6: { version: k6.version, path: k6.path, origin: k6.origin, stream },
    environment: target.name,
    target_url: redactUrl(target.url),
    verification: checksOf({ scenarios, target, trial }),
    scenarios: scenarios.map((scenario) => describe(scenario)),
  };
  function describe(scenario: PreparedScenario) {
    const { plan, env, kpis, k6Args, callsSummary } = scenario;
    return {
      scenario: plan.name,
      component: plan.component,
      environment: systemOf(plan.name, systems)?.target.name ?? target.name,
      profile: plan.profile,
      script: plan.scriptPath,
      total_duration_ms: plan.totalDurationMs,
      max_vus: plan.maxVUs,
      phases: plan.phases.map(({ name, kind, startMs, endMs }) => ({ name, kind, start_ms: startMs, end_ms: endMs })),
      kpis: kpis.map((kpi) => ({ id: kpi.id, source: kpi.source, expression: expressionOf(kpi) })),
      ...(cluster === undefined
        ? {
            command: redactArguments(
              shownCommand({
                k6,
                variables: withTarget(env, urlFor(plan.name, systems)),
                args: k6Args,
                stream,
                withSummary: callsSummary === true,
              }),
            ),
          }
        : { objects: shownObjects(cluster, scenario, withTarget(env, urlFor(plan.name, systems))) }),
    };
  }
}

/** What would be created in the cluster, without the script's text and the values of its variables. */
function shownObjects(
  cluster: ClusterPlan,
  scenario: PreparedScenario,
  variables: Readonly<Record<string, string>>,
): unknown[] {
  // The data of setup() is not known yet.
  const data = scenario.around?.setup === undefined ? {} : { [`${DATA_VARIABLE}0`]: '' };
  const { helpers, testRun } = runObjects(clusterRunOf(cluster, scenario, { ...variables, ...data }, Date.now()));
  const hidden = (texts: unknown, shown: (text: string) => string) =>
    Object.fromEntries(Object.entries(texts ?? {}).map(([name, text]) => [name, shown(String(text))]));
  return [
    ...helpers.map((helper) => ({
      ...helper,
      ...('data' in helper && { data: hidden(helper.data, (text) => `(${count(Buffer.byteLength(text))} bytes)`) }),
      ...('stringData' in helper && { stringData: hidden(helper.stringData, () => '(hidden)') }),
    })),
    testRun,
  ];
}

function atText({ name, url }: DryRun['target']): string {
  return `${name}${url === '' ? '' : ` at ${redactUrl(url)}`}`;
}

function loadedBy({ scenarios }: DryRun['systems'][number]): string {
  return scenarios.map(({ plan }) => plan.name).join(', ');
}

function systemOf(scenario: string, systems: DryRun['systems']): DryRun['systems'][number] | undefined {
  return systems.find(({ scenarios }) => scenarios.some(({ plan }) => plan.name === scenario));
}

function urlFor(scenario: string, systems: DryRun['systems']): string {
  return systemOf(scenario, systems)?.target.url ?? '';
}

function withTarget(env: Readonly<Record<string, string>>, url: string): Record<string, string> {
  return url === '' ? { ...env } : { ...env, BASE_URL: url };
}

function commandLine(scriptPath: string, command: readonly string[]): string {
  const folder = relative(process.cwd(), scriptPath).replace(/[^/\\]*$/, '') || '.';
  return `(cd ${shellWord(folder)} && ${redactArguments(command).map(shown).join(' ')} < bundle.js)`;
}

/** Quotes a word for the shell, but not the name of an assignment, because the shell would not read it as one. */
function shown(word: string): string {
  const [, name, value] = /^([A-Za-z_]\w*)=(.*)$/s.exec(word) ?? [];
  return name === undefined ? shellWord(word) : `${name}=${shellWord(value ?? '')}`;
}
