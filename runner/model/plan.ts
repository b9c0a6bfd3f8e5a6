// What is known about a scenario before it runs: taken from `k6 inspect` of the bundle, plain data from then on.

export const PROFILES = ['smoke', 'load', 'stress', 'spike', 'soak', 'breakpoint'] as const;
export type Profile = (typeof PROFILES)[number];

/** A named part of the run, such as a ramp or a hold of the profile; times in milliseconds from the start of load. */
export interface Phase {
  readonly name: string;
  readonly kind: 'ramp-up' | 'hold' | 'spike' | 'ramp-down' | 'step';
  readonly startMs: number;
  readonly endMs: number;
}

/** One threshold expression of the script, as k6 inspect prints it. */
export interface ScriptThreshold {
  /** `http_req_duration{name:GET /products}` */
  readonly metric: string;
  readonly expression: string;
  readonly abortOnFail: boolean;
  readonly delayAbortEvalMs: number;
}

export interface ScenarioPlan {
  /** File name without extension, used in run folders and records. */
  readonly name: string;
  readonly component: string;
  readonly description: string;
  /** The environment that the script itself names. */
  readonly environment?: string | undefined;
  /** Absolute path of the script. */
  readonly scriptPath: string;
  /** False for a plain k6 script, without novaperf's defineScenario. */
  readonly typed: boolean;
  /** `own`: a plain script that runs with its own load. */
  readonly profile: Profile | 'own';
  /** k6 scenarios as printed by `k6 inspect`. */
  readonly k6Scenarios: Readonly<Record<string, { readonly executor: string } & Readonly<Record<string, unknown>>>>;
  readonly thresholds: readonly ScriptThreshold[];
  readonly phases: readonly Phase[];
  /** From k6: `totalDuration` (including graceful stops) and `maxVUs`. */
  readonly totalDurationMs: number;
  readonly maxVUs: number;
  /** The highest configured arrival rate, iterations per second; undefined for closed models. */
  readonly peakRate: number | undefined;
  /** The script's options as parsed by k6. */
  readonly options: Readonly<Record<string, unknown>>;
  /** True if the script exports `handleSummary`, which k6 does not call under novaperf. */
  readonly hasHandleSummary: boolean;
  /** How much response times and memory may rise over a soak, if the scenario sets it. */
  readonly degradation?: false | { readonly percent: number; readonly ms: number; readonly mb: number } | undefined;
}
