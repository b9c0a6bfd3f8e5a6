import { expect } from 'chai';
import { ExceptionCounter, parseStack, placeOf } from '../../runner/k6/exceptions.ts';
import { type LogEntry, LogReader, LogText, parseLogLine, renderLogEntry } from '../../runner/k6/log.ts';

const NOW_MS = Date.UTC(2026, 10, 23, 12, 0, 0);

// Written by k6 2.2.0 with --log-format=json.
const LINES = {
  console: '{"level":"info","msg":"hi","source":"console","time":"2026-11-23T14:51:02Z"}',
  iteration:
    '{"executor":"shared-iterations","hint":"script exception","level":"error","msg":"TypeError: boom\\nsecond\\n\\tat boom (file:///s/lib/m.ts:4:104(3))\\n\\tat default (file:///s/main.ts:4:140(19))\\n","scenario":"default","source":"stacktrace","time":"2026-11-23T14:51:02Z"}',
  setup:
    '{"hint":"script exception","level":"error","msg":"Error: in setup\\n\\tat setup (file:///s/main.ts:3:44(6))\\n","source":"stacktrace","time":"2026-11-23T14:51:02Z"}',
  teardown:
    '{"hint":"script exception","level":"error","msg":"Error: in teardown\\n\\tat teardown (file:///s/main.ts:5:47(6))\\n","source":"stacktrace","time":"2026-11-23T14:51:02Z"}',
  init: '{"hint":"script exception","level":"error","msg":"Error: in init\\n\\tat file:///s/main.ts:6:19(50)\\n","source":"stacktrace","time":"2026-11-23T14:51:02Z"}',
  initOfVu:
    '{"hint":"error while initializing VU #2 (script exception)","level":"error","msg":"Error: init vu2\\n\\tat file:///s/main.ts:1:94(22)\\n","source":"stacktrace","time":"2026-11-23T14:57:25Z"}',
  rejection:
    '{"executor":"shared-iterations","level":"error","msg":"Uncaught (in promise) Error: rejected\\n\\tat default (file:///s/main.ts:4:205(36))\\n","scenario":"default","time":"2026-11-23T14:51:02Z"}',
  native:
    '{"executor":"per-vu-iterations","hint":"script exception","level":"error","msg":"GoError: Get \\"http://127.0.0.1:1/\\": dial tcp 127.0.0.1:1: connect: connection refused\\n\\tat go.k6.io/k6/v2/js/modules/k6/http.(*RootModule).NewModuleInstance.func2 (native)\\n\\tat default (file:///s/main.ts:1:90(12))\\n","scenario":"default","source":"stacktrace","time":"2026-11-23T14:57:25Z"}',
  request:
    '{"error":"Get \\"http://127.0.0.1:1/\\": dial tcp 127.0.0.1:1: connect: connection refused","level":"warning","msg":"Request Failed","time":"2026-11-23T14:57:25Z"}',
  aborted:
    '{"level":"error","msg":"test aborted: because at default (file:///s/main.ts:1:69(6))","time":"2026-11-23T14:57:23Z"}',
  consoleError:
    '{"level":"error","msg":"Error: printed\\n\\tat default (file:///s/main.ts:1:1(1))","source":"console","time":"2026-11-23T14:57:23Z"}',
} as const;

function read(chunks: readonly Buffer[]): LogEntry[] {
  const entries: LogEntry[] = [];
  const reader = new LogReader((entry) => entries.push(entry));
  for (const chunk of chunks) reader.push(chunk);
  reader.end();
  return entries;
}

