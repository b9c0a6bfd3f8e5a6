// CSV files and their schemas: the rows they become, in Node and in real k6, and errors for invalid ones.

import { join } from 'node:path';
import { expect } from 'chai';
import type { K6 } from '../../runner/k6/find.ts';
import { bundleScript } from '../../runner/scenario/bundle.ts';
import { readRows } from '../../runner/scenario/data-files.ts';
import { errorOf } from './error-of.ts';
import { K6_BUILD_TIMEOUT_MS, runOnK6, testK6 } from './real-k6.ts';
import { removeTemporaryProjects, temporaryProject } from './temporary-project.ts';

const SCHEMA = `import { z } from 'zod';
export default z.strictObject({ email: z.email(), password: z.string().min(8), age: z.coerce.number().int().optional() });`;

describe('a CSV import', () => {
  let k6: K6;
  before(async function () {
    this.timeout(K6_BUILD_TIMEOUT_MS);
    k6 = await testK6();
  });
  after(removeTemporaryProjects);

  const rowsOf = (csv: string, schema = SCHEMA) => {
    const root = temporaryProject({ 'users.csv': csv, 'users.schema.ts': schema });
    return readRows(join(root, 'users.csv'), schema === '' ? undefined : join(root, 'users.schema.ts'));
  };

  it('becomes rows typed by the schema: quotes, line breaks in cells, BOM, CRLF, numbers', async () => {
    const csv =
      '\uFEFFemail,password,age\r\na@b.test,"long ""pass"", word",41\r\n\r\n"c@d.test","two\r\nlines!", 7 \r\n';
    expect(await rowsOf(csv)).to.deep.equal([
      { email: 'a@b.test', password: 'long "pass", word', age: 41 },
      { email: 'c@d.test', password: 'two\r\nlines!', age: 7 },
    ]);
  });

  it('becomes rows of text without a schema', async () => {
    expect(await rowsOf('a,b\n1,\n', '')).to.deep.equal([{ a: '1', b: '' }]);
  });

  const refused: [what: string, csv: string, message: RegExp][] = [
    [
      'a cell that is too short',
      'email,password\na@b.test,long enough\nc@d.test,abc\n',
      /users\.csv:3, column "password": expected string to have >=8 characters, found "abc"$/,
    ],
    [
      'a cell after a cell of several lines',
      'email,password\na@b.test,"one\ntwo three"\nnobody,long enough\n',
      /users\.csv:4, column "email": expected .*, found "nobody"$/,
    ],
    [
      'two cells of several lines in the invalid row',
      'email,password\n\n"a\nb","c\nd"\n',
      /^.*users\.csv:3, column "email": [^\n]*\n.*users\.csv:3, column "password"/,
    ],
    [
      'no number',
      'email,password,age\na@b.test,long enough,old\n',
      /users\.csv:2, column "age": expected number, .*found "old"$/,
    ],
    [
      'a missing column',
      'email\na@b.test\n',
      /users\.csv:2, column "password": expected string, .*found no such column$/,
    ],
    ['a column too many', 'email,password,extra\na@b.test,long enough,x\n', /users\.csv:2.*extra/],
    [
      'a row with too few cells',
      'email,password\na@b.test\n',
      /Invalid Record Length: columns length is 2, got 1 on line 2/,
    ],
    ['an open quote', 'email,password\na@b.test,"never closed\n', /Quote Not Closed/],
    ['an empty file', '', /Expected a header line and at least one row, found none\./],
    ['only a header', 'email,password\n', /Expected a header line and at least one row, found none\./],
  ];
  for (const [what, csv, message] of refused) {
    it(`gives line and column for ${what}`, async () => {
      const userError = await errorOf(rowsOf(csv));
      expect(userError.message).to.match(message);
      expect(`${userError.message}${userError.where}`).to.include('users.csv');
    });
  }

  it('lists ten invalid cells and counts the others', async () => {
    const userError = await errorOf(rowsOf(`email,password\n${'a@b.test,short\n'.repeat(25)}`));
    expect(userError.message.split('\n')).to.have.length(11);
    expect(userError.message).to.match(/… and 15 more$/);
  });

  const badSchemas: [what: string, schema: string, message: RegExp][] = [
    [
      'exports no schema',
      'export default 3;',
      /^Expected the default export to be a zod schema of one row, found none\.$/,
    ],
    ['throws', "throw new Error('no luck');", /^The schema could not be evaluated: no luck$/],
    ['does not parse', 'export default (;', /^Unexpected ";"/],
  ];
  for (const [what, schema, message] of badSchemas) {
    it(`gives an error for a schema that ${what}`, async () => {
      const userError = await errorOf(rowsOf('a\n1\n', schema));
      expect(userError.message).to.match(message);
      expect(userError.where).to.match(/users\.schema\.ts/);
    });
  }

  it("is a SharedArray's function in k6, without zod and the schema", async () => {
    const root = temporaryProject({
      'data/users.csv': 'email,password\na@b.test,"</script>""\\ \u2028 ü"\n',
      'data/users.schema.ts': SCHEMA,
      'a.js': `import { SharedArray } from 'k6/data';
        import loadUsers from './data/users.csv';
        const users = new SharedArray('users', loadUsers);
        export default function () { console.log(JSON.stringify(users[0])); }`,
    });
    const bundle = await bundleScript(join(root, 'a.js'));
    expect(bundle.code.length - bundle.code.indexOf('//# source')).to.be.greaterThan(0);
    expect(bundle.code).not.to.match(/zod/i);
    const { log, exitCode } = await runOnK6(k6, bundle);
    expect(exitCode).to.equal(0);
    expect(JSON.parse(log[0] ?? '')).to.deep.equal({ email: 'a@b.test', password: '</script>"\\ \u2028 ü' });
  });

  it('stops the bundler with the error about its cell', async () => {
    const root = temporaryProject({
      'users.csv': 'email,password\nnobody,long enough\n',
      'users.schema.ts': SCHEMA,
      'a.js': `import loadUsers from './users.csv';\nexport default () => loadUsers();`,
    });
    const userError = await errorOf(bundleScript(join(root, 'a.js')));
    expect(userError.message).to.match(/users\.csv:2, column "email"/);
    expect(userError.next).to.match(/users\.schema\.ts/);
  });
});
