// Replaces the load in the options of a plain k6 script by that of a profile. Runs inside k6, where the script's options exist.

import type { Phase, Profile } from '../model/plan.ts';
import { durationMs, formatDuration } from '../system/duration.ts';
import { apportion } from './apportion.ts';
import { PROFILE_SHAPES } from './profile-shapes.ts';
import { type BaseLoad, capBase, deriveLoad } from './profiles.ts';
import { TRIAL } from './trial.ts';

/** The load given by the command line; see LoadFlags. */
interface AskedLoad {
  /** Undefined: the load is unchanged, only one scenario of several runs. */
  readonly profile?: Profile;
  readonly duration?: string;
  readonly vus?: number;
  readonly rate?: number;
  readonly scenario?: string;
  readonly trial?: boolean;
  readonly hold?: boolean;
}

type Fields = Readonly<Record<string, unknown>>;

/** One of the script's own scenarios: what it runs, how much of it, and when. */
interface Part {
  readonly name: string;
  /** What stays: exec, env, tags, options. */
  readonly kept: Fields;
  readonly base: BaseLoad;
  /** Time range in the script's own run; undefined if its duration is unknown. */
  readonly startMs: number;
  readonly endMs: number | undefined;
}

/** A part's time in the run. */
interface Window {
  readonly startMs: number;
  readonly endMs: number;
}

const DEFAULT_VUS = 10;
const LOAD_FIELDS = new Set(['scenarios', 'vus', 'duration', 'iterations', 'stages']);
const KEPT_FIELDS = ['exec', 'env', 'tags', 'options', 'gracefulStop'];
const LEAST_MS = 1000;

/**
 * The script's options with its load replaced. All its scenarios, or its default function, stay under their names with their tags,
 * functions and environment, and each gets the profile's shape on its own base load. Those that ran one after another still do:
 * start and length keep their share of the whole. `vus` and `rate` are what all scenarios that run at one time have together.
 * Thresholds, tags and all other options stay; `ext.novaperf` says what was done.
 */
export function overrideOptions(own: Fields, asked: AskedLoad): Fields {
  if (asked.profile === undefined) return onlyScenario(own, asked.scenario);
  const { profile } = asked;
  const parts = partsOf(own).filter(({ name }) => asked.scenario === undefined || name === asked.scenario);
  const windows = windowsOf(parts, totalOf(profile, asked.duration));
  const bases = shareOut(parts, windows, asked, profile);
  const derived = parts.map((part, index) => {
    const { startMs = 0, endMs = 0 } = windows[index] ?? {};
    if (asked.trial === true) return { name: part.name, scenario: { ...TRIAL, ...withoutStop(part.kept) }, phases: [] };
    const { scenario, phases } = deriveLoad(profile, bases[index] ?? part.base, {
      totalMs: endMs - startMs,
      isHeld: asked.hold,
    });
    const start = startMs === 0 ? {} : { startTime: formatDuration(startMs) };
    return { name: part.name, scenario: { ...scenario, ...part.kept, ...start }, phases: shifted(phases, startMs) };
  });
  const rest = Object.fromEntries(Object.entries(own).filter(([field]) => !LOAD_FIELDS.has(field)));
  const scenarios = Object.fromEntries(derived.map(({ name, scenario }) => [name, scenario]));
  const phases = derived[longest(windows)]?.phases ?? [];
  return { ...rest, scenarios, ext: { ...fieldsOf(own.ext), novaperf: { override: profile, phases } } };
}

/** The script's options with only one of its scenarios, which starts at once. */
function onlyScenario(own: Fields, name: string | undefined): Fields {
  if (name === undefined) return own;
  const { startTime: _startTime, ...scenario } = fieldsOf(fieldsOf(own.scenarios)[name]);
  return { ...own, scenarios: { [name]: scenario } };
}

function partsOf(own: Fields): Part[] {
  const scenarios = Object.entries(fieldsOf(own.scenarios));
  if (scenarios.length === 0)
    return [{ name: 'default', kept: {}, base: baseOf(own), startMs: 0, endMs: lengthOf(own) }];
  return scenarios.map(([name, value]) => {
    const scenario = fieldsOf(value);
    const kept = KEPT_FIELDS.filter((field) => scenario[field] !== undefined).map((field) => [field, scenario[field]]);
    const startMs = durationMs(String(scenario.startTime ?? '0s')) ?? 0;
    const lengthMs = lengthOf(scenario);
    const endMs = lengthMs === undefined ? undefined : startMs + lengthMs;
    return { name, kept: Object.fromEntries(kept), base: baseOf(scenario), startMs, endMs };
  });
}

/** Duration of a scenario's load; undefined for those that end with their last iteration. */
function lengthOf(scenario: Fields): number | undefined {
  if (Array.isArray(scenario.stages)) {
    return scenario.stages.reduce<number>((sum, stage) => sum + (durationMs(String(fieldsOf(stage).duration)) ?? 0), 0);
  }
  return scenario.duration === undefined ? undefined : durationMs(String(scenario.duration));
}

function totalOf(profile: Profile, duration: string | undefined): number {
  const asked = duration === undefined ? undefined : durationMs(duration);
  return asked ?? PROFILE_SHAPES[profile].steps.reduce((sum, { seconds }) => sum + seconds * 1000, 0);
}

