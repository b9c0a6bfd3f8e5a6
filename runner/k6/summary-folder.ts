// Rewrites a script so that files of handleSummary() and screenshots are written to the user's folder. Needed for a k6
// without our output, which runs in the script's folder and resolves relative paths there.

/** The end of esbuild's bundle of ES modules. */
const EXPORTS = /\nexport \{[^}]*\};/g;
const EXPORTED = /([{,]\s*)(?:([\w$]+) as )?handleSummary(?=\s*[,}])/;
const SOURCE_MAP = /\n\/\/# sourceMappingURL=[^\n]*\n?$/;
const STREAMS = ['stdout', 'stderr'];

/**
 * The bundle with relative paths of handleSummary() below `folder`; unchanged if it exports none. Line numbers stay the
 * same.
 */
export function summaryInFolder(code: string, folder: string): string {
  const [map = ''] = SOURCE_MAP.exec(code) ?? [];
  const script = code.slice(0, code.length - map.length);
  const [exports] = [...script.matchAll(EXPORTS)].slice(-1);
  if (exports === undefined) return `${script}\n${wrapped('module.exports.handleSummary', folder)}${map}`;
  const found = EXPORTED.exec(exports[0]);
  if (found === null) return code;
  const own = found[2] ?? 'handleSummary';
  const list = exports[0].replace(EXPORTED, '$1novaperfSummary as handleSummary');
  const end = exports.index + exports[0].length;
  return `${script.slice(0, exports.index)}${list}${script.slice(end)}\nconst novaperfSummary = ${placing(own, folder)};${map}`;
}

/** For CommonJS: its exports are known only after it has run. */
function wrapped(own: string, folder: string): string {
  return `if (typeof ${own} === 'function') { const own = ${own}; ${own} = ${placing('own', folder)}; }`;
}

function placing(own: string, folder: string): string {
  const place = `([path, text]) => [${JSON.stringify(STREAMS)}.includes(path) || path.startsWith('/') ? path : ${JSON.stringify(`${folder}/`)} + path, text]`;
  const files = `(files) => (files !== null && typeof files === 'object' ? Object.fromEntries(Object.entries(files).map(${place})) : files)`;
  return `(...given) => { const place = ${files}; const made = ${own}(...given); return made instanceof Promise ? made.then(place) : place(made); }`;
}

/** Not after a spread, nor after `super`, which is not an object. */
const SCREENSHOT = /(?<!\.|(?<![\w$.])super\s*)(\?\.|\.)(\s*)screenshot(\s*)\(/g;
/** Replaces `.screenshot(`: a method of every object, so that it works however the script got its page. */
const PLACED_SCREENSHOT = 'novaperfScreenshot';

/**
 * The script with relative paths of screenshots below `folder`; unchanged if it takes none. Line numbers stay the same.
 */
export function screenshotsInFolder(code: string, folder: string): string {
  const [map = ''] = SOURCE_MAP.exec(code) ?? [];
  const script = code.slice(0, code.length - map.length);
  const calls = script.replace(
    SCREENSHOT,
    (_, dot, before, after) => `${before}${dot === '?.' ? dot : ''}[${PLACED_SCREENSHOT}]${after}(`,
  );
  return calls === script ? code : `${calls}\n${placedScreenshot(folder)}${map}`;
}

function placedScreenshot(folder: string): string {
  const isRelative = "typeof options?.path === 'string' && options.path !== '' && !options.path.startsWith('/')";
  const place = `(options) => (${isRelative} ? { ...options, path: ${JSON.stringify(`${folder}/`)} + options.path } : options)`;
  // Only k6's own functions, which are written in Go; functions of the script get unchanged arguments, even if bound.
  const isOfK6 =
    "(own) => typeof own === 'function' && !String(own.name).startsWith('bound ') && /\\{ \\[native code\\] \\}$/.test(Function.prototype.toString.call(own))";
  const value =
    'value(options, ...rest) { return this.screenshot(isOfK6(this.screenshot) ? place(options) : options, ...rest); }';
  return `const ${PLACED_SCREENSHOT} = Symbol('screenshot'); { const place = ${place}; const isOfK6 = ${isOfK6}; Object.defineProperty(Object.prototype, ${PLACED_SCREENSHOT}, { ${value} }); }`;
}
