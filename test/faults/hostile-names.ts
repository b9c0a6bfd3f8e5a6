// A script that gives its metrics, tags, checks, groups and scenarios the names of every JavaScript object's properties, and extreme
// numbers: from real k6 to every file and to a comparison.

import { spawnSync } from 'node:child_process';
import { readdir, readFile, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { expect } from 'chai';
import { command, PROGRAM, resultIn, resultOfRun, runs, start } from './runner.ts';

const NAMES = ['constructor', '__proto__', 'toString', 'hasOwnProperty'];
const ITERATIONS = 6;

const SCRIPT = `import { check, group } from 'k6';
import { Counter, Gauge, Trend } from 'k6/metrics';
const NAMES = ${JSON.stringify(NAMES)};
const counters = NAMES.map((name) => new Counter(name));
const trend = new Trend('valueOf');
const huge = new Trend('huge');
const odd = new Gauge('odd');
const own = { executor: 'per-vu-iterations', vus: 1, iterations: ${ITERATIONS / 2} };
export const options = {
  scenarios: { constructor: own, toString: own },
  thresholds: {
    constructor: ['count>0'],
    'toString{constructor:toString}': ['count>0'],
    'valueOf{hasOwnProperty:__proto__}': ['p(95)<5'],
    huge: ['max>0'],
  },
};
export default function () {
  for (const at in NAMES) counters[at].add(1, { constructor: 'toString', [NAMES[at]]: NAMES[at] });
  for (const name of NAMES) group(name, () => check(null, Object.fromEntries([[name, () => true]])));
  trend.add(2, { hasOwnProperty: '__proto__' });
  huge.add(1.7e308);
  huge.add(1.7e308);
  for (const value of [Infinity, -Infinity, 3]) odd.add(value);
}
`;

export async function hostileNames(dir: string): Promise<void> {
  await writeFile(join(dir, 'load.js'), SCRIPT);
  for (let run = 1; run <= 2; run++) {
    const hurt = start(dir, command(1));
    expect(await hurt.ended, hurt.output()).to.equal(0);
  }
  const result = await resultOfRun(dir);
  expect(result.kpis.map(({ verdict }) => verdict)).to.deep.equal(['pass', 'pass', 'pass', 'pass']);
  expect(result.kpis.map(({ samples }) => samples)).to.have.members([6, 6, 6, 12]);
  expect(result.metrics.huge).to.include({ count: 2 * ITERATIONS, min: 1.7e308, max: 1.7e308, avg: 1.7e308 });
  expect(result.metrics.odd).to.include({ value: 3 });
  expect(result.findings.find(({ kind }) => kind === 'bad_lines')?.title).to.include(`${2 * ITERATIONS} values`);
  const checks = new Set(result.checks.map(({ name }) => name));
  expect([...checks]).to.include.members(['constructor', 'toString', 'hasOwnProperty']);

  const [first = '', second = ''] = await runs(dir);
  // Through the schema, as compare and history read it.
  for (const name of NAMES)
    expect(Object.getOwnPropertyDescriptor(result.metrics, name)?.value, name).to.include({ value: ITERATIONS });

  const novaperf = (...args: string[]) =>
    spawnSync(process.execPath, [PROGRAM, ...args], { cwd: dir, encoding: 'utf8' });
  for (const args of [
    ['compare', first, second],
    ['history', 'load', '--json', '--out', dirname(first)],
    ['report', first],
  ]) {
    const ended = novaperf(...args);
    expect(ended.status, `${args[0]}: ${ended.stderr}`).to.equal(0);
  }
  const again = await resultIn(first);
  for (const name of NAMES) expect(Object.hasOwn(again.metrics, name), `${name} after report`).to.equal(true);
  const paths = (await readdir(dir, { recursive: true, withFileTypes: true }))
    .filter((entry) => entry.isFile() && /\.(md|json|txt|xml|yaml|gz|svg)$/.test(entry.name))
    .map((entry) => join(entry.parentPath, entry.name));
  expect(paths.some((path) => path.endsWith('archive.ndjson.gz'))).to.equal(true);
  for (const path of paths) {
    const bytes = await readFile(path);
    const text = (path.endsWith('.gz') ? gunzipSync(bytes) : bytes).toString('utf8').replace(/le="\+Inf"/g, '');
    expect(/\b(NaN|-?Infinity|[-+]Inf)\b/.exec(text.replace(/adds NaN or an infinity/g, ''))?.[0], path).to.equal(
      undefined,
    );
  }
}
