// The facts of several kept runs become those of the merged run, with their differences.

import type { ScenarioPlan } from '../../model/plan.ts';
import type { Outcome, RunFacts, ScriptException } from '../../model/run.ts';
import { isRecord } from '../../system/json.ts';
import { oneLine } from '../../text/display-text.ts';
import type { ReadSource } from './read-sources.ts';

type K6Scenarios = ScenarioPlan['k6Scenarios'];

/** Numbers of an executor that add up over processes; all others must be equal. */
const ADDED: ReadonlySet<string> = new Set([
  'vus',
  'startVUs',
  'rate',
  'startRate',
  'preAllocatedVUs',
  'maxVUs',
  'target',
  'iterations',
]);

/** What must be equal in all runs; the words are for a warning. */
const AGREED: ReadonlyArray<readonly [what: string, of: (facts: RunFacts) => string]> = [
  ['scenario', ({ plan }) => plan.name],
  ['component', ({ plan }) => plan.component],
  ['profile', ({ plan }) => plan.profile],
  ['environment', ({ environment }) => environment],
  ['system under test', ({ targetUrl }) => targetUrl],
  ['build', ({ buildVersion }) => buildVersion],
  ['k6', ({ k6 }) => k6.version],
];

/** The differences of the runs, a sentence each; the merged run has the facts of the first. */
export function disagreements(runs: readonly RunFacts[]): string[] {
  return AGREED.flatMap(([what, of]) => {
    const values = [...new Set(runs.map(of))];
    if (values.length < 2) return [];
    const shown = values.slice(0, 4).map((value) => oneLine(value, 80));
    const more = values.length > 4 ? ` and ${values.length - 4} more` : '';
    return [`the merged runs differ in their ${what}: ${shown.join(', ')}${more}; the report shows the first`];
  });
}

/** The merged plan: that of the first, with the load of all. Without a load if the loads cannot be added. */
export function mergedPlan(plans: readonly [ScenarioPlan, ...ScenarioPlan[]]): ScenarioPlan {
  const [first, ...others] = plans;
  if (others.length === 0) return first;
  const share = segmentsOf(plans);
  if (share !== undefined) {
    const { executionSegment: _, executionSegmentSequence: __, ...options } = first.options;
    // Each plan has the whole load; a missing segment would not be known.
    return { ...first, options, k6Scenarios: Math.abs(share - 1) < 1e-9 ? first.k6Scenarios : {} };
  }
  const k6Scenarios = others.reduce<K6Scenarios | undefined>(
    (sum, { k6Scenarios: next }) => (sum === undefined ? undefined : addedScenarios(sum, next)),
    first.k6Scenarios,
  );
  const known = plans.flatMap(({ peakRate }) => peakRate ?? []);
  return {
    ...first,
    k6Scenarios: k6Scenarios ?? {},
    maxVUs: plans.reduce((sum, { maxVUs }) => sum + maxVUs, 0),
    peakRate: known.length === plans.length ? known.reduce((sum, rate) => sum + rate, 0) : undefined,
    totalDurationMs: Math.max(...plans.map(({ totalDurationMs }) => totalDurationMs)),
  };
}

/** The share of one load that the plans cover, by k6's execution segments (`1/3:2/3`); undefined if they are separate loads. */
function segmentsOf(plans: readonly ScenarioPlan[]): number | undefined {
  const lengths = plans.flatMap(({ options }) => {
    const parts = /^([\d./]+):([\d./]+)$/.exec(String(options.executionSegment ?? ''));
    return parts === null ? [] : [fraction(parts[2] ?? '') - fraction(parts[1] ?? '')];
  });
  if (lengths.length < plans.length) return undefined;
  return lengths.reduce((sum, length) => sum + length, 0);
}

function fraction(text: string): number {
  const [top = '0', bottom = '1'] = text.split('/');
  return Number(top) / Number(bottom);
}

