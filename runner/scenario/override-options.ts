// The options of a plain k6 script become the same options with the load of a profile. Evaluated inside k6, because only there
// do the script's options exist: no npm, no Node.

import type { Phase, Profile } from '../model/plan.ts';
import { durationMs } from '../system/duration.ts';
import { type BaseLoad, capBase, deriveLoad } from './profiles.ts';
import { TRIAL } from './trial.ts';

/** What the command line asked for; see LoadFlags. */
interface AskedLoad {
  readonly profile: Profile;
  readonly duration?: string;
  readonly vus?: number;
  readonly rate?: number;
  readonly trial?: boolean;
}

type Fields = Readonly<Record<string, unknown>>;

/** One of the script's own scenarios: what it runs, and how much of it. */
interface Part {
  readonly name: string;
  /** What stays: exec, env, tags, options. */
  readonly kept: Fields;
  readonly base: BaseLoad;
}

const DEFAULT_VUS = 10;
const LOAD_FIELDS = new Set(['scenarios', 'vus', 'duration', 'iterations', 'stages']);
const KEPT_FIELDS = ['exec', 'env', 'tags', 'options'];

/**
 * The script's options with its load replaced: each of its scenarios, or its default function, gets the profile's shape on its
 * own base load; `vus` and `rate` are shared out in the proportion of these. Scenarios that run the same function in the same
 * environment, one after another, are one. Thresholds, tags and all other options stay; `ext.novaperf` tells what was done.
 */
export function overrideOptions(own: Fields, asked: AskedLoad): Fields {
  const parts = distinct(partsOf(own));
  const totalMs = asked.duration === undefined ? undefined : durationMs(asked.duration);
  const bases = shareOut(parts, asked);
  const derived = parts.map((part, index) => {
    if (asked.trial === true) return { name: part.name, scenario: { ...TRIAL, ...part.kept }, phases: [] };
    const { scenario, phases } = deriveLoad(asked.profile, bases[index] ?? part.base, { totalMs });
    return { name: part.name, scenario: { ...scenario, ...part.kept }, phases };
  });
  const phases: readonly Phase[] = derived[0]?.phases ?? [];
  const rest = Object.fromEntries(Object.entries(own).filter(([field]) => !LOAD_FIELDS.has(field)));
  const scenarios = Object.fromEntries(derived.map(({ name, scenario }) => [name, scenario]));
  return { ...rest, scenarios, ext: { ...fieldsOf(own.ext), novaperf: { override: asked.profile, phases } } };
}

function partsOf(own: Fields): Part[] {
  const scenarios = Object.entries(fieldsOf(own.scenarios));
  if (scenarios.length === 0) return [{ name: 'default', kept: {}, base: baseOf(own) }];
  return scenarios.map(([name, value]) => {
    const scenario = fieldsOf(value);
    const kept = KEPT_FIELDS.filter((field) => scenario[field] !== undefined).map((field) => [field, scenario[field]]);
    return { name, kept: Object.fromEntries(kept), base: baseOf(scenario) };
  });
}

function distinct(parts: readonly Part[]): Part[] {
  const seen = new Set<string>();
  return parts.filter(({ kept }) => {
    const does = JSON.stringify([kept.exec ?? 'default', kept.env ?? {}]);
    if (seen.has(does)) return false;
    seen.add(does);
    return true;
  });
}

/** The highest load that a scenario, or the shortcuts of the options, asks for. */
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

function shareOut(parts: readonly Part[], { profile, vus, rate }: AskedLoad): BaseLoad[] {
  if (vus === undefined && rate === undefined) return parts.map(({ base }) => capBase(profile, base));
  const sameModel = new Set(parts.map(({ base }) => base.model)).size === 1;
  const sizes = parts.map(({ base }) => (sameModel ? (base.model === 'closed' ? base.vus : base.rate) : 1));
  const whole = sizes.reduce((sum, size) => sum + size, 0);
  return sizes.map((size): BaseLoad => {
    const share = size / whole;
    if (rate === undefined) return { model: 'closed', vus: Math.max(1, Math.round((vus ?? 1) * share)) };
    return {
      model: 'open',
      rate: rate * share,
      maxVUs: vus === undefined ? undefined : Math.max(1, Math.round(vus * share)),
    };
  });
}

function fieldsOf(value: unknown): Fields {
  return typeof value === 'object' && value !== null ? { ...value } : {};
}

function numberOf(value: unknown): number | undefined {
  return typeof value === 'number' && Number.isFinite(value) ? value : undefined;
}
