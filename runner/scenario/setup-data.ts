// Passes the data of setup() from one k6 process, which prints it, to the others, which read it from the environment. Runs inside k6.

type Fields = Readonly<Record<string, unknown>>;

/** Names of the function that a process without load runs, and of its only scenario, which is also a tag of its samples. */
export const IDLE_FUNCTION = 'novaperfIdle';
/** Tag of samples without load. */
export const IDLE_TAG = 'novaperf_idle';

/** Prefix of the variables with the data, in parts, because Linux allows at most 128 KiB per variable. */
export const DATA_VARIABLE = 'NOVAPERF_SETUP_DATA_';
/** Variable with the random word at the start of lines with data, which distinguishes them from other lines. */
export const WORD_VARIABLE = 'NOVAPERF_SETUP_WORD';

/** Maximum characters per line; k6 doubles each quote and backslash. */
const LINE_LENGTH = 16_000;

const LOAD_FIELDS = [
  ...['scenarios', 'vus', 'duration', 'iterations', 'stages', 'minIterationDuration', 'thresholds'],
  ...['executionSegment', 'executionSegmentSequence', 'noTeardown'],
];

/** The script's options with one empty iteration instead of its load. */
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

/** Prints the data as k6 passes it to teardown(), as JSON. undefined: setup() returned nothing. */
export function printData(data: unknown, word: string | undefined, print: (line: string) => void): void {
  const text = data === undefined ? '' : jsonText(data);
  for (let from = 0; from < text.length; from += LINE_LENGTH) print(`${word}+${text.slice(from, from + LINE_LENGTH)}`);
  print(`${word}.`);
}

/** The data from the environment; undefined if there is none. */
export function givenData(env: Readonly<Record<string, string | undefined>>): unknown {
  let text = '';
  for (let part = 0; env[`${DATA_VARIABLE}${part}`] !== undefined; part++) text += env[`${DATA_VARIABLE}${part}`];
  return text === '' ? undefined : JSON.parse(text);
}

/** JSON in ASCII, which environments and logs do not change. Keeps -0, as k6 does and JSON.stringify does not. */
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