function addedScenarios(a: K6Scenarios, b: K6Scenarios): K6Scenarios | undefined {
  const [others, sum] = [new Map(Object.entries(b)), new Map<string, K6Scenarios[string]>()];
  if (Object.keys(a).length !== others.size) return undefined;
  for (const [name, left] of Object.entries(a)) {
    const right = others.get(name);
    if (right === undefined || left.executor !== right.executor) return undefined;
    const added = addedFields(left, right);
    if (added === undefined) return undefined;
    sum.set(name, { ...added, executor: left.executor });
  }
  return Object.fromEntries(sum);
}

function addedFields(
  a: Readonly<Record<string, unknown>>,
  b: Readonly<Record<string, unknown>>,
): Record<string, unknown> | undefined {
  const [ofA, ofB, sum] = [new Map(Object.entries(a)), new Map(Object.entries(b)), new Map<string, unknown>()];
  for (const key of new Set([...ofA.keys(), ...ofB.keys()])) {
    const [left, right] = [ofA.get(key), ofB.get(key)];
    // In per-vu-iterations they are per VU, so they do not add up.
    const adds = ADDED.has(key) && !(key === 'iterations' && a.executor === 'per-vu-iterations');
    if (adds && typeof left === 'number' && typeof right === 'number') sum.set(key, left + right);
    else if (Array.isArray(left) && Array.isArray(right)) {
      const added = addedLists(left, right);
      if (added === undefined) return undefined;
      sum.set(key, added);
    } else if (JSON.stringify(left) === JSON.stringify(right)) sum.set(key, left);
    else return undefined;
  }
  return Object.fromEntries(sum);
}

function addedLists(a: readonly unknown[], b: readonly unknown[]): unknown[] | undefined {
  if (a.length !== b.length) return undefined;
  const sum: unknown[] = [];
  for (const [i, left] of a.entries()) {
    const right = b[i];
    if (isRecord(left) && isRecord(right)) {
      const added = addedFields(left, right);
      if (added === undefined) return undefined;
      sum.push(added);
    } else if (left === right) sum.push(left);
    else return undefined;
  }
  return sum;
}

/** The combined end of the kept runs among the sources. */
export function mergedEnd(
  read: readonly ReadSource[],
): Pick<Outcome, 'k6ExitCode' | 'stoppedBy' | 'abortedByKpi' | 'exceptions' | 'samples'> {
  const outcomes = read.flatMap(({ run }) => run?.outcome ?? []);
  const codes = outcomes.flatMap(({ k6ExitCode }) => k6ExitCode ?? []);
  // Failures first; k6's own verdict on a part does not apply to the whole.
  const code = codes.find((each) => each !== 0 && each !== 99) ?? (codes.length > 0 ? 0 : undefined);
  const stops = outcomes.map(({ stoppedBy }) => stoppedBy);
  const stoppedBy = (['user', 'threshold', 'decided'] as const).find((how) => stops.includes(how)) ?? null;
  return {
    k6ExitCode: code,
    stoppedBy,
    abortedByKpi: outcomes.find(({ abortedByKpi }) => abortedByKpi !== null)?.abortedByKpi ?? null,
    exceptions: addedExceptions(outcomes.flatMap(({ exceptions }) => exceptions)),
    samples: read.flatMap(({ run }) => run?.outcome?.samples ?? run?.samples ?? []),
  };
}

/** Adds up exceptions with the same stage, place and message. */
export function addedExceptions(exceptions: readonly ScriptException[]): ScriptException[] {
  const byKey = new Map<string, ScriptException>();
  for (const each of exceptions) {
    const key = JSON.stringify([each.stage, each.where, each.message]);
    const known = byKey.get(key);
    byKey.set(
      key,
      known === undefined
        ? each
        : {
            ...known,
            count: known.count + each.count,
            firstMs: Math.min(known.firstMs, each.firstMs),
            lastMs: Math.max(known.lastMs, each.lastMs),
          },
    );
  }
  return [...byKey.values()].sort((a, b) => b.count - a.count);
}
