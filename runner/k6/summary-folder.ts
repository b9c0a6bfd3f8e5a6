// A script becomes one whose files (of handleSummary(), and screenshots) are written where the user is: a k6 without our output runs
// in the script's folder and takes relative paths from there.

/** What esbuild ends a bundle of ES modules with. */
const EXPORTS = /\nexport \{[^}]*\};/g;
const EXPORTED = /([{,]\s*)(?:([\w$]+) as )?handleSummary(?=\s*[,}])/;
const SOURCE_MAP = /\n\/\/# sourceMappingURL=[^\n]*\n?$/;
const STREAMS = ['stdout', 'stderr'];

/** The bundle with relative paths of handleSummary() below `folder`; unchanged where it exports none. Lines stay where they are. */
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

/** Of CommonJS, whose exports are known when it has run. */
function wrapped(own: string, folder: string): string {
  return `if (typeof ${own} === 'function') { const own = ${own}; ${own} = ${placing('own', folder)}; }`;
}

function placing(own: string, folder: string): string {
  const place = `([path, text]) => [${JSON.stringify(STREAMS)}.includes(path) || path.startsWith('/') ? path : ${JSON.stringify(`${folder}/`)} + path, text]`;
  const files = `(files) => (files !== null && typeof files === 'object' ? Object.fromEntries(Object.entries(files).map(${place})) : files)`;
  return `(...given) => { const place = ${files}; const made = ${own}(...given); return made instanceof Promise ? made.then(place) : place(made); }`;
}

/** Not after a spread, nor after `super`, which is no object of its own. */
const SCREENSHOT = /(?<!\.|(?<![\w$.])super\s*)(\?\.|\.)(\s*)screenshot(\s*)\(/g;
/** What takes the place of `.screenshot(`: a method of every object, so that it does not matter how the script got its page. */
const PLACED_SCREENSHOT = 'novaperfScreenshot';

/** The script with relative paths of its screenshots below `folder`; unchanged where it takes none. Lines stay where they are. */
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
  // Of k6, whose functions are in Go; the script's own get what they are given, also where they are bound.
  const isOfK6 =
    "(own) => typeof own === 'function' && !String(own.name).startsWith('bound ') && /\\{ \\[native code\\] \\}$/.test(Function.prototype.toString.call(own))";
  const value =
    'value(options, ...rest) { return this.screenshot(isOfK6(this.screenshot) ? place(options) : options, ...rest); }';
  return `const ${PLACED_SCREENSHOT} = Symbol('screenshot'); { const place = ${place}; const isOfK6 = ${isOfK6}; Object.defineProperty(Object.prototype, ${PLACED_SCREENSHOT}, { ${value} }); }`;
}
