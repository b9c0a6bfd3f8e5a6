// The events of a cycle, in order, as data for the terminal and the live page.

import type { Standing } from '../analysis/verdict/watch.ts';
import type { MetricsStore } from '../metrics/store/store.ts';
import type { EnvironmentSource } from '../model/environment.ts';
import type { Kpi } from '../model/kpi.ts';
import type { RunMetrics } from '../model/metrics.ts';
import type { ScenarioPlan } from '../model/plan.ts';
import type { Result } from '../model/result.ts';
import type { RunFacts, ScriptException } from '../model/run.ts';
import type { UserError } from '../system/errors.ts';

/** The state of a run, once a second. */
export interface Tick {
  readonly elapsedMs: number;
  /** Since the start of the scenarios, as phases count; undefined before, for example in setup(). */
  readonly loadedMs?: number | undefined;
  /** Totals and the last minute. */
  readonly metrics: MetricsStore;
  /** The state of each KPI at this moment. */
  readonly standings: readonly Standing[];
  readonly exceptions: number;
}

/** A run from its first sample to now, as input for analysis and charts. */
export interface RunSoFar {
  readonly metrics: RunMetrics;
  exceptions(): ScriptException[];
}

export type RunEvent =
  /** A scenario starts. */
  | {
      readonly kind: 'scenario';
      readonly plan: ScenarioPlan;
      readonly environment: { readonly source: EnvironmentSource; readonly name: string; readonly url: string };
      readonly k6Version: string;
      readonly stream: RunFacts['k6']['stream'];
    }
  /** The idle system is monitored for `durationMs` before the load. */
  | { readonly kind: 'idle'; readonly sources: readonly string[]; readonly durationMs: number }
  /** k6 has been started. */
  | {
      readonly kind: 'load';
      readonly facts: RunFacts;
      readonly kpis: readonly Kpi[];
      readonly soFar: RunSoFar;
    }
  /** Once a second during the load. */
  | { readonly kind: 'tick'; readonly tick: Tick }
  /** A line that the script logged, without secrets. */
  | { readonly kind: 'log'; readonly line: string }
  /** A problem that does not end the run, in one or two sentences. */
  | { readonly kind: 'trouble'; readonly text: string }
  /** k6 has ended. The system under test is monitored for `recoveryMs`, then the reports are written. */
  | { readonly kind: 'load-ended'; readonly recoveryMs: number }
  /** The reports of the scenario are written. `report`: the path of its page, null if it could not be written. */
  | {
      readonly kind: 'finished';
      readonly result: Result;
      readonly metrics: RunMetrics;
      readonly report: string | null;
    }
  /** The scenario could not run, or its run could not be analysed. */
  | { readonly kind: 'failed'; readonly scenario: string; readonly error: UserError };

export type RunListener = (event: RunEvent) => void;