/**
 * The parts' own times, stretched to the whole run. A part that does not say how long it lasts goes on to the end of the others,
 * or where it begins after them, as long as they do on average.
 */
function windowsOf(parts: readonly Part[], totalMs: number): Window[] {
  const firstMs = Math.min(...parts.map(({ startMs }) => startMs));
  const known = parts.flatMap(({ startMs, endMs }) => (endMs === undefined ? [] : [{ startMs, endMs }]));
  const knownEndMs = Math.max(0, ...known.map(({ endMs }) => endMs));
  const averageMs = known.reduce((sum, { startMs, endMs }) => sum + endMs - startMs, 0) / Math.max(1, known.length);
  const endOf = ({ startMs, endMs }: Part): number =>
    endMs ?? (startMs < knownEndMs ? knownEndMs : startMs + averageMs);
  const lastMs = Math.max(...parts.map(endOf));
  const wholeMs = lastMs - firstMs;
  return parts.map((part) => {
    const { startMs } = part;
    const endMs = endOf(part);
    if (wholeMs === 0) return { startMs: 0, endMs: totalMs };
    const start = Math.round(((startMs - firstMs) / wholeMs) * totalMs);
    const end = Math.round(((endMs - firstMs) / wholeMs) * totalMs);
    const begin = Math.max(0, Math.min(start, totalMs - LEAST_MS));
    return { startMs: begin, endMs: Math.max(end, begin + LEAST_MS) };
  });
}

function longest(windows: readonly Window[]): number {
  const lengths = windows.map(({ startMs, endMs }) => endMs - startMs);
  return lengths.indexOf(Math.max(...lengths));
}

function shifted(phases: readonly Phase[], byMs: number): Phase[] {
  return phases.map((phase) => ({ ...phase, startMs: phase.startMs + byMs, endMs: phase.endMs + byMs }));
}

/** Without gracefulStop, because a trial ends with its iteration. */
function withoutStop({ gracefulStop: _gracefulStop, ...kept }: Fields): Fields {
  return kept;
}

/** The highest load of a scenario, or of the options' shortcuts. */
function baseOf(scenario: Fields): BaseLoad {
  const targets = (Array.isArray(scenario.stages) ? scenario.stages : []).map(
    (stage) => numberOf(fieldsOf(stage).target) ?? 0,
  );
  const executor = String(scenario.executor ?? '');
  if (executor.endsWith('arrival-rate')) {
    const perUnit = Math.max(numberOf(scenario.rate) ?? 0, numberOf(scenario.startRate) ?? 0, ...targets);
    const unitMs = durationMs(String(scenario.timeUnit ?? '1s')) ?? 1000;
    const maxVUs = numberOf(scenario.maxVUs) ?? numberOf(scenario.preAllocatedVUs);
    if (perUnit > 0) return { model: 'open', rate: (perUnit * 1000) / unitMs, maxVUs };
  }
  const vus = Math.max(numberOf(scenario.vus) ?? 0, numberOf(scenario.startVUs) ?? 0, ...targets);
  return { model: 'closed', vus: vus > 0 ? vus : executor === '' ? DEFAULT_VUS : 1 };
}

/**
 * What each part gets of the asked users or rate: in proportion to its own base, and so that the parts that run at one time have
 * together what was asked, where those are the most.
 */
function shareOut(
  parts: readonly Part[],
  windows: readonly Window[],
  { vus, rate }: AskedLoad,
  profile: Profile,
): BaseLoad[] {
  if (vus === undefined && rate === undefined) return parts.map(({ base }) => capBase(profile, base));
  const sameModel = new Set(parts.map(({ base }) => base.model)).size === 1;
  const sizes = parts.map(({ base }) => (sameModel ? (base.model === 'closed' ? base.vus : base.rate) : 1));
  const busiest = Math.max(...windows.map(({ startMs }) => sumAt(startMs, windows, sizes)));
  const users = vus === undefined ? undefined : usersOf(vus, windows, sizes, busiest);
  return sizes.map((size, index): BaseLoad => {
    const ofUsers = users?.[index];
    if (rate === undefined) return { model: 'closed', vus: ofUsers ?? 1 };
    return { model: 'open', rate: (rate * size) / busiest, maxVUs: ofUsers };
  });
}

function sumAt(atMs: number, windows: readonly Window[], sizes: readonly number[]): number {
  return windows.reduce(
    (sum, { startMs, endMs }, index) => sum + (startMs <= atMs && atMs < endMs ? (sizes[index] ?? 0) : 0),
    0,
  );
}

function usersOf(vus: number, windows: readonly Window[], sizes: readonly number[], busiest: number): number[] {
  const sideBySide = windows.every(
    ({ startMs, endMs }) => startMs === windows[0]?.startMs && endMs === windows[0].endMs,
  );
  if (sideBySide) return apportion(vus, sizes, 1);
  return sizes.map((size) => Math.max(1, Math.round((vus * size) / busiest)));
}

function fieldsOf(value: unknown): Fields {
  return typeof value === 'object' && value !== null ? { ...value } : {};
}

function numberOf(value: unknown): number | undefined {
  return typeof value === 'number' && Number.isFinite(value) ? value : undefined;
}
