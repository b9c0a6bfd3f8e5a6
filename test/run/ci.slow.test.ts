import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'chai';
import { type Result, resultSchema } from '../../runner/model/result.ts';
import { type Annotation, annotationsOf, workflowCommand } from '../../runner/report/annotations.ts';
import { reportToCi } from '../../runner/run/results/ci.ts';
import { packageRoot } from '../../runner/system/package-root.ts';
import type { Terminal } from '../../runner/system/terminal.ts';
import { jsonWithoutCommands, withoutCommands } from '../../runner/system/workflow-commands.ts';
import { novaperf } from '../cli/in-process.ts';
import { HOSTILE, hostileRun } from '../report/hostile-run.ts';
import { resultOf, shopSamples } from '../report/sample-run.ts';

/** GitHub's runner on one line, as in actions/runner, ActionCommand.TryParseV2 and TryParse, with the commands that it supports. */
function asTheRunnerReads(
  line: string,
): { command: string; properties: Record<string, string>; data: string } | undefined {
  const known = [
    'error',
    'warning',
    'notice',
    'debug',
    'group',
    'endgroup',
    'add-mask',
    'stop-commands',
    'set-env',
    'echo',
  ];
  const v2 = /^\s*::([^ ]*?)(?: (.*?))?::(.*)$/s.exec(line);
  const v1 = /##\[([^ \]]*)(?: ([^\]]*))?\](.*)$/s.exec(line);
  const [, command = '', list = '', data = ''] = v2 ?? v1 ?? [];
  if (!known.includes(command)) return undefined;
  const back = (text: string) =>
    text
      .replaceAll('%0D', '\r')
      .replaceAll('%0A', '\n')
      .replaceAll('%3A', ':')
      .replaceAll('%2C', ',')
      .replaceAll('%25', '%');
  const properties = list
    .split(',')
    .map((pair) => [pair.slice(0, pair.indexOf('=')), back(pair.slice(pair.indexOf('=') + 1))]);
  return { command, properties: Object.fromEntries(properties), data: back(data) };
}

function recorded(): { terminal: Terminal; commands: string[]; warnings: string[] } {
  const [commands, warnings]: [string[], string[]] = [[], []];
  const terminal: Terminal = {
    interactive: false,
    columns: 80,
    rows: 24,
    line: () => undefined,
    warn: (text) => void warnings.push(text),
    live: () => undefined,
    endLive: () => undefined,
    json: () => undefined,
    command: (text) => void commands.push(text),
    style: (_style, text) => text,
  };
  return { terminal, commands, warnings };
}

const plain = resultOf(shopSamples({ seconds: 20, requestsPerSecond: 30 }));
const { hostile } = hostileRun();

