// `npm run check`: style, types, the arrows between rooms, and unused code. All run to their end, as many at once as there are
// cores; one that fails prints what it says.

import { spawn } from 'node:child_process';
import { availableParallelism } from 'node:os';

// The longest first.
const CHECKS = [
  'biome check --error-on-warnings .',
  'depcruise runner test -c .dependency-cruiser.mjs --progress none',
  'knip',
  'knip --production',
  'tsc --noEmit',
  'tsc --noEmit -p scenarios',
  'tsc --noEmit -p docs',
  'tsc --noEmit -p runner/report/browser',
];

/** Runs a command of a package of this project; gives its exit code and all that it printed. */
function run(command) {
  return new Promise((resolve, reject) => {
    const child = spawn(`node_modules/.bin/${command}`, { shell: true });
    let output = '';
    const keep = (chunk) => {
      output += chunk;
    };
    child.stdout.on('data', keep);
    child.stderr.on('data', keep);
    child.once('error', reject);
    child.once('close', (code) => resolve({ code, output }));
  });
}

const waiting = [...CHECKS];
async function work() {
  for (let command = waiting.shift(); command !== undefined; command = waiting.shift()) {
    const beganMs = Date.now();
    const { code, output } = await run(command);
    const seconds = ((Date.now() - beganMs) / 1000).toFixed(1);
    if (code === 0) console.log(`${command}: passed in ${seconds} s`);
    else {
      console.error(`${output.trimEnd()}\n${command}: failed with code ${code}`);
      process.exitCode = 1;
    }
  }
}
await Promise.all(Array.from({ length: Math.max(2, availableParallelism()) }, work));
