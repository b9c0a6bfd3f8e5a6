// What each test file costs, measured alone: seconds of time and of CPU, those of k6, browsers and programs that it starts included.

import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { mochaRun } from './mocha-run.mjs';

const FILE = 'test/costs.json';
/** Shorter ones fill the gaps at the end, in any order. */
const KEPT_SECONDS = 1;
const MS_PER_TICK = 10;

/** Milliseconds of CPU of all processes that this one started and that ended (cutime and cstime in proc(5)). */
function childrenCpuMs() {
  const fields = readFileSync('/proc/self/stat', 'utf8').split(') ')[1].split(' ');
  return (Number(fields[13]) + Number(fields[14])) * MS_PER_TICK;
}

function recorded() {
  return existsSync(FILE) ? JSON.parse(readFileSync(FILE, 'utf8')) : {};
}

/** Longest first. Only the order counts: the recorded times may be those of a machine that had other work too. */
export function longestFirst(files) {
  const costs = recorded();
  return [...files].sort((a, b) => (costs[b]?.seconds ?? 0) - (costs[a]?.seconds ?? 0));
}

/** Runs each file in a mocha of its own, prints what it cost, and renews its row in test/costs.json. */
export async function measureCosts({ files, bundles, ...run }) {
  const costs = recorded();
  const rows = [];
  for (const [index, file] of files.entries()) {
    const cpuMs = childrenCpuMs();
    const beganMs = Date.now();
    const { code } = await mochaRun(run, [bundles[index]]);
    if (code !== 0) process.exitCode = 1;
    const cost = { seconds: seconds(Date.now() - beganMs), cpuSeconds: seconds(childrenCpuMs() - cpuMs) };
    rows.push({ file, ...cost });
    if (cost.seconds >= KEPT_SECONDS) costs[file] = cost;
    else delete costs[file];
  }
  console.log('seconds     CPU');
  for (const { file, ...cost } of rows.sort((a, b) => b.cpuSeconds - a.cpuSeconds))
    console.log(`${cost.seconds.toFixed(1).padStart(7)} ${cost.cpuSeconds.toFixed(1).padStart(7)}  ${file}`);
  const total = (of) => rows.reduce((sum, row) => sum + of(row), 0).toFixed(1);
  console.log(
    `${total((row) => row.seconds).padStart(7)} ${total((row) => row.cpuSeconds).padStart(7)}  ${rows.length} files`,
  );
  const sorted = Object.entries(costs).sort(([a], [b]) => (a < b ? -1 : 1));
  writeFileSync(FILE, `${JSON.stringify(Object.fromEntries(sorted), undefined, 2)}\n`);
}

const seconds = (ms) => Math.round(ms / 100) / 10;
