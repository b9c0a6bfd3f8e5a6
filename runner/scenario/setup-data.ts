// What setup() returned goes from one k6 process to the others: printed by one, read from the environment by the others. Evaluated
// inside k6: no npm, no Node.

type Fields = Readonly<Record<string, unknown>>;

/** Names of the function that a process without load runs, and of its only scenario, which is also a tag of its samples. */
export const IDLE_FUNCTION = 'novaperfIdle';
export const IDLE_TAG = 'novaperf_idle';

/** The environment holds the data in parts: Linux takes no variable of more than 128 KiB. */
export const DATA_VARIABLE = 'NOVAPERF_SETUP_DATA_';
/** Names the word that the lines with the data begin with, so that no other line is mistaken for one. */
export const WORD_VARIABLE = 'NOVAPERF_SETUP_WORD';

/** So many characters a line: k6 writes each quote and backslash of it as two. */
const LINE_LENGTH = 16_000;

const LOAD_FIELDS = [
  ...['scenarios', 'vus', 'duration', 'iterations', 'stages', 'minIterationDuration', 'thresholds'],
  ...['executionSegment', 'executionSegmentSequence', 'noTeardown'],
];

/** The script's options with one iteration of nothing in place of its load. */
export function idleOptions(own: Fields): Fields {
  const kept = Object.fromEntries(Object.entries(own).filter(([field]) => !LOAD_FIELDS.includes(field)));
  const idle = {
    executor: 'per-vu-iterations',
    vus: 1,
    iterations: 1,
    exec: IDLE_FUNCTION,
    gracefulStop: '0s',
    tags: { [IDLE_TAG]: '1' },
  };
  return { ...kept, scenarios: { [IDLE_TAG]: idle } };
}

/** Prints the data as k6 hands it to teardown(): what JSON keeps of it. undefined: setup() returned nothing. */
export function printData(data: unknown, word: string | undefined, print: (line: string) => void): void {
  const text = data === undefined ? '' : jsonText(data);
  for (let from = 0; from < text.length; from += LINE_LENGTH) print(`${word}+${text.slice(from, from + LINE_LENGTH)}`);
  print(`${word}.`);
}

/** The data that the environment holds; undefined where it holds none. */
export function givenData(env: Readonly<Record<string, string | undefined>>): unknown {
  let text = '';
  for (let part = 0; env[`${DATA_VARIABLE}${part}`] !== undefined; part++) text += env[`${DATA_VARIABLE}${part}`];
  return text === '' ? undefined : JSON.parse(text);
}

/** JSON in ASCII, which any environment and log keeps as it is. JSON.stringify loses the sign of -0, which k6 hands on. */
function jsonText(value: unknown): string {
  if (Object.is(value, -0)) return '-0';
  if (Array.isArray(value)) return `[${value.map(jsonText).join(',')}]`;
  if (typeof value === 'object' && value !== null) {
    const fields = Object.entries(value).map(([name, field]) => `${ascii(name)}:${jsonText(field)}`);
    return `{${fields.join(',')}}`;
  }
  return ascii(value);
}

function ascii(value: unknown): string {
  return JSON.stringify(value).replace(
    /[\u007f-\uffff]/g,
    (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );
}
