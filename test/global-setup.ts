// Before any test: the k6 that the tests run is there. On a fresh machine it is built first: minutes, once, with its progress printed.

import { findK6 } from '../runner/k6/find.ts';
import { killStarted } from './cli/novaperf.ts';

export async function mochaGlobalSetup(): Promise<void> {
  const k6 = await findK6({
    k6Flag: process.env.NOVAPERF_TEST_K6,
    env: process.env,
    onProgress: (line) => process.stderr.write(`${line}\n`),
  });
  process.stderr.write(
    `tests run with k6 ${k6.version} (${k6.origin}${k6.hasHistograms ? ', histograms stream' : ''})\n`,
  );
}

/** With --parallel these run once a file. */
export const mochaHooks = { afterAll: killStarted };
