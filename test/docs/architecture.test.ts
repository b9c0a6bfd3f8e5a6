// docs/architecture.md names files and rooms that exist. test/docs/readme.slow.test.ts checks its picture.

import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from 'chai';
import { packageRoot } from '../../runner/system/package-root.ts';

const text = readFileSync(join(packageRoot, 'docs/architecture.md'), 'utf8');

const foldersOf = (path: string): string[] =>
  readdirSync(join(packageRoot, path), { withFileTypes: true })
    .filter((entry) => entry.isDirectory())
    .map(({ name }) => name);

describe('docs/architecture.md', () => {
  it('has a sentence for every room and for nothing else', () => {
    const rows = [...text.matchAll(/^\| `([a-z0-9]+)` \| \S.*\. \|$/gm)].map(([, room]) => room);
    expect(rows).to.have.members(foldersOf('runner'));
  });

  it('has a sentence for every folder of a room that is divided into folders', () => {
    const rows = [...text.matchAll(/^\| `([a-z0-9]+)\/([a-z0-9]+)` \| \S.*\. \|$/gm)];
    const rooms = new Set(rows.map(([, room = '']) => room));
    expect([...rooms]).to.include('analysis');
    for (const room of rooms) {
      const folders = rows.flatMap(([, of, folder]) => (of === room ? [folder] : []));
      expect(folders).to.have.members(foldersOf(`runner/${room}`));
    }
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
