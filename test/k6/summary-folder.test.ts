// Paths that handleSummary() returns, evaluated: with `export { … }` as esbuild writes it, and in CommonJS.

import { runInNewContext } from 'node:vm';
import { expect } from 'chai';
import { summaryInFolder } from '../../runner/k6/summary-folder.ts';

const FILES = "{ 'summary.html': 'a', 'out/b.json': 'b', '/tmp/c.txt': 'c', stdout: 'd', stderr: 'e' }";
const PLACED = { '/u/summary.html': 'a', '/u/out/b.json': 'b', '/tmp/c.txt': 'c', stdout: 'd', stderr: 'e' };
const MAP = '\n//# sourceMappingURL=data:application/json;base64,e30=\n';

async function filesOf(code: string): Promise<unknown> {
  const exported: unknown = await import(`data:text/javascript,${encodeURIComponent(code)}`);
  if (typeof exported !== 'object' || exported === null || !('handleSummary' in exported)) return undefined;
  const { handleSummary } = exported;
  return typeof handleSummary === 'function' ? handleSummary({}) : undefined;
}

describe('files of handleSummary() with a k6 that has not our output', () => {
  for (const [what, code] of [
    ['a function', `function handleSummary() { return ${FILES}; }\nexport {\n  handleSummary\n};`],
    [
      'another name',
      `var x$ = () => (${FILES}), y = 1;\nexport {\n  y as default,\n  x$ as handleSummary,\n  y as options\n};`,
    ],
    ['a promise', `async function handleSummary() { return ${FILES}; }\nexport {\n  handleSummary,\n};`],
  ] as const) {
    it(`are in the user's folder: ${what}`, async () => {
      const placed = summaryInFolder(code + MAP, '/u');
      expect(await filesOf(placed)).to.deep.equal(PLACED);
      expect(placed.endsWith(MAP)).to.equal(true);
      expect(placed.split('\n').indexOf('export {')).to.equal(code.split('\n').indexOf('export {'));
    });
  }

  it("are in the user's folder: CommonJS", () => {
    const module: { exports: { handleSummary?: (data: object) => unknown } } = { exports: {} };
    runInNewContext(summaryInFolder(`module.exports.handleSummary = () => (${FILES});${MAP}`, '/u'), { module });
    expect(JSON.parse(JSON.stringify(module.exports.handleSummary?.({})))).to.deep.equal(PLACED);
  });

  it('are nothing to a script without it', () => {
    const code = `function run() {}\nexport {\n  run as default\n};${MAP}`;
    expect(summaryInFolder(code, '/u')).to.equal(code);
  });
});
