// Removes secrets from everything known before the load, before it is kept or shown. metrics/sinks/without-secrets.ts does this for
// names in the stream.

import type { ProjectConfig } from '../../config/project-config.ts';
import { withoutSecrets } from '../../metrics/sinks/without-secrets.ts';
import type { Environment } from '../../model/environment.ts';
import type { Kpi } from '../../model/kpi.ts';
import type { StreamFaults } from '../../model/metrics.ts';
import type { ScenarioPlan } from '../../model/plan.ts';
import type { Check } from '../../model/preflight-check.ts';
import type { ServerArchive } from '../../monitor/recorder.ts';
import type { PreparedScenario } from '../../scenario/prepared-scenario.ts';
import { UserError } from '../../system/errors.ts';
import { isRecord } from '../../system/json.ts';
import { learnSecrets, useSecretRules } from '../../text/secret-rules.ts';
import { passwordsIn, secretValues } from '../../text/secret-values.ts';
import { redactSelector, redactTag, redactText, redactValue } from '../../text/secrets.ts';

/** Variables by name, as in `__ENV` or headers. */
type Variables = Readonly<Record<string, string | undefined>>;

/** Applies the project's rules from now on, and remembers the secret values of its configuration and these variables. */
export function useProjectSecrets(config: ProjectConfig, ...variables: readonly Variables[]): void {
  useSecretRules(config.secrets);
  const { conportServer: server } = config;
  const ofServer = server === undefined ? {} : server.kind === 'http' ? server.headers : server.env;
  for (const each of [process.env, ofServer, ...variables]) learnSecrets(secretValues(each));
  for (const cluster of config.clusters.values()) learnSecrets(secretValues(cluster.env));
  for (const environment of config.environments.values())
    if (environment.kind === 'url') learnSecrets(passwordsIn(environment.url));
}

/** Remembers secret values of the variables that a script's scenarios set. */
export function learnScenarioSecrets({ k6Scenarios }: ScenarioPlan): void {
  for (const { env } of Object.values(k6Scenarios)) {
    if (!isRecord(env)) continue;
    const texts = Object.entries(env).filter((entry): entry is [string, string] => typeof entry[1] === 'string');
    learnSecrets(secretValues(Object.fromEntries(texts)));
  }
}

/** A target with redacted tags, which match those of the series. */
export function kpiWithoutSecrets(kpi: Kpi): Kpi {
  const filter = Object.entries(kpi.filter).map(([tag, value]) => [tag, redactTag(tag, value)] as const);
  // The id of a threshold was already made from the redacted selector.
  const id = kpi.source === 'threshold' ? kpi.id : redactText(kpi.id);
  return { ...kpi, id, metric: redactText(kpi.metric), filter: Object.fromEntries(filter) };
}

/** A plan for people and files; k6 gets the bundle. */
export function planWithoutSecrets(plan: ScenarioPlan): ScenarioPlan {
  return {
    ...plan,
    component: redactText(plan.component),
    description: redactText(plan.description),
    k6Scenarios: Object.fromEntries(
      Object.entries(plan.k6Scenarios).map(([name, { executor, ...options }]) => [
        redactTag('scenario', name),
        { ...recordOf(redactValue(options)), executor },
      ]),
    ),
    thresholds: plan.thresholds.map((threshold) => ({ ...threshold, metric: redactSelector(threshold.metric) })),
    options: recordOf(redactValue(plan.options)),
  };
}

function recordOf(value: unknown): Record<string, unknown> {
  return isRecord(value) ? value : {};
}

/** A verified scenario. Its variables are not redacted, because k6 gets them, including the URL. */
export function readyWithoutSecrets(scenario: PreparedScenario, { url }: Environment): PreparedScenario {
  return {
    ...scenario,
    plan: planWithoutSecrets(scenario.plan),
    env: url === '' ? scenario.env : { ...scenario.env, BASE_URL: url },
    warnings: scenario.warnings.map(redactText),
  };
}

/** A check with redacted texts. */
export function checkWithoutSecrets({ title, detail, next, ...rest }: Check): Check {
  return {
    ...rest,
    title: redactText(title),
    detail: redactText(detail),
    ...(next === undefined ? {} : { next: redactText(next) }),
  };
}

/** Faults with a redacted first bad line, which may be any text. */
export function faultsWithoutSecrets<F extends StreamFaults>(faults: F): F {
  const { firstBadLine: bad } = faults;
  return bad === undefined ? faults : { ...faults, firstBadLine: { ...bad, text: redactText(bad.text) } };
}

/** Redacts names, labels and remarks of monitors before they are archived. */
export function serverWithoutSecrets(archive: ServerArchive): ServerArchive {
  const { window } = withoutSecrets({
    metric: () => undefined,
    series: () => undefined,
    window: (safe) => archive.window(safe),
    health: () => undefined,
    overflow: () => undefined,
  });
  return { window, note: (kind, payload) => archive.note(kind, redactValue(payload)) };
}

/** An error with redacted texts. */
export function errorWithoutSecrets({ message, where, next, exitCode, cause }: UserError): UserError {
  return new UserError(redactText(message), {
    ...(where === undefined ? {} : { where: redactText(where) }),
    ...(next === undefined ? {} : { next: redactText(next) }),
    exitCode,
    cause,
  });
}
