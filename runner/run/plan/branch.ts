// The source branch of the build under test: from CI, else from git.

import { capture } from '../../system/capture.ts';

const TIMEOUT_MS = 5000;

/** GitHub, GitLab, Jenkins, Azure, Bitbucket, CircleCI, Buildkite, Travis; for a merge request the source branch. */
const VARIABLES = [
  'GITHUB_HEAD_REF',
  'GITHUB_REF_NAME',
  'CI_MERGE_REQUEST_SOURCE_BRANCH_NAME',
  'CI_COMMIT_REF_NAME',
  'CHANGE_BRANCH',
  'BRANCH_NAME',
  'BUILD_SOURCEBRANCHNAME',
  'BITBUCKET_BRANCH',
  'CIRCLE_BRANCH',
  'BUILDKITE_BRANCH',
  'TRAVIS_PULL_REQUEST_BRANCH',
  'TRAVIS_BRANCH',
];

/** The branch; undefined outside of CI and of a repository, and on a detached HEAD. */
export async function branchOf(projectDir: string, env: NodeJS.ProcessEnv): Promise<string | undefined> {
  const named = VARIABLES.map((name) => env[name]?.trim()).find((value) => value !== undefined && value !== '');
  if (named !== undefined) return named;
  const args = ['symbolic-ref', '--quiet', '--short', 'HEAD'];
  const said = await capture('git', args, { cwd: projectDir, timeoutMs: TIMEOUT_MS }).catch(() => undefined);
  const branch = said?.exitCode === 0 ? said.stdout.trim() : '';
  return branch === '' ? undefined : branch;
}
