// A Kubernetes cluster with the k6-operator, as ProjectConfig describes it: plain data. What is Kubernetes' own stays as it is written.

/** Architectures of images, as OCI and Go call them. */
export const IMAGE_ARCHS = ['amd64', 'arm64'] as const;
export type ImageArch = (typeof IMAGE_ARCHS)[number];

/** A part of a Kubernetes object that is handed on as it is. */
export type KubernetesPart = Readonly<Record<string, unknown>>;

/** Where the script is when the pods start. */
export type ScriptPlace =
  /** Handed over by us; up to 1,000,000 bytes. */
  | { readonly kind: 'config-map' }
  /** In a PersistentVolumeClaim that somebody fills with the bundle, under this file name. */
  | { readonly kind: 'volume-claim'; readonly name: string; readonly file: string }
  /** In the image, at this path. */
  | { readonly kind: 'in-image'; readonly path: string };

export interface ClusterConfig {
  readonly name: string;
  /** undefined: KUBECONFIG, ~/.kube/config or the pod's own account, as kubectl has it. */
  readonly kubeconfig: string | undefined;
  /** undefined: the current one. */
  readonly context: string | undefined;
  readonly namespace: string;
  /** Of k6 with our output: name and tag or digest. */
  readonly image: string;
  readonly starterImage: string;
  readonly pullPolicy: string | undefined;
  readonly pullSecrets: readonly string[];
  readonly script: ScriptPlace;
  /** Variables of the script. */
  readonly env: Readonly<Record<string, string>>;
  /** Names of Secrets whose keys are variables of the script. */
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
  /** How long all pods may take until they run, milliseconds. */
  readonly pendingTimeoutMs: number;
}
