// The type of novaperf.config.ts that `defineConfig` checks. Its comments become the reference and the JSON Schema. The
// schema for the values is settingsSchema of config/settings-schema.ts; a test compares the keys and types of both.

/** A source of metrics with its filters; docs/system-under-test.md. */
export interface ServerMetricsSource {
  /** The source, as text: `http://127.0.0.1:9187/metrics`, `prometheus+http://…?query=…`, `port:8080`, `file.csv`, `cmd:…`. */
  source: string;
  /** Name of its metrics: `server.<name>.…`. */
  name?: string;
  /** Names of the metrics to read; `*` matches any text. */
  match?: string[];
  /** Labels of the metrics to read. */
  labels?: Record<string, string>;
  /** Maximum number of series. */
  max_series?: number;
  /** Sent with each request. */
  headers?: Record<string, string>;
  /** Added to the times of a CSV file. */
  offset?: string;
  /** The column of a CSV file with the time. */
  time_column?: string;
  /** Interval between values of a Prometheus server, such as `5s`. */
  step?: string;
}

/** How a system under test is monitored, and how long before and after the load. */
export interface WatchSettings {
  /** Sources such as `port:8080`, `machine` or `http://127.0.0.1:9187/metrics#pg_stat_*`; docs/system-under-test.md. */
  server_metrics?: (string | ServerMetricsSource)[];
  /** How long to monitor the idle system before the load. Default 5s; 0s turns it off. */
  baseline_time?: string;
  /** How long to monitor the recovery after the load. Default 5s; 0s turns it off. */
  recovery_time?: string;
}

/** A system under test: its base URL, or the demo shop that comes with novaperf. */
export type EnvironmentSettings =
  | string
  | ({ kind?: 'url'; url: string; health_path?: string } & WatchSettings)
  | ({ kind: 'demo'; port?: number; seed?: number; version?: string; faults?: string[] } & WatchSettings);

/** A Kubernetes cluster with the k6-operator; docs/scale.md explains each field. */
export interface ClusterSettings {
  /** An image of k6 with novaperf's output, with a tag other than latest, or a digest. `novaperf cluster image` builds one. */
  image: string;
  starter_image?: string;
  image_pull_policy?: 'Always' | 'IfNotPresent' | 'Never';
  image_pull_secrets?: string[];
  /** Default: as kubectl. */
  kubeconfig?: string;
  context?: string;
  /** Default `default`. */
  namespace?: string;
  /** Location of a script of more than 1,000,000 bytes. */
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
  /** How long to wait until the pods run. Default 5m. */
  pending_timeout?: string;
}

/** How to reach a ConPort server: over HTTP, or started as a process; conport/README.md. */
export type ConportServerSettings =
  | { url: string; headers?: Record<string, string>; workspace_id: string; timeout?: string }
  | { command: string; args?: string[]; env?: Record<string, string>; workspace_id: string; timeout?: string };

/** `novaperf.config.ts`: `export default defineConfig({ … })`. Paths are relative to the file. */
export interface NovaperfConfig {
  /** Folder of the scenarios. Default `scenarios`. */
  scenarios?: string;
  /** Results folder, as --out. Default `.nova/reports/qa/performance`. */
  out?: string;
  /** Systems under test by name, as used by --env. */
  environments?: Record<string, EnvironmentSettings>;
  /** Environment of scenarios that do not set one. */
  default_environment?: string;
  /** Environments by folder or script: `{ 'scenarios/shop': 'shop' }`. The longest path wins. */
  environment_of?: Record<string, string>;
  /** Hosts that must never get load: names, `*.example.com`, addresses, ranges. */
  forbid?: string[];
  /** The only hosts that may get load, in addition to this machine. */
  only?: string[];
  /** What to compare runs with, as --baseline: `latest`, `branch:main`, `build:1.4.1`. */
  baseline?: string;
  /** Smallest change between runs that counts; response times must exceed both limits. Default 5 % and 5 ms. */
  change?: { percent?: number; ms?: number };
  /** How much response times (both limits) and memory may rise in a soak; false turns it off. Default 20 %, 20 ms and 32 MB. */
  degradation?: false | { percent?: number; ms?: number; mb?: number };
  /** `certain`: thresholds of the script can be inconclusive, as targets can. Default `k6`. */
  verdict?: 'k6' | 'certain';
  /** Exit code of a run that is too close to call; `pass`: it counts as passed. Default 98. */
  inconclusive?: '98' | 98 | 'fail' | 'pass';
  /** Whether targets exclude the warm-up. Default `leave-out`. */
  warm_up?: 'leave-out' | 'keep';
  /** Whether figures include the requests of setup() and teardown(), as in k6. Default `count`. */
  setup?: 'count' | 'leave-out';
  /** `fail`: a target without samples counts as missed, even if k6 passes it. Default `warn`. */
  no_data?: 'fail' | 'warn';
  /** How long k6 may take to load a script with its data. Default 30s. */
  load_timeout?: string;
  /** false: runs write no ConPort records. Default true. */
  records?: boolean;
  /** The ConPort server, for `conport push` and `conport pull`. */
  conport_server?: ConportServerSettings;
  /** Title and logo of every page. */
  report?: { title?: string; logo?: string };
  /** Additional rules for secrets in names of requests, tags and checks; `names` may have `*`. */
  secrets?: { names?: string[]; patterns?: string[]; allow?: string[] };
  /** k6 extensions: Go modules with a version, `github.com/grafana/xk6-faker@v0.4.4`, or folders, `./xk6-orders`. Built into k6 by Go. */
  extensions?: string[];
  /** Kubernetes clusters by name, for --cluster. */
  clusters?: Record<string, ClusterSettings>;
}

/** Types the configuration: `export default defineConfig({ … })`. */
export function defineConfig(config: NovaperfConfig): NovaperfConfig {
  return config;
}
