// The wording for a saturated or strained load generator in findings, verdicts and comparisons.

/** Of a generator that could just keep up. */
export const STRAINED = 'The load generator was under strain';

/** What was saturated: k6 itself, or its machine. */
export type Saturated = 'generator' | 'machine';

const WORDS: Readonly<Record<Saturated, readonly [fact: string, effect: string]>> = {
  generator: ['the load generator was saturated', 'reported latencies are inflated'],
  machine: ["the load generator's machine was saturated", 'reported latencies may be too long'],
};

/** `the load generator was saturated`. */
export function saturatedClause(what: Saturated): string {
  return WORDS[what][0];
}

/** `The load generator was saturated; reported latencies are inflated`. */
export function saturatedTitle(what: Saturated): string {
  const text = WORDS[what].join('; ');
  return text.charAt(0).toUpperCase() + text.slice(1);
}
