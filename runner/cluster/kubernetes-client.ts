// The used part of the Kubernetes client. A bundle of its own, because it is a fifth of all code and only `novaperf
// cluster` and --cluster need it.

export { KubeConfig } from '@kubernetes/client-node';
