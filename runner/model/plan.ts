// What the runner knows about a scenario before it runs: derived from `k6 inspect` of the bundle, plain data from there on.

export const PROFILES = ['smoke', 'load', 'stress', 'spike', 'soak', 'breakpoint'] as const;
export type Profile = (typeof PROFILES)[number];

/** A stretch of the run with a name: ramps and holds of the profile, from the start of load. */
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
  /** File name without extension, as run folders and records name it. */
  readonly name: string;
  readonly component: string;
  readonly description: string;
  /** The environment that the script names for itself. */
  readonly environment?: string | undefined;
  /** Absolute path of the script. */
  readonly scriptPath: string;
  /** false: a plain k6 script that knows nothing of us. */
  readonly typed: boolean;
  /** `own`: a plain script that runs with the load it brings. */
  readonly profile: Profile | 'own';
  /** k6 scenarios after derivation, as k6 inspect prints them. */
  readonly k6Scenarios: Readonly<Record<string, { readonly executor: string } & Readonly<Record<string, unknown>>>>;
  readonly thresholds: readonly ScriptThreshold[];
  readonly phases: readonly Phase[];
  /** From k6: `totalDuration` (with graceful stops) and `maxVUs`. */
  readonly totalDurationMs: number;
  readonly maxVUs: number;
  /** The asked arrival rate at its highest, iterations a second; undefined for closed models. */
  readonly peakRate: number | undefined;
  /** The script's options as k6 understood them. */
  readonly options: Readonly<Record<string, unknown>>;
  /** Exports `handleSummary`, which k6 does not call under novaperf. */
  readonly hasHandleSummary: boolean;
  /** By how much response times may rise over a soak, where the scenario says so itself. */
  readonly degradation?: false | { readonly percent: number; readonly ms: number; readonly mb: number } | undefined;
}
