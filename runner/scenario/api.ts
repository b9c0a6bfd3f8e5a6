// The API of scenarios. A definition becomes k6's `options`: the load of the chosen profile, and under `ext.novaperf` what the
// runner reads with `k6 inspect`. Runs inside k6, so it uses no npm package and no Node API.

/// <reference path="./data-modules.d.ts" preserve="true" />

import type { Options } from 'k6/options';
import { type Phase, PROFILES, type Profile } from '../model/plan.ts';
import { durationMs } from '../system/duration.ts';
import { type BaseLoad, capBase, deriveLoad, deriveShares, type Reshape, type Stage } from './profiles.ts';
import type { Thresholds, ThresholdsOf } from './threshold-types.ts';
import { TRIAL } from './trial.ts';

export { defineConfig, type NovaperfConfig } from '../model/novaperf-config.ts';
export { baseUrl } from './base-url.ts';
export { check } from './check.ts';
export { type DataOptions, type Dataset, dataset } from './dataset.ts';
export { type ServerEvent, serverEvents } from './events.ts';
export { htmlAttribute, jsonText } from './extract.ts';
export { http } from './http.ts';
export { nextLink, type PagesOptions, pages } from './pages.ts';
export { type Polled, type PollOptions, poll } from './poll.ts';
export { type Granted, type RenewOptions, renewed } from './renewed.ts';
export type { RequestParams } from './request-names.ts';
export { type RetryOptions, retry } from './retry.ts';
export { think } from './think.ts';
export { exponential, lognormal, normal, type ThinkTime, uniform } from './think-times.ts';
export type { Threshold, Thresholds } from './threshold-types.ts';

declare const __ENV: Readonly<Record<string, string | undefined>>;

/** The base load, which every profile scales. */
export type Load =
  /** Closed model: number of virtual users. Each starts its next iteration when the last one has ended. */
  | { vus: number; rate?: never; maxVUs?: never }
  /** Open model: iterations per second, whatever the response times; at most `maxVUs` virtual users. */
  | { rate: number; maxVUs?: number; vus?: never };

/** Overrides of one profile for this scenario. `Name` and `Key`: see ScenarioDefinition. */
export interface ProfileOverride<Name extends string = string, Key extends string = string> {
  /** false: the scenario does not have this profile. */
  enabled?: boolean;
  /** Total duration of the load, such as `2h`; all steps of the profile are scaled. */
  duration?: string;
  /** Replaces the base load. The factors of the profile apply, its cap does not. */
  vus?: number;
  rate?: number;
  maxVUs?: number;
  /** Replace the steps of the profile: absolute numbers of virtual users, or iterations per second. */
  stages?: Stage[];
  /** Added to the thresholds of the scenario; the same key replaces them. */
  thresholds?: ThresholdsOf<Name, Key>;
}

/** Options of k6 that the profiles set; a scenario that wants them is a plain k6 script. */
type LoadOptions = 'scenarios' | 'vus' | 'vusMax' | 'duration' | 'stages' | 'iterations';

/** One of several kinds of users in a scenario. */
export interface Journey {
  /** The exported function to run, or its name. */
  exec: string | ((...args: never[]) => unknown);
  /** Share of the load, relative to the other journeys. Default 1. */
  weight?: number;
  /** Thresholds for this journey only: `http_req_duration` is `http_req_duration{journey:buy}`. */
  thresholds?: Thresholds;
}

/**
 * What defineScenario() takes. `Name` is the names of its journeys and `Key` the keys of its thresholds, both inferred: a threshold
 * of a journey that does not exist does not compile.
 */
export interface ScenarioDefinition<Name extends string = string, Key extends string = string>
  extends Omit<Options, LoadOptions | 'thresholds'>,
    Partial<Record<LoadOptions, never>> {
  /** Component under test. Its targets in ConPort have this name. */
  component: string;
  /** What the users do, in one sentence. */
  description?: string;
  /** Environment to use if no flag sets one; see `environments` of novaperf.config.ts. */
  environment?: string;
  load: Load;
  profiles?: Partial<Record<Profile, ProfileOverride<Name, Key>>>;
  /** By metric; `http_req_duration{journey:buy}` is the metric of one journey. */
  thresholds?: ThresholdsOf<Name, Key>;
  /** Exported function to run; default: the default export. */
  exec?: string;
  /**
   * Several kinds of users: k6 scenarios that run in parallel. Their virtual users or rates have exactly the proportion of the weights.
   * Every sample has the tag `journey`.
   */
  journeys?: Record<Name, Journey>;
  /** Time for running iterations to finish. Default 10s. */
  gracefulStop?: string;
  /**
   * How much the p50 or p95 of an endpoint, and the memory of a process, may rise over the steady load of a soak; false turns it off.
   * Default 20 % with at least 20 ms and 32 MB.
   */
  degradation?: false | { percent?: number; ms?: number; mb?: number };
}

