// Which package manager a project uses, and its commands.

import { existsSync } from 'node:fs';
import { join } from 'node:path';

export interface PackageManager {
  readonly name: 'npm' | 'pnpm' | 'yarn';
  /** Installs exactly what the lock file says. */
  readonly install: string;
  /** Adds packages for development; their names follow. */
  readonly addDev: string;
  readonly runScript: string;
}

const MANAGERS: readonly (PackageManager & { readonly lockFile: string })[] = [
  {
    name: 'pnpm',
    lockFile: 'pnpm-lock.yaml',
    install: 'npx pnpm install --frozen-lockfile',
    addDev: 'pnpm add --save-dev',
    runScript: 'pnpm run',
  },
  {
    name: 'yarn',
    lockFile: 'yarn.lock',
    install: 'npx yarn install --immutable',
    addDev: 'yarn add --dev',
    runScript: 'yarn run',
  },
];
const NPM: PackageManager = {
  name: 'npm',
  install: 'npm ci',
  addDev: 'npm install --save-dev',
  runScript: 'npm run',
};

/** By the lock file in the project's folder or in one above it, as in a workspace; npm where there is none. */
export function packageManagerOf(projectDir: string): PackageManager {
  for (let folder = projectDir; ; folder = join(folder, '..')) {
    const found = MANAGERS.find(({ lockFile }) => existsSync(join(folder, lockFile)));
    if (found !== undefined) return found;
    if (existsSync(join(folder, 'package-lock.json')) || folder === join(folder, '..')) return NPM;
  }
}