describe("k6's log", () => {
  it('is read the same for any chunk borders', () => {
    const text = Buffer.from(`${Object.values(LINES).join('\r\n')}\nplain: größe ✓`);
    const whole = read([text]).map(({ timeMs: _, ...rest }) => rest);
    expect(whole).to.have.length(Object.keys(LINES).length + 1);
    for (const size of [1, 7, 64]) {
      const chunks: Buffer[] = [];
      for (let at = 0; at < text.length; at += size) chunks.push(text.subarray(at, at + size));
      expect(read(chunks).map(({ timeMs: _, ...rest }) => rest)).to.deep.equal(whole);
    }
  });

  it('keeps unknown fields', () => {
    expect(parseLogLine(LINES.request, NOW_MS)).to.deep.equal({
      timeMs: Date.UTC(2026, 10, 23, 14, 57, 25),
      level: 'warning',
      message: 'Request Failed',
      fields: { error: 'Get "http://127.0.0.1:1/": dial tcp 127.0.0.1:1: connect: connection refused' },
    });
  });

  const notEntries = ['plain text', '{broken', '{"no":"message"}', '{"level":1,"msg":2}', '[1]', 'null'];
  for (const line of notEntries) {
    it(`reads ${line} as a raw line and continues`, () => {
      expect(parseLogLine(line, NOW_MS)).to.deep.equal({
        timeMs: NOW_MS,
        level: 'warning',
        message: line,
        source: 'raw',
        fields: {},
      });
    });
  }

  it("marks a crash of Go's runtime, with the whole trace after it", () => {
    const entries = read([
      Buffer.from(`${LINES.console}\nfatal error: out of memory\n\ngoroutine 1 [running]:\nmain.main()\n`),
    ]);
    expect(entries.map(({ level, message }) => [level, message])).to.deep.equal([
      ['info', 'hi'],
      ['panic', 'fatal error: out of memory'],
      ['panic', 'goroutine 1 [running]:'],
      ['panic', 'main.main()'],
    ]);
  });

  it('cuts a line of 10 MB and reads the next one', () => {
    const entries = read([Buffer.from('x'.repeat(10_000_000)), Buffer.from(`\n${LINES.console}\n`)]);
    expect(entries).to.have.length(2);
    expect(entries[0]?.message.length).to.be.below(70_000);
    expect(entries[1]?.message).to.equal('hi');
  });

  it('is rendered with indented stacks and without control characters', () => {
    const at = (text: string, line: string) => {
      const entry = parseLogLine(line, NOW_MS);
      const clock = new Date(entry.timeMs).toTimeString().slice(0, 8);
      expect(renderLogEntry(entry)).to.equal(`${clock} ${text}`);
    };
    at('INFO console: hi', LINES.console);
    at(
      'ERRO TypeError: boom\n    second\n    at boom (file:///s/lib/m.ts:4:104(3))\n    at default (file:///s/main.ts:4:140(19)) scenario=default executor=shared-iterations',
      LINES.iteration,
    );
    at(
      'WARN ⟨U+001B⟩[31mred⟨U+0007⟩',
      JSON.stringify({ level: 'warning', msg: '\u001b[31mred\u0007', time: '2026-11-23T14:57:25Z' }),
    );
  });

  it('stays small on disk when every iteration throws, and counts the repetitions', () => {
    const text = new LogText();
    let written = '';
    for (let i = 0; i < 30_000; i++)
      written += text.add(parseLogLine(LINES.iteration.replace('boom', `order ${i}`), NOW_MS));
    written += text.add(parseLogLine(LINES.console, NOW_MS));
    written += text.end();
    expect(written.length).to.be.below(10_000);
    expect(written).to.contain('console: hi');
    expect(written).to.match(/30000 × error stacktrace TypeError: order #/);
  });
});

describe('script exceptions', () => {
  const rows: ReadonlyArray<readonly [line: keyof typeof LINES, stage: string, message: string, where: string]> = [
    ['iteration', 'iteration', 'TypeError: boom\nsecond', '/s/lib/m.ts:4:105'],
    ['setup', 'setup', 'Error: in setup', '/s/main.ts:3:45'],
    ['teardown', 'teardown', 'Error: in teardown', '/s/main.ts:5:48'],
    ['init', 'init', 'Error: in init', '/s/main.ts:6:20'],
    ['initOfVu', 'init', 'Error: init vu2', '/s/main.ts:1:95'],
    ['rejection', 'iteration', 'Uncaught (in promise) Error: rejected', '/s/main.ts:4:206'],
    [
      'native',
      'iteration',
      'GoError: Get "http://127.0.0.1:1/": dial tcp 127.0.0.1:1: connect: connection refused',
      '/s/main.ts:1:91',
    ],
  ];
  for (const [line, stage, message, where] of rows) {
    it(`have their stage, message and place: ${line}`, () => {
      const counter = new ExceptionCounter();
      expect(counter.add(parseLogLine(LINES[line], NOW_MS))).to.equal(true);
      const [exception] = counter.exceptions();
      expect(exception).to.include({ stage, message, where, count: 1 });
    });
  }

  for (const line of ['console', 'consoleError', 'request', 'aborted'] as const) {
    it(`are not read from the line ${line}`, () => {
      const counter = new ExceptionCounter();
      expect(counter.add(parseLogLine(LINES[line], NOW_MS))).to.equal(false);
      expect(counter.exceptions()).to.deep.equal([]);
    });
  }

  it('have one signature if only numbers differ, with first and last time', () => {
    const counter = new ExceptionCounter();
    for (let i = 0; i < 50; i++) {
      const line = LINES.iteration
        .replace('boom', `order ${i} of user 0x${i.toString(16)}f`)
        .replace(':02Z', `:${10 + i}Z`);
      counter.add(parseLogLine(line, NOW_MS));
    }
    const [exception, ...others] = counter.exceptions();
    expect(others).to.deep.equal([]);
    expect(exception).to.include({
      count: 50,
      message: 'TypeError: order 0 of user 0x0f\nsecond',
      firstMs: Date.UTC(2026, 10, 23, 14, 51, 10),
      lastMs: Date.UTC(2026, 10, 23, 14, 51, 59),
    });
  });

  it('are counted in bounded memory, for any messages', () => {
    const counter = new ExceptionCounter();
    const name = (i: number) => [...String(i)].map((digit) => 'abcdefghij'[Number(digit)]).join('');
    for (let i = 0; i < 5000; i++) counter.add(parseLogLine(LINES.iteration.replace('boom', name(i)), NOW_MS));
    expect(counter.exceptions()).to.have.length(100);
    expect(counter.iterationCount).to.equal(5000);
    expect(counter.uncountedSignatures).to.equal(4900);
  });

  it("point at the user's code, not at a package", () => {
    const { frames } = parseStack(
      'Error: x\n\tat parse (file:///s/node_modules/a/b.js:1:1(1))\n\tat load (file:///s/with%20space/l.ts:7:3(9))\n',
    );
    expect(placeOf(frames)).to.equal('/s/with space/l.ts:7:4');
    expect(placeOf(frames.slice(0, 1))).to.equal('/s/node_modules/a/b.js:1:2');
    expect(placeOf([])).to.equal(undefined);
  });
});
