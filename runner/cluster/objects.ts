// Builds the Kubernetes objects of a run as JSON: ConfigMap, Secret and TestRun.

import type { ClusterConfig, ScriptPlace } from '../model/cluster.ts';
import { UserError } from '../system/errors.ts';
import { count } from '../text/format.ts';

/** etcd accepts 1,048,576 bytes per object, including names and JSON. */
const MOST_BYTES = 1_000_000;
const SCRIPT_FILE = 'script.js';
/** The default port of k6's REST API. */
export const K6_API_PORT = 6565;
/** Kubernetes adds `-service-N` and a random part to the name. */
const LONGEST_NAME = 40;

/** What a run on a cluster is made of. */
export interface ClusterRun {
  readonly cluster: ClusterConfig;
  /** Name of the run: lower-case letters, digits and dashes. */
  readonly name: string;
  readonly script: string;
  readonly parallelism: number;
  /** Virtual users of the whole run. */
  readonly maxVUs: number;
  /** k6 flags in addition to our own. */
  readonly k6Args: readonly string[];
  /** Environment variables of the script. */
  readonly variables: Readonly<Record<string, string>>;
}

export type KubeObject = Readonly<Record<string, unknown>> & { readonly kind: string };

/** An object name from a scenario's name and a time: `browse-catalog-20261129t210000`. */
export function objectName(scenario: string, atMs: number): string {
  const stamp = new Date(atMs)
    .toISOString()
    .replace(/\.\d+Z$/, '')
    .replace(/[-:]/g, '')
    .toLowerCase();
  const plain = scenario
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, '-')
    .replace(/^[^a-z]+|-+$/g, '');
  const kept = plain.slice(0, LONGEST_NAME - stamp.length - 1).replace(/-+$/, '');
  return `${kept === '' ? 'run' : kept}-${stamp}`;
}

/**
 * The arguments of the runners, without those that the operator adds. `--out novaperf=-` is written without `=` after
 * --out, because the operator passes the arguments to other commands too. Throws a UserError for an argument with a
 * space, because the operator splits at spaces.
 */
export function runnerArguments(k6Args: readonly string[]): string {
  const spaced = k6Args.find((argument) => /\s/.test(argument));
  if (spaced !== undefined) {
    throw new UserError(
      `Expected k6 flags without spaces, found "${spaced}". The k6-operator splits arguments at spaces.`,
      {
        next: 'use --flag=value, a value without spaces, or the options of the script',
      },
    );
  }
  const own = ['--summary-mode=disabled', '--no-thresholds', '--no-usage-report', '--log-format=json', '--no-color'];
  // The operator tags every sample with runner and run; without these tags the series of all runners are equal and add
  // up.
  return [...k6Args, ...own, '--out', 'novaperf=-?drop=instance_id,testrun_name'].join(' ');
}

/**
 * Throws a UserError for fewer VUs than runners, a script or variables that are too large, and flags that the operator
 * cannot pass on.
 */
export function runObjects(run: ClusterRun): { readonly helpers: readonly KubeObject[]; readonly testRun: KubeObject } {
  const { cluster, name, script, parallelism, maxVUs } = run;
  if (maxVUs > 0 && maxVUs < parallelism) {
    throw new UserError(`Expected at least one VU for each of ${parallelism} runners, found ${maxVUs} VUs in all.`, {
      next: `--parallelism ${maxVUs} or fewer, or --vus ${parallelism} or more`,
    });
  }
  const metadata = (suffix: string) => ({
    name: `${name}${suffix}`,
    namespace: cluster.namespace,
    labels: { ...cluster.labels, 'app.kubernetes.io/managed-by': 'novaperf' },
  });
  const helpers: KubeObject[] = [];
  if (cluster.script.kind === 'config-map') {
    const bytes = Buffer.byteLength(script);
    if (bytes > MOST_BYTES) throw tooLarge(bytes, cluster.name);
    helpers.push({
      apiVersion: 'v1',
      kind: 'ConfigMap',
      metadata: metadata('-script'),
      data: { [SCRIPT_FILE]: script },
    });
  }
  const variables = { ...cluster.env, ...run.variables };
  const hasVariables = Object.keys(variables).length > 0;
  if (hasVariables) {
    const bytes = Object.entries(variables).reduce((sum, entry) => sum + Buffer.byteLength(entry.join('')), 0);
    if (bytes > MOST_BYTES) throw variablesTooLarge(bytes);
    helpers.push({
      apiVersion: 'v1',
      kind: 'Secret',
      metadata: metadata('-env'),
      type: 'Opaque',
      stringData: variables,
    });
  }
  const secrets = [...cluster.envFromSecrets, ...(hasVariables ? [`${name}-env`] : [])];
  return { helpers, testRun: testRunOf(run, metadata(''), secrets) };
}

