import { expect } from 'chai';
import { readCommand } from '../../runner/run/plan/configured-command.ts';
import {
  flagOptions,
  givenK6Flags,
  inspectEnvironment,
  inspectFlags,
  readK6Flags,
  withAbsolutePaths,
} from '../../runner/run/plan/k6-flags.ts';
import { UserError } from '../../runner/system/errors.ts';

const read = (command: string) =>
  readCommand(command, 'load', 'ActiveConfig.yaml: testing.commands.performance_load_test');

function errorOf(command: string): string {
  try {
    read(command);
  } catch (error) {
    if (error instanceof UserError) return error.toText();
    throw error;
  }
  throw new Error(`${command} was understood`);
}

describe('a command of ProjectConfig', () => {
  for (const [command, names, profile] of [
    ['npm run perf:soak', [], 'soak'],
    ['npm run --silent perf:load -- --json', [], 'load'],
    ['npx novaperf run checkout search', ['checkout', 'search'], 'load'],
  ] as const) {
    it(`is one of ours: ${command}`, () => {
      expect(read(command)).to.deep.equal({ kind: 'ours', profile, names: [...names] });
    });
  }

  for (const [command, script, k6Args, variables, warnings] of [
    ['k6 run tests/performance/main_load_test.js', 'tests/performance/main_load_test.js', [], {}, 0],
    ['k6 run script.js --vus 10 -e X=y', 'script.js', ['--vus', '10'], { X: 'y' }, 0],
    ['k6 run --vus=10 --duration 30s "my script.js"', 'my script.js', ['--vus', '10', '--duration', '30s'], {}, 0],
    [
      'TOKEN=abc /usr/bin/k6 run -s 10s:5 -s 5s:0 a.js',
      'a.js',
      ['--stage', '10s:5', '--stage', '5s:0'],
      { TOKEN: 'abc' },
      0,
    ],
    ['k6 run -q --out json=- --tag a=b --throw a.js', 'a.js', ['--tag', 'a=b', '--throw'], {}, 2],
    ['k6 run --out json=/tmp/x.json a.js', 'a.js', ['--out', 'json=/tmp/x.json'], {}, 0],
  ] as const) {
    it(`is k6's: ${command}`, () => {
      const found = read(command);
      expect(found).to.deep.include({ kind: 'k6', script, k6Args: [...k6Args], variables });
      expect(found.kind === 'k6' && found.warnings).to.have.length(warnings);
    });
  }

  for (const [command, says] of [
    ['k6 run a.js | tee log', '"|"'],
    ['k6 run a.js && rm -rf x', '"&&"'],
    ['locust -f x.py', '"locust -f"'],
    ['npm run perf:sock', 'perf:soak'],
    ['k6 run', 'no script'],
    ['', 'Expected a command'],
  ] as const) {
    it(`is rejected: ${command || 'nothing'}`, () => {
      expect(errorOf(command)).to.include(says);
    });
  }

  for (const [flags, env] of [
    [['--vus', '10', '--duration', '5s', '--tag', 'a=b'], { K6_VUS: '10', K6_DURATION: '5s' }],
    [['--stage', '1s:1', '--stage', '2s:2'], { K6_STAGES: '1s:1,2s:2' }],
    [['--rps', '7', '--no-setup'], { K6_RPS: '7', K6_NO_SETUP: 'true' }],
    [['--no-teardown=false', '--http-debug'], { K6_NO_TEARDOWN: 'false', K6_HTTP_DEBUG: 'headers' }],
    [['--http-debug=full', '--max-redirects', '0'], { K6_HTTP_DEBUG: 'full', K6_MAX_REDIRECTS: '0' }],
    [['--system-tags', 'status', '--system-tags', 'name,url'], { K6_SYSTEM_TAGS: 'status,name,url' }],
  ] as const) {
    it(`passes ${flags.join(' ')} to k6 inspect as variables`, () => {
      expect(inspectEnvironment({}, flags)).to.deep.equal(env);
    });
  }
});

