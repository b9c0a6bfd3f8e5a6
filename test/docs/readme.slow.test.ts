// The documentation matches the code: tables come from the code, commands and npm scripts exist.

import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from 'chai';
import { PAGES_WITH_TABLES, renewed } from '../../docs/readme-tables.ts';
import { packageRoot } from '../../runner/system/package-root.ts';
import { novaperf } from '../cli/in-process.ts';

const readme = readFileSync(join(packageRoot, 'README.md'), 'utf8');

describe('the documentation', () => {
  for (const page of PAGES_WITH_TABLES) {
    it(`has the current tables in ${page}; npm run docs renews them`, async () => {
      expect(await renewed(page)).to.equal(readFileSync(join(packageRoot, page), 'utf8'));
    });
  }

  it('names commands and npm scripts that exist, in the README', async () => {
    const { stdout } = await novaperf(['--help'], { cwd: packageRoot });
    const { scripts } = JSON.parse(readFileSync(join(packageRoot, 'package.json'), 'utf8'));
    const commands = new Set(
      [...readme.matchAll(/^novaperf ([a-z]+)(?: \S+)? {2,}\S/gm)].map(([, command = '']) => command),
    );
    expect(commands.size).to.be.above(5);
    for (const command of commands) expect(stdout, command).to.match(new RegExp(`^  ${command}\\b`, 'm'));
    for (const [, script = ''] of readme.matchAll(/npm run (?:--silent )?([a-z:]+)/g)) {
      expect(scripts, script).to.have.property(script);
    }
  });
});
