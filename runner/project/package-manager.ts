// Which package manager a project uses, and its commands.

import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

export interface PackageManager {
  readonly name: 'npm' | 'pnpm' | 'yarn';
  /** Installs exactly what the lock file says. */
  readonly install: string;
  /** Runs an installed program in CI; its name follows. */
  readonly exec: string;
  /** Whether the project reaches only the packages that it names itself. */
  readonly isStrict: boolean;
  /** Adds packages for development; their names follow. */
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
/** Its version is the one that package.json names, which corepack of Node takes. */
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

/** By the lock file in the project's folder or in one above it, as in a workspace; npm where there is none. */
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
