// Words of a `k6 run` command line become flags with long names and values, and operands, as pflag in k6 reads them.

/** Flags without a value (k6 v2.2.0, `k6 run --help`); every other flag has one. */
const STAND_ALONE: ReadonlySet<string> = new Set([
  '--discard-response-bodies',
  '--help',
  '--include-system-env-vars',
  '--insecure-skip-tls-verify',
  '--linger',
  '--new-machine-readable-summary',
  '--no-color',
  '--no-connection-reuse',
  '--no-setup',
  '--no-summary',
  '--no-teardown',
  '--no-thresholds',
  '--no-usage-report',
  '--no-vu-connection-reuse',
  '--paused',
  '--profiling-enabled',
  '--quiet',
  '--throw',
  '--verbose',
]);

/** Flags that only have a value if it is joined with `=`. */
const OPTIONAL_VALUE: ReadonlySet<string> = new Set(['--http-debug']);

const SHORT: ReadonlyMap<string, string> = new Map([
  ['a', '--address'],
  ['c', '--config'],
  ['d', '--duration'],
  ['e', '--env'],
  ['h', '--help'],
  ['i', '--iterations'],
  ['l', '--linger'],
  ['o', '--out'],
  ['p', '--paused'],
  ['q', '--quiet'],
  ['s', '--stage'],
  ['t', '--type'],
  ['u', '--vus'],
  ['v', '--verbose'],
  ['w', '--throw'],
]);

/** An operand, or a flag with its value. */
export type FlagWord =
  | { readonly operand: string }
  /** `written`: as the user wrote it. `value`: undefined for a flag without one. */
  | { readonly flag: string; readonly value: string | undefined; readonly written: string };

/** Every flag and operand in order. An unknown flag is read as one with a value; k6 will reject it. */
export function readFlagWords(words: readonly string[]): FlagWord[] {
  const read: FlagWord[] = [];
  const rest = [...words];
  for (let word = rest.shift(); word !== undefined; word = rest.shift()) {
    if (word === '--') return [...read, ...rest.map((operand) => ({ operand }))];
    if (word === '-' || !word.startsWith('-')) read.push({ operand: word });
    else if (word.startsWith('--')) read.push(longFlag(word, rest));
    else read.push(...shortFlags(word, rest));
  }
  return read;
}

function longFlag(word: string, rest: string[]): FlagWord {
  const [flag = '', joined] = word.split(/=(.*)/s);
  const needsNext = joined === undefined && !STAND_ALONE.has(flag) && !OPTIONAL_VALUE.has(flag);
  return { flag, value: needsNext ? (rest.shift() ?? '') : joined, written: flag };
}

/** `-u 5`, `-u5`, `-u=5`, and several flags without values in one word: `-wv`. */
function shortFlags(word: string, rest: string[]): FlagWord[] {
  const read: FlagWord[] = [];
  for (let at = 1; at < word.length; at++) {
    const written = `-${word[at]}`;
    const flag = SHORT.get(word[at] ?? '') ?? written;
    const joined = word.slice(at + 1);
    if (STAND_ALONE.has(flag) && !joined.startsWith('=')) {
      read.push({ flag, value: undefined, written });
      continue;
    }
    read.push({ flag, value: joined === '' ? (rest.shift() ?? '') : joined.replace(/^=/, ''), written });
    break;
  }
  return read;
}

/** The flag for k6: its value as the next word, or joined if k6 would not read the next word as its value. */
export function flagArguments(flag: string, value: string | undefined): string[] {
  if (value === undefined) return [flag];
  return STAND_ALONE.has(flag) || OPTIONAL_VALUE.has(flag) ? [`${flag}=${value}`] : [flag, value];
}
