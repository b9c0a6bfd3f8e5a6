// string-width reads tables of emoji as it loads and compiles expressions at its first text, 50 ms of CPU in every call that prints a
// table. Texts of Latin letters, arrows and lines, nearly all of ours, are as wide as they are long.

import { createRequire } from 'node:module';

/** One column each and nothing that joins others: no controls, soft hyphens, combining marks or wide characters. */
export const PLAIN =
  /^[\x20-\x7e\xa0-\xac\xae-\u02ff\u2010-\u2027\u2030-\u205e\u2190-\u22ff\u2500-\u257f\u2713\u2717]*$/;

/** Whatever version of string-width a package uses is loaded for the first other text. */
export const plainWidths = {
  name: 'plain-widths',
  setup({ onResolve, onLoad }) {
    onResolve({ filter: /^string-width$/ }, ({ importer }) => ({
      path: createRequire(importer).resolve('string-width'),
      namespace: 'plain-widths',
    }));
    onLoad({ filter: /.*/, namespace: 'plain-widths' }, ({ path }) => ({
      contents: `
        let real;
        const load = () => { const loaded = require(${JSON.stringify(path)}); return loaded.default ?? loaded; };
        module.exports = (text, options) =>
          typeof text === 'string' && ${PLAIN}.test(text) ? text.length : (real ??= load())(text, options);
        module.exports.default = module.exports;`,
      resolveDir: '.',
    }));
  },
};
