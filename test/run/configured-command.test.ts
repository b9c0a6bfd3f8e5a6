import { expect } from 'chai';
import { loadEnvironment, readCommand } from '../../runner/run/configured-command.ts';
import { UserError } from '../../runner/system/errors.ts';

const read = (command: string) =>
  readCommand(command, 'load', 'ActiveConfig.yaml: testing.commands.performance_load_test');

function letterOf(command: string): string {
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
    ['k6 run -q --out json=x.json --tag a=b --throw a.js', 'a.js', ['--tag', 'a=b', '--throw'], {}, 2],
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
      expect(letterOf(command)).to.include(says);
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
