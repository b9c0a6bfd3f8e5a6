// The scenarios of a project become the rows of `novaperf list`.

import type { K6 } from '../k6/find.ts';
import { inspectScript } from '../k6/inspect.ts';
import type { Profile } from '../model/plan.ts';
import { UserError } from '../system/errors.ts';
import { planScenario, profilesOf } from './derive-plan.ts';
import { type Inspect, inspectScenario } from './prepare.ts';
import { projectScenarios, type ScenarioFile } from './resolve.ts';

/** A row of `novaperf list`. */
export interface ListedScenario {
  readonly name: string;
  /** Absolute path of the script. */
  readonly path: string;
  readonly component: string;
  readonly description: string;
  /** false: a plain k6 script. */
  readonly typed: boolean;
  readonly profiles: readonly Profile[];
  /** `http_req_duration{name:GET /products} p(95)<250` */
  readonly thresholds: readonly string[];
  /** The error of a scenario that cannot run; then only its name is known. */
  readonly problem: string | undefined;
}

/** Every scenario of the project by name, with the profile `load`. An invalid one is listed with its error. */
export async function listScenarios(
  k6: K6,
  projectDir: string,
  scenariosFolder?: string,
  timeoutMs?: number,
): Promise<ListedScenario[]> {
  const files = await projectScenarios(projectDir, scenariosFolder);
  return Promise.all(files.map((file) => describeScenario(k6, file, timeoutMs)));
}

async function describeScenario(k6: K6, { name, path }: ScenarioFile, timeoutMs?: number): Promise<ListedScenario> {
  try {
    const inspect: Inspect = (script, env) =>
      inspectScript(k6, script, env, timeoutMs === undefined ? {} : { timeoutMs });
    const { bundle, inspected } = await inspectScenario({ scriptPath: path, flags: {}, inspect });
    const profiles = profilesOf(inspected);
    // A scenario without the profile `load` also has a component and thresholds.
    const plan = planScenario(bundle, inspected, { evenIfDisabled: true });
    const thresholds = plan.thresholds.map(({ metric, expression }) => `${metric} ${expression}`);
    const { component, description, typed } = plan;
    return { name, path, component, description, typed, profiles, thresholds, problem: undefined };
  } catch (error) {
    if (!(error instanceof UserError)) throw error;
    const problem = error.toText();
    return { name, path, component: '', description: '', typed: false, profiles: [], thresholds: [], problem };
  }
}
