// Scripts with the same file name in several folders are different scenarios.

import { join } from 'node:path';
import { expect } from 'chai';
import { resolveScenarios } from '../../runner/scenario/resolve.ts';
import { removeTemporaryProjects, temporaryProject } from './temporary-project.ts';

describe('the name of a script', () => {
  after(removeTemporaryProjects);

  const files = {
    'package.json': '{}',
    'scenarios/checkout.ts': '',
    'checkout.js': '',
    'shop.js': '',
    'svc-a/test.js': '',
    'svc-b/test.js': '',
    'svc-b/twin.js': '',
    'svc-b/twin.ts': '',
  };

  const rows: ReadonlyArray<[asked: string[], from: string, names: string[]]> = [
    [['svc-a/test.js', 'svc-b/test.js'], '', ['svc-a/test', 'svc-b/test']],
    [['test.js'], 'svc-a', ['svc-a/test']],
    [['../svc-b/test.js'], 'svc-a', ['svc-b/test']],
    [['shop.js'], '', ['shop']],
    [['scenarios/checkout.ts', 'checkout.js'], '', ['checkout', 'checkout.js']],
    [['svc-b/twin.js', 'svc-b/twin.ts'], '', ['svc-b/twin.js', 'svc-b/twin.ts']],
  ];
  for (const [asked, from, names] of rows) {
    it(`is ${names.join(' and ')} for ${asked.join(' and ')} in ${from || 'the root'}`, async () => {
      const found = await resolveScenarios(asked, join(temporaryProject(files), from));
      expect(found.map(({ name }) => name)).to.deep.equal(names);
    });
  }

  it("is the file's name outside of the project", async () => {
    const [elsewhere, root] = [temporaryProject({ 'a/test.js': '' }), temporaryProject(files)];
    const [found] = await resolveScenarios([join(elsewhere, 'a', 'test.js')], root);
    expect(found?.name).to.equal('test');
  });
});
