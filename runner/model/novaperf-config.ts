// What novaperf.config.ts may hold: the type that `defineConfig` checks. The schema of the same is in config/project-config.ts.

/** How a system under test is watched, and for how long before and after the load. */
export interface WatchSettings {
  /** Sources such as `port:8080`, `machine` or `http://127.0.0.1:9187/metrics#pg_stat_*`; docs/system-under-test.md. */
  server_metrics?: string[];
  /** Default 5s; 0s for none. */
  baseline_time?: string;
  recovery_time?: string;
}

/** A system under test: its base URL, or the demo shop that comes with novaperf. */
export type EnvironmentSettings =
  | string
  | ({ url: string; health_path?: string } & WatchSettings)
  | ({ kind: 'demo'; port?: number; seed?: number; version?: string; faults?: string[] } & WatchSettings);

/** A Kubernetes cluster with the k6-operator; docs/scale.md explains each field. */
export interface ClusterSettings {
  /** k6 with our output: with a tag other than latest, or a digest. `novaperf cluster image` writes it. */
  image: string;
  starter_image?: string;
  image_pull_policy?: 'Always' | 'IfNotPresent' | 'Never';
  image_pull_secrets?: string[];
  /** Default: as kubectl. */
  kubeconfig?: string;
  context?: string;
  /** Default `default`. */
  namespace?: string;
  /** Where a script of more than 1,000,000 bytes is. */
  volume_claim?: { name: string; file: string };
  script_in_image?: string;
  /** Variables of the script. */
  env?: Record<string, string>;
  env_from_secrets?: string[];
  labels?: Record<string, string>;
  annotations?: Record<string, string>;
  service_account?: string;
  /** As in a container of a pod: requests and limits. */
  resources?: Record<string, unknown>;
  node_selector?: Record<string, string>;
  tolerations?: Record<string, unknown>[];
  topology_spread_constraints?: Record<string, unknown>[];
  liveness_probe?: Record<string, unknown>;
  readiness_probe?: Record<string, unknown>;
  /** How long the pods may take until they run. Default 5m. */
  pending_timeout?: string;
}

/** `novaperf.config.ts`: `export default defineConfig({ … })`. Paths are relative to the file. */
export interface NovaperfConfig {
  /** For `novaperf.config.json`: the address of the JSON Schema. */
  $schema?: string;
  /** The folder of the scenarios. Default `scenarios`. */
  scenarios?: string;
  /** Systems under test by name, for `--env`. */
  environments?: Record<string, EnvironmentSettings>;
  /** The environment of scenarios that name none. */
  default_environment?: string;
  /** The environment of the scripts below a folder: `{ 'scenarios/shop': 'shop' }`. The longest path counts. */
  environment_of?: Record<string, string>;
  /** Hosts that load must never reach. */
  forbid?: string[];
  /** Kubernetes clusters by name, for `--cluster`. */
  clusters?: Record<string, ClusterSettings>;
  /** false: runs write no ConPort records. */
  records?: boolean;
  /** As --baseline takes it: `latest`, `branch:main`, `build:1.4.1`. */
  baseline?: string;
  /** The least change between runs that is called one: both, for response times. Default 5 % and 5 ms. */
  change?: { percent?: number; ms?: number };
  /** What is secret in names of requests, tags and checks, besides what is known to be; `names` may hold `*`. */
  secrets?: { names?: string[]; patterns?: string[]; allow?: string[] };
  /** k6 extensions: Go modules with a version, `github.com/grafana/xk6-faker@v0.4.4`, or folders, `./xk6-orders`. Built into k6 by Go. */
  extensions?: string[];
  /** Title and logo of every page. */
  report?: { title?: string; logo?: string };
}

/** Types the configuration: `export default defineConfig({ … })`. */
export function defineConfig(config: NovaperfConfig): NovaperfConfig {
  return config;
}
