// What happens while a cycle runs, in its order, as data: the terminal and the live page listen to it.

import type { Standing } from '../analysis/verdict/watch.ts';
import type { MetricsStore } from '../metrics/store/store.ts';
import type { EnvironmentSource } from '../model/environment.ts';
import type { Kpi } from '../model/kpi.ts';
import type { RunMetrics } from '../model/metrics.ts';
import type { ScenarioPlan } from '../model/plan.ts';
import type { Result } from '../model/result.ts';
import type { RunFacts, ScriptException } from '../model/run.ts';
import type { UserError } from '../system/errors.ts';

/** What a run under way knows once a second. */
export interface Tick {
  readonly elapsedMs: number;
  /** Since the scenarios began, which phases count from; undefined before that, in setup(). */
  readonly loadedMs?: number | undefined;
  /** Totals and the last minute: what a display asks for. */
  readonly metrics: MetricsStore;
  /** How each KPI stands at this moment. */
  readonly standings: readonly Standing[];
  readonly exceptions: number;
}

/** A run from its first sample to this moment, as it is judged and drawn. */
export interface RunSoFar {
  readonly metrics: RunMetrics;
  exceptions(): ScriptException[];
}

export type RunEvent =
  /** A scenario has its turn. */
  | {
      readonly kind: 'scenario';
      readonly plan: ScenarioPlan;
      readonly environment: { readonly source: EnvironmentSource; readonly name: string; readonly url: string };
      readonly k6Version: string;
      readonly stream: RunFacts['k6']['stream'];
    }
  /** The idle system is monitored for so long before the load. */
  | { readonly kind: 'idle'; readonly sources: readonly string[]; readonly durationMs: number }
  /** k6 has been started. */
  | {
      readonly kind: 'load';
      readonly facts: RunFacts;
      readonly kpis: readonly Kpi[];
      readonly soFar: RunSoFar;
    }
  /** Once a second while the load goes on. */
  | { readonly kind: 'tick'; readonly tick: Tick }
  /** A line that the script logged, without secrets. */
  | { readonly kind: 'log'; readonly line: string }
  /** Something went wrong that the run survives: one or two sentences. */
  | { readonly kind: 'trouble'; readonly text: string }
  /** k6 has ended; the system under test is monitored for so long afterwards, then the reports are written. */
  | { readonly kind: 'load-ended'; readonly recoveryMs: number }
  /** The scenario has its report; `report` is the path of its page, null where it could not be written. */
  | {
      readonly kind: 'finished';
      readonly result: Result;
      readonly metrics: RunMetrics;
      readonly report: string | null;
    }
  /** The scenario could not run, or its run could not be judged. */
  | { readonly kind: 'failed'; readonly scenario: string; readonly error: UserError };

export type RunListener = (event: RunEvent) => void;
