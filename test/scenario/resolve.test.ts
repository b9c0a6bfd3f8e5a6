// Arguments of the command line: the scenario files they refer to, or an error.

import { join } from 'node:path';
import { expect } from 'chai';
import { projectScenarios, resolveScenarios } from '../../runner/scenario/resolve.ts';
import { packageRoot } from '../../runner/system/package-root.ts';
import { errorOf } from './error-of.ts';
import { removeTemporaryProjects, temporaryProject } from './temporary-project.ts';

const FILES = {
  'scenarios/checkout.ts': '',
  'scenarios/browse-catalog.js': '',
  'scenarios/search.mjs': '',
  'scenarios/users.schema.ts': '',
  'scenarios/users.d.csv.ts': '',
  'scenarios/globals.d.ts': '',
  'scenarios/README.md': '',
  'scenarios/shared/people.ts': '',
  'elsewhere/script.js': '',
  'elsewhere/no-extension': '',
};

describe('names and paths of scenarios', () => {
  let root: string;
  before(() => {
    root = temporaryProject(FILES);
  });
  after(removeTemporaryProjects);

  const resolved: [asked: string[], names: string[], named: boolean][] = [
    [[], ['browse-catalog', 'checkout', 'search'], true],
    [['search', 'checkout', 'search'], ['search', 'checkout'], true],
    [['scenarios/checkout.ts'], ['checkout'], true],
    [['./scenarios/checkout.ts', 'checkout'], ['checkout'], true],
    [['elsewhere/script.js'], ['elsewhere/script'], false],
    [['elsewhere/no-extension'], ['elsewhere/no-extension'], false],
    [['scenarios/shared/people.ts'], ['scenarios/shared/people'], false],
  ];
  for (const [asked, names, named] of resolved) {
    it(`finds ${JSON.stringify(asked)}`, async () => {
      const found = await resolveScenarios(asked, root);
      expect(found.map(({ name }) => name)).to.deep.equal(names);
      for (const scenario of found) {
        expect(scenario.named).to.equal(named);
        expect(scenario.path.startsWith(root)).to.equal(true);
      }
    });
  }

  it('finds an absolute path from any project', async () => {
    const path = join(packageRoot, 'scenarios/checkout.ts');
    expect(await resolveScenarios([path], root)).to.deep.equal([{ name: 'checkout.ts', path, named: false }]);
  });

  const unknown: [asked: string, found: string, next: string][] = [
    ['chekout', 'chekout', 'did you mean checkout?'],
    ['catalog', 'catalog', 'did you mean browse-catalog?'],
    ['payment', 'payment', 'there are browse-catalog, checkout, search'],
    ['scenarios/serch.mjs', 'no file', 'did you mean search?'],
    ['scenarios/shared', 'a folder', 'there are browse-catalog, checkout, search'],
  ];
  for (const [asked, found, next] of unknown) {
    it(`gives an error for ${asked}`, async () => {
      const error = await errorOf(resolveScenarios([asked], root));
      expect(error).to.include({ next, exitCode: 2 });
      expect(error.message).to.include(found);
    });
  }

  it('gives an error with the next step in a project without scenarios', async () => {
    const empty = temporaryProject({});
    expect(await projectScenarios(empty)).to.deep.equal([]);
    expect((await errorOf(resolveScenarios([], empty))).message).to.include('scenarios/');
    expect((await errorOf(resolveScenarios(['x'], empty))).next).to.equal('there are no scenarios in scenarios/');
  });
});
