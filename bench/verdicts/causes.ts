// The first finding of simulated runs with each fault of the demo, at several rates and seeds; and findings of clean runs.

import { CAUSES } from '../../runner/analysis/findings/cause-kinds.ts';
import type { ResultFinding } from '../../runner/model/result.ts';
import { type SimulatedResult, simulateResult } from './simulated-result.ts';

/** The expected first finding: its kind, and a text of its title. */
interface Expected {
  readonly kinds: readonly string[];
  readonly title: RegExp;
}

/** A fault and its expected finding. */
export interface FaultCase {
  readonly fault: string;
  readonly expected: Expected;
}

const slower = (title: RegExp): Expected => ({ kinds: ['response_time_rose'], title });
const name = (route: string) => new RegExp(`${route.replace(/[.*+?^${}()|[\]\\]/g, '\\$&')}(?!/|:?\\w)`);

/** All faults. */
export const FAULT_CASES: readonly FaultCase[] = [
  { fault: 'latency-growth:+10%/min', expected: slower(/all endpoints/) },
  { fault: 'latency-growth:+30%/min', expected: slower(/all endpoints/) },
  { fault: 'latency-growth:GET /search=+30%/min', expected: slower(name('GET /search')) },
  { fault: 'latency-growth:GET /products=+30%/min', expected: slower(name('GET /products')) },
  { fault: 'memory-leak:200kB/s', expected: { kinds: ['server_growth'], title: /^Resident memory/ } },
  { fault: 'memory-leak:1MB/s', expected: { kinds: ['server_growth'], title: /^Resident memory/ } },
  { fault: 'errors:POST /orders=5%', expected: { kinds: ['http_errors'], title: name('POST /orders') } },
  { fault: 'errors:GET /search=20%', expected: { kinds: ['http_errors'], title: name('GET /search') } },
  { fault: 'slow:GET /search=800ms', expected: { kinds: ['slow_endpoint'], title: name('GET /search') } },
  { fault: 'slow:POST /orders=600ms', expected: { kinds: ['slow_endpoint'], title: name('POST /orders') } },
  { fault: 'step:45s=+200ms', expected: slower(/all endpoints/) },
  { fault: 'step:45s=+50%', expected: slower(/all endpoints/) },
  { fault: 'step:45s=GET /search=+50%', expected: slower(name('GET /search')) },
  { fault: 'step:60s=GET /cart=+100ms', expected: slower(name('GET /cart')) },
];

/** The first finding of a run. */
export function firstCause(run: SimulatedResult): ResultFinding | undefined {
  return simulateResult(run).findings.find(({ kind }) => CAUSES.has(kind));
}

/** How often a fault was named first. */
export interface FaultOutcome {
  readonly fault: string;
  readonly runs: number;
  readonly first: number;
  readonly misses: readonly string[];
}

/** Which runs to simulate. */
export interface CausesOptions {
  readonly seeds: number;
  readonly rates: readonly number[];
  readonly seconds: number;
}

const THRESHOLDS = [
  ['http_req_duration{name:GET /search}', 'p(95)<250'],
  ['http_req_duration', 'p(95)<300'],
  ['http_req_failed', 'rate<0.01'],
] as const;
const PROFILES = ['soak', 'load'] as const;

/** Simulates all faults. */
export function faultOutcomes({ seeds, rates, seconds }: CausesOptions): FaultOutcome[] {
  return FAULT_CASES.map(({ fault, expected }) => {
    const misses: string[] = [];
    let runs = 0;
    for (const rate of rates) {
      for (let seed = 1; seed <= seeds; seed++) {
        const profile = PROFILES[seed % PROFILES.length] ?? 'soak';
        const thresholds = seed % 2 === 0 ? THRESHOLDS : [];
        const found = firstCause({ seconds, rate, seed, faults: [fault], profile, thresholds });
        runs++;
        const isIt = found !== undefined && expected.kinds.includes(found.kind) && expected.title.test(found.title);
        if (!isIt)
          misses.push(`${rate}/s seed ${seed}: ${found === undefined ? 'nothing' : `${found.kind} ${found.title}`}`);
      }
    }
    return { fault, runs, first: runs - misses.length, misses };
  });
}

/** Titles of findings above low in clean runs; there should be none. */
export function cleanOutcomes(runs: number, seconds: number): readonly string[] {
  return Array.from({ length: runs }, (_, i) => {
    const noise = { sd: [0.02, 0.05, 0.1][i % 3] ?? 0.05, phi: [0, 0.5, 0.8, 0.9][i % 4] ?? 0 };
    const { findings } = simulateResult({
      seconds,
      rate: [10, 40, 100][i % 3] ?? 40,
      seed: 100 + i,
      profile: PROFILES[i % 2] ?? 'soak',
      noise,
    });
    return findings
      .filter(({ severity }) => severity !== 'low')
      .map(({ kind, title }) => `run ${i + 1} (${JSON.stringify(noise)}): ${kind} ${title}`);
  }).flat();
}
