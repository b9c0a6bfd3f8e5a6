// Makes a bundled script alternate between two systems, iteration by iteration of each virtual user.

import { transform } from 'esbuild';
import { SIDE_TAG, SIDE_VARIABLES } from '../model/sides.ts';
import { messageOf, UserError } from '../system/errors.ts';
import { nearPath } from '../system/near-path.ts';
import type { Bundle } from './bundle.ts';

const MAP_COMMENT = /\n?\/\/# sourceMappingURL=\S+\s*$/;

/** Code after the script's own, which is evaluated twice: once with each URL as its BASE_URL. */
const SIDES = `
};
const novaperfSide = (variable) => {
  const own = { exports: {} };
  const env = new Proxy({}, {
    get: (_, name) => (name === 'BASE_URL' ? __ENV[variable] : __ENV[name]),
    has: (_, name) => name in __ENV,
    ownKeys: () => Reflect.ownKeys(__ENV),
    getOwnPropertyDescriptor: (_, name) => ({ configurable: true, enumerable: true, value: __ENV[name] }),
  });
  novaperfScript(own, own.exports, env);
  return own.exports;
};
const novaperfSides = { a: novaperfSide('${SIDE_VARIABLES.a}'), b: novaperfSide('${SIDE_VARIABLES.b}') };
const novaperfTurn = (name) => (data) => {
  const { vu } = novaperfExec;
  const side = (vu.idInTest + vu.iterationInScenario) % 2 === 0 ? 'a' : 'b';
  vu.metrics.tags['${SIDE_TAG}'] = side;
  return novaperfSides[side][name](data === undefined || data === null ? data : data[side]);
};
const novaperfBoth = (a, b) => (a instanceof Promise ? Promise.all([a, b]).then(([x, y]) => ({ a: x, b: y })) : { a, b });
const novaperfSetup = () => novaperfBoth(novaperfSides.a.setup(), novaperfSides.b.setup());
const novaperfTeardown = (data) =>
  novaperfBoth(novaperfSides.a.teardown(data && data.a), novaperfSides.b.teardown(data && data.b));
const novaperfExport = (name) => {
  const own = novaperfSides.a[name];
  if (typeof own !== 'function') return own;
  return name === 'setup' ? novaperfSetup : name === 'teardown' ? novaperfTeardown : novaperfTurn(name);
};
`;

const EXPORT_ALL = `for (const name of Object.keys(novaperfSides.a)) module.exports[name] = novaperfExport(name);
`;

/** The exports of an ES module, one statement each. */
function exportNames(names: readonly string[]): string {
  const lines = names.map((name, index) => {
    const local = `novaperfExported${index}`;
    return `const ${local} = novaperfExport(${JSON.stringify(name)});\nexport { ${local} as ${name} };`;
  });
  return `${lines.join('\n')}\n`;
}

/**
 * The bundle for both sides. Its two addresses come from the variables of SIDE_VARIABLES. Throws a UserError for a script that
 * cannot be evaluated twice, such as one with a top-level await.
 */
export async function twoSides(bundle: Bundle): Promise<Bundle> {
  const { code, comment } = await asCommonJs(bundle);
  const isModule = bundle.format === 'esm';
  // An ES module stays one: k6 2.2.0 treats any script with an `await` as one, even within a function.
  const exec = isModule ? "import novaperfExec from 'k6/execution';" : "const novaperfExec = require('k6/execution');";
  const ends = isModule ? exportNames(bundle.exports) : EXPORT_ALL;
  // On the first line, so that the places in stack traces stay those of the source map.
  return {
    ...bundle,
    code: `${exec}const novaperfScript = (module, exports, __ENV) => {${code}${SIDES}${ends}${comment}`,
  };
}

async function asCommonJs({ code, format, scriptPath }: Bundle): Promise<{ code: string; comment: string }> {
  try {
    const text =
      format === 'cjs'
        ? code
        : (await transform(code, { format: 'cjs', target: 'es2022', sourcemap: 'inline', logLevel: 'silent' })).code;
    return { code: text.replace(MAP_COMMENT, ''), comment: MAP_COMMENT.exec(text)?.[0].trimStart() ?? '' };
  } catch (error) {
    throw new UserError(`Expected a script that can alternate between two systems, found: ${messageOf(error)}`, {
      where: nearPath(scriptPath),
      next: 'use --against <url>, which does not change the script',
      cause: error,
    });
  }
}
