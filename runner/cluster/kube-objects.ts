// Creates and removes the Kubernetes objects of a run, and gives their API paths.

import { setTimeout as sleep } from 'node:timers/promises';
import { z } from 'zod';
import { UserError } from '../system/errors.ts';
import { type KubeAnswer, type KubeApi, KubeUnreachable } from './kube-api.ts';
import { type ClusterRun, K6_API_PORT, type KubeObject, runObjects } from './objects.ts';
import { checkRights } from './rights.ts';

const REMOVE_ATTEMPTS = 5;
const ROUTES: Readonly<Record<string, string>> = {
  ConfigMap: '/api/v1/namespaces/{ns}/configmaps',
  Secret: '/api/v1/namespaces/{ns}/secrets',
  TestRun: '/apis/k6.io/v1alpha1/namespaces/{ns}/testruns',
};
const statusSchema = z.looseObject({ message: z.string().optional(), reason: z.string().optional() });
const createdSchema = z.looseObject({ metadata: z.looseObject({ uid: z.string() }) });

/** The objects of one run. Paths are those of the Kubernetes API. */
export class KubeObjects {
  readonly #api: KubeApi;
  readonly #run: ClusterRun;
  readonly #created: string[] = [];

  constructor(api: KubeApi, run: ClusterRun) {
    this.#api = api;
    this.#run = run;
  }

  get podsPath(): string {
    const selector = encodeURIComponent(`k6_cr=${this.#run.name}`);
    return `/api/v1/namespaces/${this.#run.cluster.namespace}/pods?labelSelector=${selector}`;
  }

  logPath(pod: string, container: string): string {
    return `/api/v1/namespaces/${this.#run.cluster.namespace}/pods/${pod}/log?container=${container}`;
  }

  /** Path of the runner's k6 REST API, through the proxy of its service. */
  statusPath(runner: number): string {
    const { cluster, name } = this.#run;
    return `/api/v1/namespaces/${cluster.namespace}/services/${name}-service-${runner}:${K6_API_PORT}/proxy/v1/status`;
  }

  /**
   * Creates the objects. Throws a UserError if the cluster does not answer, has no k6-operator, or rejects an object.
   */
  async create(): Promise<void> {
    const { helpers, testRun } = runObjects(this.#run);
    await this.#answered(checkRights(this.#api, this.#run.cluster));
    for (const helper of helpers) await this.#createOne(helper);
    const { body } = await this.#createOne(testRun);
    const created = createdSchema.safeParse(body);
    // If novaperf is killed, deleting the TestRun deletes these too.
    if (created.success) {
      const owner = {
        apiVersion: 'k6.io/v1alpha1',
        kind: 'TestRun',
        name: this.#run.name,
        uid: created.data.metadata.uid,
      };
      for (const helper of helpers) await this.#own(helper, owner);
    }
  }

  /** Removes everything that was created. Returns one sentence for each object that could not be removed. */
  async remove(): Promise<string[]> {
    const problems: string[] = [];
    for (const path of this.#created.splice(0).reverse()) {
      const problem = await this.#removeOne(path);
      if (problem !== undefined) problems.push(problem);
    }
    return problems;
  }

  async #createOne(object: KubeObject): Promise<KubeAnswer> {
    const route = this.#routeOf(object);
    const { cluster, name } = this.#run;
    const answer = await this.#answered(this.#api.request('POST', route, object));
    if (answer.status === 200 || answer.status === 201) {
      this.#created.push(`${route}/${nameOf(object)}`);
      return answer;
    }
    const message = messageIn(answer);
    if (answer.status === 404 && object.kind === 'TestRun') {
      throw new UserError(`Expected the k6-operator in the cluster "${cluster.name}", found no TestRun in its API.`, {
        next: 'install it: https://grafana.com/docs/k6/latest/set-up/set-up-distributed-k6/install-k6-operator/',
      });
    }
    const next =
      answer.status === 403 || answer.status === 401
        ? 'docs/scale.md lists the permissions that the account needs in the namespace'
        : undefined;
    throw new UserError(
      `Expected the cluster "${cluster.name}" to accept the ${object.kind} ${name}, found: ${message} (HTTP ${answer.status}).`,
      {
        where: `namespace ${cluster.namespace}`,
        ...(next !== undefined && { next }),
      },
    );
  }

  /** Throws a UserError if there was no answer. */
  async #answered<T>(asked: Promise<T>): Promise<T> {
    try {
      return await asked;
    } catch (error) {
      if (!(error instanceof KubeUnreachable)) throw error;
      throw new UserError(
        `Expected the API server of the cluster "${this.#run.cluster.name}" to answer, found: ${error.message}.`,
        {
          next: 'check with kubectl get pods that the API server can be reached with the same configuration',
          cause: error,
        },
      );
    }
  }

  async #own(helper: KubeObject, owner: object): Promise<void> {
    const body = { metadata: { ownerReferences: [owner] } };
    const path = `${this.#routeOf(helper)}/${nameOf(helper)}`;
    // Optional, so the permission to patch is not required.
    await this.#api
      .request('PATCH', path, body, { contentType: 'application/merge-patch+json' })
      .catch((error: unknown) => {
        if (!(error instanceof KubeUnreachable)) throw error;
      });
  }

  async #removeOne(path: string): Promise<string | undefined> {
    let message = '';
    for (let attempt = 0; attempt < REMOVE_ATTEMPTS; attempt++) {
      try {
        const answer = await this.#api.request('DELETE', path, { propagationPolicy: 'Background' });
        if (answer.status < 300 || answer.status === 404) return undefined;
        message = messageIn(answer);
      } catch (error) {
        if (!(error instanceof KubeUnreachable)) throw error;
        message = error.message;
      }
      await sleep(1000 * (attempt + 1));
    }
    const [kind, name] = path.split('/').slice(-2);
    return `the ${kind} ${name} is still in the cluster (${message}): kubectl -n ${this.#run.cluster.namespace} delete ${kind} ${name}`;
  }

  #routeOf({ kind }: KubeObject): string {
    const route = ROUTES[kind];
    if (route === undefined) throw new Error(`No route for ${kind}`);
    return route.replace('{ns}', this.#run.cluster.namespace);
  }
}

function nameOf({ metadata }: KubeObject): string {
  if (typeof metadata !== 'object' || metadata === null || !('name' in metadata))
    throw new Error('An object without a name');
  return String(metadata.name);
}

/** The API's own message. */
function messageIn({ body }: KubeAnswer): string {
  const status = statusSchema.safeParse(body);
  if (status.success) return (status.data.message ?? status.data.reason ?? 'no reason given').slice(0, 500);
  return String(body).trim().slice(0, 500) || 'no reason given';
}
