// Settings of testing.performance.clusters.<name>.

import { z } from 'zod';
import type { ClusterConfig } from '../model/cluster.ts';
import { namedRecord } from '../model/named-record.ts';
import { durationMs } from '../system/duration.ts';

/** Pinned to the supported operator, because the operator's default is the newest starter. */
const STARTER_IMAGE = 'ghcr.io/grafana/k6-operator:starter-v1.5.0';
const PENDING_TIMEOUT_MS = 300_000;

/** An image with a tag other than `latest`, so that it does not change. */
const image = z
  .string()
  .refine(
    (text) => /@sha256:[0-9a-f]{64}$/.test(text) || /:(?!latest$)[\w][\w.-]*$/.test(text),
    'expected an image with a tag other than latest, or a digest, such as registry.example/k6:2.2.0-1',
  );
const texts = namedRecord(z.string());
/** Any value; Kubernetes checks it. */
const part = namedRecord(z.unknown());
const fileName = z.string().regex(/^[\w][\w.-]*$/, 'expected the name of a file');

/** Schema of a cluster. */
export const clusterSchema = z.strictObject({
  kubeconfig: z.string().min(1).optional(),
  context: z.string().min(1).optional(),
  namespace: z
    .string()
    .regex(/^[a-z0-9]([a-z0-9-]*[a-z0-9])?$/, 'expected a namespace')
    .default('default'),
  image,
  starter_image: image.default(STARTER_IMAGE),
  image_pull_policy: z.enum(['Always', 'IfNotPresent', 'Never']).optional(),
  image_pull_secrets: z.array(z.string().min(1)).default([]),
  volume_claim: z.strictObject({ name: z.string().min(1), file: fileName }).optional(),
  script_in_image: z.string().regex(/^\//, 'expected an absolute path in the image').optional(),
  env: texts.default({}),
  env_from_secrets: z.array(z.string().min(1)).default([]),
  labels: texts.default({}),
  annotations: texts.default({}),
  service_account: z.string().min(1).optional(),
  resources: part.optional(),
  node_selector: texts.optional(),
  tolerations: z.array(part).optional(),
  topology_spread_constraints: z.array(part).optional(),
  liveness_probe: part.optional(),
  readiness_probe: part.optional(),
  pending_timeout: z
    .string()
    .refine((text) => (durationMs(text) ?? 0) > 0, 'expected a duration such as 30s or 5m')
    .optional(),
});

/** The settings of a cluster with defaults. */
export function clusterOf(name: string, config: z.infer<typeof clusterSchema>): ClusterConfig {
  const { volume_claim: claim, script_in_image: path, pending_timeout: timeout } = config;
  return {
    name,
    kubeconfig: config.kubeconfig,
    context: config.context,
    namespace: config.namespace,
    image: config.image,
    starterImage: config.starter_image,
    pullPolicy: config.image_pull_policy,
    pullSecrets: config.image_pull_secrets,
    script:
      claim !== undefined
        ? { kind: 'volume-claim', ...claim }
        : path !== undefined
          ? { kind: 'in-image', path }
          : { kind: 'config-map' },
    env: config.env,
    envFromSecrets: config.env_from_secrets,
    labels: config.labels,
    annotations: config.annotations,
    serviceAccount: config.service_account,
    resources: config.resources,
    nodeSelector: config.node_selector,
    tolerations: config.tolerations,
    topologySpreadConstraints: config.topology_spread_constraints,
    livenessProbe: config.liveness_probe,
    readinessProbe: config.readiness_probe,
    pendingTimeoutMs: timeout === undefined ? PENDING_TIMEOUT_MS : (durationMs(timeout) ?? PENDING_TIMEOUT_MS),
  };
}
