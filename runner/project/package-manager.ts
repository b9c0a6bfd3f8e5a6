// Which package manager a project uses, and its commands.

import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

/** The commands of a package manager. */
export interface PackageManager {
  readonly name: 'npm' | 'pnpm' | 'yarn';
  /** Installs exactly the versions of the lock file. */
  readonly install: string;
  /** Runs an installed program in CI; followed by its name. */
  readonly exec: string;
  /** Whether the project can only import packages that it lists itself. */
  readonly isStrict: boolean;
  /** Adds development packages; followed by their names. */
  readonly addDev: string;
  readonly runScript: string;
}

const PNPM: PackageManager = {
  name: 'pnpm',
  install: 'npx pnpm install --frozen-lockfile',
  exec: 'npx pnpm exec',
  isStrict: true,
  addDev: 'pnpm add --save-dev',
  runScript: 'pnpm run',
};
const YARN: PackageManager = {
  name: 'yarn',
  install: 'npx yarn install --frozen-lockfile',
  exec: 'npx yarn run',
  isStrict: false,
  addDev: 'yarn add --dev',
  runScript: 'yarn run',
};
/** Node's corepack uses the version in package.json. */
const YARN_BERRY: PackageManager = {
  ...YARN,
  install: 'corepack yarn install --immutable',
  exec: 'corepack yarn run',
};
const NPM: PackageManager = {
  name: 'npm',
  install: 'npm ci',
  exec: 'npx',
  isStrict: false,
  addDev: 'npm install --save-dev',
  runScript: 'npm run',
};

/** By the lock file in the project's folder or a parent folder, as in a workspace; npm if there is none. */
export function packageManagerOf(projectDir: string): PackageManager {
  for (let folder = projectDir; ; folder = join(folder, '..')) {
    const has = (name: string) => existsSync(join(folder, name));
    if (has('pnpm-lock.yaml')) return PNPM;
    if (has('yarn.lock')) {
      const isBerry = has('.yarnrc.yml') || readFileSync(join(folder, 'yarn.lock'), 'utf8').includes('__metadata:');
      return isBerry ? { ...YARN_BERRY, isStrict: has('.pnp.cjs') } : YARN;
    }
    if (has('package-lock.json') || folder === join(folder, '..')) return NPM;
  }
}
