// Runs the tests of the Go output if there is a Go toolchain.

import { dirname, join } from 'node:path';
import { expect } from 'chai';
import { findGo, type GoToolchain, neededGo } from '../../runner/k6/go-toolchain.ts';
import { capture } from '../../runner/system/capture.ts';
import { packageRoot } from '../../runner/system/package-root.ts';

const cwd = join(packageRoot, 'runner/k6/output');

describe('the k6 output in Go', function () {
  // The race detector recompiles k6's packages, which takes minutes on a fresh machine.
  this.timeout(600_000);

  let go: GoToolchain | undefined;

  before(async function () {
    go = await findGo(process.env, await neededGo(cwd));
    if (go === undefined) {
      process.stderr.write('      no Go toolchain: the tests of runner/k6/output are skipped\n');
      this.skip();
    }
  });

  for (const [title, args] of [
    ['passes its tests', ['test', './...']],
    ['passes them under the race detector', ['test', '-race', '-short', './...']],
    ['passes go vet', ['vet', './...']],
  ] as const) {
    it(title, async function () {
      const { exitCode, stdout, stderr } = await capture(go?.path ?? 'go', args, { cwd, timeoutMs: 590_000 });
      if (/-race requires cgo|C compiler .* not found/.test(stderr)) {
        process.stderr.write('      no C compiler: the race detector is skipped\n');
        this.skip();
      }
      expect(exitCode, `${stdout}\n${stderr}`).to.equal(0);
    });
  }

  it('is formatted by gofmt', async () => {
    const { stdout } = await capture(join(dirname(go?.path ?? ''), 'gofmt'), ['-l', '.'], { cwd, timeoutMs: 60_000 });
    expect(stdout).to.equal('');
  });
});
