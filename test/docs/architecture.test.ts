// docs/architecture.md names files and rooms that exist. That its picture is current is a matter of test/docs/readme.slow.test.ts.

import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from 'chai';
import { packageRoot } from '../../runner/system/package-root.ts';

const text = readFileSync(join(packageRoot, 'docs/architecture.md'), 'utf8');

describe('docs/architecture.md', () => {
  it('has a sentence for every room and for nothing else', () => {
    const rows = [...text.matchAll(/^\| `([a-z0-9]+)` \| \S.*\. \|$/gm)].map(([, room]) => room);
    const rooms = readdirSync(join(packageRoot, 'runner'), { withFileTypes: true })
      .filter((entry) => entry.isDirectory())
      .map(({ name }) => name);
    expect(rows).to.have.members(rooms);
  });

  it('names files that exist', () => {
    const named = [...text.matchAll(/`([\w.-]+\/[\w./-]+\.\w+)`/g)].map(([, path = '']) => path);
    expect(named.length).to.be.above(30);
    const missing = named.filter(
      (path) => ![path, `runner/${path}`].some((each) => existsSync(join(packageRoot, each))),
    );
    expect(missing).to.deep.equal([]);
  });
});