/** The content of `options.ext.novaperf`. */
export interface NovaperfExt {
  readonly version: 1;
  readonly definition: unknown;
  readonly profile: Profile;
  readonly enabled: boolean;
  readonly phases: readonly Phase[];
}

/**
 * Types and completes the `options` of a scenario. The profile comes from the environment (NOVAPERF_PROFILE, default load;
 * NOVAPERF_DURATION, NOVAPERF_VUS, NOVAPERF_RATE), so `k6 inspect` shows exactly what will run, and a bundled scenario is a
 * plain k6 script as well. Throws an Error that names the field when the definition makes no load.
 */
export function defineScenario<const Name extends string = never, const Key extends string = string>(
  definition: ScenarioDefinition<Name, Key>,
): Options {
  // Used if k6 rejects the script: with only the definition in the options, the runner can report the invalid field.
  const onlyExport = __ENV.NOVAPERF_DEFINITION_ONLY;
  if (onlyExport) return definitionAlone(definition, onlyExport);
  try {
    return optionsOf(definition);
  } catch (error) {
    throw new Error(`defineScenario: ${error instanceof Error ? error.message : String(error)}`);
  }
}

/** Options that k6 accepts for any definition; `exec` is a function that the script exports. */
function definitionAlone(definition: ScenarioDefinition, exec: string): Options {
  return asOptions({
    scenarios: { default: { ...TRIAL, exec } },
    ext: { novaperf: { version: 1, definition: described(definition) } },
  });
}

function optionsOf(definition: ScenarioDefinition): Options {
  const { component: _component, description: _description, load: _load, ...others } = definition;
  const {
    profiles: _profiles,
    environment: _environment,
    journeys: _journeys,
    degradation: _degradation,
    ...rest
  } = others;
  const { exec, gracefulStop: _gracefulStop, thresholds, ext, ...k6Options } = rest;
  const profile = profileNamed(__ENV.NOVAPERF_PROFILE);
  const override = definition.profiles?.[profile];
  const { scenarios, phases } = scenariosOf(definition, profile, override, exec);
  const enabled = override?.enabled !== false;
  const novaperf: NovaperfExt = { version: 1, definition: described(definition), profile, enabled, phases };
  return asOptions({
    ...k6Options,
    scenarios,
    thresholds: { ...thresholds, ...thresholdsOfJourneys(definition), ...override?.thresholds },
    ext: { ...ext, novaperf },
  });
}

/** The derived scenario has a wider type than the executors of @types/k6; k6 reads it as JSON. */
function asOptions(options: object): Options {
  return options;
}

/** The k6 scenarios of this run: one, or one for each journey. */
function scenariosOf(
  definition: ScenarioDefinition,
  profile: Profile,
  override: ProfileOverride | undefined,
  exec: string | undefined,
): { readonly scenarios: Record<string, object>; readonly phases: readonly Phase[] } {
  const isTrial = Boolean(__ENV.NOVAPERF_TRIAL);
  const { base, reshape } = loadOfRun(definition, profile, override);
  const journeys = Object.entries(definition.journeys ?? {});
  if (journeys.length === 0) {
    const { scenario, phases } = isTrial ? { scenario: TRIAL, phases: [] } : deriveLoad(profile, base, reshape);
    return { scenarios: { default: exec === undefined ? scenario : { ...scenario, exec } }, phases };
  }
  const weights = journeys.map(([name, { weight = 1 }]) => positive(`journeys.${name}.weight`, weight));
  const shares = deriveShares(profile, base, weights, reshape);
  const scenarios = journeys.map(([name, journey], index) => {
    const scenario = isTrial ? TRIAL : shares.scenarios[index];
    return [name, { ...scenario, exec: execOf(journey), tags: { journey: name } }];
  });
  return { scenarios: Object.fromEntries(scenarios), phases: isTrial ? [] : shares.phases };
}

function execOf({ exec }: Journey): string {
  return typeof exec === 'function' ? exec.name : exec;
}