function testRunOf(
  { cluster, name, parallelism, k6Args }: ClusterRun,
  metadata: object,
  secrets: readonly string[],
): KubeObject {
  const image = {
    ...(cluster.pullPolicy !== undefined && { imagePullPolicy: cluster.pullPolicy }),
    ...(cluster.pullSecrets.length > 0 && {
      imagePullSecrets: cluster.pullSecrets.map((secret) => ({ name: secret })),
    }),
  };
  const placed = {
    ...(cluster.nodeSelector !== undefined && { nodeSelector: cluster.nodeSelector }),
    ...(cluster.tolerations !== undefined && { tolerations: cluster.tolerations }),
  };
  return {
    apiVersion: 'k6.io/v1alpha1',
    kind: 'TestRun',
    metadata,
    spec: {
      parallelism,
      script: scriptOf(cluster.script, name),
      arguments: runnerArguments(k6Args),
      // Saves 5 to 10 s; the initializer checks the number of VUs, which is checked here.
      initializer: { disabled: true },
      runner: {
        image: cluster.image,
        ...image,
        ...placed,
        metadata: { labels: { ...cluster.labels }, annotations: { ...cluster.annotations } },
        ...(secrets.length > 0 && { envFrom: secrets.map((secret) => ({ secretRef: { name: secret } })) }),
        ...(cluster.serviceAccount !== undefined && { serviceAccountName: cluster.serviceAccount }),
        ...(cluster.resources !== undefined && { resources: cluster.resources }),
        ...(cluster.topologySpreadConstraints !== undefined && {
          topologySpreadConstraints: cluster.topologySpreadConstraints,
        }),
        livenessProbe: cluster.livenessProbe ?? LENIENT_PROBE,
        ...(cluster.readinessProbe !== undefined && { readinessProbe: cluster.readinessProbe }),
      },
      starter: { image: cluster.starterImage, ...image, ...placed },
    },
  };
}

/**
 * The operator's default probe kills a runner that is short of CPU for 30 s; this one allows five minutes without an
 * answer.
 */
const LENIENT_PROBE = {
  httpGet: { path: '/v1/status', port: K6_API_PORT },
  periodSeconds: 30,
  timeoutSeconds: 10,
  failureThreshold: 10,
};

function scriptOf(place: ScriptPlace, name: string): object {
  switch (place.kind) {
    case 'config-map':
      return { configMap: { name: `${name}-script`, file: SCRIPT_FILE } };
    case 'volume-claim':
      return { volumeClaim: { name: place.name, file: place.file } };
    case 'in-image':
      return { localFile: place.path };
  }
}

function variablesTooLarge(bytes: number): UserError {
  return new UserError(
    `Expected at most ${count(MOST_BYTES)} bytes of variables for a Secret, with what setup() returned, found ${count(bytes)}.`,
    { next: 'return less data from setup(); put data that is known before the run in a file that the script imports' },
  );
}

function tooLarge(bytes: number, cluster: string): UserError {
  return new UserError(
    `Expected a script of at most ${count(MOST_BYTES)} bytes for a ConfigMap, found ${count(bytes)} with its data.`,
    {
      next: `set volume_claim or script_in_image in testing.performance.clusters.${cluster}; see docs/scale.md`,
    },
  );
}