describe('annotations', () => {
  const repository = process.cwd();

  it('show each missed target as an error at the script, with its figures', () => {
    const annotations = annotationsOf([plain], [], repository);
    const errors = annotations.filter(({ level }) => level === 'error');
    expect(errors).to.have.length(plain.kpis.filter(({ verdict }) => verdict !== 'pass').length);
    expect(errors[0]).to.include({ title: 'browse load: target missed', file: 'scenarios/browse.ts' });
    expect(errors.map(({ message }) => message).join('\n')).to.match(/GET \/products\): target < 60 ms, actual 6\d/);
  });

  it('point at the line that threw', () => {
    const thrown: Result['errors'][number] = {
      kind: 'exception',
      endpoint: '',
      method: '',
      url: '',
      status: '',
      code: '',
      message: 'TypeError: no price',
      count: 3,
      share: 1,
      first_seen_at: null,
      last_seen_at: null,
      where: join(repository, 'scenarios/browse.ts:9:7'),
      samples: [],
    };
    const [error] = annotationsOf([{ ...plain, kpis: [], findings: [], errors: [thrown] }], [], repository);
    expect(error).to.include({ file: 'scenarios/browse.ts', line: 9, column: 7, message: 'TypeError: no price (3 ×)' });
    expect(workflowCommand(error ?? fail())).to.equal(
      '::error file=scenarios/browse.ts,line=9,col=7,title=browse load%3A exception::TypeError: no price (3 ×)',
    );
  });

  it('name only files of the repository', () => {
    const [error] = annotationsOf([{ ...plain, script: '/elsewhere/x.js' }], [], repository);
    expect(error?.file).to.equal(undefined);
  });

  it('are limited to ten of a kind, and the last gives the number of further ones', () => {
    const kpis = Array.from({ length: 25 }, (_, index) => ({ ...(plain.kpis[2] ?? fail()), id: `kpi ${index}` }));
    const errors = annotationsOf([{ ...plain, kpis }], ['search: no data file'], repository).filter(
      ({ level }) => level === 'error',
    );
    expect(errors).to.have.length(10);
    expect(errors[0]?.message).to.equal('search: no data file');
    expect(errors[9]?.message).to.match(/^17 more/);
  });

  it('are read back unchanged by the runner, one command per line, with hostile text too', () => {
    const texts = [...HOSTILE, 'a,b:c%d', '%0A::error::x', '\r\n::add-mask::secret', '::stop-commands::x'];
    const findings = texts.map((title) => ({ kind: 'x', severity: 'medium' as const, title, detail: '', kpis: [] }));
    for (const annotation of annotationsOf([{ ...hostile, findings }], texts, repository)) {
      const line = workflowCommand(annotation);
      expect(line).not.to.match(/[\r\n]/);
      const read = asTheRunnerReads(line);
      expect(read?.command).to.equal(annotation.level);
      expect(read?.data).to.equal(annotation.message);
      expect(read?.properties.title).to.equal(annotation.title);
      expect(Object.keys(read?.properties ?? {})).to.have.members(
        annotation.file === undefined ? ['title'] : ['file', 'title'],
      );
      expect(annotation.message.length).to.be.below(4096);
    }
  });

  function fail(): never & Annotation {
    throw new Error('the sample run has no such part');
  }
});

describe('novaperf on GitHub Actions', function () {
  this.timeout(120_000);
  let dir: string;
  const github = () => ({
    GITHUB_ACTIONS: 'true',
    GITHUB_WORKSPACE: dir,
    GITHUB_STEP_SUMMARY: join(dir, 'summary.md'),
  });
  beforeEach(async () => {
    dir = await mkdtemp(join(tmpdir(), 'on-github-'));
  });
  afterEach(() => rm(dir, { recursive: true, force: true }));

  it('annotates on stderr if stdout is a JSON document, and writes the summary', async () => {
    const stream = join(packageRoot, 'test/fixtures/samples/k6-v2.2.0.json');
    const { stdout, stderr } = await novaperf(['analyze', stream, '--json'], { cwd: dir, env: github() });
    const found = resultSchema.parse(JSON.parse(stdout));
    expect(stderr.split('\n').flatMap((line) => asTheRunnerReads(line)?.command ?? [])).to.have.length.above(0);
    expect(await readFile(join(dir, 'summary.md'), 'utf8')).to.include(
      `novaperf run ${found.scenario} ${found.profile} -->`,
    );
  });

  it('prints no command from a script or a server, and points at the line that threw', async () => {
    const script = [
      "import http from 'k6/http';",
      "console.warn('::add-mask::of init code');",
      'export const options = { iterations: 1 };',
      'export default function () {',
      "  console.error('::error::of the script'); console.error('x ##[group]of the script');",
      "  throw new Error('::stop-commands::of an exception');",
      '}',
    ];
    await writeFile(join(dir, 'x.js'), script.join('\n'));
    const target = createServer((_request, response) => response.end('ok'));
    await new Promise<void>((resolve) => target.listen(0, '127.0.0.1', resolve));
    const address = target.address();
    const url = `http://127.0.0.1:${typeof address === 'object' && address !== null ? address.port : 0}`;
    const { stdout, stderr } = await novaperf(['run', 'x.js', '--base-url', url], { cwd: dir, env: github() });
    target.close();
    const text = `${stdout}\n${stderr}`;
    expect(text).to.include('of the script');
    const commands = text.split('\n').flatMap((line) => asTheRunnerReads(line) ?? []);
    expect(commands.map(({ command }) => command)).not.to.include.members(['add-mask']);
    for (const { command, properties } of commands) {
      expect(['error', 'warning', 'notice']).to.include(command);
      expect(properties.title).to.match(/^x /);
    }
    expect(commands.map(({ properties }) => `${properties.file}:${properties.line}`)).to.include('x.js:6');
  });
});