describe('flags of k6 after --', () => {
  it("that k6 inspect lacks are in the plan's options", () => {
    const words = ['--execution-segment', '1/3:2/3', '--tag', 'a=b', '--execution-segment-sequence=0,1/3,2/3,1'];
    expect(flagOptions(givenK6Flags(words).k6Args)).to.deep.equal({
      tags: { a: 'b' },
      executionSegment: '1/3:2/3',
      executionSegmentSequence: '0,1/3,2/3,1',
    });
  });

  it('reach k6 with absolute paths, and set the variables of the script', () => {
    const { k6Args, variables } = givenK6Flags([
      '--tag',
      'a=b',
      '-e',
      'X=y',
      '--config=/c.json',
      '--no-setup',
      '-i',
      '7',
    ]);
    expect(k6Args).to.deep.equal(['--tag', 'a=b', '--config', '/c.json', '--no-setup', '--iterations', '7']);
    expect(variables).to.deep.equal({ X: 'y' });
    expect(inspectFlags(k6Args)).to.deep.equal(['--config', '/c.json']);
    expect(readK6Flags(['--secret-source=file=s.env', '-o', 'csv=x.csv'], '/u').k6Args).to.deep.equal([
      '--secret-source',
      'file=/u/s.env',
      '--out',
      'csv=/u/x.csv',
    ]);
  });

  for (const [words, k6Args] of [
    [
      ['--http-debug', '--vus', '2'],
      ['--http-debug', '--vus', '2'],
    ],
    [
      ['--http-debug=full', '-u2', '-d=3s'],
      ['--http-debug=full', '--vus', '2', '--duration', '3s'],
    ],
    [
      ['-wv', '-s', '1s:2'],
      ['--throw', '--verbose', '--stage', '1s:2'],
    ],
    [
      ['--new-machine-readable-summary', '--linger=false'],
      ['--new-machine-readable-summary', '--linger=false'],
    ],
    [
      ['--include-system-env-vars=false', '--tag=a=b'],
      ['--include-system-env-vars=false', '--tag', 'a=b'],
    ],
    [
      ['--secret-source', 'file=name=x,default,filename=s'],
      ['--secret-source', 'file=name=x,default,filename=/u/s'],
    ],
    [['-ocsv=fileName=x.csv,timeFormat=unix'], ['--out', 'csv=fileName=/u/x.csv,timeFormat=unix']],
    [
      ['-o', 'influxdb=http://h/k6', '-o', 'json=y.gz'],
      ['--out', 'influxdb=http://h/k6', '--out', 'json=/u/y.gz'],
    ],
    [['--secret-source=file=s,name=x'], ['--secret-source', 'file=/u/s,name=x']],
    [['--secret-source=url=config=c.json,method=GET'], ['--secret-source', 'url=config=/u/c.json,method=GET']],
    [['--secret-source=mock=default,cool=a b'], ['--secret-source', 'mock=default,cool=a b']],
  ] as const) {
    it(`are read as k6 reads them: ${words.join(' ')}`, () => {
      expect(readK6Flags(words, '/u')).to.deep.equal({ operands: [], k6Args, variables: {}, refused: [] });
    });
  }

  for (const words of [
    ['--summary-mode=full'],
    ['-ocsv=fileName=-'],
    ['-p'],
    ['-l'],
    ['-wq'],
    ['-o', 'json'],
    ['--out', 'csv=-'],
    ['--log-output=none'],
    ['x.js'],
  ]) {
    it(`cannot be ${words.join(' ')}`, () => expect(() => givenK6Flags(words)).to.throw(UserError));
  }
});

describe('flags of load', () => {
  for (const [words, left] of [
    [['--iterations', '6'], { K6_VUS: '3', K6_RPS: '9', K6_ITERATIONS: '6' }],
    [['--stage', '1s:1'], { K6_VUS: '3', K6_RPS: '9', K6_STAGES: '1s:1' }],
    [['--vus', '2'], { K6_VUS: '2', K6_RPS: '9', K6_STAGES: '1s:2', K6_DURATION: '4s' }],
  ] as const) {
    it(`override variables as in k6: ${words.join(' ')}`, () => {
      const env = { K6_VUS: '3', K6_RPS: '9', K6_STAGES: '1s:2', K6_DURATION: '4s' };
      expect(inspectEnvironment(env, [...words])).to.deep.equal(left);
    });
  }
});

describe('variables of k6 with paths', () => {
  for (const [name, value, expected] of [
    [
      'K6_OUT',
      'csv=x.csv,influxdb=http://db/k6,json=/tmp/y.json',
      'csv=/u/x.csv,influxdb=http://db/k6,json=/tmp/y.json',
    ],
    ['K6_OUT', 'json,csv=-', 'json,csv=-'],
    ['K6_CSV_FILENAME', 'x.csv', '/u/x.csv'],
    ['K6_CSV_FILENAME', '-', '-'],
    ['K6_CONFIG', 'c.json', '/u/c.json'],
    ['K6_CONSOLE_OUTPUT', '', ''],
    ['K6_SECRET_SOURCE', 'file=name=a,filename=s.env', 'file=name=a,filename=/u/s.env'],
    ['HOME', 'x', 'x'],
  ] as const) {
    it(`are relative to the user's folder: ${name}=${value}`, () => {
      expect(withAbsolutePaths({ [name]: value }, '/u')).to.deep.equal({ [name]: expected });
    });
  }
});
