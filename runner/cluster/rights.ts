// Checks the account's permissions in the namespace before anything is created, because a missing one would fail a run
// halfway.

import { z } from 'zod';
import type { ClusterConfig } from '../model/cluster.ts';
import { UserError } from '../system/errors.ts';
import type { KubeApi } from './kube-api.ts';

interface Right {
  readonly verb: string;
  readonly group: string;
  readonly resource: string;
  readonly subresource?: string;
}

const RIGHTS: readonly Right[] = [
  ...['create', 'delete'].flatMap((verb) => [
    { verb, group: 'k6.io', resource: 'testruns' },
    { verb, group: '', resource: 'configmaps' },
    { verb, group: '', resource: 'secrets' },
  ]),
  { verb: 'list', group: '', resource: 'pods' },
  { verb: 'get', group: '', resource: 'pods', subresource: 'log' },
  { verb: 'get', group: '', resource: 'services', subresource: 'proxy' },
  { verb: 'patch', group: '', resource: 'services', subresource: 'proxy' },
];

const reviewSchema = z.looseObject({ status: z.looseObject({ allowed: z.boolean() }) });

/**
 * Throws a UserError that lists the missing permissions. A cluster that does not answer the check is assumed to allow
 * everything. https://kubernetes.io/docs/reference/access-authn-authz/authorization/#checking-api-access
 */
export async function checkRights(api: KubeApi, { name, namespace }: ClusterConfig): Promise<void> {
  const answers = await Promise.all(
    RIGHTS.map(async (right) => {
      const spec = { resourceAttributes: { namespace, ...right } };
      const review = { apiVersion: 'authorization.k8s.io/v1', kind: 'SelfSubjectAccessReview', spec };
      const { body } = await api.request('POST', '/apis/authorization.k8s.io/v1/selfsubjectaccessreviews', review);
      const answer = reviewSchema.safeParse(body);
      return answer.success && !answer.data.status.allowed ? [textOf(right)] : [];
    }),
  );
  const missing = answers.flat();
  if (missing.length === 0) return;
  throw new UserError(
    `Expected permissions to run in the cluster "${name}", found these missing: ${missing.join(', ')}.`,
    {
      where: `namespace ${namespace}`,
      next: 'bind a Role with these permissions to the account; docs/scale.md lists all of them',
    },
  );
}

function textOf({ verb, group, resource, subresource }: Right): string {
  return `${verb} ${resource}${group === '' ? '' : `.${group}`}${subresource === undefined ? '' : `/${subresource}`}`;
}