/** `http_req_duration{name:GET /cart}` of the journey `buy` is `http_req_duration{name:GET /cart,journey:buy}`. */
function thresholdsOfJourneys({ journeys = {} }: ScenarioDefinition): object {
  return Object.fromEntries(
    Object.entries(journeys).flatMap(([name, { thresholds = {} }]) =>
      Object.entries(thresholds).map(([key, assertions]) => {
        const [, metric = '', filter] = /^([^{]*)(?:\{(.*)\})?$/.exec(key) ?? [];
        return [`${metric}{${filter === undefined || filter === '' ? '' : `${filter},`}journey:${name}}`, assertions];
      }),
    ),
  );
}

/** The definition as JSON, with functions as names. */
function described(definition: ScenarioDefinition): unknown {
  // JavaScript may pass any value; the runner reports what is wrong.
  const journeys: unknown = definition?.journeys;
  if (typeof journeys !== 'object' || journeys === null) return jsonOf(definition);
  const named = Object.entries(journeys).map(([name, journey]: [string, unknown]) => {
    const exec = typeof journey === 'object' && journey !== null && 'exec' in journey ? journey.exec : undefined;
    return [name, typeof exec === 'function' ? Object.assign({}, journey, { exec: exec.name }) : journey];
  });
  return jsonOf({ ...definition, journeys: Object.fromEntries(named) });
}

/** The load of this run: flags before the profile's overrides, these before the base load. */
function loadOfRun(
  definition: ScenarioDefinition,
  profile: Profile,
  override: ProfileOverride | undefined,
): { readonly base: BaseLoad; readonly reshape: Reshape } {
  const own = baseOf('load', definition.load);
  const flagged = baseOfFlags();
  const overridden = baseOfOverride(profile, override, own);
  const base = flagged ?? overridden ?? capBase(profile, own);
  const reference = overridden ?? own;
  const sameModel = base.model === reference.model;
  const stages = sameModel
    ? scaleStages(override?.stages, flagged === undefined ? 1 : sizeOf(base) / sizeOf(reference))
    : undefined;
  const totalMs =
    totalOf('NOVAPERF_DURATION', __ENV.NOVAPERF_DURATION) ??
    totalOf(`profiles.${profile}.duration`, override?.duration);
  const isHeld = Boolean(__ENV.NOVAPERF_HOLD);
  return { base, reshape: { totalMs, stages, gracefulStop: definition.gracefulStop, isHeld } };
}

function profileNamed(name: string | undefined): Profile {
  if (name === undefined || name === '') return 'load';
  const profile = PROFILES.find((known) => known === name);
  if (profile === undefined) throw new Error(`expected one of the profiles ${PROFILES.join(', ')}, found "${name}"`);
  return profile;
}

function baseOf(field: string, load: Load | undefined): BaseLoad {
  if (load?.vus !== undefined) return { model: 'closed', vus: positive(`${field}.vus`, load.vus) };
  if (load?.rate === undefined)
    throw new Error(`${field}: expected { vus } or { rate }, found ${JSON.stringify(load)}`);
  const maxVUs = load.maxVUs === undefined ? undefined : positive(`${field}.maxVUs`, load.maxVUs);
  return { model: 'open', rate: positive(`${field}.rate`, load.rate), maxVUs };
}

/** `--vus` sets a closed model and `--rate` an open one, whatever the scenario has; both: open, bounded by `--vus`. */
function baseOfFlags(): BaseLoad | undefined {
  const vus = __ENV.NOVAPERF_VUS ? positive('NOVAPERF_VUS', Number(__ENV.NOVAPERF_VUS)) : undefined;
  const rate = __ENV.NOVAPERF_RATE ? positive('NOVAPERF_RATE', Number(__ENV.NOVAPERF_RATE)) : undefined;
  if (rate !== undefined) return { model: 'open', rate, maxVUs: vus };
  return vus === undefined ? undefined : { model: 'closed', vus };
}

function baseOfOverride(profile: Profile, override: ProfileOverride | undefined, own: BaseLoad): BaseLoad | undefined {
  if (override === undefined) return undefined;
  const { vus, rate, maxVUs } = override;
  const field = `profiles.${profile}`;
  if (rate !== undefined) return baseOf(field, maxVUs === undefined ? { rate } : { rate, maxVUs });
  if (vus !== undefined) return baseOf(field, { vus });
  if (maxVUs !== undefined && own.model === 'open')
    return capBase(profile, { ...own, maxVUs: positive(`${field}.maxVUs`, maxVUs) });
  return undefined;
}

function sizeOf(base: BaseLoad): number {
  return base.model === 'closed' ? base.vus : base.rate;
}

function scaleStages(stages: readonly Stage[] | undefined, factor: number): Stage[] | undefined {
  return stages?.map(({ duration, target }) => ({ duration, target: target * factor }));
}

function totalOf(field: string, duration: string | undefined): number | undefined {
  if (duration === undefined || duration === '') return undefined;
  const ms = durationMs(String(duration));
  if (ms === undefined || ms < 1000)
    throw new Error(`${field}: expected a duration of a second or more, such as "90s", found "${duration}"`);
  return ms;
}

function positive(field: string, value: unknown): number {
  if (typeof value === 'number' && Number.isFinite(value) && value > 0) return value;
  throw new Error(`${field}: expected a positive number, found ${JSON.stringify(value)}`);
}

/** A copy as JSON: k6 rejects options with NaN or Infinity without naming the field. */
function jsonOf(value: unknown): unknown {
  const text = JSON.stringify(value, (_key, part) =>
    typeof part === 'number' && !Number.isFinite(part) ? String(part) : part,
  );
  return text === undefined ? null : JSON.parse(text);
}
