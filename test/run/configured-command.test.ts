import { expect } from 'chai';
import { readCommand } from '../../runner/run/configured-command.ts';
import { givenK6Flags, inspectFlags, loadEnvironment, readK6Flags } from '../../runner/run/k6-flags.ts';
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
    ['TOKEN=abc /usr/bin/k6 run -s 10s:5 -s 5s:0 a.js', 'a.js', ['-s', '10s:5', '-s', '5s:0'], { TOKEN: 'abc' }, 0],
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
    it(`is neither: ${command || 'nothing'}`, () => {
      expect(errorOf(command)).to.include(says);
    });
  }

  it('gives its load flags to k6 inspect as variables', () => {
    expect(loadEnvironment(['--vus', '10', '-d', '5s', '--tag', 'a=b', '-s', '1s:1', '--stage', '2s:2'])).to.deep.equal(
      {
        K6_VUS: '10',
        K6_DURATION: '5s',
        K6_STAGES: '1s:1,2s:2',
      },
    );
  });
});

describe('flags of k6 after --', () => {
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
    expect(k6Args).to.deep.equal(['--tag', 'a=b', '--config', '/c.json', '--no-setup', '-i', '7']);
    expect(variables).to.deep.equal({ X: 'y' });
    expect(inspectFlags(k6Args)).to.deep.equal(['--config', '/c.json']);
    expect(readK6Flags(['--secret-source=file=s.env', '-o', 'csv=x.csv'], '/u').k6Args).to.deep.equal([
      '--secret-source',
      'file=/u/s.env',
      '-o',
      'csv=/u/x.csv',
    ]);
  });

  for (const words of [['--summary-mode=full'], ['-o', 'json'], ['--out', 'csv=-'], ['--log-output=none'], ['x.js']]) {
    it(`cannot be ${words.join(' ')}`, () => expect(() => givenK6Flags(words)).to.throw(UserError));
  }
});
