// The plan of a run from the output of `k6 inspect`: component, load, phases and thresholds.

import { z } from 'zod';
import type { Inspected } from '../k6/inspect.ts';
import { phaseSchema } from '../model/phase-schema.ts';
import { type Phase, PROFILES, type Profile, type ScenarioPlan } from '../model/plan.ts';
import { durationMs } from '../system/duration.ts';
import { UserError } from '../system/errors.ts';
import { nearPath } from '../system/near-path.ts';
import { complaintsAbout, definitionSchema } from './definition.ts';
import { phasesOfStages } from './profiles.ts';

/** The output of `k6 inspect`: see inspectScript. */
export type InspectedScript = Omit<Inspected, 'log'>;

/** What the plan needs from the bundle. */
export interface PlannedScript {
  readonly name: string;
  readonly scriptPath: string;
  readonly hasHandleSummary: boolean;
}

/** options.ext.novaperf as written by defineScenario(). */
const typedExtSchema = z.object({
  version: z.literal(1),
  definition: z.unknown(),
  profile: z.enum(PROFILES),
  enabled: z.boolean(),
  phases: z.array(phaseSchema),
});
/** The fields that it always has. */
const definedExtSchema = z.object({ version: z.number(), definition: z.unknown() });
/** options.ext.novaperf as written by overrideOptions() for a plain script. */
const overrideExtSchema = z.object({ override: z.enum(PROFILES), phases: z.array(phaseSchema) });

type K6Scenarios = ScenarioPlan['k6Scenarios'];

/** Whether the script's options come from defineScenario(). */
export function isTyped(inspected: InspectedScript): boolean {
  return definedExtSchema.safeParse(inspected.ext.novaperf).success;
}

/** Whether the scenario has the profile it was inspected with; a plain script has every profile. */
export function hasProfile(inspected: InspectedScript): boolean {
  const ext = typedExtSchema.safeParse(inspected.ext.novaperf);
  return !ext.success || ext.data.enabled;
}

/** The profiles that the definition does not disable; all of them for a plain script. */
export function profilesOf(inspected: InspectedScript): Profile[] {
  const ext = typedExtSchema.safeParse(inspected.ext.novaperf);
  const definition = definitionSchema.safeParse(ext.data?.definition);
  return PROFILES.filter((profile) => definition.data?.profiles?.[profile]?.enabled !== false);
}

/**
 * The plan of one scenario. `component` is for scripts without one; default: the file name in PascalCase. Throws a UserError for an
 * invalid definition, and for a scenario that disables the profile.
 */
export function planScenario(
  script: PlannedScript,
  inspected: InspectedScript,
  flags: { readonly component?: string | undefined; readonly evenIfDisabled?: boolean } = {},
): ScenarioPlan {
  const common = {
    name: script.name,
    scriptPath: script.scriptPath,
    k6Scenarios: inspected.scenarios,
    thresholds: inspected.thresholds,
    totalDurationMs: inspected.totalDurationMs,
    maxVUs: inspected.maxVUs,
    peakRate: peakRateOf(inspected.scenarios),
    options: inspected.options,
    hasHandleSummary: script.hasHandleSummary,
  };
  const ext = inspected.ext.novaperf;
  if (isTyped(inspected)) return { ...common, ...typedFacts(script, ext, flags.evenIfDisabled ?? false) };
  const override = overrideExtSchema.safeParse(ext);
  return {
    ...common,
    component: flags.component ?? pascalCase(script.name),
    description: '',
    typed: false,
    profile: override.success ? override.data.override : 'own',
    phases: override.success ? override.data.phases : phasesOf(inspected.scenarios),
  };
}

function typedFacts(
  script: PlannedScript,
  ext: unknown,
  evenIfDisabled: boolean,
): Pick<ScenarioPlan, 'component' | 'description' | 'environment' | 'typed' | 'profile' | 'phases' | 'degradation'> {
  const { definition, profile, enabled, phases } = typedExtSchema.parse(ext);
  const file = nearPath(script.scriptPath);
  const userError = definitionError(script, ext);
  if (userError !== undefined) throw userError;
  const { component, description = '', environment, degradation } = definitionSchema.parse(definition);
  if (!enabled && !evenIfDisabled) {
    throw new UserError(`Expected a scenario with the profile ${profile}, found it disabled in ${script.name}.`, {
      where: file,
      next: `change profiles.${profile}.enabled in its definition, or use another --profile`,
    });
  }
  return { component, description, environment, typed: true, profile, phases, degradation };
}

/** The error of an invalid definition, one line per field; undefined for a valid one, and without one. */
export function definitionError(script: Pick<PlannedScript, 'scriptPath'>, ext: unknown): UserError | undefined {
  const typed = definedExtSchema.safeParse(ext);
  const complaints = typed.success ? complaintsAbout(typed.data.definition) : [];
  if (complaints.length === 0) return undefined;
  const file = nearPath(script.scriptPath);
  return new UserError(complaints.map((complaint) => `${file}: ${complaint}`).join('\n'), {
    next: 'the type ScenarioDefinition documents every field',
  });
}

const stagesSchema = z.array(z.object({ duration: z.string(), target: z.number() }));

/** Phases of the only k6 scenario if its executor has any; several scenarios have no common phases. */
function phasesOf(scenarios: K6Scenarios): Phase[] {
  const [only, ...others] = Object.values(scenarios);
  if (only === undefined || others.length > 0) return [];
  const startMs = durationMs(String(only.startTime ?? '0s')) ?? 0;
  return shapeOf(only).map((phase) => ({ ...phase, startMs: phase.startMs + startMs, endMs: phase.endMs + startMs }));
}

function shapeOf(scenario: K6Scenarios[string]): Phase[] {
  const stages = stagesSchema.catch([]).parse(scenario.stages);
  switch (scenario.executor) {
    case 'constant-vus':
    case 'constant-arrival-rate': {
      const endMs = durationMs(String(scenario.duration)) ?? 0;
      return endMs > 0 ? [{ name: 'steady', kind: 'hold', startMs: 0, endMs }] : [];
    }
    case 'ramping-vus':
      return phasesOfStages(stages, numberOf(scenario.startVUs) ?? 1, ' VUs');
    case 'ramping-arrival-rate':
      return phasesOfStages(stages, numberOf(scenario.startRate) ?? 0, `/${scenario.timeUnit ?? '1s'}`);
    default:
      return [];
  }
}

/** The highest rates of all open scenarios together, iterations a second. */
function peakRateOf(scenarios: K6Scenarios): number | undefined {
  const rates = Object.values(scenarios)
    .filter(({ executor }) => executor.endsWith('arrival-rate'))
    .map((scenario) => {
      const targets = stagesSchema
        .catch([])
        .parse(scenario.stages)
        .map(({ target }) => target);
      const perUnit = Math.max(numberOf(scenario.rate) ?? 0, numberOf(scenario.startRate) ?? 0, ...targets);
      const unitMs = durationMs(String(scenario.timeUnit ?? '1s')) ?? 1000;
      return (perUnit * 1000) / unitMs;
    });
  return rates.length === 0 ? undefined : rates.reduce((sum, rate) => sum + rate, 0);
}

function numberOf(value: unknown): number | undefined {
  return typeof value === 'number' && Number.isFinite(value) ? value : undefined;
}

/** `checkout-flow.test` → `CheckoutFlowTest`: a name for ConPort's keys. */
export function pascalCase(name: string): string {
  const words = name.match(/[\p{L}\p{N}]+/gu) ?? [];
  return words.map((word) => word.slice(0, 1).toUpperCase() + word.slice(1)).join('') || 'Unnamed';
}
