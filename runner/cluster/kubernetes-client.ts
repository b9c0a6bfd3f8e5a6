// What is used of the client of Kubernetes, a fifth of all the code: a bundle of its own, read by `novaperf cluster` and --cluster only.

export { KubeConfig } from '@kubernetes/client-node';
