// Every command of README.md and docs/, run once in an installed project next to a real demo: `npm run test:guides`. The tutorial has its
// own test. Commands that cannot run everywhere are listed with a reason; all others must run.

import { readdirSync, readFileSync } from 'node:fs';
import { cp, mkdir, readdir, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { delimiter, dirname, join } from 'node:path';
import { expect } from 'chai';
import { startDemo } from '../../runner/demo/start.ts';
import { bundleScript } from '../../runner/scenario/bundle.ts';
import { packageRoot } from '../../runner/system/package-root.ts';
import { realK6 } from '../k6/real-k6.ts';
import { freshProject, type Packed, pack } from '../package/packed.ts';
import { shell } from '../package/shell.ts';

const TIMEOUT_MS = 180_000;

const LEFT_OUT: readonly (readonly [command: RegExp, reason: string])[] = [
  [/^npm ci &&/, 'the commands of a clone: CI runs them'],
  [/^npm install --save-dev novaperf/, 'the package is not on the registry: the tarball is installed'],
  [/releases\/download/, 'not every machine may reach GitHub: test/k6/download.slow.test.ts has a server'],
  [/--cluster load --parallelism 4 (--base-url|--setup-once)/, 'wants a cluster: npm run test:cluster'],
  [/^skopeo copy/, 'wants a registry'],
  [/^docker /, 'wants Docker and an image: test/cluster/image.slow.test.ts makes one'],
  [/^ssh |^wait;/, 'wants two hosts'],
];

/** Replacements that make commands short and point them to this test's servers, applied in order. */
const CHANGES: readonly (readonly [found: RegExp, instead: string])[] = [
  [/\s+# .*$/, ''],
  [/^(.*)\bnpm run (perf:\w+)( --)?/, '$1npm run $2 --'],
  [/npx novaperf init$/, 'npx novaperf init --yes'],
  [/--profile soak --duration 4h/, '--profile soak --duration 8s'],
  [/--profile breakpoint --duration 10m/, '--profile breakpoint --duration 20s'],
  [/--max-rate 500/, '--max-rate 4 --step-time 5s'],
  [/--duration 5m/, '--duration 8s'],
  [/--env staging/, '--env demo'],
  [/http:\/\/(127\.0\.0\.1:8080|old:8080|new:8080)/g, 'DEMO'],
  [/port:8080/, 'port:DEMO_PORT'],
  [/http:\/\/127\.0\.0\.1:9187/, 'DEMO'],
  [/"\$\(git describe --always\)"/, 'v1'],
  [/--parent-progress 7 /, ''],
  [/cycle (close )?12\b/, 'cycle $1CYCLE'],
  [/--tag name="GET \/search"/, '--tag name="GET /search"'],
  [/--from 10m --to 20m/, '--from 1s --to 3s'],
  [/registry\.example\/load\/k6:2\.2\.0-1/, 'localhost/k6-novaperf:1'],
  [
    /^k6 run --execution-segment (\S+)/,
    // A script without a profile sets its own duration.
    'NOVAPERF_PROFILE=smoke NOVAPERF_DURATION=3s k6 run --quiet --summary-mode=disabled --no-thresholds --execution-segment $1',
  ],
];

/** Exit codes other than 0 that a command may have: short runs may be inconclusive, and faults miss targets. */
const CODES: readonly (readonly [command: RegExp, codes: readonly number[]])[] = [
  [/DEMO_FAULTS/, [98, 99]],
  [/soak|breakpoint|--side-by-side|--against|--baseline|slice|merge|cycle/, [96, 98, 99]],
];

/** Commands that end with Ctrl-C, sent after this many seconds. */
const WATCHES = /novaperf dev /;

interface Command {
  readonly page: string;
  readonly written: string;
}

function commandsOf(page: string): Command[] {
  const text = readFileSync(join(packageRoot, page), 'utf8');
  return [...text.matchAll(/```sh\n([\s\S]*?)```/g)].flatMap(([, block = '']) =>
    block
      .replace(/\\\n\s*/g, '')
      .trim()
      .split('\n')
      .map((written) => ({ page, written })),
  );
}

describe('the commands of the documentation', function () {
  this.timeout(TIMEOUT_MS);
  let packed: Packed;
  let project: string;
  let demo: Awaited<ReturnType<typeof startDemo>>;
  let cycle = '';
  const path = process.env.PATH;

  before(async () => {
    packed = await pack();
    demo = await startDemo({});
    const config = `export default { environments: { demo: { url: '${demo.url}' } }, default_environment: 'demo', records: true, clusters: { load: { image: 'registry.example/k6:1', namespace: 'load' } } };\n`;
    project = await freshProject(packed.tarball, {
      'package.json': '{ "name": "user", "private": true, "type": "module" }',
      'novaperf.config.ts': config,
      'load-tests/old.js':
        "import http from 'k6/http'; export default function () { http.get(__ENV.BASE_URL + '/products'); }",
    });
    await cp(join(packageRoot, 'scenarios'), join(project, 'scenarios'), { recursive: true });
    await writeFile(join(project, 'scenarios/shop.ts'), await readFile(join(project, 'scenarios/search.ts'), 'utf8'));
    const { code } = await bundleScript(join(packageRoot, 'scenarios/search.ts'));
    await writeFile(join(project, 'script.js'), code);
    await mkdir(join(project, 'bin'));
    await symlink((await realK6()).path, join(project, 'bin/k6'));
    await symlink(join(project, 'node_modules/.bin/novaperf'), join(project, 'bin/novaperf'));
    process.env.PATH = [join(project, 'bin'), path].join(delimiter);
    process.env.BASE_URL = demo.url;
    process.env.NOVAPERF_PROFILE = 'smoke';
    process.env.NOVAPERF_DURATION = '3s';
    for (const [index, part] of ['0:1/3', '1/3:2/3', '2/3:1'].entries()) {
      const segment = `--execution-segment ${part} --execution-segment-sequence 0,1/3,2/3,1`;
      await shell(
        `k6 run --quiet --summary-mode=disabled --no-thresholds ${segment} --out novaperf=- script.js > shard-${index + 1}.ndjson`,
        project,
        TIMEOUT_MS,
      );
    }
    delete process.env.NOVAPERF_PROFILE;
    delete process.env.NOVAPERF_DURATION;
  });
  after(async () => {
    process.env.PATH = path;
    await demo.stop();
    await packed.remove();
    await rm(project, { recursive: true, force: true });
  });

  const guides = readdirSync(join(packageRoot, 'docs'), { recursive: true })
    .map((name) => `docs/${name}`)
    .filter((name) => name.endsWith('.md') && name !== 'docs/tutorial.md');
  const commands = ['README.md', ...guides.sort()].flatMap(commandsOf);
  for (const { page, written } of commands) {
    const leftOut = LEFT_OUT.find(([pattern]) => pattern.test(written));
    if (leftOut !== undefined) continue;
    it(`${page}: ${written}`, async () => {
      const changed = CHANGES.reduce((text, [found, instead]) => text.replace(found, instead), written)
        .replaceAll('DEMO_PORT', new URL(demo.url).port)
        .replace(/(^|[^_])DEMO(?!_)/g, `$1${demo.url}`)
        .replace('CYCLE', cycle);
      const isLong = /novaperf run|npm run perf:/.test(changed) && !/--duration|--dry-run|--max-rate/.test(changed);
      const line = isLong ? `${changed} --profile smoke --duration 2s --baseline-time 0s --recovery-time 0s` : changed;
      const watches = WATCHES.test(line);
      const { code, stdout, stderr } = await shell(
        watches ? `timeout --signal=INT 8 ${line}` : line,
        project,
        TIMEOUT_MS,
      );
      if (/cycle begin/.test(line)) cycle = /\d+/.exec(stdout)?.[0] ?? '';
      if (watches) expect(`${stdout}${stderr}`).to.include('watching');
      else {
        const allowed = CODES.filter(([pattern]) => pattern.test(written)).flatMap(([, codes]) => codes);
        expect([0, ...allowed], `${line}\n${stdout.slice(-1500)}\n${stderr.slice(-1500)}`).to.include(code);
      }
    });
  }

  it('are all run, except those listed with a reason', () => {
    const unused = LEFT_OUT.filter(([pattern]) => !commands.some(({ written }) => pattern.test(written)));
    expect(unused).to.deep.equal([]);
  });

  it('write records with a schema of the installed package in the first line', async () => {
    const names = await readdir(join(project, 'conport'), { recursive: true });
    const records = names.filter((name) => name.endsWith('.yaml')).map((name) => join(project, 'conport', name));
    expect(records).to.have.length.above(5);
    for (const record of records) {
      const schema = /^# yaml-language-server: \$schema=(.+)$/m.exec(await readFile(record, 'utf8'))?.[1] ?? '';
      expect(await readFile(join(dirname(record), schema), 'utf8'), record).to.include('"$schema"');
    }
  });
});
