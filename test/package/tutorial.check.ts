// Runs docs/tutorial.md command by command with the packed package: `npm run test:package`.

import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'chai';
import { packageRoot } from '../../runner/system/package-root.ts';
import { execute, type Packed, pack } from './packed.ts';
import { shell } from './shell.ts';

/** npm installs; the time depends on machine and network. */
const COMMAND_TIMEOUT_MS = 120_000;

interface Step {
  readonly command: string;
  readonly code: number;
}

/** Lines of the sh blocks; `# exit 99` names another exit code than 0. */
function stepsOf(page: string): Step[] {
  return [...page.matchAll(/```sh\n([\s\S]*?)```/g)].flatMap(([, block = '']) =>
    block
      .trim()
      .split('\n')
      .map((line) => ({
        command: line.replace(/\s+# exit \d+$/, ''),
        code: Number(/# exit (\d+)$/.exec(line)?.[1] ?? 0),
      })),
  );
}

describe('the tutorial', function () {
  this.timeout(300_000);
  let packed: Packed;
  let project: string;
  before(async () => {
    packed = await pack();
    project = await mkdtemp(join(tmpdir(), 'novaperf-tutorial-'));
    await execute('npm', ['init', '-y'], project);
  });
  after(async () => {
    await packed.remove();
    await rm(project, { recursive: true, force: true });
  });

  it('works as written, and writes no ConPort records in a project without them', async () => {
    const steps = stepsOf(await readFile(join(packageRoot, 'docs/tutorial.md'), 'utf8'));
    expect(steps.length).to.be.above(7);
    for (const { command, code } of steps) {
      const ours = command.replace(
        /^npm install --save-dev novaperf/,
        `npm install --prefer-offline --save-dev ${packed.tarball}`,
      );
      const ended = await shell(ours, project, COMMAND_TIMEOUT_MS);
      expect(ended.code, `${command}\n${ended.stdout}\n${ended.stderr}`).to.equal(code);
    }
    expect((await readdir(project)).join()).not.to.include('conport');
  });
});