describe('other text on GitHub Actions', () => {
  for (const text of [
    '::error::x',
    '  ::add-mask::x',
    'fine\n\t::stop-commands::x',
    'level=info msg="##[group]x"',
    '##[error]x',
    '\u00a0::set-env name=PATH::x',
    '\u200b::error::x',
    ':::error::x',
  ]) {
    it(`contains no command for ${JSON.stringify(text)}`, () => {
      for (const line of withoutCommands(text).split('\n')) {
        // .NET's comparison ignores invisible characters.
        expect(asTheRunnerReads(line.replace(/[\u200b-\u200f\ufeff]/g, '')), line).to.equal(undefined);
      }
    });
  }

  it('is not changed if it is not a command', () => {
    for (const text of ['GET http://127.0.0.1:3000/x :: 200', 'Foo::bar', 'a: b', '#1 [x]'])
      expect(withoutCommands(text)).to.equal(text);
  });

  it('is the same JSON document', () => {
    const document = { text: 'a ##[group]b', list: ['::error::x'] };
    const json = jsonWithoutCommands(JSON.stringify(document, null, 2));
    expect(json.split('\n').filter((line) => asTheRunnerReads(line) !== undefined)).to.deep.equal([]);
    expect(JSON.parse(json)).to.deep.equal(document);
  });
});

describe("GitHub's step summary", () => {
  let folder: string;
  let file: string;
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'step-summary-'));
    file = join(folder, 'summary.md');
  });
  afterEach(() => rm(folder, { recursive: true, force: true }));

  const one = { results: [plain], failures: [] };

  it('gets the comment of each run after what other programs wrote', async () => {
    await writeFile(file, '# Ours\n');
    const { terminal, commands } = recorded();
    await reportToCi(one, terminal, { GITHUB_STEP_SUMMARY: file });
    await reportToCi(one, terminal, { GITHUB_STEP_SUMMARY: file });
    const text = await readFile(file, 'utf8');
    expect(text).to.match(/^# Ours\n/);
    expect(text.match(/### Failed: browse · load/g)).to.have.length(2);
    expect(commands, 'annotations without GITHUB_ACTIONS').to.deep.equal([]);
  });

  it("never exceeds GitHub's limit, and names runs that were left out", async () => {
    await writeFile(file, 'x'.repeat(1024 * 1024 - 5000));
    const { terminal, warnings } = recorded();
    await reportToCi(one, terminal, { GITHUB_STEP_SUMMARY: file });
    expect((await readFile(file)).length).to.equal(1024 * 1024 - 5000);
    expect(warnings.join()).to.include('summary is full');
  });

  it('does not fail a run if it cannot be written', async () => {
    await mkdir(file);
    const { terminal, warnings } = recorded();
    await reportToCi(one, terminal, { GITHUB_STEP_SUMMARY: file });
    expect(warnings.join()).to.include('could not be written');
  });

  it('is not written, and nothing is annotated, outside of CI', async () => {
    const { terminal, commands, warnings } = recorded();
    await reportToCi(one, terminal, {});
    expect([commands, warnings]).to.deep.equal([[], []]);
  });
});
