// The README says what the code does: its tables come from the code, its links lead somewhere, its commands and flags exist.

import { readFileSync } from 'node:fs';
import { access } from 'node:fs/promises';
import { join } from 'node:path';
import { expect } from 'chai';
import { renewed } from '../../docs/readme-tables.ts';
import { packageRoot } from '../../runner/system/package-root.ts';
import { novaperf } from '../cli/novaperf.ts';

const readme = readFileSync(join(packageRoot, 'README.md'), 'utf8');

describe('the README', () => {
  it('has the tables of today; npm run docs renews them', async () => {
    expect(await renewed(readme)).to.equal(readme);
  });

  it('links to what is there', async () => {
    const links = [...readme.matchAll(/\]\(((?!https?:|#)[^)\s]+)\)/g)].map(([, link = '']) => link);
    expect(links).not.to.have.length(0);
    for (const link of links) await access(join(packageRoot, link));
  });

  it('names commands and npm scripts that exist', async () => {
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
