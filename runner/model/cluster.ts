// The settings of a Kubernetes cluster with the k6-operator, from ProjectConfig. Kubernetes' own parts are kept as
// written.

/** Architectures of images, with the names of OCI and Go. */
export const IMAGE_ARCHS = ['amd64', 'arm64'] as const;
export type ImageArch = (typeof IMAGE_ARCHS)[number];

/** A part of a Kubernetes object that is passed on unchanged. */
export type KubernetesPart = Readonly<Record<string, unknown>>;

/** Where the pods find the script. */
export type ScriptPlace =
  /** Uploaded by novaperf; up to 1,000,000 bytes. */
  | { readonly kind: 'config-map' }
  /** In a PersistentVolumeClaim that the user fills with the bundle, under this file name. */
  | { readonly kind: 'volume-claim'; readonly name: string; readonly file: string }
  /** In the image, at this path. */
  | { readonly kind: 'in-image'; readonly path: string };

/** Settings of one cluster; docs/scale.md explains each field. */
export interface ClusterConfig {
  readonly name: string;
  /** undefined: KUBECONFIG, ~/.kube/config or the pod's own account, as in kubectl. */
  readonly kubeconfig: string | undefined;
  /** undefined: the current context. */
  readonly context: string | undefined;
  readonly namespace: string;
  /** Image of k6 with novaperf's output: name with tag or digest. */
  readonly image: string;
  readonly starterImage: string;
  readonly pullPolicy: string | undefined;
  readonly pullSecrets: readonly string[];
  readonly script: ScriptPlace;
  /** Environment variables of the script. */
  readonly env: Readonly<Record<string, string>>;
  /** Names of Secrets; their keys become environment variables of the script. */
  readonly envFromSecrets: readonly string[];
  readonly labels: Readonly<Record<string, string>>;
  readonly annotations: Readonly<Record<string, string>>;
  readonly serviceAccount: string | undefined;
  readonly resources: KubernetesPart | undefined;
  readonly nodeSelector: Readonly<Record<string, string>> | undefined;
  readonly tolerations: readonly KubernetesPart[] | undefined;
  readonly topologySpreadConstraints: readonly KubernetesPart[] | undefined;
  readonly livenessProbe: KubernetesPart | undefined;
  readonly readinessProbe: KubernetesPart | undefined;
  /** Time limit until all pods run, milliseconds. */
  readonly pendingTimeoutMs: number;
}
