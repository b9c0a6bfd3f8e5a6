// One process of mocha over bundled test files.

import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync, rmSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';

const mocha = createRequire(import.meta.url).resolve('mocha/bin/mocha.js');

/** Gives mocha's exit code, and the counts that test/totals-reporter.cjs left in `folder`: none where mocha died before its end. */
export async function mochaRun({ flags, env, folder }, bundles) {
  const file = join(folder, 'totals.json');
  rmSync(file, { force: true });
  const child = spawn(process.execPath, [mocha, ...flags, '--reporter', 'test/totals-reporter.cjs', ...bundles], {
    stdio: 'inherit',
    env: { ...process.env, ...env, NOVAPERF_TEST_TOTALS: file },
  });
  const [code] = await once(child, 'exit');
  try {
    return { code, totals: JSON.parse(readFileSync(file, 'utf8')) };
  } catch {
    return { code };
  }
}
