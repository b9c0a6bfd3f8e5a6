// Paths that handleSummary() returns and those of screenshots, evaluated: with `export { … }` as esbuild writes it, and in CommonJS.

import { runInNewContext } from 'node:vm';
import { expect } from 'chai';
import { screenshotsInFolder, summaryInFolder } from '../../runner/k6/summary-folder.ts';

const FILES = "{ 'summary.html': 'a', 'out/b.json': 'b', '/tmp/c.txt': 'c', stdout: 'd', stderr: 'e' }";
const PLACED = { '/u/summary.html': 'a', '/u/out/b.json': 'b', '/tmp/c.txt': 'c', stdout: 'd', stderr: 'e' };
const MAP = '\n//# sourceMappingURL=data:application/json;base64,e30=\n';

async function filesOf(code: string): Promise<unknown> {
  const exported: unknown = await import(`data:text/javascript,${encodeURIComponent(code)}`);
  if (typeof exported !== 'object' || exported === null || !('handleSummary' in exported)) return undefined;
  const { handleSummary } = exported;
  return typeof handleSummary === 'function' ? handleSummary({}) : undefined;
}

describe('files of handleSummary() with a k6 without our output', () => {
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

  it('do not change a script without handleSummary()', () => {
    const code = `function run() {}\nexport {\n  run as default\n};${MAP}`;
    expect(summaryInFolder(code, '/u')).to.equal(code);
  });
});

describe('screenshots with a k6 without our output', () => {
  /** The arguments that a page received. As in k6, its screenshot() is native: push() keeps the arguments. */
  function givenBy(code: string): unknown {
    const page = 'const page = []; page.screenshot = page.push;';
    return runInNewContext(`(() => { ${page} ${screenshotsInFolder(code, '/u')}\n run(); return page; })()`);
  }

  for (const [what, code, expected] of [
    [
      'a relative path',
      "page.screenshot({ path: 'a/b.png', fullPage: true })",
      [{ path: '/u/a/b.png', fullPage: true }],
    ],
    ['an absolute path', "page.screenshot({ path: '/tmp/b.png' })", [{ path: '/tmp/b.png' }]],
    ['options in a variable', "const o = { path: './x.png' }; page.screenshot(o, 1)", [{ path: '/u/./x.png' }, 1]],
    ['no path', 'page.screenshot()', [undefined]],
    ['an optional call on a line of its own', "page\n  ?.screenshot({ path: 'x.png' })", [{ path: '/u/x.png' }]],
    [
      'a helper that has a screenshot() too',
      "const o = { screenshot: (o) => page.screenshot(o) }; o.screenshot({ path: 'x.png' })",
      [{ path: '/u/x.png' }],
    ],
    [
      'a helper below another',
      "class A { screenshot(o) { page.screenshot(o); } } class B extends A { screenshot(o) { super.screenshot(o); } } new B().screenshot({ path: 'x.png' })",
      [{ path: '/u/x.png' }],
    ],
    [
      'a spread',
      "const screenshot = (path) => [page.screenshot({ path })]; [...screenshot('x.png'), ... screenshot('y.png')]",
      [{ path: '/u/x.png' }, { path: '/u/y.png' }],
    ],
  ] as const) {
    it(`are in the user's folder: ${what}`, () => {
      expect(JSON.stringify(givenBy(`function run() { ${code}; }`))).to.equal(JSON.stringify(expected));
    });
  }

  for (const [what, own] of [
    ['a function', '(o) => page.push(o)'],
    ['a bound one', '((o) => page.push(o)).bind(page)'],
  ] as const) {
    it(`do not change the arguments of a script's own helper: ${what}`, () => {
      const code = `function run() { const po = { screenshot: ${own} }; po.screenshot({ path: 'a.png' }); }`;
      expect(JSON.stringify(givenBy(code))).to.equal(JSON.stringify([{ path: 'a.png' }]));
    });
  }

  it('do not change a script without screenshots, or any line number', () => {
    const without = `function run() { click.screen(1); }${MAP}`;
    expect(screenshotsInFolder(without, '/u')).to.equal(without);
    const placed = screenshotsInFolder(`function run() {\n  page.screenshot({ path: 'x' });\n}${MAP}`, '/u');
    expect(placed.split('\n')[1]).to.equal("  page[novaperfScreenshot]({ path: 'x' });");
    expect(placed.endsWith(MAP)).to.equal(true);
  });
});
